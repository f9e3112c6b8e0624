"""The words of requests of persons, for the office and the public page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.rights import RefusalGround, RightsAct, RightsState, Wish

WISHES: dict[str, Promise] = {
    Wish.SEE: _("see the pictures on the spot"),
    Wish.COPY: _("a copy, other persons masked"),
    Wish.CONFIRM: _("know whether there are pictures"),
    Wish.ERASE: _("have pictures erased"),
}
STATES: dict[str, tuple[Promise, str]] = {
    RightsState.RECEIVED: (_("request received"), "info"),
    RightsState.IDENTITY_ASKED: (_("identity asked for"), "warn"),
    RightsState.IDENTIFIED: (_("identity checked"), "info"),
    RightsState.APPOINTED: (_("appointment given"), "good"),
    RightsState.NEGATIVE: (_("nothing is kept"), ""),
    RightsState.REFUSED: (_("request refused"), "bad"),
    RightsState.WITHDRAWN: (_("request withdrawn"), ""),
    RightsState.CLOSED: (_("request closed"), ""),
}
GROUNDS: dict[str, Promise] = {
    RefusalGround.IDENTITY: _("identity not established"),
    RefusalGround.UNFOUNDED: _("manifestly unfounded or excessive"),
    RefusalGround.OTHERS: _("rights of other persons, which masking would not protect"),
    RefusalGround.PROCEEDINGS: _("judicial proceedings under way"),
    RefusalGround.SECURITY: _("State security, defence or public security"),
}
ACTS: dict[str, Promise] = {
    RightsAct.ASK_IDENTITY: _("Note that identity was asked for"),
    RightsAct.IDENTIFY: _("Identity checked"),
    RightsAct.LOCATE: _("Name the cameras"),
    RightsAct.APPOINT: _("Give an appointment"),
    RightsAct.ANSWER_NEGATIVE: _("Answer that nothing is kept"),
    RightsAct.REFUSE: _("Refuse on a ground"),
    RightsAct.WITHDRAW: _("The person no longer asks"),
    RightsAct.CLOSE: _("Close the request"),
}
PROBLEMS: dict[str, Promise] = {
    "missing": _("This is needed."),
    "ends-before-start": _("The end is not after the beginning."),
    "in-the-future": _("This is in the future."),
    "too-long-span": _("Three hours at most: say the moment as exactly as you can."),
    "destroyed": _("These pictures were destroyed: nothing is kept for more than a month."),
    "in-the-past": _("This is in the past."),
    "after-purge": _("By then the pictures are destroyed."),
    "letters": _("Letters, digits, spaces and . : / - only, 80 at most."),
    "unknown": _("This is not one of the choices."),
}
