"""The cameras of an alert for the room: called up when the alert is taken, who else has them, shut with it (G6)."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from beffroi.governance.core.holds import HoldReference
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import holds
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.media.core.tickets import Mode
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.safety.actions.pictures import look
from beffroi.sites import queries as sites
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.lookers import digest_of, lookers
from beffroi.web.shared.players import player_texts
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_words import HOLD_LEVELS, HOLD_STATES


@require_POST
def pictures(request: OfficeRequest, alert: str) -> HttpResponse:
    """Open the event's cameras to whoever is on duty: live, or its look back."""
    mode = Mode.REPLAY if request.POST.get("mode") == Mode.REPLAY.value else Mode.LIVE
    try:
        found = look(alert=alert, mode=mode, actor=request.actor, person=request.person, now=request.now)
    except Conflict as refusal:
        messages.error(request, sentence(refusal))
    else:
        return redirect(f"{reverse('building:alert', args=[alert])}?look={found.id}#cameras-title")
    return redirect("building:alert", alert)


def call_up(request: OfficeRequest, alert: str) -> None:
    """Whoever takes the alert sees its cameras at once, if she may; taking it never waits for a picture."""
    with suppress(Conflict, NotFound):
        look(alert=alert, mode=Mode.LIVE, actor=request.actor, person=request.person, now=request.now)


def pictures_context(request: OfficeRequest, alert: str) -> dict[str, object]:
    """The players of the reader's own open looks on this alert, and the strip of who is looking for who may read it."""
    mine = [
        one
        for one in grants.hanging_on("alert", alert)
        if one.person == request.person.id and one.active_at(request.now)
    ]
    chosen = next((one for one in mine if one.id == request.GET.get("look")), None)
    live = next((one for one in mine if one.mode is Mode.LIVE), None)
    shown = chosen or live
    context: dict[str, object] = {
        "look": shown,
        "islands": _islands(shown) if shown else (),
        "kept": [
            (one, HOLD_STATES[one.state], HOLD_LEVELS[one.state]) for one in holds.holds_of(HoldReference.ALERT, alert)
        ],
    }
    if Permission.LOOKERS_READ in permissions_of(request.person.roles):
        found = lookers(request.person, request.now)
        context |= {"lookers": found, "digest": digest_of(found), "reads_lookers": True}
    return context


def _islands(grant: GrantFacts) -> list[dict[str, Any]]:
    names = {camera.id: f"{camera.number} · {camera.name}" for camera in sites.cameras(retired=True)}
    texts = player_texts()
    found = []
    for index, camera in enumerate(grant.cameras):
        data: dict[str, Any] = {
            "camera": camera,
            "title": names.get(camera, "?"),
            "ticket_url": reverse("ticket", args=[grant.id]),
            "stream": "sub" if grant.span is None and len(grant.cameras) > 1 else "main",
            "texts": texts,
        }
        if grant.span is None:
            data |= {"look_back_url": "", "lease_url": ""}
        else:
            data |= {"from_us": to_us(grant.span.start), "to_us": to_us(grant.span.end), "incidents": []}
        kind = "live" if grant.span is None else "replay"
        found.append({"id": f"event-camera-{index}", "name": names.get(camera, "?"), "kind": kind, "data": data})
    return found
