"""The map: where the cameras stand and look, and what is going on. Drawn by the server; the list says the same."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from beffroi.kernel.errors import NotFound
from beffroi.operations import queries as room
from beffroi.operations.core.words import IncidentState
from beffroi.sites import queries as sites
from beffroi.web.desk.plan import Projection, draw
from beffroi.web.desk.telling import LABELS, sentence_of
from beffroi.web.shared.camera_states import states_of
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest


def map_page(request: OfficeRequest) -> HttpResponse:
    """The map of one of the person's communes; ``?commune=`` chooses another of hers."""
    communes = [one for one in sites.communes() if one.insee in request.person.territory]
    if not communes:
        return render(request, "desk/map.html", {"commune": None})
    wanted = request.GET.get("commune", communes[0].insee)
    commune = next((one for one in communes if one.insee == wanted), None)
    if commune is None:
        raise NotFound("There is no such commune here.", code="no_such_commune")
    cameras = [one for one in sites.cameras_visible_to(request.person) if one.insee == commune.insee]
    projection = Projection((commune.latitude, commune.longitude))
    open_incidents = room.incidents_visible_to(request.person, state=IncidentState.OPEN)
    busy = {camera for incident in open_incidents for camera in incident.cameras}
    marks = []
    for camera, state in states_of(cameras, status_or_none(), request.now):
        x, y = projection.xy(camera.view.position)
        marks.append(
            {
                "camera": camera,
                "state": state,
                "label": LABELS[state.kind],
                "sentence": sentence_of(state),
                "cone": projection.cone(camera.view),
                "x": x,
                "y": y,
                "url": reverse("desk:camera", args=[camera.id]),
                "incidents": [one for one in open_incidents if camera.id in one.cameras],
                "busy": camera.id in busy,
            }
        )
    context = {
        "commune": commune,
        "communes": communes,
        "drawing": draw(commune.plan, projection, (camera.view for camera in cameras)),
        "marks": marks,
        "incidents": open_incidents,
    }
    return render(request, "desk/map.html", context)
