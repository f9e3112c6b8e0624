"""Drafts of a plan: levels and what stands on them, directory, class sizes; then the parties that validate it."""

import csv
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.safety import queries
from beffroi.safety.actions import plans as acts
from beffroi.safety.core import headcounts, plan_edits
from beffroi.safety.core.headcounts import Preview, Proposal
from beffroi.safety.core.plan_levels import DirectoryEntry, Level, Mark, MarkKind
from beffroi.safety.core.plans import Plan
from beffroi.safety.documents.drawings import Drawing, read_drawing
from beffroi.safety.documents.sheets import read_headcounts
from beffroi.safety.queries import plans as plan_queries
from beffroi.safety.queries.plans import VersionFacts
from beffroi.web.building.levels import levels_of
from beffroi.web.building.plan_forms import (
    DropForm,
    EntryForm,
    LevelForm,
    MarkForm,
    SendForm,
    SheetForm,
    TakeForm,
    ValidateForm,
    ValidityForm,
)
from beffroi.web.building.plan_words import CELLS, CHANGES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_POST
def start(request: OfficeRequest, building: str) -> HttpResponse:
    """Begin a draft from the version in force; where one is open, go on with it."""
    found = queries.building_visible_to(request.person, building)
    try:
        number = acts.start_draft(actor=request.actor, building=found.id, now=request.now)
    except Conflict as error:
        messages.warning(request, sentence(error))
        return redirect("building:plan", found.id)
    return redirect("building:plan-edit", found.id, number)


@require_GET
def edit(request: OfficeRequest, building: str, version: int) -> HttpResponse:
    """The draft with all that can be changed."""
    found = queries.building_visible_to(request.person, building)
    return _page(request, found.id, _draft(found.id, version))


@require_POST
def change(request: OfficeRequest, building: str, version: int, what: str) -> HttpResponse:
    """One change of the table. What is wrong is said on the page, and nothing is changed."""
    found = queries.building_visible_to(request.person, building)
    if what not in _CHANGES:
        raise NotFound("There is no such change.", code="no_such_act")
    draft = _draft(found.id, version)
    form = _form(what, draft.plan, request)
    if not form.is_valid():
        return _page(request, found.id, draft, failed=(what, form), status=422)
    try:
        if what == "sheet":
            sheet = read_headcounts(form.cleaned_data["sheet"].read())
            return _page(request, found.id, draft, sheet=sheet)
        made = _CHANGES[what](draft.plan, form.cleaned_data)
        if what == "level":
            made = _with_drawing(request, found.id, made, form.cleaned_data)
        acts.amend_draft(
            actor=request.actor, building=found.id, version=version, seen=request.POST.get("seen", ""), plan=made,
            what=what, now=request.now,
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        form.add_error(None, sentence(error))
        return _page(request, found.id, plan_queries.version(found.id, version), failed=(what, form), status=422)
    return redirect("building:plan-edit", found.id, version)


@require_POST
def validate(request: OfficeRequest, building: str, version: int) -> HttpResponse:
    """A party validates the draft as it stands."""
    found = queries.building_visible_to(request.person, building)
    form = ValidateForm(request.POST, parties=acts.parties_of(request.person))
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("building:plan-version", found.id, version)
    try:
        acts.validate_plan(
            actor=request.actor, person=request.person, building=found.id, version=version,
            party=form.cleaned_data["party"], reference=form.cleaned_data["reference"], now=request.now,
        )  # fmt: skip
    except (Conflict, Forbidden) as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("Validated, for the content as it stands."))
    return redirect("building:plan-version", found.id, version)


@require_POST
def sent(request: OfficeRequest, building: str) -> HttpResponse:
    """Write down that the plan in force was handed to the forces and to rescue."""
    found = queries.building_visible_to(request.person, building)
    form = SendForm(request.POST)
    try:
        if form.is_valid():
            acts.send_plan(actor=request.actor, building=found.id, now=request.now, **form.cleaned_data)
            messages.success(request, _("Done, and written in the log."))
        else:
            messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
    except Invalid as error:
        messages.error(request, sentence(error))
    return redirect("building:plan", found.id)


def _level(plan: Plan, data: dict[str, Any]) -> Plan:
    known = next((one for one in plan.levels if one.id == data["level"]), None)
    taken = {one.id for one in plan.levels}
    level = known or Level(plan_edits.next_id(taken, "niveau"), data["name"])
    return plan_edits.with_level(plan, replace(level, name=data["name"]))


