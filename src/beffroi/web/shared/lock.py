"""A session that is locked: what its requests are answered until she proves that it is she.

The page locks itself after the minutes of the sign-in rule without pointer or key (``islands/src/lock.ts``);
the server counts too, by the last sign of life. Alarms and the unlocking itself go through, nothing else does: no page,
no fragment, no ticket for the door.
"""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from beffroi.people import queries
from beffroi.people.core.factors import FactorKind
from beffroi.web.shared.errors import page, wants_json
from beffroi.web.shared.step_up import PasswordAgainForm

LOCKED = 423


def locked_page(request: Any, *, form: forms.Form | None = None, refusal: str = "", where: str = "") -> HttpResponse:
    """423: a page that unlocks and goes on where one was; machines and fragments are told the status."""
    if wants_json(request):
        return page(request, LOCKED, what=refusal, code="locked")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=LOCKED)
    kinds = {one.kind for one in queries.factors(request.person.id)}
    context = {
        "form": form or PasswordAgainForm(),
        "refusal": refusal,
        "where": where or (request.get_full_path() if request.method == "GET" else "/"),
        "passkey": FactorKind.PASSKEY in kinds,
    }
    return render(request, "shared/locked.html", context, status=LOCKED)
