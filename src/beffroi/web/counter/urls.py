"""Routes of the counter surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.counter.views import access, crisis, event, guest_packages, guests, packages, requisitions, steering
from beffroi.web.shared.routing import guarded
from beffroi.web.shared.step_up import carries

PACKAGES = Permission.COUNTER_PACKAGES

READ, SUBMIT = Permission.COUNTER_REQUISITIONS, Permission.COUNTER_REQUISITION_SUBMIT

ACCESS, CASES = Permission.COUNTER_ACCESS, Permission.COUNTER_CASES

app_name = "counter"
PUBLIC = Permission.PUBLIC
urlpatterns = [
    guarded("crisis/", crisis.page, permission=PUBLIC, name="crisis"),
    guarded("crisis/open/<str:link>/", crisis.open_link, permission=PUBLIC, name="crisis-open"),
    guarded("crisis/state/", crisis.state, permission=PUBLIC, name="crisis-state"),
    guarded("crisis/ticket/", crisis.ticket, permission=PUBLIC, name="crisis-ticket"),
    guarded("crisis/stop/", crisis.stop, permission=PUBLIC, name="crisis-stop"),
    guarded("crisis/steer/", crisis.steer, permission=PUBLIC, name="crisis-steer"),
    guarded("crisis/steer/<str:grant>/ticket/", crisis.steer_ticket, permission=PUBLIC, name="crisis-steer-ticket"),
    guarded("crisis/steer/<str:grant>/stop/", crisis.steer_stop, permission=PUBLIC, name="crisis-steer-stop"),
    guarded("guest/", guests.come_in, permission=PUBLIC, name="guest"),
    guarded("guest/wait/", guests.wait, permission=PUBLIC, name="guest-wait"),
    guarded("guest/again/", guests.again, permission=PUBLIC, name="guest-again"),
    guarded("guest/open/<str:link>/", guests.open_link, permission=PUBLIC, name="guest-open"),
    guarded("guest/leave/", guests.leave, permission=PUBLIC, name="guest-leave"),
    guarded("guest/requisition/new/", guests.ask, permission=PUBLIC, name="guest-ask"),
    guarded("guest/requisition/map.svg", guests.map_image, permission=PUBLIC, name="guest-map"),
    guarded("guest/requisition/edit/", guests.edit, permission=PUBLIC, name="guest-edit"),
    guarded("guest/requisition/", guests.requisition, permission=PUBLIC, name="guest-requisition"),
    guarded("guest/package/<str:handover_id>/", guest_packages.package, permission=PUBLIC, name="guest-package"),
    guarded(
        "guest/package/<str:handover_id>/ticket/",
        guest_packages.ticket,
        permission=PUBLIC,
        name="guest-package-ticket",
    ),
    guarded(
        "guest/package/<str:handover_id>/receipt/",
        guest_packages.receipt,
        permission=PUBLIC,
        name="guest-package-receipt",
    ),
    guarded("guest/package/<str:handover_id>/slip/", guest_packages.slip, permission=PUBLIC, name="guest-package-slip"),
    guarded("guest/papers/<str:document>/", guests.paper, permission=PUBLIC, name="guest-paper"),
    guarded("access/", access.listing, permission=ACCESS, name="access-list"),
    guarded("access/live/", access.ask_relay, permission=ACCESS, name="access-relay", step_up=carries("emergency")),
    guarded("access/replay/", access.ask_replay, permission=CASES, name="access-replay"),
    guarded("access/case/", access.new_case, permission=CASES, name="access-case"),
    guarded("access/case/<str:case>/close/", access.end_case, permission=CASES, name="access-case-close"),
    guarded("access/<str:grant>/", access.one, permission=ACCESS, name="access"),
    guarded("access/<str:grant>/state/", access.state, permission=ACCESS, name="access-state"),
    guarded("access/<str:grant>/event/", event.event, permission=ACCESS, name="access-event"),
    guarded("access/<str:grant>/renew/", event.renew, permission=ACCESS, name="access-renew"),
    guarded("access/<str:grant>/steer/", steering.ask, permission=ACCESS, name="access-steer"),
    guarded("access/<str:grant>/stop/", access.stop, permission=ACCESS, name="access-stop"),
    guarded("packages/", packages.packages, permission=PACKAGES, name="packages"),
    guarded("packages/<str:handover_id>/", packages.package, permission=PACKAGES, name="package"),
    guarded("packages/<str:handover_id>/receipt/", packages.receipt, permission=PACKAGES, name="package-receipt"),
    guarded("packages/<str:handover_id>/slip/", packages.slip, permission=PACKAGES, name="package-slip"),
    guarded("requisitions/", requisitions.requisition_list, permission=READ, name="requisitions"),
    guarded("requisitions/new/", requisitions.ask, permission=SUBMIT, name="requisition-ask"),
    guarded("requisitions/map.svg", requisitions.map_image, permission=SUBMIT, name="requisition-map"),
    guarded("requisitions/<str:requisition>/", requisitions.page, permission=READ, name="requisition"),
    guarded("requisitions/<str:requisition>/edit/", requisitions.edit, permission=SUBMIT, name="requisition-edit"),
    guarded(
        "requisitions/<str:requisition>/withdraw/",
        requisitions.withdraw,
        permission=SUBMIT,
        name="requisition-withdraw",
    ),
    guarded(
        "requisitions/<str:requisition>/outcome/", requisitions.outcome, permission=SUBMIT, name="requisition-outcome"
    ),
    guarded(
        "requisitions/<str:requisition>/papers/<str:document>/",
        requisitions.paper,
        permission=READ,
        name="requisition-paper",
    ),
]
