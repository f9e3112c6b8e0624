"""After an alert or a drill: observations, actions with an owner and a day, and saying that one is done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid
from beffroi.safety import queries
from beffroi.safety.actions import follow_up as acts
from beffroi.safety.queries import follow_up as reader
from beffroi.web.building.forms_follow_up import DoneForm, RemarkForm
from beffroi.web.building.views.alert import whole_page
from beffroi.web.building.views.follow_up import measure_form
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_POST
def observe(request: OfficeRequest, alert: str) -> HttpResponse:
    """Write down what was noticed."""
    view = queries.alert_visible_to(request.person, alert)
    form = RemarkForm(request.POST, auto_id="remark_%s")
    if not form.is_valid():
        return whole_page(request, view, status=422, remark_form=form)
    try:
        acts.observe(
            actor=request.actor, person=request.person, alert=alert, text=form.cleaned_data["text"], now=request.now
        )
    except Conflict as refusal:
        messages.error(request, sentence(refusal))
    return redirect("building:alert", alert)


@require_POST
def decide(request: OfficeRequest, alert: str) -> HttpResponse:
    """Decide that somebody does something by a day."""
    view = queries.alert_visible_to(request.person, alert)
    form = measure_form(request, view.building.id, request.POST)
    if not form.is_valid():
        return whole_page(request, view, status=422, measure_form=form)
    try:
        acts.decide(actor=request.actor, person=request.person, alert=alert, now=request.now, **form.cleaned_data)
    except (Conflict, Invalid) as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("Written down. A mail reminds of it a week before the day."))
    return redirect("building:alert", alert)


@require_POST
def done(request: OfficeRequest, measure: str) -> HttpResponse:
    """Say that it is done."""
    found = reader.measure_visible_to(request.person, measure)
    form = DoneForm(request.POST)
    outcome = form.cleaned_data["outcome"] if form.is_valid() else ""
    try:
        acts.close(actor=request.actor, person=request.person, measure=measure, outcome=outcome, now=request.now)
    except Conflict as refusal:
        messages.error(request, sentence(refusal))
    return redirect("building:alert", found.alert)
