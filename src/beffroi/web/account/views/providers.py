"""Sign in by an identity provider (OpenID Connect), link oneself to one, and say which the centre trusts."""

import secrets
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.kernel.errors import Conflict, Invalid, Unavailable
from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.openid import Asked, authorization_address
from beffroi.people.core.sign_in_rule import ADDRESS
from beffroi.web.account.forms import SignInForm
from beffroi.web.account.people_forms import ProviderForm
from beffroi.web.account.views.sign_in import address_of, after_password, begin, next_address, refused_page
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest, signed_in

ASKED = "beffroi_openid"
LINKING = "beffroi_openid_link"
LASTS = timedelta(minutes=10)


def _back(request: OfficeRequest) -> str:
    return request.build_absolute_uri(reverse("account:provider-return"))


@never_cache
@require_GET
def ask(request: OfficeRequest, provider: str) -> HttpResponse:
    """Send the browser to the provider with a question of its own: state, nonce, PKCE."""
    one = queries.provider(provider)
    there = queries.discovered(one.issuer)
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
    request.session[ASKED] = {
        "provider": one.id,
        "state": asked.state,
        "nonce": asked.nonce,
        "verifier": asked.verifier,
        "next": next_address(request, ""),
        "at": request.now.isoformat(),
    }
    return HttpResponseRedirect(
        authorization_address(there, asked, client=one.client, back=_back(request), acr=one.acr)
    )


@never_cache
@require_GET
def answer(request: OfficeRequest) -> HttpResponse:
    """The provider sent the browser back: one answer to the question this browser was sent with."""
    if queries.refused_until(actions.address_key(address_of(request)), ADDRESS, request.now) is not None:
        return refused_page(request, "address", "")
    kept = request.session.pop(ASKED, None)
    fresh = kept and timedelta(0) <= request.now - datetime.fromisoformat(kept["at"]) < LASTS
    if not fresh or not constant_time_compare(request.GET.get("state", ""), kept["state"]):
        return _refused(request, "", "state")
    one = queries.provider(kept["provider"])
    if request.GET.get("iss", one.issuer) != one.issuer:
        return _refused(request, one.id, "iss")
    if not request.GET.get("code"):
        return _refused(request, one.id, "denied")
    asked = Asked(kept["state"], kept["nonce"], kept["verifier"])
    try:
        subject = queries.told_subject(one, asked, code=request.GET["code"], back=_back(request), now=request.now)
    except (Invalid, Unavailable) as error:
        return _refused(request, one.id, error.code)
    if request.session.pop(LINKING, "") == one.id and signed_in(request) is not None:
        return _linked(request, one.id, subject)
    person = actions.whose_identity(provider=one.id, subject=subject, now=request.now)
    if not person:
        return _refused(request, one.id, "unknown")
    if one.strong:
        return begin(request, person, FactorKind.PROVIDER_STRONG, following=kept["next"])
    return after_password(request, person, kept["next"], by=FactorKind.PROVIDER)


def _refused(request: OfficeRequest, provider: str, reason: str) -> HttpResponse:
    actions.refuse_identity(provider=provider, reason=reason, address=address_of(request), now=request.now)
    if reason not in ("denied", "provider_silent"):
        actions.refuse_session(username="", address=address_of(request), reason="credentials", now=request.now)
    said = {
        "unknown": _("Nobody here is linked to this identity: sign in with your password, then link it on your page."),
        "provider_silent": _("The identity provider does not answer as it should: sign in with your password."),
        "denied": _("The identity provider did not vouch for you."),
    }
    refusal = said.get(reason, _("What the identity provider sent is not right, or came too late: begin again."))
    context = {"form": SignInForm(), "next": "", "refusal": refusal, "providers": queries.providers()}
    return render(request, "account/sign_in.html", context, status=422)


def _linked(request: OfficeRequest, provider: str, subject: str) -> HttpResponse:
    try:
        actions.link_identity(
            person=request.person.id, provider=provider, subject=subject, actor=request.actor, now=request.now
        )
    except Conflict as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("This identity is linked to your account."))
    return redirect("account:factors")


@require_POST
def link(request: OfficeRequest, provider: str) -> HttpResponse:
    """One will go to the provider to link oneself; the page that comes leads there."""
    one = queries.provider(provider)
    request.session[LINKING] = one.id
    return render(request, "account/provider_link.html", {"provider": one})


@require_POST
def unlink(request: OfficeRequest, identity: str) -> HttpResponse:
    """One is no longer known by this identity."""
    actions.unlink_identity(person=request.person.id, identity=identity, actor=request.actor, now=request.now)
    messages.success(request, _("This identity no longer opens your account."))
    return redirect("account:factors")


@never_cache
@require_http_methods(["GET", "POST"])
def providers(request: OfficeRequest) -> HttpResponse:
    """Which providers the centre trusts. What is entered is tried at once: the provider must say the same of itself."""
    form = ProviderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            queries.discovered(form.cleaned_data["issuer"])
            actions.trust_provider(**form.cleaned_data, actor=request.actor, now=request.now)
        except (Invalid, Unavailable) as error:
            form.add_error("issuer", sentence(error))
        else:
            messages.success(request, _("The provider is trusted from now on."))
            return redirect("account:providers")
    context = {"form": form, "providers": queries.providers(stopped=True), "back": _back(request)}
    return render(request, "account/providers.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def stop(request: OfficeRequest, provider: str) -> HttpResponse:
    """Nobody signs in by this provider any more."""
    actions.stop_provider(provider=provider, actor=request.actor, now=request.now)
    messages.success(request, _("Nobody signs in by this provider any more."))
    return redirect("account:providers")
