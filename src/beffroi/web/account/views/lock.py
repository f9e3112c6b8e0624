"""The lock of an open page: signs of life, locking, and unlocking by password or passkey."""

from django.contrib.auth import authenticate
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.web.account.views.sign_in import next_address
from beffroi.web.shared import passkeys
from beffroi.web.shared.lock import locked_page
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.step_up import PASSWORD, PasswordAgainForm


@require_POST
def alive(request: OfficeRequest) -> HttpResponse:
    """Somebody moved the pointer or pressed a key: the middleware notes it."""
    return HttpResponse(status=204)


@require_POST
def lock(request: OfficeRequest) -> HttpResponse:
    """The page found no sign of life."""
    actions.lock_session(session=request.sign_in, person=request.person.id, actor=request.actor, now=request.now)
    return HttpResponse(status=204)


@sensitive_post_parameters(PASSWORD)
@never_cache
@require_POST
def unlock(request: OfficeRequest) -> HttpResponse:
    """By password or passkey; the page that was there goes on (script), or one goes back to it (none)."""
    form, by = PasswordAgainForm(request.POST), FactorKind.PASSWORD
    if request.POST.get(passkeys.FIELD):
        by = FactorKind.PASSKEY
        refusal = "" if passkeys.owner(request, request.person.id, "unlock") else _("This passkey was not accepted.")
    elif form.is_valid():
        refusal = _password(request, form.cleaned_data[PASSWORD])
    else:
        refusal = _("Type your password.")
    quiet = request.headers.get("Accept") == "application/json"
    if refusal:
        if quiet:
            return JsonResponse({"detail": refusal}, status=422)
        answer = locked_page(request, refusal=refusal, where=next_address(request, "/"))
        answer.status_code = 422
        return answer
    actions.unlock_session(
        session=request.sign_in, person=request.person.id, by=by, actor=request.actor, now=request.now
    )
    return HttpResponse(status=204) if quiet else HttpResponseRedirect(next_address(request, "/"))


def _password(request: OfficeRequest, typed: str) -> str:
    """Why it was refused; empty where it is hers. Wrong ones count as at sign-in."""
    name = queries.username_of(request.person.id)
    account = authenticate(request, username=name, password=typed)
    if account is not None and account.pk == request.user.pk:
        return ""
    actions.refuse_proof(
        person=request.person.id, by=FactorKind.PASSWORD, purpose="unlock", actor=request.actor, now=request.now
    )
    if getattr(request, "axes_locked_out", False):
        return _("Too many attempts: wait a quarter of an hour, or ask whoever manages the accounts.")
    return _("This is not your password.")
