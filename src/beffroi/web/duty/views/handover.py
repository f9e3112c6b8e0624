"""Hand over one's shift with what is open, and take over what another left."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.governance.queries import access as grants
from beffroi.governance.queries import waiting
from beffroi.kernel.errors import Conflict
from beffroi.operations import actions, queries
from beffroi.operations.core.words import IncidentState, OpenThing
from beffroi.people import queries as people
from beffroi.web.shared.errors import hint_of, sentence
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest


class HandoverForm(forms.Form):
    """The words that go with it."""

    note = forms.CharField(
        label=gettext_lazy("What the next one must know"), max_length=2_000, required=False, widget=forms.Textarea
    )


@require_http_methods(["GET", "POST"])
def give(request: OfficeRequest) -> HttpResponse:
    """What is open now; handing it over ends one's shift."""
    form = HandoverForm(request.POST or None)
    shift = queries.shift_of(request.person.id, request.now)
    if request.method == "POST" and form.is_valid():
        insee = people.home_of(request.person.id) or min(request.person.territory, default="")
        try:
            actions.give_over(
                actor=request.actor, person=request.person, note=form.cleaned_data["note"],
                still_open=still_open(request), insee=insee, now=request.now,
            )  # fmt: skip
        except Conflict as error:
            messages.error(request, " ".join(part for part in (sentence(error), hint_of(error)) if part))
        else:
            say_what_is_open(request.now)
            messages.success(request, _("Handed over. Your shift has ended."))
            return redirect("duty:phone")
        return redirect("duty:handover")
    context = {
        "form": form,
        "shift": shift,
        "things": still_open(request),
        "due": queries.reasons_due(request.person.id, request.now),
    }
    return render(request, "duty/handover.html", context)


@require_POST
def take(request: OfficeRequest, handover: str) -> HttpResponse:
    """Take over what another shift left."""
    try:
        actions.take_over(actor=request.actor, person=request.person, handover=handover, now=request.now)
    except Conflict as error:
        messages.error(request, " ".join(part for part in (sentence(error), hint_of(error)) if part))
    else:
        messages.success(request, _("Taken over."))
    return redirect("duty:phone")


def still_open(request: OfficeRequest) -> list[OpenThing]:
    """Incidents, requests, accesses, reviews and requisitions that this person leaves behind."""
    person, now = request.person, request.now
    incidents = queries.incidents_visible_to(person, state=IncidentState.OPEN, limit=50)
    found = [OpenThing("incident", one.id, f"{one.reference} {one.title}") for one in incidents]
    found += [OpenThing("access", one.id, one.person_name) for one in grants.pending(person, now)]
    open_now = [one for one in grants.active_visible_to(person, now) if one.basis_kind != "duty"]
    found += [OpenThing("relay", one.id, f"{one.person_name} {one.basis_label}".strip()) for one in open_now]
    found += [OpenThing("review", one.id, one.person_name) for one in grants.to_regularise_by(person, now)]
    found += [OpenThing("requisition", row.id, row.number) for row in waiting.requisitions_untaken(person)]
    return found
