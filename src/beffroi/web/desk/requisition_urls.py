"""Routes of the desk's requisitions; ``desk.urls`` takes them in."""

from beffroi.people.core.permissions import Permission
from beffroi.web.desk.views import mail, requisitions
from beffroi.web.shared.routing import guarded

READ, ENTER = Permission.DESK_REQUISITIONS, Permission.DESK_REQUISITION_ENTER
DECIDE = Permission.DESK_REQUISITION_DECIDE
ONE = "requisitions/<str:requisition>/"

ROUTES = [
    guarded("requisitions/", requisitions.inbox, permission=READ, name="requisitions"),
    guarded("requisitions/enter/", requisitions.enter, permission=ENTER, name="requisition-enter"),
    guarded("requisitions/map.svg", requisitions.map_image, permission=ENTER, name="requisition-map"),
    guarded("requisitions/mail/", mail.tray, permission=DECIDE, name="mail-tray"),
    guarded("requisitions/mail/<str:mail>/", mail.one, permission=DECIDE, name="mail"),
    guarded("requisitions/mail/<str:mail>/assign/", mail.assign, permission=DECIDE, name="mail-assign"),
    guarded("requisitions/mail/<str:mail>/dismiss/", mail.dismiss, permission=DECIDE, name="mail-dismiss"),
    guarded("requisitions/mail/<str:mail>/parts/<str:part>/", mail.attachment, permission=DECIDE, name="mail-part"),
    guarded(ONE, requisitions.page, permission=READ, name="requisition"),
    guarded(f"{ONE}edit/", requisitions.edit, permission=ENTER, name="requisition-edit"),
    guarded(f"{ONE}check/", requisitions.check, permission=ENTER, name="requisition-check"),
    guarded(f"{ONE}ask/", requisitions.ask, permission=ENTER, name="requisition-ask"),
    guarded(f"{ONE}decide/", requisitions.decide, permission=DECIDE, name="requisition-decide"),
    guarded(f"{ONE}extract/", requisitions.extract, permission=DECIDE, name="requisition-extract", step_up=True),
    guarded(f"{ONE}assign/", requisitions.assign, permission=DECIDE, name="requisition-assign"),
    guarded(f"{ONE}outcome/", requisitions.outcome, permission=ENTER, name="requisition-outcome"),
    guarded(f"{ONE}fact/", requisitions.fact, permission=ENTER, name="requisition-fact"),
    guarded(f"{ONE}mail/<str:mail>/note/", mail.note, permission=ENTER, name="mail-note"),
    guarded(f"{ONE}close/", requisitions.close, permission=DECIDE, name="requisition-close"),
    guarded(f"{ONE}papers/<str:document>/", requisitions.paper, permission=READ, name="requisition-paper"),
]
