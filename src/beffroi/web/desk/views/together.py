"""An incident's cameras side by side on one clock: a look back at several cameras at once, hanging on the incident."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from beffroi.governance.actions import access
from beffroi.governance.queries import access as grants
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries
from beffroi.operations.core.words import Incident, IncidentState
from beffroi.sites import queries as sites
from beffroi.web.desk.forms import TogetherForm
from beffroi.web.desk.views.wall import ticket_url
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.players import player_texts
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest

BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=5)


def together(request: OfficeRequest, incident: str) -> HttpResponse:
    """The form; with ``?grant=`` of one's own open look back the players; a POST opens a look back."""
    found = queries.incident_visible_to(request.person, incident)
    cameras = _cameras(request, found)
    form = TogetherForm(request.POST or None, cameras=cameras, initial=_initial(found, cameras, request))
    if request.method == "POST":
        if form.is_valid() and (grant := _open(request, found, form)) is not None:
            return redirect(f"{reverse('desk:incident-together', args=[found.id])}?grant={grant.id}")
        return render(request, "desk/together.html", {"incident": found, "form": form}, status=422)
    shown = _shown(request, found)
    context = {"incident": found, "form": form, "shown": shown, "open": found.state is IncidentState.OPEN}
    if shown is not None and shown.span is not None:
        names = dict(cameras)
        listed = [
            {"camera": one, "title": names.get(one, one), "ticket_url": ticket_url(shown), "stream": "main"}
            for one in shown.cameras
        ]
        context["data"] = {
            "cameras": listed,
            "from_us": shown.span.start_us,
            "to_us": shown.span.end_us,
            "incidents": [],
            "texts": player_texts(),
        }
    return render(request, "desk/together.html", context)


def _open(request: OfficeRequest, found: Incident, form: TogetherForm) -> GrantFacts | None:
    """The look back; ``None``, and a sentence on the page, where it is refused."""
    try:
        grant = access.open_look_back(
            incident=found.id,
            cameras=form.cleaned_data["cameras"],
            span=form.span(),
            reason=found.reason,
            actor=request.actor,
            now=request.now,
        )
        opened(grant, request.now)
    except (Conflict, Forbidden, Invalid) as error:
        messages.error(request, f"{sentence(error)} {getattr(error, 'article', '')}".strip())
        return None
    return grant


def _shown(request: OfficeRequest, found: Incident) -> GrantFacts | None:
    """The look back that the address names, if it is the reader's, of this incident, and open."""
    wanted = request.GET.get("grant", "")
    if not wanted:
        return None
    grant = grants.grant_for(request.person, wanted)
    mine = grant.mode is Mode.REPLAY and grant.basis_reference == found.id and grant.active_at(request.now)
    return grant if mine else None


def _cameras(request: OfficeRequest, found: Incident) -> list[tuple[str, str]]:
    names = {one.id: f"{one.number} · {one.name}" for one in sites.cameras_visible_to(request.person)}
    return [(camera, names[camera]) for camera in found.cameras if camera in names]


def _initial(found: Incident, cameras: list[tuple[str, str]], request: OfficeRequest) -> dict[str, object]:
    span = found.span(request.now)
    until = min(span.end, span.start + AFTER, request.now)
    return {"cameras": [one for one, _ in cameras], "since": span.start - BEFORE, "until": until}
