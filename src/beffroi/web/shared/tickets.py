"""Tickets for the door, asked for by the page of whoever holds a grant. One place for all surfaces.

``POST /tickets/<grant>`` with ``{"binding": "<64 hex>", "camera": "<id>"?}`` answers ``{"ticket", "expires_us"}``;
``POST /tickets/lease`` with ``{"binding"}`` answers ``{"lease"}``: what keeps the wall alive while the office is down
(I14). Both need the CSRF header. A grant that is not the person's own is 404, like one that does not exist (I1).
"""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import access
from beffroi.kernel.canonical import unb64
from beffroi.kernel.errors import Invalid
from beffroi.people.core.permissions import Permission
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.routing import guarded

MAX_BODY_BYTES = 4_096
_BINDING = re.compile(r"[0-9a-f]{64}")


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in a small request body; ``Invalid`` for anything else."""
    try:
        data = json.loads(request.body) if len(request.body) <= MAX_BODY_BYTES else None
        # Half a surrogate pair and NUL are legal in JSON and in no table: neither is let in.
        if "\\u0000" in json.dumps(data, ensure_ascii=False).encode().decode():
            data = None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Invalid("Send a small JSON object.", code="json_expected")
    return data


def _binding(data: dict[str, Any]) -> str:
    binding = data.get("binding")
    if not isinstance(binding, str) or not _BINDING.fullmatch(binding):
        raise Invalid("The door's binding is 64 hexadecimal digits.", code="binding_form", fields={"binding": "form"})
    return binding


def binding_of_body(request: HttpRequest) -> str:
    """The door's binding in a request that asks for nothing else."""
    return _binding(body_of(request))


def ticket_answer(sealed: str) -> JsonResponse:
    """A sealed ticket as the players expect it."""
    return JsonResponse({"ticket": sealed, "expires_us": _expiry(sealed)})


@require_POST
def ticket(request: OfficeRequest, grant: str) -> HttpResponse:
    """A ticket of at most 60 s for this browser; the gate is asked again each time."""
    return sealed_for(request, grant, actor=request.actor)


def sealed_for(request: OfficeRequest, grant: str, *, actor: Actor) -> HttpResponse:
    """The same for whoever a surface has found to be the grant's person: signed in, or invited once."""
    data = body_of(request)
    camera = data.get("camera")
    if camera is not None and not isinstance(camera, str):
        raise Invalid("A camera is named by its id.", code="camera_form", fields={"camera": "form"})
    sealed = access.issue_ticket(grant=grant, binding=_binding(data), camera=camera, actor=actor, now=request.now)
    return ticket_answer(sealed)


@require_POST
def lease(request: OfficeRequest) -> HttpResponse:
    """The shift lease of the officer on duty, for this browser."""
    sealed = access.issue_shift_lease(binding=_binding(body_of(request)), actor=request.actor, now=request.now)
    say_what_is_open(request.now)  # a lease whose look the door has not heard of opens nothing
    return JsonResponse({"lease": sealed})


def _expiry(sealed: str) -> int:
    """When the ticket just sealed runs out, read from itself."""
    payload: dict[str, int] = json.loads(unb64(sealed.split(".")[1]))
    return payload["expires_us"]


urlpatterns = [
    guarded("lease", lease, permission=Permission.SIGNED_IN, name="shift-lease"),
    guarded("<str:grant>", ticket, permission=Permission.SIGNED_IN, name="ticket"),
]
