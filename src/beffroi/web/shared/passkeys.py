"""Passkeys on pages: the challenge kept for one answer, and the answer that came back in a form's hidden field."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from beffroi.people import actions, queries
from beffroi.people.core import passkeys
from beffroi.people.core.passkeys import Site

FIELD = "proof_passkey"
MAX_ANSWER = 16_384
LASTS = timedelta(minutes=5)
_MAKING, _USING = "beffroi_passkey_new", "beffroi_passkey"


def site_of(request: HttpRequest) -> Site:
    """The name and origin under which this page is open."""
    origin = f"{request.scheme}://{request.get_host()}"
    return Site(urlsplit(origin).hostname or "", origin)


def begin_making(request: Any) -> dict[str, Any]:
    """What the browser is asked in order to make a passkey for whoever is signed in."""
    person = request.person
    options, state = passkeys.creation(
        site_of(request),
        handle=person.id,
        username=queries.username_of(person.id),
        name=person.called,
        known=queries.passkeys(person.id, site_of(request).domain),
        challenge=secrets.token_bytes(passkeys.CHALLENGE_BYTES),
    )
    _keep(request, _MAKING, state)
    return options


def begin_using(request: Any, person: str) -> dict[str, Any]:
    """What the browser is asked in order to use a passkey of the person, or any where nobody is known yet."""
    site = site_of(request)
    known = queries.passkeys(person, site.domain) if person else []
    challenge = secrets.token_bytes(passkeys.CHALLENGE_BYTES)
    options, state = passkeys.request(site, known=known, challenge=challenge)
    _keep(request, _USING, state)
    return options


def made(request: Any, label: str) -> list[str]:
    """Keep the passkey whose answer was posted; recovery codes where there were none. ``Invalid``, ``Conflict``."""
    return actions.add_passkey(
        person=request.person.id,
        label=label,
        site=site_of(request),
        state=_kept(request, _MAKING),
        answer=_answer(request),
        session=request.sign_in,
        actor=request.actor,
        now=request.now,
    )


def owner(request: Any, person: str, purpose: str) -> str:
    """Whose passkey answered in the posted form; empty where it was refused."""
    return actions.try_passkey(
        person=person,
        site=site_of(request),
        state=_kept(request, _USING),
        answer=_answer(request),
        purpose=purpose,
        address=request.META.get("REMOTE_ADDR") or "",
        now=request.now,
    )


def _keep(request: Any, key: str, state: dict[str, Any]) -> None:
    request.session[key] = {"state": state, "at": request.now.isoformat()}


def _kept(request: Any, key: str) -> dict[str, Any]:
    """The state of the challenge, good for one answer within five minutes; else one that no answer fits."""
    kept = request.session.pop(key, None)
    if kept and timedelta(0) <= request.now - datetime.fromisoformat(kept["at"]) < LASTS:
        state: dict[str, Any] = kept["state"]
        return state
    return {}


def _answer(request: HttpRequest) -> dict[str, Any]:
    text = request.POST.get(FIELD, "")
    try:
        answer = json.loads(text) if len(text) <= MAX_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}
