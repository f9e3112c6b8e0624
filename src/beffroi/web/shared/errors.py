"""The one table from errors to HTTP: a status and a page in the user's language, or problem+json (RFC 9457).

Views raise; nobody but this module chooses a status. A page says what happened, where, and what to do next. Absent and
forbidden objects look the same (I1): both are 404 unless the person typed the thing herself and a gate refused.
"""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.kernel.errors import (
    BeffroiError,
    Conflict,
    Corrupt,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from beffroi.web.shared import database_trouble

log = logging.getLogger(__name__)

STATUS: dict[type[BeffroiError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    Corrupt: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_Words = str | Promise

TITLES: dict[int, tuple[_Words, _Words]] = {
    400: (
        gettext_lazy("This request cannot be read"),
        gettext_lazy("Go back, reload the page and try again."),
    ),
    401: (
        gettext_lazy("You are not signed in"),
        gettext_lazy("Sign in and try again."),
    ),
    403: (
        gettext_lazy("This is refused"),
        gettext_lazy("If you think you should be allowed, ask whoever manages the centre and quote the article."),
    ),
    404: (
        gettext_lazy("There is nothing here for you"),
        gettext_lazy("Check the address. What does not exist and what you may not see look the same."),
    ),
    405: (
        gettext_lazy("This cannot be done here"),
        gettext_lazy("Go back, reload the page and try again."),
    ),
    409: (
        gettext_lazy("This has changed in the meantime"),
        gettext_lazy("Open the page again to see where it stands now."),
    ),
    413: (
        gettext_lazy("This is too much to send at once"),
        gettext_lazy("Go back, where what you typed still stands, shorten it and send it again."),
    ),
    422: (
        gettext_lazy("Something in what you entered is not right"),
        gettext_lazy("Go back, correct it and send it again."),
    ),
    423: (
        gettext_lazy("This session is locked"),
        gettext_lazy("Unlock the page with your password or passkey, then try again."),
    ),
    500: (
        gettext_lazy("The office has made a mistake"),
        gettext_lazy(
            "Nothing was half done: the act was undone as a whole. "
            "Try again; if it stays, tell the technician the time shown below."
        ),
    ),
    503: (
        gettext_lazy("A part of the centre does not answer"),
        gettext_lazy("Trying again is safe. Recording does not depend on this page."),
    ),
}

SENTENCES: dict[str, _Words] = {}
"""Error codes to sentences in the user's language; planes' codes are added by the surfaces through ``say``."""


def say(sentences: dict[str, _Words]) -> None:
    """Add sentences for error codes. Called by a surface's ``apps.ready``; a code said twice is a fault."""
    twice = SENTENCES.keys() & sentences.keys()
    if twice:
        raise ValueError(f"error codes said twice: {', '.join(sorted(twice))}")
    SENTENCES.update(sentences)


def sentence(error: BeffroiError) -> str:
    """What happened, in the user's language: the sentence of its code, else the program's words where they are known
    to ``plain_words``."""
    said = SENTENCES.get(error.code)
    return str(said) if said is not None else _plain(error.message)


def hint_of(error: BeffroiError) -> str:
    """What to do next, in the user's language."""
    return _plain(error.hint)


def _plain(words: str) -> str:
    return _(words) if words else ""  # of nothing gettext makes the catalogue's own head


def status_of(error: BeffroiError) -> HTTPStatus:
    """The status of an error: its own class's, or the nearest base's."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def middleware(respond: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Turn what views raise into pages: ``BeffroiError``, and a database that cannot work. Else it is a fault: 500."""
    return _Errors(respond)


class _Errors:
    """Middleware with an exception hook; the hook is the reason for the class."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """The page of an anticipated failure; ``None`` leaves any other to Django."""
        if not isinstance(error, BeffroiError):
            return of_database(request, error)
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s %s: %s", request.method, request.path, error)
        article = getattr(error, "article", "")
        return page(request, status, what=sentence(error), code=error.code, hint=hint_of(error), article=article)


def of_database(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page of a database that cannot work: 503, what it is and what to do; ``None`` where that is not the error."""
    found = database_trouble.trouble_of(error)
    if found is None:
        return None
    log.error("%s %s: the database is in trouble (%s): %s", request.method, request.path, found.value, error)
    what, hint = database_trouble.WORDS[found]
    return page(request, HTTPStatus.SERVICE_UNAVAILABLE, what=str(what), code=f"database_{found}", hint=str(hint))


def page(
    request: HttpRequest, status: int, *, what: str = "", code: str = "", hint: str = "", article: str = ""
) -> HttpResponse:
    """The error page (or problem+json for machines) with this status."""
    title, next_step = TITLES.get(int(status), TITLES[500])
    if wants_json(request):
        problem = {"type": "about:blank", "title": str(title), "status": int(status), "detail": what, "code": code}
        if article:
            problem["article"] = article
        return JsonResponse(problem, status=int(status), content_type="application/problem+json")
    now = getattr(request, "now", None)
    context = {
        "status": int(status),
        "title": title,
        "what": what,
        "where": request.path,
        "next_step": next_step,
        "hint": hint,
        "article": article,
        "happened_at": now,
        "fragment": request.headers.get("HX-Request") == "true",
    }
    try:
        text = render_to_string("shared/error.html", context, request)
    except DatabaseFault:  # who asks, and what she is told besides, stands in the database too
        text = render_to_string("shared/error.html", {**context, "centre": settings.BEFFROI_CENTRE})
    return HttpResponse(text, status=int(status))


def wants_json(request: HttpRequest) -> bool:
    """Whether a machine asks: under ``/api/``, or with an ``Accept`` that names JSON and not HTML."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or ("json" in accept and "html" not in accept)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; 413 where more was sent than a form may hold."""
    return page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: absent, or not for this person."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 where the database failed before a view was reached (Django calls this inside its ``except``)."""
    return of_database(request, sys.exc_info()[1]) or page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the CSRF check: most often a form that was left open while the session changed."""
    return page(request, 403, what=_("This form was open too long, or was not ours."), code="csrf")
