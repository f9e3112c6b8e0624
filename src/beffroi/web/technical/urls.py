"""Routes of the technical surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.routing import guarded
from beffroi.web.technical.views import alarms, cameras, dwellings, fault_sheet, networks, trials

READ, WRITE = Permission.TECHNICAL_CAMERAS, Permission.TECHNICAL_CAMERA_WRITE
NETWORKS, ALARMS = Permission.TECHNICAL_NETWORKS, Permission.TECHNICAL_ALARMS

app_name = "technical"
urlpatterns = [
    guarded("cameras/", cameras.listing, permission=READ, name="cameras"),
    guarded("cameras/new/", trials.new, permission=WRITE, name="new"),
    guarded("cameras/find/", trials.find, permission=WRITE, name="find"),
    guarded("cameras/<str:camera>/", cameras.page, permission=READ, name="camera"),
    guarded("cameras/<str:camera>/source/", trials.source, permission=WRITE, name="source"),
    guarded("cameras/<str:camera>/dwellings/", dwellings.page, permission=WRITE, name="dwellings"),
    guarded("cameras/<str:camera>/picture/", dwellings.picture, permission=WRITE, name="picture"),
    guarded("cameras/<str:camera>/<slug:act>/", cameras.act, permission=WRITE, name="camera-act"),
    guarded("trials/<str:trial>/", trials.page, permission=WRITE, name="trial"),
    guarded("trials/<str:trial>/status/", trials.status, permission=WRITE, name="trial-status"),
    guarded("trials/<str:trial>/map/", trials.place_map, permission=WRITE, name="trial-map"),
    guarded("trials/<str:trial>/ticket/", trials.ticket, permission=WRITE, name="trial-ticket"),
    guarded("alarms/", alarms.page, permission=ALARMS, name="alarms"),
    guarded("alarms/acknowledge/", alarms.acknowledge, permission=ALARMS, name="acknowledge"),
    guarded("alarms/sheet/", fault_sheet.sheet, permission=ALARMS, name="fault-sheet"),
    guarded("equipment/", alarms.equipment, permission=WRITE, name="equipment"),
    guarded("equipment/hang/", alarms.hang, permission=WRITE, name="equipment-hang"),
    guarded("equipment/remove/", alarms.remove, permission=WRITE, name="equipment-remove"),
    guarded("networks/", networks.listing, permission=NETWORKS, name="networks"),
    guarded("networks/withdraw/", networks.withdraw, permission=NETWORKS, name="network-withdraw"),
]
