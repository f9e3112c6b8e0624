"""Plans: read, import, compare, put in force; who is responsible now; what the school year owes."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Invalid
from beffroi.safety import actions, queries
from beffroi.safety.actions.plans import parties_of
from beffroi.safety.core.plan_changes import compare
from beffroi.safety.core.plans import holders_at, missions_without_holder, regime_at
from beffroi.safety.queries import plans as plan_queries
from beffroi.web.building import plan_words
from beffroi.web.building.forms import PlanForm
from beffroi.web.building.levels import levels_of
from beffroi.web.building.plan_forms import SendForm, ValidateForm
from beffroi.web.building.plan_words import PARTIES
from beffroi.web.building.views.home import words
from beffroi.web.building.words import DUES, FINDINGS, MISSIONS
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest

_FINDINGS = {**FINDINGS, **plan_words.FINDINGS}


def plan(request: OfficeRequest, building: str) -> HttpResponse:
    """The plan in force, who holds what now, and the versions."""
    return _page(request, building, PlanForm())


@require_POST
def import_plan(request: OfficeRequest, building: str) -> HttpResponse:
    """Import a version; what is wrong with it is shown, and it takes effect by another act."""
    found = queries.building_visible_to(request.person, building)
    form = PlanForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            version, findings = actions.import_plan(
                actor=request.actor, building=found.id, document=form.cleaned_data["document"], now=request.now
            )
        except Invalid as error:
            form.add_error("document", f"{sentence(error)} {error.message}".strip())
        else:
            count = len([one for one in findings if one.blocking])
            text = ngettext("%d fault keeps it from taking effect.", "%d faults keep it from taking effect.", count)
            messages.success(
                request, _("Version %d is kept as a draft.") % version + (f" {text % count}" if count else "")
            )
            return redirect("building:plan-version", found.id, version)
    return _page(request, building, form, status=422)


def version(request: OfficeRequest, building: str, version: int) -> HttpResponse:
    """One version: what is wrong with it, and what it changes."""
    found = queries.building_visible_to(request.person, building)
    facts = plan_queries.version(found.id, version)
    chosen = facts.plan
    current = queries.plan_in_force(found.id)
    context = {
        "building": found,
        "plan": chosen,
        "current": current,
        "facts": facts,
        "parties": PARTIES,
        "findings": [(one, _FINDINGS.get(one.what, one.what)) for one in facts.findings],
        "validations": [(PARTIES.get(one.party, one.party), one) for one in facts.validations],
        "validate_form": ValidateForm(parties=parties_of(request.person)) if facts.draft else None,
        "levels": levels_of(chosen),
        "differences": compare(current, chosen) if current and current.version != version else [],
        **words(),
    }
    return render(request, "building/plan_version.html", context)


@require_POST
def put_in_force(request: OfficeRequest, building: str, version: int) -> HttpResponse:
    """Let a version take effect."""
    found = queries.building_visible_to(request.person, building)
    try:
        actions.put_plan_in_force(actor=request.actor, building=found.id, version=version, now=request.now)
    except Invalid as error:
        messages.error(request, sentence(error))
        return redirect("building:plan-version", found.id, version)
    messages.success(request, _("Version %d is in force. The building's box takes it at its next exchange.") % version)
    return redirect("building:plan", found.id)


def _page(request: OfficeRequest, building: str, form: PlanForm, status: int = 200) -> HttpResponse:
    found = queries.building_visible_to(request.person, building)
    current = queries.plan_in_force(found.id)
    context: dict[str, object] = {
        "building": found,
        "plan": current,
        "versions": queries.plans_of(found.id),
        "form": form,
        "missions": MISSIONS,
        "dues": _dues(request, found.id),
        "send_form": SendForm(auto_id="send_%s"),
        "pack": plan_queries.pack(found.id),
        **words(),
    }
    if current is not None:
        held = holders_at(current, request.now)
        context |= {
            "levels": levels_of(current),
            "regime": regime_at(current, request.now),
            "holders": [(MISSIONS[mission.value], person) for mission, person in held.items()],
            "missing": [MISSIONS[mission.value] for mission in missions_without_holder(current, request.now)],
            "room_names": {room.id: room.name for room in current.rooms},
        }
    return render(request, "building/plan.html", context, status=status)


def _dues(request: OfficeRequest, building: str) -> list[tuple[str, date, bool, bool]]:
    today = timezone.localtime(request.now).date()
    found = plan_queries.owed(building, today)
    return [(str(DUES[due.what]), due.by, due.done, not due.done and due.by < today) for due in found]
