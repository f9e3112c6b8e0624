"""Routes of the desk surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.desk import requisition_urls
from beffroi.web.desk.views import (
    camera,
    exports,
    handover,
    health,
    incidents,
    logbook,
    maps,
    shift,
    together,
    uploads,
    wall,
)
from beffroi.web.shared.routing import guarded

PACKAGES, MAKE = Permission.DESK_PACKAGES, Permission.DESK_PACKAGE_MAKE
READ, WRITE = Permission.DESK_INCIDENTS, Permission.DESK_INCIDENT_WRITE

app_name = "desk"
urlpatterns = [
    guarded("", wall.home, permission=Permission.DESK_WALL, name="home"),
    guarded("wall/", wall.wall, permission=Permission.DESK_WALL, name="wall"),
    guarded("wall/status/", wall.status, permission=Permission.DESK_WALL, name="wall-status"),
    guarded("wall/look/", wall.look, permission=Permission.DESK_WALL, name="wall-look"),
    guarded("wall/incident/", wall.incident, permission=WRITE, name="wall-incident"),
    guarded("wall/look-back/", wall.look_back, permission=WRITE, name="wall-look-back"),
    guarded("shift/", shift.shift, permission=Permission.DESK_SHIFT, name="shift"),
    guarded("shift/end/", shift.end, permission=Permission.DESK_SHIFT, name="shift-end"),
    guarded("map/", maps.map_page, permission=Permission.DESK_MAP, name="map"),
    guarded("cameras/<str:camera>/", camera.camera_page, permission=Permission.DESK_CAMERA, name="camera"),
    guarded("cameras/<str:camera>/incident/", camera.open_incident, permission=WRITE, name="camera-incident"),
    guarded("cameras/<str:camera>/steer/", camera.steer, permission=Permission.DESK_CAMERA, name="camera-steer"),
    guarded("cameras/<str:camera>/look-back/", camera.look_back, permission=WRITE, name="camera-look-back"),
    guarded("incidents/", incidents.incident_list, permission=READ, name="incidents"),
    guarded("incidents/<str:incident>/", incidents.incident_page, permission=READ, name="incident"),
    guarded("incidents/<str:incident>/reason/", incidents.reason, permission=WRITE, name="incident-reason"),
    guarded("incidents/<str:incident>/note/", incidents.note, permission=WRITE, name="incident-note"),
    guarded("incidents/<str:incident>/find/", incidents.find, permission=WRITE, name="incident-find"),
    guarded("incidents/<str:incident>/link/", incidents.link, permission=WRITE, name="incident-link"),
    guarded("incidents/<str:incident>/earlier/", incidents.earlier, permission=WRITE, name="incident-earlier"),
    guarded("incidents/<str:incident>/hold/", incidents.hold, permission=WRITE, name="incident-hold"),
    guarded(
        "incidents/<str:incident>/relay/", incidents.relay, permission=Permission.RELAY_OFFER, name="incident-relay"
    ),
    guarded("incidents/<str:incident>/together/", together.together, permission=WRITE, name="incident-together"),
    guarded("incidents/<str:incident>/crisis/", incidents.crisis, permission=WRITE, name="incident-crisis"),
    guarded("incidents/<str:incident>/close/", incidents.close, permission=WRITE, name="incident-close"),
    guarded("logbook/", logbook.logbook, permission=Permission.DESK_LOGBOOK, name="logbook"),
    guarded("health/", health.health, permission=Permission.DESK_HEALTH, name="health"),
    guarded("requisitions/<str:requisition>/packages/", handover.packages, permission=PACKAGES, name="packages"),
    guarded(
        "requisitions/<str:requisition>/packages/make/",
        handover.make,
        permission=MAKE,
        name="package-make",
        step_up=True,
    ),
    guarded("requisitions/<str:requisition>/exports/", exports.exports, permission=MAKE, name="exports"),
    guarded(
        "requisitions/<str:requisition>/exports/<str:intake>/drop/", exports.drop, permission=MAKE, name="export-drop"
    ),
    guarded("requisitions/<str:requisition>/exports/uploads/", uploads.begin, permission=MAKE, name="export-begin"),
    guarded(
        "requisitions/<str:requisition>/exports/uploads/<str:upload>/",
        uploads.upload,
        permission=MAKE,
        name="export-upload",
        locked=True,
    ),
    guarded("packages/<str:extraction>/", handover.package, permission=PACKAGES, name="package"),
    guarded("packages/<str:extraction>/status/", handover.status, permission=PACKAGES, name="package-status"),
    guarded("packages/<str:extraction>/retry/", handover.retry, permission=MAKE, name="package-retry"),
    guarded("packages/<str:extraction>/download/", handover.download, permission=MAKE, name="handover-download"),
    guarded("packages/<str:extraction>/copy/", handover.copy, permission=MAKE, name="handover-copy"),
    guarded("handovers/<str:handover_id>/receipt/", handover.receipt, permission=MAKE, name="handover-receipt"),
    guarded("handovers/<str:handover_id>/withdraw/", handover.withdraw, permission=MAKE, name="handover-withdraw"),
    guarded("handovers/<str:handover_id>/slip/", handover.slip, permission=PACKAGES, name="handover-slip"),
    guarded(
        "handovers/<str:handover_id>/attestation/",
        handover.attestation,
        permission=PACKAGES,
        name="handover-attestation",
    ),
    *requisition_urls.ROUTES,
]
