"""Going on duty and off: purpose and reason once, before any picture (DESIGN §2)."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid
from beffroi.operations import actions, queries
from beffroi.sites.core.purposes import Purpose
from beffroi.web.desk.forms import ShiftForm
from beffroi.web.shared.camera_words import PURPOSES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest


def shift(request: OfficeRequest) -> HttpResponse:
    """The page of one's shift: the form to begin it, or what it is and the button to end it."""
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            actions.begin_shift(
                actor=request.actor,
                person=request.person,
                purpose=Purpose(chosen["purpose"]),
                reason=chosen["reason"],
                until=request.now + timedelta(hours=chosen["hours"]),
                station=request.actor.station,
                now=request.now,
            )
        except Invalid as error:
            form.add_error("reason", sentence(error))
        else:
            return redirect("desk:wall")
    current = queries.shift_of(request.person.id, request.now)
    context = {
        "form": form,
        "shift": current,
        "purpose": PURPOSES[Purpose(current.purpose)] if current else "",
        "on_duty": queries.on_duty(request.now),
        "rota": queries.rota(),
        "reasons_due": queries.reasons_due(request.person.id, request.now),
    }
    return render(request, "desk/shift.html", context)


@require_POST
def end(request: OfficeRequest) -> HttpResponse:
    """End one's own shift."""
    current = queries.shift_of(request.person.id, request.now)
    if current is not None:
        try:
            actions.end_shift(actor=request.actor, shift=current.id, now=request.now)
        except Conflict as error:
            messages.error(request, sentence(error))
            return redirect("desk:shift")
        say_what_is_open(request.now)  # so that no lease of this shift outlives it, whatever happens to us next
        messages.success(request, _("Your shift has ended. Pictures are closed."))
    return redirect("desk:shift")
