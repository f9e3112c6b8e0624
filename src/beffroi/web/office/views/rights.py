"""Requests of persons for images of themselves, as the DPO answers them (J7)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import rights as acts
from beffroi.governance.core.holds import HoldState
from beffroi.governance.core.rights import RefusalGround, RightsAct, RightsState, open_acts
from beffroi.governance.queries import rights as queries
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.governance.queries.rights import RightsRow
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.sites import queries as sites
from beffroi.web.shared.dates import MomentField
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_words import HOLD_STATES
from beffroi.web.shared.rights_words import ACTS, GROUNDS, PROBLEMS, STATES, WISHES


class NoForm(forms.Form):
    """An act that asks for nothing more."""


class IdentityForm(forms.Form):
    """What the officer was shown."""

    shown = forms.CharField(
        label=_("What was shown"),
        max_length=80,
        help_text=_("The kind of paper alone: never its number, never a copy."),
    )


class CamerasForm(forms.Form):
    """Which cameras see the place."""

    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, known: frozenset[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cameras"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (one.id, f"{one.number} · {one.name}")
            for one in sites.cameras(retired=True)
            if known is None or one.id in known
        ]


class AppointmentForm(forms.Form):
    """When and where the pictures can be seen."""

    at = MomentField(label=_("Day and hour"))
    place = forms.CharField(label=_("Where"), max_length=160)
    words = forms.CharField(label=_("Words to the person"), required=False, max_length=1000, widget=forms.Textarea)


class WordsForm(forms.Form):
    """Words of one's own."""

    words = forms.CharField(label=_("Words to the person"), required=False, max_length=1000, widget=forms.Textarea)


class RefusalForm(forms.Form):
    """The ground, from the list, and words of one's own."""

    ground = forms.ChoiceField(label=_("Ground"), choices=list(GROUNDS.items()))
    words = forms.CharField(label=_("Why, in your own words"), max_length=1000, widget=forms.Textarea)


FORMS: dict[RightsAct, type[forms.Form]] = {
    RightsAct.ASK_IDENTITY: NoForm,
    RightsAct.IDENTIFY: IdentityForm,
    RightsAct.LOCATE: CamerasForm,
    RightsAct.APPOINT: AppointmentForm,
    RightsAct.ANSWER_NEGATIVE: WordsForm,
    RightsAct.REFUSE: RefusalForm,
    RightsAct.WITHDRAW: NoForm,
    RightsAct.CLOSE: NoForm,
}


@require_GET
def queue(request: OfficeRequest) -> HttpResponse:
    """What waits, the most urgent first, and what was answered."""
    context = {
        "waiting": [_row(one) for one in queries.queue(request.person)],
        "answered": [_row(one) for one in queries.answered(request.person)],
    }
    return render(request, "office/rights/queue.html", context)


@require_GET
def one(request: OfficeRequest, rights: str) -> HttpResponse:
    """One request with its clock and what may be done."""
    return _page(request, queries.one(request.person, rights))


@require_POST
def act(request: OfficeRequest, rights: str, what: str) -> HttpResponse:
    """Do one thing of the table. ``Conflict`` where it does not fit any more."""
    row = queries.one(request.person, rights)
    try:
        chosen = RightsAct(what)
    except ValueError as error:
        raise NotFound("There is no such act.", code="no_such_act") from error
    form = _form(request, chosen, request.POST)
    if form.is_valid():
        try:
            _DOING[chosen](request, row.id, form.cleaned_data)
        except Invalid as error:
            for name, problem in error.fields.items():
                form.add_error(name if name in form.fields else None, str(PROBLEMS.get(problem, problem)))
        else:
            return redirect("office:rights-one", row.id)
    return _page(request, row, status=422, failed=(chosen, form))


@require_GET
def paper(request: OfficeRequest, rights: str) -> HttpResponse:
    """The signed answer."""
    row = queries.one(request.person, rights)
    data = acts.read_answer(actor=request.actor, request=row, now=request.now)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


Doing = Callable[[OfficeRequest, str, dict[str, Any]], None]

_DOING: dict[RightsAct, Doing] = {
    RightsAct.ASK_IDENTITY: lambda asked, row, _data: acts.ask_identity(actor=asked.actor, request=row, now=asked.now),
    RightsAct.IDENTIFY: lambda asked, row, data: acts.identify(
        actor=asked.actor, request=row, shown=data["shown"], now=asked.now
    ),
    RightsAct.LOCATE: lambda asked, row, data: acts.locate(
        actor=asked.actor, request=row, cameras=tuple(data["cameras"]), now=asked.now
    ),
    RightsAct.APPOINT: lambda asked, row, data: acts.appoint(
        actor=asked.actor, request=row, at=data["at"], place=data["place"], words=data["words"], now=asked.now
    ),
    RightsAct.ANSWER_NEGATIVE: lambda asked, row, data: acts.answer_negative(
        actor=asked.actor, request=row, words=data["words"], now=asked.now
    ),
    RightsAct.REFUSE: lambda asked, row, data: acts.refuse(
        actor=asked.actor, request=row, ground=RefusalGround(data["ground"]), words=data["words"], now=asked.now
    ),
    RightsAct.WITHDRAW: lambda asked, row, _data: acts.withdraw(actor=asked.actor, request=row, now=asked.now),
    RightsAct.CLOSE: lambda asked, row, _data: acts.close(actor=asked.actor, request=row, now=asked.now),
}


def _page(
    request: OfficeRequest,
    row: RightsRow,
    *,
    status: int = 200,
    failed: tuple[RightsAct, forms.Form] | None = None,
) -> HttpResponse:
    possible = open_acts(RightsState(row.state))
    offered = []
    for one_act, kind in FORMS.items():
        if one_act not in possible:
            continue
        form = failed[1] if failed and failed[0] is one_act else _form(request, one_act, row=row)
        words = ACTS[one_act]
        offered.append({"act": one_act.value, "words": words, "form": form, "bare": kind is NoForm})
    cameras = {str(one.id): f"{one.number} · {one.name}" for one in sites.cameras(retired=True)}
    context = {
        **_row(row),
        "wish": WISHES[row.wish],
        "cameras": [cameras.get(one, one) for one in row.cameras],
        "holds": [{"hold": one, "words": HOLD_STATES[HoldState(one.state)]} for one in queries.holds_of(row.id)],
        "ground": GROUNDS.get(row.ground, ""),
        "offered": offered,
    }
    return render(request, "office/rights/one.html", context, status=status)


def _form(request: OfficeRequest, one_act: RightsAct, data: Any = None, row: RightsRow | None = None) -> forms.Form:
    given: dict[str, Any] = {"auto_id": f"{one_act.value}_%s"}
    if one_act is RightsAct.LOCATE:
        given |= {"known": cameras_in_reach(request.person), "initial": {"cameras": row.cameras if row else []}}
    return FORMS[one_act](data, **given)


def _row(row: RightsRow) -> dict[str, Any]:
    said, level = STATES[row.state]
    return {"row": row, "state": said, "level": level}
