"""Routes of the duty surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.duty.views import access, crisis, guests, handover, holds, phone, rota
from beffroi.web.shared.routing import guarded

app_name = "duty"
urlpatterns = [
    guarded("", phone.phone, permission=Permission.DUTY_PHONE, name="phone"),
    guarded("waiting/", phone.waiting, permission=Permission.DUTY_PHONE, name="waiting"),
    guarded("access/<str:grant>/decide/", phone.decide, permission=Permission.DUTY_DECIDE, name="decide"),
    guarded("access/<str:grant>/", access.one, permission=Permission.ACCESS_READ, name="access"),
    guarded("access/<str:grant>/review/", access.review, permission=Permission.DUTY_DECIDE, name="access-review"),
    guarded(
        "requisitions/<str:requisition>/take/",
        phone.take,
        permission=Permission.DESK_REQUISITION_DECIDE,
        name="requisition-take",
    ),
    guarded("crisis/", crisis.let_in, permission=Permission.RELAY_OFFER, name="crisis"),
    guarded("guests/<str:visit>/call/", guests.call, permission=Permission.DUTY_PHONE, name="guest-call"),
    guarded("guests/<str:visit>/tell/", guests.tell, permission=Permission.DUTY_PHONE, name="guest-tell"),
    guarded("guests/<str:visit>/refuse/", guests.refuse, permission=Permission.DUTY_PHONE, name="guest-refuse"),
    guarded("holds/", holds.listing, permission=Permission.DUTY_HOLDS, name="holds"),
    guarded("holds/keeper/", holds.keeper, permission=Permission.DUTY_HOLD_RELEASE, name="hold-keeper"),
    guarded("holds/<str:hold>/kept/", holds.kept, permission=Permission.DUTY_HOLDS, name="hold-kept"),
    guarded("holds/<str:hold>/release/", holds.release, permission=Permission.DUTY_HOLD_RELEASE, name="hold-release"),
    guarded("rota/", rota.page, permission=Permission.DUTY_PHONE, name="rota"),
    guarded("rota/order/", rota.order, permission=Permission.DUTY_ROTA, name="rota-order"),
    guarded("rota/periods/", rota.enter, permission=Permission.DUTY_ROTA, name="rota-period"),
    guarded("rota/periods/<str:period>/remove/", rota.remove, permission=Permission.DUTY_ROTA, name="rota-remove"),
    guarded("rota/staffing/", rota.staffing, permission=Permission.DUTY_ROTA, name="staffing"),
    guarded("handover/", handover.give, permission=Permission.DUTY_PHONE, name="handover"),
    guarded("handover/<str:handover>/take/", handover.take, permission=Permission.DUTY_PHONE, name="handover-take"),
    guarded("notices/<str:notice>/seen/", access.seen, permission=Permission.ACCESS_READ, name="notice-seen"),
]