def _with_drawing(request: OfficeRequest, building: str, plan: Plan, data: dict[str, Any]) -> Plan:
    if not data["drawing"]:
        return plan
    drawing: Drawing = read_drawing(data["drawing"].read())
    digest = acts.keep_drawing(actor=request.actor, building=building, drawing=drawing, now=request.now)
    if drawing.left_out:
        messages.warning(
            request, _("%d parts of the drawing were left out: they are no shapes or texts.") % drawing.left_out
        )
    chosen = next((one for one in plan.levels if one.id == data["level"]), plan.levels[-1])
    drawn = replace(chosen, drawing=digest, width=drawing.width, height=drawing.height)
    return plan_edits.with_level(plan, drawn)


def _mark(plan: Plan, data: dict[str, Any]) -> Plan:
    name, _colon, ref = data["what"].partition(":")
    kind = MarkKind(name)
    level = next(one for one in plan.levels if one.id == data["level"])
    x, y = float(data["x"]) / 100, float(data["y"]) / 100
    mark = Mark(plan_edits.mark_id(level, kind), kind, x, y, data["label"], ref, data["confidential"])
    return plan_edits.with_mark(plan, level.id, mark)


def _entry(plan: Plan, data: dict[str, Any]) -> Plan:
    name = plan_edits.next_id({one.id for one in plan.directory}, "contact")
    entry = DirectoryEntry(name, data["name"], data["function"], data["phone"], not data["open"])
    return plan_edits.with_entry(plan, entry)


def _taken(plan: Plan, data: dict[str, Any]) -> Plan:
    proposal = headcounts.propose(plan, headcounts.preview(data["rows"].encode()))
    if proposal.faults:
        raise Invalid("A cell is wrong.", code="sheet_unreadable")
    return plan_edits.with_groups(plan, proposal.groups)


_CHANGES: dict[str, Callable[[Plan, dict[str, Any]], Plan]] = {
    "level": _level,
    "level-drop": lambda plan, data: plan_edits.without_level(plan, data["level"]),
    "mark": _mark,
    "mark-drop": lambda plan, data: plan_edits.without_mark(plan, data["level"], data["mark"]),
    "entry": _entry,
    "entry-drop": lambda plan, data: plan_edits.without_entry(plan, data["entry"]),
    "sheet": lambda plan, _data: plan,
    "sheet-take": _taken,
    "validity": lambda plan, data: plan_edits.with_validity(plan, data["last_day"]),
}


def _form(what: str, plan: Plan, request: OfficeRequest) -> forms.Form:
    if what == "level":
        return LevelForm(request.POST, request.FILES, plan=plan, auto_id="level_%s")
    if what == "mark":
        return MarkForm(request.POST, plan=plan, auto_id="mark_%s")
    if what == "entry":
        return EntryForm(request.POST, auto_id="entry_%s")
    if what == "sheet":
        return SheetForm(request.POST, request.FILES, auto_id="sheet_%s")
    if what == "validity":
        return ValidityForm(request.POST, auto_id="validity_%s")
    return TakeForm(request.POST) if what == "sheet-take" else DropForm(request.POST)


def _draft(building: str, version: int) -> VersionFacts:
    draft = plan_queries.version(building, version)
    if not draft.draft:
        raise Conflict("Only a draft is changed.", code="not_a_draft")
    return draft


def _page(
    request: OfficeRequest,
    building: str,
    draft: VersionFacts,
    *,
    failed: tuple[str, forms.Form] | None = None,
    sheet: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    plan = draft.plan
    given: dict[str, forms.Form] = {
        "level": LevelForm(plan=plan, auto_id="level_%s"),
        "mark": MarkForm(plan=plan, auto_id="mark_%s"),
        "entry": EntryForm(auto_id="entry_%s"),
        "sheet": SheetForm(auto_id="sheet_%s"),
        "validity": ValidityForm(auto_id="validity_%s", initial={"last_day": plan.valid_until}),
    }
    if failed and failed[0] in given:
        given[failed[0]] = failed[1]
    elif failed:
        messages.error(request, " ".join(str(one) for errors in failed[1].errors.values() for one in errors))
    context: dict[str, object] = {
        "building": queries.building_visible_to(request.person, building),
        "plan": plan,
        "version": plan.version,
        "seen": draft.digest,
        "levels": levels_of(plan),
        "forms": given,
    }
    if sheet is not None:
        context |= _previewed(plan, sheet)
    return render(request, "building/plan_edit.html", context, status=status)


def _previewed(plan: Plan, sheet: Preview) -> dict[str, object]:
    proposal: Proposal = headcounts.propose(plan, sheet)
    rows = StringIO()
    writer = csv.writer(rows, delimiter=";")
    writer.writerow(["classe", "salle", "effectif", "adultes"])
    writer.writerows([row.group, row.room, row.size, "" if row.adults is None else row.adults] for row in sheet.rows)
    return {
        "proposal": proposal,
        "faults": [(fault, CELLS.get(fault.why, fault.why)) for fault in proposal.faults],
        "changes": [(one, CHANGES[one.kind]) for one in proposal.changes],
        "sheet_rows": rows.getvalue(),
    }
