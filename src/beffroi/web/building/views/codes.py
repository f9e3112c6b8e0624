"""The second key read out on the telephone when the link to a building is cut: shown once, kept nowhere."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from beffroi.audit.files import office_key
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.safety import queries
from beffroi.safety.actions.codes import issue_code
from beffroi.safety.core.authority import Act
from beffroi.web.building.forms import CodeForm
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_http_methods(["GET", "POST"])
def phone_code(request: OfficeRequest, building: str) -> HttpResponse:
    """The form, and the eight digits after it."""
    found = queries.building_visible_to(request.person, building)
    plan = queries.plan_in_force(found.id)
    form = CodeForm(request.POST or None, plan=plan)
    code = ""
    if form.is_valid():
        given = form.cleaned_data
        try:
            code = issue_code(
                actor=request.actor,
                person=request.person,
                building=found.id,
                reference=given["reference"],
                act=Act(given["act"]),
                zone=given["zone"],
                authority=given["authority"],
                key=office_key(),
                now=request.now,
            )
        except (Conflict, Forbidden, Invalid) as error:
            fields = error.fields if isinstance(error, Invalid) else {}
            for field in fields or {"": ""}:
                form.add_error(field or None, sentence(error))
    context = {"building": found, "form": form, "code": f"{code[:4]} {code[4:]}" if code else ""}
    answer = render(
        request, "building/code.html", context, status=422 if request.method == "POST" and not code else 200
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
