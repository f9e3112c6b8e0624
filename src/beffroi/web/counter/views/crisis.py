"""A named person of the prefecture, invited once after a call back: words first, then pictures, then the end.

The browser's session holds the grant after the link was used; every page asks again whether it is still open.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.actions import access, crisis
from beffroi.governance.queries import access as grants
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import NotFound
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.web.counter.views.access import islands_of, shown
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.tickets import sealed_for

INVITED = "crisis_grant"
View = Callable[..., HttpResponse]


def of_invited(view: View) -> View:
    """Only in the browser that used the link; else the route is not there."""

    @wraps(view)
    def checked(request: OfficeRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        grant = request.session.get(INVITED, "")
        if not grant:
            raise NotFound("There is nothing here.", code="no_invitation")
        return view(request, grants.grant(grant), *args, **kwargs)

    return checked


@never_cache
@require_http_methods(["GET", "POST"])
def open_link(request: OfficeRequest, link: str) -> HttpResponse:
    """The mailed link: a page with a button, because mail filters follow links; the button uses it up."""
    if request.method == "POST":
        grant = crisis.open_link(link=link, now=request.now)
        request.session.cycle_key()
        request.session[INVITED] = grant
        return redirect("counter:crisis")
    if not crisis.link_works(link, request.now):
        raise NotFound("This link does not work any more.", code="guest_link")
    return render(request, "counter/crisis/open.html", {})


@never_cache
@require_GET
@of_invited
def page(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """What is going on, in words; pictures only when asked for; after the end, that it ended."""
    open_now = found.active_at(request.now)
    pictures = open_now and request.GET.get("pictures") == "1"
    context = {
        **shown(found),
        "incident": operations.incident(found.basis_reference) if found.basis_kind == "incident" else None,
        "open_now": open_now,
        "pictures": pictures,
        "islands": islands_of(found, reverse("counter:crisis-ticket")) if pictures else (),
        "room": settings.BEFFROI_CENTRE,
    }
    return render(request, "counter/crisis/page.html", context)


@require_GET
@of_invited
def state(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """Asked every two seconds: 204 while it is open, else the page is read anew."""
    fresh = found.active_at(request.now)
    return HttpResponse(status=204, headers={} if fresh else {"HX-Refresh": "true"})


@require_POST
@of_invited
def ticket(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """A ticket of at most 60 s for this browser; the gate is asked again each time."""
    return sealed_for(request, found.id, actor=people.actor(found.person, station="invitation"))


@require_POST
@of_invited
def stop(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """End it oneself, and forget this browser."""
    actor = people.actor(found.person, station="invitation")
    access.stop_access(grant=found.id, reason="", actor=actor, now=request.now)
    return redirect("counter:crisis")
