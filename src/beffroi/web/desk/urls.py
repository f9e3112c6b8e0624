"""Routes of the desk surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.desk.views import camera, health, incidents, logbook, maps, shift, wall
from beffroi.web.shared.routing import guarded

READ, WRITE = Permission.DESK_INCIDENTS, Permission.DESK_INCIDENT_WRITE

app_name = "desk"
urlpatterns = [
    guarded("", wall.wall, permission=Permission.DESK_WALL, name="wall"),
    guarded("wall/status/", wall.status, permission=Permission.DESK_WALL, name="wall-status"),
    guarded("wall/look/", wall.look, permission=Permission.DESK_WALL, name="wall-look"),
    guarded("wall/incident/", wall.incident, permission=WRITE, name="wall-incident"),
    guarded("wall/look-back/", wall.look_back, permission=WRITE, name="wall-look-back"),
    guarded("shift/", shift.shift, permission=Permission.DESK_SHIFT, name="shift"),
    guarded("shift/end/", shift.end, permission=Permission.DESK_SHIFT, name="shift-end"),
    guarded("map/", maps.map_page, permission=Permission.DESK_MAP, name="map"),
    guarded("cameras/<str:camera>/", camera.camera_page, permission=Permission.DESK_CAMERA, name="camera"),
    guarded("cameras/<str:camera>/incident/", camera.open_incident, permission=WRITE, name="camera-incident"),
    guarded("cameras/<str:camera>/look-back/", camera.look_back, permission=WRITE, name="camera-look-back"),
    guarded("incidents/", incidents.incident_list, permission=READ, name="incidents"),
    guarded("incidents/<str:incident>/", incidents.incident_page, permission=READ, name="incident"),
    guarded("incidents/<str:incident>/reason/", incidents.reason, permission=WRITE, name="incident-reason"),
    guarded("incidents/<str:incident>/note/", incidents.note, permission=WRITE, name="incident-note"),
    guarded("incidents/<str:incident>/link/", incidents.link, permission=WRITE, name="incident-link"),
    guarded("incidents/<str:incident>/earlier/", incidents.earlier, permission=WRITE, name="incident-earlier"),
    guarded("incidents/<str:incident>/hold/", incidents.hold, permission=WRITE, name="incident-hold"),
    guarded(
        "incidents/<str:incident>/relay/", incidents.relay, permission=Permission.RELAY_OFFER, name="incident-relay"
    ),
    guarded("incidents/<str:incident>/close/", incidents.close, permission=WRITE, name="incident-close"),
    guarded("logbook/", logbook.logbook, permission=Permission.DESK_LOGBOOK, name="logbook"),
    guarded("health/", health.health, permission=Permission.DESK_HEALTH, name="health"),
]
