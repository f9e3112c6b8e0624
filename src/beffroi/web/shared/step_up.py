"""A fresh proof that it is she, before acts that hand footage out or lift an approval: one place for all surfaces.

``routing.guarded(..., step_up=True)`` calls ``ask_again`` on each POST. While the last proof is fresh (minutes of the
sign-in rule; signing in is one) nothing is asked. Else a page asks for it: a code of her second factor, or her password
where she has none. It carries what was posted along and sends it again with the proof, so that nothing is lost.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import CODES
from beffroi.web.shared import passkeys
from beffroi.web.shared.errors import page, wants_json

CODE, PASSWORD = "proof_code", "proof_password"
PROOFS = frozenset({CODE, PASSWORD, passkeys.FIELD})
SECRETS = PROOFS | {"csrfmiddlewaretoken"}


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    proof_code = forms.CharField(
        label=gettext_lazy("Code of your authenticator app, or a recovery code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )


class PasswordAgainForm(forms.Form):
    """The password once more, for who has no second factor."""

    proof_password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def ask_again(request: Any) -> HttpResponse | None:
    """``None`` where the proof is fresh or was just given; else the page that asks for it."""
    if queries.sign_in_rule().fresh(request.proved_at, request.now, getattr(request, "proved_lived", timedelta(0))):
        return None
    if wants_json(request):
        return page(request, 403, code="step_up")
    kinds = {one.kind for one in queries.factors(request.person.id)}
    given = PROOFS & {name for name, value in request.POST.items() if value}
    form: forms.Form = (CodeForm if kinds else PasswordAgainForm)(request.POST if given - {passkeys.FIELD} else None)
    refusal = ""
    if passkeys.FIELD in given or form.is_valid():
        refusal = _passkey(request) if passkeys.FIELD in given else _refused(request, form)
        if not refusal:
            return None
    carried = [(name, value) for name, values in request.POST.lists() if name not in SECRETS for value in values]
    minutes = queries.sign_in_rule().step_up_minutes
    context = {
        "form": form,
        "refusal": refusal,
        "carried": carried,
        "where": request.get_full_path(),
        "minutes": minutes,
        "passkey": FactorKind.PASSKEY in kinds,
    }
    answer = render(request, "shared/step_up.html", context, status=403)
    if request.headers.get("HX-Request") == "true":
        answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Reselect"] = "#main", "innerHTML", "#main > *"
    return answer


def _refused(request: Any, form: forms.Form) -> str:
    """What to say where the proof was no good; empty where it was, and it is noted then."""
    person, now = request.person.id, request.now
    if PASSWORD in form.cleaned_data:
        return _password(request, form.cleaned_data[PASSWORD])
    kind = actions.try_code(
        person=person, code=form.cleaned_data[CODE], purpose="step-up", actor=request.actor, now=now
    )
    if kind is None:
        return wrong_code(request, person)
    _proved(request, kind)
    return ""


def wrong_code(request: Any, person: str) -> str:
    """Why a code was not taken: it was wrong, or there were too many."""
    until = queries.refused_until(actions.codes_key(person), CODES, request.now)
    if until is not None:
        return _("Too many wrong codes: none is heard for the next %(minutes)d minutes.") % {
            "minutes": max(1, -(-int((until - request.now).total_seconds()) // 60))
        }
    return _("This code is wrong, or was used already: wait for the next one.")


def _passkey(request: Any) -> str:
    if not passkeys.owner(request, request.person.id, "step-up"):
        return _("This passkey was not accepted.")
    _proved(request, FactorKind.PASSKEY)
    return ""


def _password(request: Any, typed: str) -> str:
    name = queries.username_of(request.person.id)
    account = authenticate(request, username=name, password=typed)
    if account is not None and account.pk == request.user.pk:
        _proved(request, FactorKind.PASSWORD)
        return ""
    actions.refuse_proof(
        person=request.person.id, by=FactorKind.PASSWORD, purpose="step-up", actor=request.actor, now=request.now
    )
    if getattr(request, "axes_locked_out", False):
        return _("Too many attempts: wait a quarter of an hour, or ask whoever manages the accounts.")
    return _("This is not your password.")


def _proved(request: Any, kind: FactorKind) -> None:
    actions.prove_session(
        session=request.sign_in, person=request.person.id, by=kind, actor=request.actor, now=request.now
    )
    request.proved_at = request.now


def carries(name: str) -> Any:
    """For ``guarded(step_up=…)``: the act asks for a proof only where this box was ticked."""

    def ticked(request: HttpRequest) -> bool:
        return bool(request.POST.get(name))

    return ticked
