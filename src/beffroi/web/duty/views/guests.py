"""Guests of the counter who wait for a call back: the officer calls, says which number, and dictates the code."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beffroi.governance.actions import guests
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


class CallForm(forms.Form):
    """Which number was called, and who answered."""

    number = forms.CharField(
        label=gettext_lazy("Number you called"), max_length=40,
        help_text=gettext_lazy("One the centre knew already, never one the guest gave."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Who answered"), max_length=300, required=False)


@require_POST
@never_cache
def call(request: OfficeRequest, visit: str) -> HttpResponse:
    """Called back: the code to dictate, shown once."""
    return _dictated(request, visit, guests.called_back, returns=False)


@require_POST
@never_cache
def tell(request: OfficeRequest, visit: str) -> HttpResponse:
    """Telephoned: her package is there; the code by which she comes back to it, shown once."""
    return _dictated(request, visit, guests.told_of_package, returns=True)


def _dictated(request: OfficeRequest, visit: str, act: Callable[..., str], *, returns: bool) -> HttpResponse:
    form = CallForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say which number you called."))
        return redirect("duty:phone")
    try:
        code = act(visit=visit, **form.cleaned_data, actor=request.actor, now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, sentence(error))
        return redirect("duty:phone")
    return render(request, "duty/code.html", {"code": f"{code[:4]} {code[4:]}", "returns": returns})


@require_POST
def refuse(request: OfficeRequest, visit: str) -> HttpResponse:
    """The unit does not know this guest, or nobody answered there."""
    try:
        guests.refuse(visit=visit, note=request.POST.get("note", ""), actor=request.actor, now=request.now)
    except Conflict as error:
        messages.error(request, sentence(error))
    return redirect("duty:phone")
