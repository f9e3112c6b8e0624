"""Buildings and their state; raising an alert on somebody's order (level 0)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.audit.files import office_key
from beffroi.governance.queries import notices
from beffroi.safety import actions, queries
from beffroi.safety.core.words import Hazard
from beffroi.safety.queries import plans as plan_queries
from beffroi.web.building.cameras import cameras_told
from beffroi.web.building.forms import BoxLanguageForm, RelayForm
from beffroi.web.building.plan_words import reminder_words
from beffroi.web.building.views.follow_up import open_rows
from beffroi.web.building.views.waiting import waiting
from beffroi.web.building.words import CONTACT_FAULTS, DELIVERIES, HAZARDS, NATURES, POSTURES, STATES
from beffroi.web.shared.requests import OfficeRequest


def home(request: OfficeRequest) -> HttpResponse:
    """Every building of the person's communes: calm, or what goes on there."""
    active = queries.active_visible_to(request.person)
    buildings = queries.buildings_visible_to(request.person)
    edges = {edge.building: edge for edge in queries.edges()}
    owed = plan_queries.reminders(frozenset(one.id for one in buildings))
    mails = notices.about([one.subject for one in owed])
    undone = open_rows(request, [one.id for one in buildings])
    rows = [
        {
            "building": building,
            "late": len([one for one in undone if one.building == building.id and one.level == "bad"]),
            "alerts": [view.file.alert for view in active if view.building.id == building.id],
            "edge": edges.get(building.id),
            "reminders": [
                (reminder_words(one.what), one.due, [mail for mail in mails if mail.subject == one.subject])
                for one in owed
                if one.building == building.id
            ],
        }
        for building in buildings
    ]
    return render(
        request, "building/home.html", {"rows": rows, "deliveries": DELIVERIES, **waiting(request), **words()}
    )


def building(request: OfficeRequest, building: str) -> HttpResponse:
    """One building: its alerts, and the form that raises one."""
    return _page(request, building, RelayForm())


@require_POST
def raise_alert(request: OfficeRequest, building: str) -> HttpResponse:
    """Raise an alert on somebody's order."""
    form = RelayForm(request.POST)
    if not form.is_valid():
        return _page(request, building, form, status=422)
    alert = actions.relay_order(
        actor=request.actor,
        person=request.person,
        building=queries.building_visible_to(request.person, building).id,
        hazard=Hazard(form.cleaned_data["hazard"]),
        authority=form.cleaned_data["authority"],
        key=office_key(),
        now=request.now,
    )
    messages.success(request, _("The alert is raised. Its building sounds it as soon as its box hears it."))
    return redirect("building:alert", alert)


@require_POST
def language(request: OfficeRequest, building: str) -> HttpResponse:
    """The language of the building's box."""
    found = queries.building_visible_to(request.person, building)
    form = BoxLanguageForm(request.POST)
    if not form.is_valid():
        return _page(request, found.id, RelayForm(), status=422)
    actions.choose_language(
        actor=request.actor, building=found.id, language=form.cleaned_data["language"], now=request.now
    )
    messages.success(request, _("The box speaks it as soon as it hears the centre: within seconds."))
    return redirect("building:building", found.id)


def _page(request: OfficeRequest, building: str, form: RelayForm, status: int = 200) -> HttpResponse:
    found = queries.building_visible_to(request.person, building)
    views = queries.alerts_of(request.person, found.id)
    edge = next((one for one in queries.edges() if one.building == found.id), None)
    context = {
        "building": found,
        "active": [view.file.alert for view in views if view.file.alert.active],
        "triggers": [(_trigger(one.device), one) for one in queries.false_alarms(found.id, request.now)],
        "undone": open_rows(request, [found.id]),
        "cameras": cameras_told(found.cameras, request.now),
        "past": [view.file.alert for view in views if not view.file.alert.active],
        "form": form,
        "edge": edge,
        **waiting(request, found.id),
        "language_form": BoxLanguageForm(initial={"language": edge.language or "fr"}) if edge else None,
        **words(),
    }
    return render(request, "building/building.html", context, status=status)


def _trigger(device: str) -> str:
    """A trigger as people call it; orders relayed from here are one, whoever relayed them."""
    return _("Orders relayed") if device.startswith("person:") else device.removeprefix("page:")


def words() -> dict[str, object]:
    """What templates need to name things."""
    return {
        "contact_faults": CONTACT_FAULTS,
        "natures": NATURES,
        "hazards": HAZARDS,
        "postures": POSTURES,
        "states": STATES,
    }
