"""Who is called and in which order, turns and absences, and how the centre is staffed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from beffroi.kernel.errors import BeffroiError, Invalid
from beffroi.kernel.ids import PersonId
from beffroi.kernel.spans import Span
from beffroi.operations import actions, queries
from beffroi.operations.core.calls import PeriodKind
from beffroi.operations.core.words import RotaLine
from beffroi.operations.files import presets
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.web.shared.dates import MomentField
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest

UNPROCESSABLE = 422
PRESETS: dict[str, Promise] = {
    "solo": gettext_lazy("Nobody in the room: one duty phone"),
    "small": gettext_lazy("A room by day, a duty phone by night"),
    "staffed": gettext_lazy("Somebody in the room day and night"),
}
KINDS: dict[PeriodKind, Promise] = {
    PeriodKind.TURN: gettext_lazy("is called first"),
    PeriodKind.AWAY: gettext_lazy("is away, not called"),
}


class OrderForm(forms.Form):
    """A rank and a telephone for each person who may be called; without a rank she is not."""

    def __init__(self, *args: Any, callable_: list[PersonFacts], rota: list[RotaLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.persons = callable_
        known = {line.person: line for line in rota}
        for person in callable_:
            line = known.get(person.id)
            self.fields[f"rank-{person.id}"] = forms.IntegerField(
                label=_("Rank of %(name)s") % {"name": person.called},
                required=False, min_value=1, max_value=99, initial=line.rank if line else None,
            )  # fmt: skip
            self.fields[f"phone-{person.id}"] = forms.RegexField(
                r"^\+?[0-9 .]{4,20}$", label=_("Telephone of %(name)s") % {"name": person.called},
                required=False, initial=line.phone if line else "",
            )  # fmt: skip

    def lines(self) -> list[RotaLine]:
        """What was typed; only after ``is_valid``."""
        data = self.cleaned_data
        return [
            RotaLine(data[f"rank-{person.id}"], PersonId(person.id), person.called, data[f"phone-{person.id}"])
            for person in self.persons
            if data[f"rank-{person.id}"]
        ]


class PeriodForm(forms.Form):
    """A turn or an absence."""

    person = forms.ChoiceField(label=gettext_lazy("Who"))
    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=[(one.value, said) for one, said in KINDS.items()])
    since = MomentField(label=pgettext_lazy("moment", "From"))
    until = MomentField(end=True, label=pgettext_lazy("moment", "To"))

    def __init__(self, *args: Any, rota: list[RotaLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(line.person, line.person_name) for line in rota]

    def clean(self) -> dict[str, Any]:
        """It ends after it begins."""
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] <= data["since"]:
            self.add_error("until", _("The end comes after the beginning."))
        return data


@require_GET
def page(request: OfficeRequest) -> HttpResponse:
    """The order of call at this hour, turns and absences, the preset; with the forms for who may change them."""
    return _page(request)


@require_POST
def order(request: OfficeRequest) -> HttpResponse:
    """Set the order of call anew."""
    form = _order_form(request, request.POST)
    if form.is_valid():
        try:
            actions.set_rota(actor=request.actor, lines=form.lines(), now=request.now)
        except Invalid as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, _("The order of call is set."))
            return redirect("duty:rota")
    return _page(request, order_form=form, status=UNPROCESSABLE)


@require_POST
def enter(request: OfficeRequest) -> HttpResponse:
    """Enter a turn or an absence."""
    form = PeriodForm(request.POST, rota=queries.rota())
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.enter_period(
                actor=request.actor, person=data["person"], kind=PeriodKind(data["kind"]),
                span=Span(data["since"], data["until"]), now=request.now,
            )  # fmt: skip
        except Invalid as error:
            form.add_error("until", sentence(error))
        else:
            return redirect("duty:rota")
    return _page(request, period_form=form, status=UNPROCESSABLE)


@require_POST
def remove(request: OfficeRequest, period: str) -> HttpResponse:
    """Take a turn or an absence back."""
    actions.remove_period(actor=request.actor, period=period, now=request.now)
    return redirect("duty:rota")


@require_POST
def staffing(request: OfficeRequest) -> HttpResponse:
    """Choose the preset."""
    try:
        actions.choose_staffing(actor=request.actor, preset=request.POST.get("preset", ""), now=request.now)
    except BeffroiError as error:
        messages.error(request, sentence(error))
        return _page(request, status=UNPROCESSABLE)
    messages.success(request, _("The staffing is set."))
    return redirect("duty:rota")


def _order_form(request: OfficeRequest, data: Any = None) -> OrderForm:
    own = [
        one
        for one in people.persons(now=request.now)
        if Permission.DUTY_PHONE in permissions_of(one.roles) and one.territory & request.person.territory
    ]
    return OrderForm(data, callable_=own, rota=queries.rota())


def _page(
    request: OfficeRequest,
    *,
    order_form: OrderForm | None = None,
    period_form: PeriodForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rota, chosen = queries.rota(), queries.staffing(request.now)
    order_form = order_form or _order_form(request)
    context = {
        "order": queries.order_of_call(request.now),
        "periods": [(one, KINDS[one.kind]) for one in queries.rota_periods(request.now)],
        "staffing": chosen,
        "presets": [(one, PRESETS.get(name, name)) for name, one in presets().items()],
        "chosen_words": PRESETS.get(chosen.name, chosen.name),
        "may_write": Permission.DUTY_ROTA in permissions_of(request.person.roles),
        "order_form": order_form,
        "order_rows": [
            (person, order_form[f"rank-{person.id}"], order_form[f"phone-{person.id}"]) for person in order_form.persons
        ],
        "period_form": period_form or PeriodForm(rota=rota),
        "rota": rota,
    }
    return render(request, "duty/rota.html", context, status=status)
