"""Crisis access: whoever is on duty has called a named person of the prefecture back, and lets her in once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from beffroi.governance.actions import crisis
from beffroi.governance.queries import access as grants
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.operations import queries as room
from beffroi.operations.core.words import Incident, IncidentState
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.duty.forms import minutes
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.gate_words import PURPOSES
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest

PURPOSES_OF_CRISIS = ("L251-2:6", "L251-2:7", "L251-2:8")


class CrisisForm(forms.Form):
    """Who, what for, which cameras, how long; and the call back."""

    person = forms.ChoiceField(
        label=gettext_lazy("Person of the prefecture"),
        help_text=gettext_lazy("Named one by one in the prefect’s order."),
    )
    number = forms.CharField(
        label=gettext_lazy("Number you called"), max_length=40,
        help_text=gettext_lazy("One the centre knew already, never one the guest gave."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Who answered"), max_length=300, required=False)
    incident = forms.ChoiceField(label=gettext_lazy("Incident"))
    cameras = forms.MultipleChoiceField(label=gettext_lazy("Cameras"), widget=forms.CheckboxSelectMultiple)
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"), choices=[(one, PURPOSES[one]) for one in PURPOSES_OF_CRISIS]
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("For"), coerce=int, initial=30, choices=minutes)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(
        self,
        *args: Any,
        persons: Sequence[PersonFacts],
        incidents: Sequence[Incident],
        cameras: Sequence[CameraFacts],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, str]]] = {
            "person": [(one.id, f"{one.called} · {one.unit}") for one in persons],
            "incident": [(one.id, f"{one.reference} · {one.title}") for one in incidents],
            "cameras": [(one.id, f"{one.number} · {one.name}") for one in cameras],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found


@require_http_methods(["GET", "POST"])
def let_in(request: OfficeRequest) -> HttpResponse:
    """Open the access and mail the link; what the gate says is shown with its article."""
    persons = people.persons(now=request.now, force=Force.PREF)
    incidents = room.incidents_visible_to(request.person, state=IncidentState.OPEN)
    form = CrisisForm(
        request.POST or None, persons=persons, incidents=incidents, cameras=grants.cameras_to_ask(request.person)
    )
    possible = bool(persons and incidents and settings.BEFFROI_SMTP_URL)
    if request.method == "POST" and possible and form.is_valid():
        found = _open(request, form)
        if found:
            return redirect("duty:access", found)
    context = {"form": form, "possible": possible, "mail": bool(settings.BEFFROI_SMTP_URL)}
    return render(request, "duty/crisis.html", context, status=422 if form.is_bound else 200)


def _open(request: OfficeRequest, form: CrisisForm) -> str:
    data = form.cleaned_data
    try:
        grant = crisis.open_crisis(
            person=data["person"], incident=data["incident"], cameras=data["cameras"], purpose=data["purpose"],
            duration=timedelta(minutes=data["minutes"]), reason=data["reason"], number=data["number"],
            note=data["note"], actor=request.actor, now=request.now,
        )  # fmt: skip
        opened(grant, request.now)
    except Invalid as error:
        for name in error.fields or {"person": ""}:
            form.add_error(name if name in form.fields else None, sentence(error))
        return ""
    except (Conflict, Forbidden) as error:
        article = getattr(error, "article", "")
        form.add_error(None, " ".join(part for part in (sentence(error), article) if part))
        return ""
    messages.success(request, _("The link is on its way. It opens once, within half an hour."))
    return str(grant.id)
