"""What every request passes: the time, the security headers, and who is asking."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import passed
from beffroi.web.shared import programs
from beffroi.web.shared.database_trouble import trouble_of

log = logging.getLogger(__name__)

Respond = Callable[[HttpRequest], HttpResponseBase]

SESSION_KEY = "beffroi_sign_in"
"""Where the Django session keeps the id of the sign-in it belongs to."""


def clock(respond: Respond) -> Respond:
    """Set ``request.now``: the one time of the whole request (I10), from ``settings.BEFFROI_CLOCK``."""

    def middleware(request: Any) -> HttpResponseBase:
        request.now = settings.BEFFROI_CLOCK.now()
        return respond(request)

    return middleware


def headers(respond: Respond) -> Respond:
    """Headers that Django has no setting for; pages of signed-in persons are kept by nobody."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        response.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
        )
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "person", None) is not None:
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def _polls(request: HttpRequest) -> bool:
    """Whether the page asks by itself (fragments on a timer, the alarm's stream, tickets, parts): no sign of life."""
    if request.method == "GET":
        return request.headers.get("HX-Request") == "true" or "event-stream" in request.headers.get("Accept", "")
    return request.method in {"HEAD", "PATCH"} or request.path.startswith("/tickets/")


def _just_seen(seen_at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - seen_at < actions.TOUCH_EVERY


def _touch(sign_in: str, now: datetime) -> None:
    """Note a sign of life, where that can be written: on a full disk what is there can still be read."""
    try:
        actions.touch_session(session=sign_in, now=now)
    except DatabaseError as error:
        if trouble_of(error) is None:
            raise
        log.warning("the sign of life of a session cannot be written: %s", error)


def person(respond: Respond) -> Respond:
    """Set ``request.person``, ``request.actor`` and ``request.sign_in`` for signed-in users; end what is over.

    A session is over when its sign-in was ended (duty ended, ended from another device) or when it was idle too long.
    """

    def middleware(request: Any) -> HttpResponseBase:
        request.person = None
        request.lacks_factor = request.locked = False
        account = request.user
        if account.is_authenticated:
            sign_in = request.session.get(SESSION_KEY, "")
            alive = queries.live_session(sign_in, account.pk)
            if alive is None:
                logout(request)
            elif (silent := passed(alive.seen_at, request.now, alive.lived_since_seen)) >= timedelta(
                minutes=settings.BEFFROI_IDLE_MINUTES
            ):
                actor = queries.actor(account.person_id)
                actions.end_session(session=sign_in, person=account.person_id, by="idle", actor=actor, now=request.now)
                logout(request)
            else:
                request.person = queries.person_facts(account.person_id, request.now)
                request.actor = queries.actor_of(request.person, station=request.META.get("REMOTE_ADDR", "") or "")
                request.sign_in = sign_in
                request.proved_at, request.proved_lived = alive.proved_at, alive.lived_since_proof
                rule = queries.sign_in_rule()
                request.locked = alive.locked_at is not None or rule.locks(silent)
                request.lacks_factor = alive.factor in (FactorKind.PASSWORD, FactorKind.PROVIDER) and (
                    rule.asks_factor(request.person) and not queries.has_factor(account.person_id)
                )
                if not request.locked and not _polls(request) and not _just_seen(alive.seen_at, request.now):
                    _touch(sign_in, request.now)
        elif (program := programs.person_of(request, request.now)) is not None:
            request.sign_in, person_id = program
            request.person = queries.person_facts(person_id, request.now)
            request.actor = queries.actor_of(request.person, station=request.META.get("REMOTE_ADDR", "") or "")
            request.proved_at = None  # a program proves nothing anew
        return respond(request)

    return middleware
