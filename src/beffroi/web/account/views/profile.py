"""One's own profile and sessions, language and appearance."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from beffroi.kernel.errors import Invalid
from beffroi.people import actions, queries
from beffroi.web.account.devices import device_name
from beffroi.web.account.forms import PasswordForm, ProgramForm
from beffroi.web.account.views.sign_in import YEAR, next_address, with_language
from beffroi.web.account.words import ENDED, FACTORS
from beffroi.web.shared import programs
from beffroi.web.shared.requests import OfficeRequest, signed_in


@require_GET
def profile(request: OfficeRequest) -> HttpResponse:
    """Who one is here, what one holds, and where one is signed in."""
    return render(request, "account/profile.html", _context(request))


def _context(request: OfficeRequest, **shown: object) -> dict[str, object]:
    return {
        "sessions": _sessions(request),
        "this_session": request.sign_in,
        "form": PasswordForm(),
        "kinds": FACTORS,
        "ended": ENDED,
        "program": ProgramForm(),
        **shown,
    }


@require_POST
def token(request: OfficeRequest) -> HttpResponse:
    """A token for a program of one's own, shown once."""
    form = ProgramForm(request.POST)
    mine = queries.live_session(request.sign_in, int(request.user.pk or 0))
    if not form.is_valid() or mine is None:
        return render(request, "account/profile.html", _context(request, program=form), status=422)
    made = programs.make_token(
        person=request.person.id,
        account=int(request.user.pk or 0),
        label=form.cleaned_data["label"],
        address=request.META.get("REMOTE_ADDR") or "",
        factor=mine.factor,
        actor=request.actor,
        now=request.now,
    )
    return render(request, "account/profile.html", _context(request, token=made))


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


@require_POST
def end_others(request: OfficeRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    actions.end_sessions(
        person=request.person.id, keep=request.sign_in, by="other-session", actor=request.actor, now=request.now
    )
    messages.success(request, _("Your other sessions have ended."))
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
    return render(request, "account/profile.html", _context(request, form=form), status=422)


@require_POST
def language(request: OfficeRequest) -> HttpResponse:
    """Choose French or English; kept with the account of whoever is signed in."""
    chosen = request.POST.get("language", "")
    if not check_for_language(chosen) or chosen not in dict(settings.LANGUAGES):
        raise Invalid("Beffroi does not speak this language.", code="language_unknown")
    person = signed_in(request)
    if person is not None:
        actions.choose_language(person=person.id, language=chosen, actor=request.actor, now=request.now)
    return with_language(HttpResponseRedirect(next_address(request, "/")), chosen)


@require_POST
def theme(request: OfficeRequest) -> HttpResponse:
    """Choose light, dark, or as the device says (empty)."""
    chosen = request.POST.get("theme", "")
    if chosen not in {"", "light", "dark"}:
        raise Invalid("There is no such appearance.", code="theme_unknown")
    response = HttpResponseRedirect(next_address(request, "/"))
    if chosen:
        response.set_cookie(
            "beffroi_theme", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.BEFFROI_HTTPS
        )
    else:
        response.delete_cookie("beffroi_theme", samesite="Lax")
    return response
