"""Sign in and out, one's own profile and sessions, language and appearance."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from beffroi.kernel.errors import Invalid
from beffroi.people import actions, queries
from beffroi.web.account.devices import device_name
from beffroi.web.account.forms import PasswordForm, SignInForm
from beffroi.web.shared.middleware import SESSION_KEY
from beffroi.web.shared.navigation import landing
from beffroi.web.shared.requests import OfficeRequest, signed_in

YEAR = 365 * 24 * 3600


def _next(request: HttpRequest, default: str) -> str:
    """Where to go after: only an address of this very origin."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else default


def _address(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR") or ""


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: OfficeRequest) -> HttpResponse:
    """The sign-in page. Refusals are facts; after five the pair of name and address waits a quarter of an hour."""
    person = signed_in(request)
    if person is not None and request.method != "POST":
        return HttpResponseRedirect(_next(request, landing(person)))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"].strip().lower()
        account = authenticate(request, username=username, password=form.cleaned_data["password"])
        if account is not None:
            return _begin(request, account)
        locked = getattr(request, "axes_locked_out", False)
        status = 429 if locked else 200
        reason = "locked" if locked else "credentials"
        actions.refuse_session(username=username, address=_address(request), reason=reason, now=request.now)
        form.add_error(
            None,
            _("Too many attempts: wait a quarter of an hour, or ask whoever manages the accounts.")
            if locked
            else _("The account name or the password is wrong."),
        )
    return render(request, "account/sign_in.html", {"form": form, "next": _next(request, "")}, status=status)


def _begin(request: OfficeRequest, account: object) -> HttpResponse:
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    person_id = account.person_id  # type: ignore[attr-defined]
    device = request.headers.get("User-Agent", "")
    actor = queries.actor(person_id, station=_address(request))
    request.session[SESSION_KEY] = actions.begin_session(
        person=person_id, device=device, address=_address(request), actor=actor, now=request.now
    )
    response = HttpResponseRedirect(_next(request, landing(queries.person_facts(person_id, request.now))))
    language = queries.language_of(person_id)
    return _with_language(response, language) if language else response


@require_POST
def sign_out(request: OfficeRequest) -> HttpResponse:
    """End this session."""
    actions.end_session(
        session=request.sign_in, person=request.person.id, by="signed-out", actor=request.actor, now=request.now
    )
    logout(request)
    return redirect("account:sign-in")


@require_GET
def profile(request: OfficeRequest) -> HttpResponse:
    """Who one is here, what one holds, and where one is signed in."""
    context = {
        "sessions": _sessions(request),
        "this_session": request.sign_in,
        "form": PasswordForm(),
        "idle_minutes": settings.BEFFROI_IDLE_MINUTES,
    }
    return render(request, "account/profile.html", context)


def _sessions(request: OfficeRequest) -> list[dict[str, object]]:
    return [{"is": one, "device": device_name(one.device)} for one in queries.sessions(request.person.id)]


@require_POST
def end_session(request: OfficeRequest, session: str) -> HttpResponse:
    """End one of one's own other sessions."""
    actions.end_session(
        session=session, person=request.person.id, by="other-session", actor=request.actor, now=request.now
    )
    messages.success(request, _("That session has ended."))
    return redirect("account:profile")


@sensitive_post_parameters("present", "new")
@require_POST
def password(request: OfficeRequest) -> HttpResponse:
    """Set a new password; every session of the account but this one ends."""
    form = PasswordForm(request.POST)
    if form.is_valid() and not request.user.check_password(form.cleaned_data["present"]):
        form.add_error("present", _("This is not your present password."))
    if form.is_valid():
        try:
            actions.set_password(
                person=request.person.id,
                password=form.cleaned_data["new"],
                keep=request.sign_in,
                actor=request.actor,
                now=request.now,
            )
        except Invalid as error:
            form.add_error("new", error.message)
        else:
            account: Any = request.user
            account.refresh_from_db()
            update_session_auth_hash(request, account)
            messages.success(request, _("Your password has been changed; your other sessions have ended."))
            return redirect("account:profile")
    context = {"sessions": _sessions(request), "this_session": request.sign_in, "form": form}
    return render(request, "account/profile.html", context, status=422)


@require_POST
def language(request: OfficeRequest) -> HttpResponse:
    """Choose French or English; kept with the account of whoever is signed in."""
    chosen = request.POST.get("language", "")
    if not check_for_language(chosen) or chosen not in dict(settings.LANGUAGES):
        raise Invalid("Beffroi does not speak this language.", code="language_unknown")
    person = signed_in(request)
    if person is not None:
        actions.choose_language(person=person.id, language=chosen, actor=request.actor, now=request.now)
    return _with_language(HttpResponseRedirect(_next(request, "/")), chosen)


@require_POST
def theme(request: OfficeRequest) -> HttpResponse:
    """Choose light, dark, or as the device says (empty)."""
    chosen = request.POST.get("theme", "")
    if chosen not in {"", "light", "dark"}:
        raise Invalid("There is no such appearance.", code="theme_unknown")
    response = HttpResponseRedirect(_next(request, "/"))
    if chosen:
        response.set_cookie(
            "beffroi_theme", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.BEFFROI_HTTPS
        )
    else:
        response.delete_cookie("beffroi_theme", samesite="Lax")
    return response


def _with_language(response: HttpResponse, code: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.BEFFROI_HTTPS,
    )
    return response
