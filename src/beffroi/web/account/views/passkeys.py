"""Passkeys: the question for the browser, signing in with one alone, adding one."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid
from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import ADDRESS
from beffroi.web.account.forms import LabelForm, SignInForm
from beffroi.web.account.views.factors import factors_page
from beffroi.web.account.views.sign_in import address_of, begin, half_way, next_address, refused_page
from beffroi.web.shared import passkeys
from beffroi.web.shared.requests import OfficeRequest, signed_in


@never_cache
@require_POST
def challenge(request: OfficeRequest) -> HttpResponse:
    """What the browser is asked: a passkey of whoever is signed in or half-way; any passkey of this site else."""
    person = signed_in(request)
    return JsonResponse(passkeys.begin_using(request, person.id if person is not None else half_way(request)))


@never_cache
@require_POST
def sign_in(request: OfficeRequest) -> HttpResponse:
    """Sign in with a passkey alone: it knows whose it is, and asked for finger or PIN itself."""
    if queries.refused_until(actions.address_key(address_of(request)), ADDRESS, request.now) is not None:
        return refused_page(request, "address", "")
    person = passkeys.owner(request, "", "sign-in")
    if person:
        return begin(request, person, FactorKind.PASSKEY)
    actions.refuse_session(username="", address=address_of(request), reason="credentials", now=request.now)
    refusal = _("This passkey was not accepted.")
    context = {
        "form": SignInForm(),
        "next": next_address(request, ""),
        "refusal": refusal,
        "providers": queries.providers(),
    }
    return render(request, "account/sign_in.html", context, status=422)


@never_cache
@require_POST
def make(request: OfficeRequest) -> HttpResponse:
    """Begin to add a passkey: the page that comes asks the browser for it."""
    return factors_page(request, creation=passkeys.begin_making(request))


@never_cache
@require_POST
def add(request: OfficeRequest) -> HttpResponse:
    """Keep the passkey that the browser made."""
    form = LabelForm(request.POST)
    if not form.is_valid():
        return factors_page(request, passkey_form=form, creation=passkeys.begin_making(request), status=422)
    try:
        codes = passkeys.made(request, form.cleaned_data["label"])
    except (Invalid, Conflict):
        form.add_error(None, _("This passkey was not accepted. It may be set up here already."))
        return factors_page(request, passkey_form=form, status=422)
    if codes:
        return factors_page(request, codes=codes)
    return redirect("account:factors")
