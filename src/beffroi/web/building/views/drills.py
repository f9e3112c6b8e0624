"""Drills: the list, planning, announcing, the two keys, the start. Blue and dashed everywhere, never red (I8)."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.audit.files import office_key
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.spans import Span
from beffroi.safety import queries
from beffroi.safety.actions import drills as acts
from beffroi.safety.core.words import Hazard
from beffroi.web.building.forms import AnnounceForm, DrillForm
from beffroi.web.building.views.home import words
from beffroi.web.building.words import DRILL_STATES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


def drills(request: OfficeRequest, building: str) -> HttpResponse:
    """The drills of a building, and the form that plans one."""
    return _page(request, building, _form(building))


@require_POST
def plan(request: OfficeRequest, building: str) -> HttpResponse:
    """Plan a drill."""
    form = _form(building, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            acts.plan_drill(
                actor=request.actor,
                person=request.person,
                building=building,
                hazard=Hazard(given["hazard"]),
                window=Span(given["start"], given["end"]),
                objectives=given["objectives"],
                devices=given.get("devices", ()),
                now=request.now,
            )
        except Invalid as error:
            for field in error.fields or {"": ""}:
                form.add_error(field or None, sentence(error))
        else:
            messages.success(request, _("The drill is planned. Announce it next."))
            return redirect("building:drills", building)
    return _page(request, building, form, status=422)


@require_POST
def announce(request: OfficeRequest, drill: str) -> HttpResponse:
    """Say who was told."""
    found = queries.drill_visible_to(request.person, drill)
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return _page(request, found.building, _form(found.building), announcing=(drill, form), status=422)
    return _done(
        request,
        found.building,
        lambda: acts.announce_drill(
            actor=request.actor,
            person=request.person,
            drill=drill,
            informed=form.cleaned_data["informed"],
            now=request.now,
        ),
    )


@require_POST
def arm(request: OfficeRequest, drill: str) -> HttpResponse:
    """Turn one of the two keys."""
    found = queries.drill_visible_to(request.person, drill)
    return _done(
        request,
        found.building,
        lambda: acts.arm_drill(actor=request.actor, person=request.person, drill=drill, now=request.now),
    )


@require_POST
def start(request: OfficeRequest, drill: str) -> HttpResponse:
    """Begin the armed drill."""
    found = queries.drill_visible_to(request.person, drill)
    try:
        alert = acts.start_drill(
            actor=request.actor, person=request.person, drill=drill, key=office_key(), now=request.now
        )
    except Conflict as refusal:
        messages.error(request, sentence(refusal))
        return redirect("building:drills", found.building)
    return redirect("building:alert", alert)


def _form(building: str, *data: object) -> DrillForm:
    """The form with the triggers that the building's box says it has."""
    edge = next((one for one in queries.edges() if one.building == building), None)
    return DrillForm(*data, devices=edge.devices if edge else ())


def _done(request: OfficeRequest, building: str, act: object) -> HttpResponse:
    assert callable(act)
    try:
        act()
    except (Conflict, Invalid) as refusal:
        messages.error(request, sentence(refusal))
    return redirect("building:drills", building)


def _page(
    request: OfficeRequest,
    building: str,
    form: DrillForm,
    announcing: tuple[str, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = queries.building_visible_to(request.person, building)
    rows = [
        (one, DRILL_STATES[one.state], announcing[1] if announcing and announcing[0] == one.id else AnnounceForm())
        for one in queries.drills_of(found.id)
    ]
    context = {"building": found, "rows": rows, "form": form, **words()}
    return render(request, "building/drills.html", context, status=status)
