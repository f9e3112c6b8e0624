"""One camera: live large, timeline, replay, stills, gaps and holds, and the order under which it records."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import access
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import holds
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.media.core.words import Gap, Timeline
from beffroi.operations import actions as operations
from beffroi.operations import queries as room
from beffroi.operations.core.words import Incident, IncidentState
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.authorisations import state_of as order_state
from beffroi.sites.core.cameras import CameraFacts, rules
from beffroi.web.desk.forms import LookBackForm
from beffroi.web.desk.sentences import wall_words
from beffroi.web.desk.telling import LABELS, sentence_of
from beffroi.web.desk.views.wall import ticket_url
from beffroi.web.shared.camera_states import state_of
from beffroi.web.shared.camera_words import BROKEN, GAP_CAUSES, PURPOSES, RULE_NAMES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.hours_words import hours_told
from beffroi.web.shared.players import player_texts, steering_texts
from beffroi.web.shared.recorder import client, status_or_none
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_words import HOLD_LEVELS, HOLD_STATES

SHOWN_GAPS = 50
DAY = timedelta(days=1)
SETTLED = timedelta(seconds=5)
"""What is younger may still be on its way to the disk: no gap yet."""


@dataclass(frozen=True, slots=True)
class GapLine:
    """A gap as the page lists it."""

    start: datetime
    end: datetime | None
    cause: str
    detail: str


def camera_page(request: OfficeRequest, camera: str) -> HttpResponse:
    """The page. ``?grant=`` shows the replay of an open look back of the reader's own."""
    facts = sites.camera_visible_to(request.person, camera)
    shift = room.shift_of(request.person.id, request.now)
    incidents = room.incidents_visible_to(request.person, state=IncidentState.OPEN, camera=facts.id)
    replay = _replay(request.person, request.GET.get("grant", ""), facts, request.now)
    state = state_of(facts, status_or_none(), request.now)
    day = _day(facts, request.now)
    order = facts.authorisation_at(request.now)
    context = {
        "camera": facts,
        "state": state,
        "label": LABELS[state.kind],
        "sentence": sentence_of(state),
        "shift": shift,
        "incidents": incidents,
        "form": LookBackForm(initial=_initial(request.now), incidents=_choices(incidents)),
        "replay": replay,
        "my_looks": [one for one in grants.grants_of(request.person, request.now) if _shows(one, facts, request.now)],
        "gaps": _lines(day, state.oldest) if day else None,
        "holds": [
            (one, HOLD_STATES[one.state], HOLD_LEVELS[one.state]) for one in holds.live() if one.camera == facts.id
        ],
        "hours": hours_told(facts, request.now, grants.lifted_by_alerts(request.now)),
        "order": order,
        "order_state": order_state(order, request.now) if order else None,
        "rules": [(rule, RULE_NAMES[rule.rule], BROKEN.get(rule.reason, "")) for rule in rules(facts, request.now)],
        "purposes": [PURPOSES[purpose] for purpose in sorted(facts.purposes)],
        "kept_from": request.now - timedelta(days=facts.retention_days),
        "data": _data(facts, replay),
        "steering": _steering(facts) if facts.moves and shift and not replay else None,
    }
    return render(request, "desk/camera.html", context)


@require_POST
def open_incident(request: OfficeRequest, camera: str) -> HttpResponse:
    """Open an incident on this camera; what is not said now is due before the shift ends."""
    facts = sites.camera_visible_to(request.person, camera)
    incident = operations.open_incident(
        actor=request.actor,
        person=request.person,
        camera=facts,
        title=request.POST.get("title", ""),
        reason=request.POST.get("reason", ""),
        now=request.now,
    )
    messages.success(request, _("Incident %(reference)s is open.") % {"reference": incident.reference})
    return redirect("desk:incident", incident.id)


