"""Which surfaces answer on the face by which a request came (``config/listening.py``).

The front says so in a field that it alone can set: the office listens on a socket of the run folder. On the outer face
only the chosen surfaces answer, with sign-in, the public pages and tickets; everything else is 404, as if it were not
there. What is compared is the route that Django resolved, never the text of the path.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

OUTER = "outer"
ALWAYS = frozenset({"account", "public"})
SHARED: dict[str, str] = {"ticket": "", "alarm": "building", "alarm-stream": "building"}
"""Routes outside any surface that the outer face may have: with which surface they come; "" always."""


def surfaces_of(request: HttpRequest) -> frozenset[str]:
    """The surfaces of this request's face."""
    if request.META.get("HTTP_BEFFROI_FACE") != OUTER:
        return frozenset(settings.BEFFROI_SURFACES)
    return ALWAYS | frozenset(settings.BEFFROI_OUTER_SURFACES)


def answers_here(match: ResolverMatch, surfaces: frozenset[str]) -> bool:
    """Whether a route answers where only ``surfaces`` do."""
    if match.namespaces:
        return match.namespaces[0] in surfaces
    wanted = SHARED.get(match.url_name or "")
    return wanted is not None and (wanted == "" or wanted in surfaces)


def middleware(respond: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """404 for what is not of this request's face."""
    return _Faces(respond)


class _Faces:
    """Middleware with a hook after the route is found; the hook is the reason for the class."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.respond(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Raise ``Http404`` on the outer face for a route that is not of it."""
        outer = request.META.get("HTTP_BEFFROI_FACE") == OUTER
        if outer and (request.resolver_match is None or not answers_here(request.resolver_match, surfaces_of(request))):
            raise Http404
