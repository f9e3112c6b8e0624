"""Requisitions at the counter: an investigator with an account asks, completes, follows, confirms the outcome."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from beffroi.governance.actions import outcomes, requisitions
from beffroi.governance.core.requisitions import Helped
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Invalid
from beffroi.web.shared import requisition_pages as pages
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.requests import OfficeRequest

UNPROCESSABLE = 422


class WithdrawForm(forms.Form):
    """Take it back."""

    why = forms.CharField(label=gettext_lazy("Why"), max_length=500)


class OutcomeForm(forms.Form):
    """Whether the images helped."""

    helped = forms.ChoiceField(
        label=gettext_lazy("Did the images help?"),
        choices=[(one.value, said) for one, said in words.HELPED.items()],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)


def requisition_list(request: OfficeRequest) -> HttpResponse:
    """One's own requisitions, and those of the unit that are not confidential."""
    lines = [
        (line, words.STATES[line.state], words.STATE_LEVELS[line.state],
         words.VERDICTS[line.verdict] if line.verdict else "")
        for line in queries.of_requester(request.person, request.now)
    ]  # fmt: skip
    return render(request, "counter/requisitions/list.html", {"lines": lines})


def ask(request: OfficeRequest) -> HttpResponse:
    """Fill a requisition: name, unit and quality are the account's."""
    form = pages.form_of(request, counter=True)
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        else:
            made = _submitted(request, form)
            if made is not None:
                messages.success(request, _("Your requisition has number %(number)s.") % {"number": made.number})
                return redirect("counter:requisition", made.id)
    return _form_page(request, form, title=_("New requisition"))


def edit(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Complete or correct one's own."""
    row = queries.own(request.person, requisition)
    form = pages.form_of(request, counter=True, initial=queries.typed(row))
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        elif _submitted(request, form, row) is not None:
            messages.success(request, _("The requisition was completed."))
            return redirect("counter:requisition", row.id)
    return _form_page(request, form, title=_("Complete requisition %(number)s") % {"number": row.number}, row=row)


def map_image(request: OfficeRequest) -> HttpResponse:
    """Where the cameras stand, without a picture."""
    return pages.map_response(request)


def page(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Follow one requisition."""
    return _page(request, queries.for_counter(request.person, requisition))


def paper(request: OfficeRequest, requisition: str, document: str) -> HttpResponse:
    """Download a paper of one's own requisition."""
    return pages.paper_response(request, queries.document_for_counter(request.person, requisition, document))


@require_POST
def withdraw(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Take it back; its holds go."""
    row = queries.own(request.person, requisition)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        requisitions.withdraw(actor=request.actor, requisition=row.id, why=form.cleaned_data["why"], now=request.now)
        return redirect("counter:requisition", row.id)
    return _page(request, row, withdraw_form=form)


@require_POST
def outcome(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Say whether the images helped."""
    row = queries.own(request.person, requisition)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        outcomes.record_outcome(
            actor=request.actor, requisition=row.id, helped=Helped(form.cleaned_data["helped"]),
            note=form.cleaned_data["note"], now=request.now,
        )  # fmt: skip
        messages.success(request, _("Thank you: it counts in the year’s figures."))
        return redirect("counter:requisition", row.id)
    return _page(request, row, outcome_form=form)


def _submitted(
    request: OfficeRequest, form: Any, row: queries.RequisitionRow | None = None
) -> queries.RequisitionRow | None:
    form.keep_upload()
    if not form.is_valid():
        return None
    entry = form.entry()
    if form.errors:
        return None
    try:
        if row is None:
            return requisitions.submit(
                actor=request.actor, person=request.person, entry=entry, document=form.paper,
                recorder=pages.recorder_or_none(), now=request.now,
            )  # fmt: skip
        requisitions.resubmit(
            actor=request.actor, person=request.person, requisition=row.id, entry=entry, document=form.paper,
            recorder=pages.recorder_or_none(), now=request.now,
        )  # fmt: skip
    except Invalid as error:
        form.take(error.fields)
        return None
    return row


def _form_page(
    request: OfficeRequest, form: Any, *, title: str, row: queries.RequisitionRow | None = None
) -> HttpResponse:
    context = {
        "form": form, "title": title, "row": row, "map_query": pages.map_query(form),
        "map_route": "counter:requisition-map",
    }  # fmt: skip
    form.mark_needed()
    refused = request.method == "POST" and form.is_bound and bool(form.errors) and not pages.looks_for_cameras(request)
    return render(request, "counter/requisitions/ask.html", context, status=UNPROCESSABLE if refused else 200)


def _page(request: OfficeRequest, row: queries.RequisitionRow, **forms_given: Any) -> HttpResponse:
    acts = queries.acts_of(row)
    context = {
        **pages.common_context(row),
        "acts": {act.value.replace("-", "_") for act in acts},
        "history": pages.history(row, to_requester=True),
        "withdraw_form": WithdrawForm(),
        "outcome_form": OutcomeForm(),
        "own": row.requester == request.person.id,
        **forms_given,
    }
    status = UNPROCESSABLE if any(form.errors for form in forms_given.values()) else 200
    return render(request, "counter/requisitions/page.html", context, status=status)
