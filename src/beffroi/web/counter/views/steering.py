"""The controls of cameras that move, beside the live pictures of a partner: ask, wait, steer, give back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from beffroi.governance.actions import access
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import steering
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import NotFound
from beffroi.media.core.tickets import Mode
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared import gate_words as words
from beffroi.web.shared.players import steering_texts
from beffroi.web.shared.requests import OfficeRequest


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the page of these pictures asks for controls, takes their tickets and gives them back."""

    ask: str
    ticket: Callable[[str], str]
    stop: Callable[[str], str]


def own_ways(pictures: GrantFacts) -> Ways:
    """Those of a partner with an account."""
    return Ways(
        reverse("counter:access-steer", args=[pictures.id]),
        lambda grant: reverse("ticket", args=[grant]),
        lambda grant: reverse("counter:access-stop", args=[grant]),
    )


@require_POST
def ask(request: OfficeRequest, grant: str) -> HttpResponse:
    """Ask for the controls of one camera of these pictures; the answer stands beside them."""
    pictures = grants.grant_for(request.person, grant)
    access.ask_for_controls(
        relay=pictures.id, camera=request.POST.get("camera", ""), actor=request.actor, now=request.now
    )
    return redirect(address_of(pictures))


def address_of(pictures: GrantFacts) -> str:
    """The page where the pictures are shown at once: whoever steers has read the words before them."""
    return f"{reverse('counter:access', args=[pictures.id])}?pictures=1"


def back_to_pictures(request: OfficeRequest, controls: GrantFacts) -> str:
    """Where the page of controls leads: to the pictures that they hang on; empty when those are over."""
    if controls.mode is not Mode.PTZ:
        return ""
    pictures = steering.pictures_of(controls, request.now)
    return address_of(pictures) if pictures else ""


def controls_context(pictures: GrantFacts, person: PersonFacts, ways: Ways, now: datetime) -> list[dict[str, Any]]:
    """For each camera of these pictures that moves: where its controls stand, and what their island takes."""
    if pictures.mode is not Mode.RELAY:
        return []
    asked = steering.controls_of(pictures)
    found = []
    for index, camera in enumerate(_moving(person, pictures)):
        grant = asked.get(camera.id)
        name = f"{camera.number} · {camera.name}"
        shown: dict[str, Any] = {"camera": camera.id, "name": name, "state": "", "ask_url": ways.ask}
        if grant is not None and (grant.active_at(now) or grant.state != "active"):
            shown |= {"state": grant.state, "grant": grant, "stamp": f"{camera.number}{grant.state}"}
            shown["stop_url"] = ways.stop(grant.id)
            shown["waits_for"] = words.either([str(words.APPROVERS.get(one, one)) for one in grant.approvers()])
            shown["refusal"] = words.reason(grant.refusal) if grant.refusal else ""
        if shown["state"] == "active":
            shown["id"] = f"steer-{index}"
            shown["data"] = {
                "camera": camera.id,
                "ticket_url": ways.ticket(shown["grant"].id),
                "texts": steering_texts(),
            }
        found.append(shown)
    return found


def stamp_of(controls: list[dict[str, Any]]) -> str:
    """What changes with the controls: a page that has seen another is read anew."""
    return ".".join(one["stamp"] for one in controls if "stamp" in one)


def _moving(person: PersonFacts, pictures: GrantFacts) -> list[CameraFacts]:
    found = []
    for one in pictures.cameras:
        try:
            camera = sites.camera_visible_to(person, one)
        except NotFound:
            continue
        if camera.moves:
            found.append(camera)
    return found
