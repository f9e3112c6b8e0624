"""Sign in, with a second factor where there is one, and out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import ADDRESS
from beffroi.web.account.forms import SignInForm
from beffroi.web.shared import passkeys
from beffroi.web.shared.middleware import SESSION_KEY
from beffroi.web.shared.navigation import landing
from beffroi.web.shared.requests import OfficeRequest, signed_in
from beffroi.web.shared.step_up import CODE, CodeForm, wrong_code

YEAR = 365 * 24 * 3600
HALF_WAY = "beffroi_half_way"
"""Where the Django session keeps who gave the right password and owes the second factor."""
HALF_WAY_LASTS = timedelta(minutes=10)


def next_address(request: HttpRequest, default: str) -> str:
    """Where to go after: only an address of this very origin."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else default


def address_of(request: HttpRequest) -> str:
    """Where the request comes from."""
    return request.META.get("REMOTE_ADDR") or ""


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: OfficeRequest) -> HttpResponse:
    """The sign-in page. Refusals are facts; after five the pair of name and address waits a quarter of an hour."""
    person = signed_in(request)
    if person is not None and request.method != "POST":
        return HttpResponseRedirect(next_address(request, landing(person, request)))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"].strip().lower()
        reason, account = _checked(request, username, form.cleaned_data["password"])
        if account is not None:
            return after_password(request, account.person_id)  # type: ignore[attr-defined]  # people.Account
        actions.refuse_session(username=username, address=address_of(request), reason=reason, now=request.now)
        if reason != "credentials":
            return refused_page(request, reason, username)
        form.add_error(None, _("The account name or the password is wrong."))
    context = {"form": form, "next": next_address(request, ""), "providers": queries.providers()}
    return render(request, "account/sign_in.html", context)


def _checked(request: OfficeRequest, username: str, password: str) -> tuple[str, object | None]:
    """The account, or why not: ``credentials``, ``locked`` (this name from here), ``address`` (all names from here)."""
    if queries.refused_until(actions.address_key(address_of(request)), ADDRESS, request.now) is not None:
        return "address", None
    account = authenticate(request, username=username, password=password)
    return "locked" if getattr(request, "axes_locked_out", False) else "credentials", account


def refused_page(request: OfficeRequest, reason: str, username: str) -> HttpResponse:
    """Nothing is heard for a while: why, until when, and what to do. The same whether the name exists or not."""
    until = (
        queries.locked_until(username, address_of(request))
        if reason == "locked"
        else queries.refused_until(actions.address_key(address_of(request)), ADDRESS, request.now)
    )
    return render(request, "account/closed.html", {"reason": reason, "until": until}, status=429)


def after_password(
    request: OfficeRequest, person_id: str, following: str = "", by: FactorKind = FactorKind.PASSWORD
) -> HttpResponse:
    """After the first factor: in at once where the person has no second one; else on to ask for it."""
    following = following or next_address(request, "")
    if not queries.has_factor(person_id):
        return begin(request, person_id, by, following=following)
    logout(request)  # whoever was signed in here is out, and the session gets another name
    request.session[HALF_WAY] = {"person": person_id, "at": request.now.isoformat()}
    return redirect(reverse("account:second-step") + (f"?{urlencode({'next': following})}" if following else ""))


def half_way(request: OfficeRequest) -> str:
    """Who gave the right password a moment ago; empty for nobody."""
    kept = request.session.get(HALF_WAY)
    if not kept or not timedelta(0) <= request.now - datetime.fromisoformat(kept["at"]) < HALF_WAY_LASTS:
        return ""
    person: str = kept["person"]
    return person


@sensitive_post_parameters(CODE)
@never_cache
def second_step(request: OfficeRequest) -> HttpResponse:
    """After the right password: the second factor. Without one in between, back to the beginning."""
    person_id = half_way(request)
    if not person_id or queries.account_of(person_id) is None:
        return redirect("account:sign-in")
    by_passkey = bool(request.POST.get(passkeys.FIELD))
    form, refusal = CodeForm(request.POST if request.method == "POST" and not by_passkey else None), ""
    if by_passkey:
        if passkeys.owner(request, person_id, "sign-in"):
            return begin(request, person_id, FactorKind.PASSKEY)
        refusal = _("This passkey was not accepted.")
    elif form.is_valid():
        actor = queries.actor(person_id, station=address_of(request))
        code = form.cleaned_data[CODE]
        kind = actions.try_code(person=person_id, code=code, purpose="sign-in", actor=actor, now=request.now)
        if kind is not None:
            return begin(request, person_id, kind)
        refusal = wrong_code(request, person_id)
    kinds = {one.kind for one in queries.factors(person_id)}
    context = {
        "form": form,
        "refusal": refusal,
        "next": next_address(request, ""),
        "app": FactorKind.TOTP in kinds,
        "passkey": FactorKind.PASSKEY in kinds,
    }
    return render(request, "account/second_step.html", context, status=422 if refusal or form.errors else 200)


def begin(request: OfficeRequest, person_id: str, factor: FactorKind, *, following: str = "") -> HttpResponse:
    """All proofs are given: a new session under a new name."""
    account = queries.account_of(person_id)
    request.session.pop(HALF_WAY, None)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    actor = queries.actor(person_id, station=address_of(request))
    request.session[SESSION_KEY] = actions.begin_session(
        person=person_id,
        device=request.headers.get("User-Agent", ""),
        address=address_of(request),
        factor=factor,
        actor=actor,
        now=request.now,
    )
    whose = queries.person_facts(person_id, request.now)
    response = HttpResponseRedirect(following or next_address(request, landing(whose, request)))
    return with_language(response, _language(request, person_id))


def _language(request: OfficeRequest, person_id: str) -> str:
    """What the person chose; else what was chosen in this browser before she signed in; else the centre's."""
    here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = dict(settings.LANGUAGES)
    return queries.chosen_language(person_id) or (here if here in known else settings.LANGUAGE_CODE[:2])


@require_POST
def sign_out(request: OfficeRequest) -> HttpResponse:
    """End this session."""
    actions.end_session(
        session=request.sign_in, person=request.person.id, by="signed-out", actor=request.actor, now=request.now
    )
    logout(request)
    return redirect("account:sign-in")


def with_language(response: HttpResponse, code: str) -> HttpResponse:
    """Keep the language in a cookie, for pages before sign-in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.BEFFROI_HTTPS,
    )
    return response
