"""The wall: every camera of the person's communes, live, and the few acts that must be one gesture."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from beffroi.governance.actions import access
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.errors import Invalid
from beffroi.kernel.spans import Span
from beffroi.operations import actions as operations
from beffroi.operations import queries as room
from beffroi.operations.core.words import IncidentState
from beffroi.sites import queries as sites
from beffroi.web.desk.sentences import wall_words
from beffroi.web.desk.telling import told
from beffroi.web.shared.camera_states import CameraState, state_of, states_of
from beffroi.web.shared.players import player_texts
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.tickets import body_of

GRID_SIZES = (1, 4, 9, 16)


def home(request: OfficeRequest) -> HttpResponse:
    """The room begins at the wall."""
    return redirect("desk:wall")


def wall(request: OfficeRequest) -> HttpResponse:
    """The wall itself; without a shift, the page where it begins."""
    shift = room.shift_of(request.person.id, request.now)
    if shift is None:
        return redirect("desk:shift")
    cameras = [camera for camera in sites.cameras_visible_to(request.person) if camera.in_service(request.now)]
    states = states_of(cameras, status_or_none(), request.now)
    data = {
        "cameras": [
            {
                "id": camera.id,
                "number": camera.number,
                "name": camera.name,
                "url": reverse("desk:camera", args=[camera.id]),
                "state": told(state),
            }
            for camera, state in states
        ],
        "incidents": _open_incidents(request),
        "sizes": GRID_SIZES,
        "look_back_s": 120,
        "urls": {
            "status": reverse("desk:wall-status"),
            "look": reverse("desk:wall-look"),
            "incident": reverse("desk:wall-incident"),
            "look_back": reverse("desk:wall-look-back"),
            "lease": reverse("shift-lease"),
        },
        "words": wall_words(),
        "texts": player_texts(),
    }
    return render(request, "desk/wall.html", {"shift": shift, "states": states, "data": data, "sizes": GRID_SIZES})


def status(request: OfficeRequest) -> HttpResponse:
    """What changed: the state of each camera and the open incidents, for the tiles' badges."""
    answer = status_or_none()
    lines: dict[str, CameraState] = {
        camera.id: state_of(camera, answer, request.now) for camera in sites.cameras_visible_to(request.person)
    }
    body = {
        "known": answer is not None,
        "cameras": {camera: told(state) for camera, state in lines.items()},
        "incidents": _open_incidents(request),
    }
    return JsonResponse(body)


@require_POST
def look(request: OfficeRequest) -> HttpResponse:
    """The live grant of the shift: one for all cameras of the person's communes, the same while it lasts."""
    grant = opened(access.open_duty_look(actor=request.actor, now=request.now), request.now)
    until_us = to_us(grant.until) if grant.until else None
    body = {"grant": grant.id, "ticket_url": ticket_url(grant), "cameras": list(grant.cameras), "until_us": until_us}
    return JsonResponse(body)


@require_POST
def incident(request: OfficeRequest) -> HttpResponse:
    """Open an incident on a tile's camera in one act; its reason is due before the shift ends."""
    data = body_of(request)
    camera = sites.camera_visible_to(request.person, str(data.get("camera", "")))
    new = operations.open_incident(actor=request.actor, person=request.person, camera=camera, now=request.now)
    return JsonResponse(_incident(new.id, new.reference, new.title, new.cameras))


@require_POST
def look_back(request: OfficeRequest) -> HttpResponse:
    """A look back in the tile, hanging on an incident of this camera: the grant and the span it reaches."""
    data = body_of(request)
    camera = sites.camera_visible_to(request.person, str(data.get("camera", "")))
    found = room.incident_visible_to(request.person, str(data.get("incident", "")))
    span = _span(data, request)
    grant = access.open_look_back(
        incident=found.id, cameras=[camera.id], span=span, reason=found.reason, actor=request.actor, now=request.now
    )
    opened(grant, request.now)
    stop_url = reverse("access-stop", args=[grant.id])
    span_us = {"from_us": span.start_us, "to_us": span.end_us}
    body = {"grant": grant.id, "ticket_url": ticket_url(grant), "stop_url": stop_url, **span_us}
    return JsonResponse(body)


def _span(data: dict[str, Any], request: OfficeRequest) -> Span:
    """The span asked for: seconds back from now, an hour at most, or two instants."""
    try:
        if "seconds" in data:
            seconds = min(max(int(data["seconds"]), 5), 3_600)
            return Span(request.now - timedelta(seconds=seconds), request.now)
        return Span(from_us(int(data["from_us"])), from_us(int(data["to_us"])))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Invalid("Say which span.", code="span_form", fields={"span": "form"}) from error


def ticket_url(grant: GrantFacts) -> str:
    """Where the player asks for tickets of this grant."""
    return reverse("ticket", args=[grant.id])


def _open_incidents(request: OfficeRequest) -> list[dict[str, Any]]:
    found = room.incidents_visible_to(request.person, state=IncidentState.OPEN, limit=50)
    return [_incident(one.id, one.reference, one.title, one.cameras) for one in found]


def _incident(incident_id: str, reference: str, title: str, cameras: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": incident_id,
        "reference": reference,
        "title": title,
        "cameras": list(cameras),
        "url": reverse("desk:incident", args=[incident_id]),
    }
