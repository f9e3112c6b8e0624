"""What is drawn of a building, for whoever may see it: levels, directory, drawings as files, the paper pack."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from beffroi.kernel.errors import NotFound
from beffroi.safety import queries
from beffroi.safety.actions import plans as acts
from beffroi.safety.core.plans import holders_at, missions_without_holder
from beffroi.safety.documents.pack import pack_pdf
from beffroi.safety.queries import plans as plan_queries
from beffroi.web.building.cameras import cameras_told
from beffroi.web.building.levels import levels_of
from beffroi.web.building.words import MISSIONS
from beffroi.web.shared.requests import OfficeRequest

DRAWING_POLICY = "default-src 'none'; sandbox"
"""A drawing opened by itself runs nothing and fetches nothing."""


@require_GET
def levels(request: OfficeRequest, building: str) -> HttpResponse:
    """The levels, the directory and who is responsible now, as far as this person needs to know."""
    found = queries.building_visible_to(request.person, building)
    current = queries.plan_in_force(found.id)
    context: dict[str, object] = {"building": found, "cameras": cameras_told(found.cameras, request.now)}
    if current is not None:
        plan, whole = plan_queries.seen_by(request.person, found.id, current)
        held = holders_at(plan, request.now)
        context |= {
            "plan": plan,
            "whole": whole,
            "levels": levels_of(plan),
            "holders": [(MISSIONS[mission.value], person) for mission, person in held.items()],
            "missing": [MISSIONS[mission.value] for mission in missions_without_holder(plan, request.now)],
        }
        if whole:
            acts.note_reading(
                actor=request.actor, building=found.id, version=plan.version, what="confidential", now=request.now
            )
    return render(request, "building/levels.html", context)


@require_GET
def drawing(request: OfficeRequest, building: str, drawing: str) -> HttpResponse:
    """One drawing as it is kept."""
    found = queries.building_visible_to(request.person, building)
    file = plan_queries.drawing(found.id, drawing)
    response = HttpResponse(file.data, content_type=file.media_type)
    response["Content-Security-Policy"] = DRAWING_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def pack(request: OfficeRequest, building: str) -> HttpResponse:
    """The paper pack of the plan in force, made now."""
    found = queries.building_visible_to(request.person, building)
    current = queries.plan_in_force(found.id)
    if current is None:
        raise NotFound("No plan is in force.", code="no_such_plan")
    language = (get_language() or "fr")[:2]
    pdf = pack_pdf(plan_queries.pack_facts(found.id, current), language=language, now=request.now)
    return _paper(request, found.id, current.version, pdf, "pack")


@require_GET
def pack_of_the_night(request: OfficeRequest, building: str) -> HttpResponse:
    """The paper pack that the worker made last night."""
    found = queries.building_visible_to(request.person, building)
    kept = plan_queries.pack(found.id)
    if kept is None:
        raise NotFound("No paper pack was made yet.", code="no_such_pack")
    return _paper(request, found.id, kept[1], kept[0], "pack-of-the-night")


def _paper(request: OfficeRequest, building: str, version: int, pdf: bytes, what: str) -> HttpResponse:
    acts.note_reading(actor=request.actor, building=building, version=version, what=what, now=request.now)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="ppms-v{version}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
