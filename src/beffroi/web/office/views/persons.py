"""Persons of the centre and its partners: who they are, what they may hold, from when to when, and when they leave."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.queries.reach import communes_in_reach
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.people import actions as people
from beffroi.people.core.roles import Force, Quality
from beffroi.people.queries import directory
from beffroi.people.queries.directory import PersonFile
from beffroi.sites import queries as sites
from beffroi.sites.queries import CommuneFacts
from beffroi.web.office.person_acts import ACTS, PersonAct, form_of, offered_to
from beffroi.web.office.person_forms import OrganisationForm, PersonForm, SearchForm, UnitForm
from beffroi.web.office.person_words import PAPERS, ROLES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.gate_words import FORCES, QUALITIES
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """Everybody within reach, and whose papers run out."""
    form = SearchForm(request.GET or None)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    found = directory.persons(
        _reach(request), now=request.now, words=asked.get("words", ""), ended=asked.get("ended", False)
    )
    context = {"persons": found, "form": form, "due": [one for one in found if one.runs_out], **_words()}
    return render(request, "office/persons/list.html", context)


@require_http_methods(["GET", "POST"])
def enter(request: OfficeRequest) -> HttpResponse:
    """Enter a person; what she may hold is entered on her page."""
    form = PersonForm(request.POST or None, organisations=directory.organisations(_reach(request)))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = people.create_person(
            name=data["name"],
            unit=data["unit"],
            rank=data["rank"],
            matricule=data["matricule"],
            quality=Quality(data["quality"]),
            email=data["email"],
            actor=request.actor,
            now=request.now,
        )
        messages.success(request, _("Entered. Now say what she does here and what she holds."))
        return redirect("office:person", made)
    status = 422 if request.method == "POST" else 200
    return render(request, "office/persons/enter.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def bodies(request: OfficeRequest) -> HttpResponse:
    """Organisations and their units; a unit names its organisation."""
    reach = _reach(request)
    wanted = ("unit" if "organisation" in request.POST else "organisation") if request.method == "POST" else ""
    body = OrganisationForm(request.POST if wanted == "organisation" else None, communes=_communes(reach))
    unit = UnitForm(
        request.POST if wanted == "unit" else None,
        organisations=directory.organisations(reach),
        auto_id="unit_%s",
    )
    if wanted == "organisation" and body.is_valid():
        data = body.cleaned_data
        people.create_organisation(
            name=data["name"], force=Force(data["force"]), insee=data["insee"], actor=request.actor, now=request.now
        )
        return redirect("office:bodies")
    if wanted == "unit" and unit.is_valid():
        data = unit.cleaned_data
        people.create_unit(
            organisation=data["organisation"],
            name=data["name"],
            email=data["email"],
            actor=request.actor,
            now=request.now,
        )
        return redirect("office:bodies")
    context = {"organisations": directory.organisations(reach), "body": body, "unit": unit, **_words()}
    return render(request, "office/persons/bodies.html", context, status=422 if request.method == "POST" else 200)


@require_GET
def one(request: OfficeRequest, person: str) -> HttpResponse:
    """One person: all she holds and held, and what may be done."""
    return _page(request, _found(request, person))


@require_POST
def act(request: OfficeRequest, person: str, what: str) -> HttpResponse:
    """Do one thing of the table."""
    row = _found(request, person)
    chosen = PersonAct.named(what)
    if chosen not in offered_to(request, row):
        raise Conflict("That can no longer be done.", code="duty_ended" if row.duty_ended_at else "")
    form = form_of(request, chosen, row, _communes(_reach(request)), request.POST)
    if not form.is_valid():
        return _page(request, row, failed=(chosen, form), status=422)
    try:
        ACTS[chosen].do(request, row, form)
    except (Invalid, Conflict, Forbidden) as error:
        form.add_error(None, sentence(error))
        return _page(request, row, failed=(chosen, form), status=422)
    messages.success(request, _("Done, and written in the log."))
    return redirect("office:person", row.id)


def _page(
    request: OfficeRequest,
    row: PersonFile,
    *,
    failed: tuple[PersonAct, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    communes = _communes(_reach(request))
    offered = []
    for chosen in offered_to(request, row):
        form = failed[1] if failed and failed[0] is chosen else form_of(request, chosen, row, communes)
        offered.append({"act": chosen.value, "words": ACTS[chosen].words, "form": form})
    names = {one.insee: one.name for one in sites.communes()}
    context = {"row": row, "offered": offered, "communes": names, **_words()}
    return render(request, "office/persons/one.html", context, status=status)


def _found(request: OfficeRequest, person: str) -> PersonFile:
    return directory.person(_reach(request), person, now=request.now)


def _reach(request: OfficeRequest) -> frozenset[str]:
    return communes_in_reach(request.person)


def _communes(reach: frozenset[str]) -> list[CommuneFacts]:
    return [one for one in sites.communes() if one.insee in reach]


def _words() -> dict[str, Any]:
    return {"roles": ROLES, "papers": PAPERS, "forces": FORCES, "qualities": QUALITIES}
