"""Incidents: the list, one of them, and its acts: reason, note, link, hold, relay, close. One act a form."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import access
from beffroi.governance.actions.holds import place_hold
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import holds
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid
from beffroi.operations import actions, queries
from beffroi.operations.core.finds import FindKind
from beffroi.operations.core.words import Incident, IncidentState
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.web.desk.forms import (
    CloseForm,
    CrisisForm,
    EarlierForm,
    FindForm,
    HoldForm,
    LinkForm,
    NoteForm,
    ReasonForm,
    RelayForm,
)
from beffroi.web.desk.words import MODES
from beffroi.web.shared.errors import hint_of, sentence
from beffroi.web.shared.find_words import FINDS
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_words import shown_holds


def incident_list(request: OfficeRequest) -> HttpResponse:
    """Open ones first; ``?state=closed`` shows the others."""
    wanted = IncidentState.CLOSED if request.GET.get("state") == "closed" else IncidentState.OPEN
    found = queries.incidents_visible_to(request.person, state=wanted)
    names = _names(request)
    rows = [(one, [names[camera] for camera in one.cameras if camera in names]) for one in found]
    context = {"rows": rows, "state": wanted.value, "due": queries.reasons_due(request.person.id, request.now)}
    return render(request, "desk/incidents.html", context)


def incident_page(request: OfficeRequest, incident: str) -> HttpResponse:
    """One incident with all its acts."""
    return _page(request, queries.incident_visible_to(request.person, incident), {})


@require_POST
def reason(request: OfficeRequest, incident: str) -> HttpResponse:
    """Say why it was opened."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        actions.give_reason(actor=request.actor, incident=found.id, now=request.now, **form.cleaned_data)

    return _acted(request, found, "reason_form", ReasonForm(request.POST), act, _("The reason is written down."))


@require_POST
def note(request: OfficeRequest, incident: str) -> HttpResponse:
    """Write a line into the logbook of this incident."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        text = form.cleaned_data["text"]
        actions.note(actor=request.actor, insee=found.insee, incident=found.id, text=text, now=request.now)

    return _acted(request, found, "note_form", NoteForm(request.POST), act, _("Written into the logbook."))


@require_POST
def find(request: OfficeRequest, incident: str) -> HttpResponse:
    """Write what was found into the register of finds."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        kind = FindKind(form.cleaned_data["kind"])
        more = {"what": form.cleaned_data["what"], "told": form.cleaned_data["told"]}
        actions.record_find(actor=request.actor, incident=found.id, kind=kind, **more, now=request.now)

    return _acted(request, found, "find_form", FindForm(request.POST), act, _("Written into the register of finds."))


@require_POST
def link(request: OfficeRequest, incident: str) -> HttpResponse:
    """The scene goes on to another camera."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        camera = sites.camera_visible_to(request.person, form.cleaned_data["camera"])
        actions.link_camera(
            actor=request.actor, person=request.person, incident=found.id, camera=camera, now=request.now
        )

    form = LinkForm(request.POST, cameras=_others(request, found))
    return _acted(request, found, "link_form", form, act, _("The camera is linked to the incident."))


@require_POST
def earlier(request: OfficeRequest, incident: str) -> HttpResponse:
    """The scene began earlier."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        since = form.cleaned_data["since"]
        actions.reach_back(actor=request.actor, incident=found.id, since=since, now=request.now)

    form = EarlierForm(request.POST)
    return _acted(request, found, "earlier_form", form, act, _("The incident now begins earlier."))


@require_POST
def hold(request: OfficeRequest, incident: str) -> HttpResponse:
    """Keep a span of one of its cameras; pending until the recorder has it."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        assert isinstance(form, HoldForm)
        place_hold(
            actor=request.actor,
            camera=sites.camera_visible_to(request.person, form.cleaned_data["camera"]).id,
            span=form.span(),
            kind=HoldReference.INCIDENT,
            reference=found.id,
            label=found.reference,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )

    form = HoldForm(request.POST, cameras=_linked(request, found))
    return _acted(
        request, found, "hold_form", form, act, _("The hold is asked for: it is set once the recorder has it.")
    )


@require_POST
def relay(request: OfficeRequest, incident: str) -> HttpResponse:
    """Relay live to a named person; gate B answers, the room sees it and can stop it."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        assert isinstance(form, RelayForm)
        grant = access.offer_relay(
            person=form.cleaned_data["person"],
            incident=found.id,
            cameras=form.cleaned_data["cameras"],
            duration=form.duration(),
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            now=request.now,
        )
        opened(grant, request.now)

    form = RelayForm(request.POST, persons=_partners(request), cameras=_linked(request, found))
    return _acted(
        request,
        found,
        "relay_form",
        form,
        act,
        _("The relay is asked for: below you see where it stands and can stop it."),
    )