@require_POST
def steer(request: OfficeRequest, camera: str) -> HttpResponse:
    """Take the controls: the grant of mode ``ptz`` of this shift, where gate B gives it."""
    grant = opened(access.open_duty_steering(camera=camera, actor=request.actor, now=request.now), now=request.now)
    return JsonResponse({"ticket_url": ticket_url(grant)})


@require_POST
def look_back(request: OfficeRequest, camera: str) -> HttpResponse:
    """Look back at a span, hanging on an open incident of this camera."""
    facts = sites.camera_visible_to(request.person, camera)
    incidents = room.incidents_visible_to(request.person, state=IncidentState.OPEN, camera=facts.id)
    form = LookBackForm(request.POST, incidents=_choices(incidents))
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(str(problem) for problem in problems))
        return redirect("desk:camera", facts.id)
    incident = room.incident_visible_to(request.person, form.cleaned_data["incident"])
    try:
        grant = access.open_look_back(
            incident=incident.id,
            cameras=[facts.id],
            span=form.span(),
            reason=incident.reason,
            actor=request.actor,
            now=request.now,
        )
        opened(grant, request.now)
    except (Conflict, Forbidden, Invalid) as error:
        article = getattr(error, "article", "")
        messages.error(request, f"{sentence(error)} {article}".strip())
        return redirect("desk:camera", facts.id)
    return redirect(f"{reverse('desk:camera', args=[facts.id])}?grant={grant.id}")


def _replay(person: PersonFacts, grant_id: str, camera: CameraFacts, now: datetime) -> GrantFacts | None:
    if not grant_id:
        return None
    found = grants.grant_for(person, grant_id)
    return found if _shows(found, camera, now) else None


def _shows(grant: GrantFacts, camera: CameraFacts, now: datetime) -> bool:
    return grant.mode is Mode.REPLAY and camera.id in grant.cameras and grant.active_at(now)


def _day(camera: CameraFacts, now: datetime) -> Timeline | None:
    """What the recorder says of the last day; ``None`` when it does not answer or does not know the camera."""
    try:
        return client().timeline(camera.id, Span(now - DAY, now - SETTLED))
    except (Unavailable, NotFound):
        return None


def _lines(day: Timeline, oldest: datetime | None) -> list[GapLine]:
    """The latest gaps; what lies before the oldest picture kept is no gap, the page says from when they are."""
    lines = [_line(gap) for gap in day.gaps]
    return [one for one in lines if oldest is None or one.end is None or one.end > oldest][-SHOWN_GAPS:]


def _line(gap: Gap) -> GapLine:
    end = from_us(gap.end_us) if gap.end_us is not None else None
    return GapLine(from_us(gap.start_us), end, str(GAP_CAUSES[gap.cause]), gap.detail)


def _initial(now: datetime) -> dict[str, object]:
    return {"since": now - timedelta(minutes=2), "until": now}


def _choices(incidents: list[Incident]) -> list[tuple[str, str]]:
    return [(one.id, f"{one.reference} · {one.title}") for one in incidents]


def _steering(camera: CameraFacts) -> dict[str, object]:
    """What the controls' island takes."""
    return {
        "camera": camera.id,
        "open_url": reverse("desk:camera-steer", args=[camera.id]),
        "texts": steering_texts(),
    }


def _data(camera: CameraFacts, replay: GrantFacts | None) -> dict[str, object]:
    """What the picture's island takes: of the replay of an open look back, or of the live picture."""
    data: dict[str, object] = {
        "camera": camera.id,
        "title": f"{camera.number} · {camera.name}",
        "stream": "main",
        "texts": player_texts(),
    }
    if replay is not None and replay.span is not None:
        span = replay.span
        return {
            **data,
            "ticket_url": ticket_url(replay),
            "from_us": span.start_us,
            "to_us": span.end_us,
            "incidents": [],
            "movement": True,  # an own look back hangs on an open incident
        }
    urls = {"look": reverse("desk:wall-look"), "lease": reverse("shift-lease")}
    return {**data, "urls": urls, "words": wall_words()}
