"""The page of a request that brought too much: refused before Django read it (``config.bounds``), answered here."""

from collections.abc import Callable
from enum import StrEnum

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from beffroi.web.shared.errors import page

REFUSED = "beffroi.refused"
"""Where the ASGI scope says why."""


class Refusal(StrEnum):
    """Why a body was not read."""

    TOO_LARGE = "too_large"
    NO_ROOM = "no_room"


def middleware(respond: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 413 or 503 for what was refused; no view is asked."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        why = getattr(request, "scope", {}).get(REFUSED)
        if why is None:
            return respond(request)
        if why is Refusal.TOO_LARGE:
            return page(request, 413, code="too_large")
        return page(request, 503, what=_("The disk of the data folder has no room for it."), code="disk_full")

    return answered