@require_POST
def crisis(request: OfficeRequest, incident: str) -> HttpResponse:
    """Write down that an authority declared a crisis."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        actions.declare_crisis(actor=request.actor, incident=found.id, now=request.now, **form.cleaned_data)

    done = _("The crisis is written down: what the convention opens in a crisis alone may be asked from now on.")
    return _acted(request, found, "crisis_form", CrisisForm(request.POST), act, done)


@require_POST
def close(request: OfficeRequest, incident: str) -> HttpResponse:
    """Close it, with how it ended."""
    found = queries.incident_visible_to(request.person, incident)

    def act(form: Form) -> None:
        actions.close_incident(actor=request.actor, incident=found.id, now=request.now, **form.cleaned_data)

    form = CloseForm(request.POST, reason_due=not found.reason)
    return _acted(request, found, "close_form", form, act, _("The incident is closed."))


def _acted(
    request: OfficeRequest, incident: Incident, name: str, form: Form, act: Callable[[Form], None], done: str
) -> HttpResponse:
    """Run one act on a valid form and go back to the page; else show the page with what is wrong."""
    if form.is_valid():
        try:
            act(form)
        except (Invalid, Forbidden, Conflict) as error:
            _blame(form, error)
        else:
            messages.success(request, done)
            return redirect("desk:incident", incident.id)
    return _page(request, incident, {name: form}, status=422)


def _blame(form: Form, error: BeffroiError) -> None:
    """Put an act's refusal where the person typed, or above the form, with the article she may know."""
    fields = error.fields if isinstance(error, Invalid) else {}
    known = [name for name in fields if name in form.fields]
    article = getattr(error, "article", "")
    words = " ".join(part for part in (sentence(error), article, hint_of(error)) if part)
    for name in known:
        form.add_error(name, words)
    if not known:
        form.add_error(None, words)


def _page(request: OfficeRequest, incident: Incident, forms: Mapping[str, Form], status: int = 200) -> HttpResponse:
    linked = _linked(request, incident)
    span = incident.span(request.now)
    around = {"since": max(span.start, request.now - timedelta(days=31)), "until": min(span.end, request.now)}
    access_rows = grants.hanging_on("incident", incident.id)
    context: dict[str, Any] = {
        "incident": incident,
        "span": span,
        "linked": [camera for camera in sites.cameras_visible_to(request.person) if camera.id in incident.cameras],
        "entries": queries.logbook_visible_to(request.person, incident=incident.id),
        "bookmarks": queries.bookmarks_visible_to(request.person, incident=incident.id),
        **shown_holds(holds.holds_of(HoldReference.INCIDENT, incident.id)),
        "accesses": [(one, MODES.get(one.mode.value, one.mode.value)) for one in access_rows],
        "reason_form": ReasonForm(initial={"title": incident.title}),
        "note_form": NoteForm(),
        "find_form": FindForm(),
        "finds": [(FINDS.get(FindKind(one.kind), one.kind), one) for one in queries.finds(None, incident=incident.id)],
        "link_form": LinkForm(cameras=_others(request, incident)),
        "earlier_form": EarlierForm(initial={"since": span.start}),
        "hold_form": HoldForm(cameras=linked, initial={**around, "reason": incident.reason}),
        "relay_form": RelayForm(persons=_partners(request), cameras=linked, initial={"reason": incident.reason}),
        "crisis_form": CrisisForm(),
        "close_form": CloseForm(reason_due=not incident.reason),
    }
    context |= forms
    for name, form in context.items():
        if isinstance(form, Form):
            form.auto_id = f"{name}_%s"  # seven forms on one page: a label must point at its own field
    return render(request, "desk/incident.html", context, status=status)


def _names(request: OfficeRequest) -> dict[str, str]:
    return {one.id: f"{one.number} · {one.name}" for one in sites.cameras_visible_to(request.person)}


def _linked(request: OfficeRequest, incident: Incident) -> list[tuple[str, str]]:
    names = _names(request)
    return [(camera, names[camera]) for camera in incident.cameras if camera in names]


def _others(request: OfficeRequest, incident: Incident) -> list[tuple[str, str]]:
    return [(camera, name) for camera, name in _names(request).items() if camera not in incident.cameras]


def _partners(request: OfficeRequest) -> list[tuple[str, str]]:
    """Named persons of partner forces to whom pictures may be relayed; the gate judges each."""
    found = [
        *people.persons(now=request.now, role=Role.OPERATIONS_CENTRE),
        *people.persons(now=request.now, role=Role.INVESTIGATOR),
    ]
    return [(one.id, f"{one.called} · {one.unit}") for one in found if one.id != request.person.id]
