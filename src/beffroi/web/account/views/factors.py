"""One's own second factors: an authenticator app by QR code, recovery codes shown once."""

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from beffroi.kernel.errors import Invalid
from beffroi.people import actions, queries
from beffroi.people.core.factors import app_address
from beffroi.web.account.forms import AppForm, LabelForm
from beffroi.web.account.words import FACTORS, PASSKEY_TEXTS
from beffroi.web.shared.requests import OfficeRequest


@never_cache
@require_GET
def factors(request: OfficeRequest) -> HttpResponse:
    """What one has, what may be added, and why one was led here."""
    return factors_page(request)


def factors_page(
    request: OfficeRequest,
    *,
    form: AppForm | None = None,
    codes: list[str] | None = None,
    passkey_form: LabelForm | None = None,
    creation: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of second factors, with recovery codes or the question for the browser where they were just made."""
    person = request.person.id
    context = {
        "factors": queries.factors(person),
        "codes_left": queries.recovery_codes_left(person),
        "asked": queries.sign_in_rule().asks_factor(request.person),
        "lacking": request.lacks_factor and not codes,
        "codes": codes or [],
        "app": None if codes else _app(request),
        "form": form or AppForm(),
        "factor_words": FACTORS,
        "providers": queries.providers(),
        "identities": queries.identities(person),
        "passkey_form": passkey_form or LabelForm(),
        "creation": {"url": "", "options": creation, "texts": PASSKEY_TEXTS} if creation else None,
    }
    return render(request, "account/factors.html", context, status=status)


def _app(request: OfficeRequest) -> dict[str, str] | None:
    """The QR code of the app being set up, and its secret for typing."""
    secret = queries.proposed_secret(request.person.id)
    if secret is None:
        return None
    account = queries.username_of(request.person.id)
    address = app_address(secret, account=account, centre=f"Beffroi {settings.BEFFROI_CENTRE}")
    typed = address.split("secret=")[1].split("&")[0]
    picture = segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    return {"picture": picture, "typed": " ".join(typed[at : at + 4] for at in range(0, len(typed), 4))}


@require_POST
def propose_app(request: OfficeRequest) -> HttpResponse:
    """Begin to set up an authenticator app: the next page shows its QR code."""
    actions.propose_app(person=request.person.id, actor=request.actor, now=request.now)
    return redirect("account:factors")


@sensitive_post_parameters("code")
@never_cache
@require_POST
def confirm_app(request: OfficeRequest) -> HttpResponse:
    """The first code of the app: from now on it is asked at sign-in."""
    form = AppForm(request.POST)
    if not form.is_valid():
        return factors_page(request, form=form, status=422)
    try:
        codes = actions.confirm_app(
            person=request.person.id,
            label=form.cleaned_data["label"],
            code=form.cleaned_data["code"],
            session=request.sign_in,
            actor=request.actor,
            now=request.now,
        )
    except Invalid:
        form.add_error("code", _("This is not the code that the app shows now. Is the telephone’s clock right?"))
        return factors_page(request, form=form, status=422)
    messages.success(request, _("Your authenticator app is set up; its code is asked at each sign-in."))
    return factors_page(request, codes=codes) if codes else redirect("account:factors")


@never_cache
@require_POST
def recovery_codes(request: OfficeRequest) -> HttpResponse:
    """New recovery codes, shown once; the old ones are void."""
    codes = actions.make_recovery_codes(person=request.person.id, actor=request.actor, now=request.now)
    return factors_page(request, codes=codes)


@require_POST
def remove(request: OfficeRequest, factor: str) -> HttpResponse:
    """Give up one of one's second factors."""
    actions.remove_factor(person=request.person.id, factor=factor, actor=request.actor, now=request.now)
    messages.success(request, _("This second factor is no longer asked for."))
    return redirect("account:factors")
