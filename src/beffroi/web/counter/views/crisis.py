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
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import access, crisis
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import steering
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import NotFound
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.web.counter.views.access import islands_of, shown
from beffroi.web.counter.views.steering import Ways, controls_context, stamp_of
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
    controls = _controls(request, found)
    context = {
        **shown(found),
        "incident": operations.incident(found.basis_reference) if found.basis_kind == "incident" else None,
        "open_now": open_now,
        "pictures": pictures,
        "islands": islands_of(found, reverse("counter:crisis-ticket")) if pictures else (),
        "controls": controls if pictures else (),
        "stamp": stamp_of(controls),
        "room": settings.BEFFROI_CENTRE,
    }
    return render(request, "counter/crisis/page.html", context)


@require_GET
@of_invited
def state(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """Asked every two seconds: 204 while it is open and its controls stand as seen, else the page is read anew."""
    stamp = stamp_of(_controls(request, found))
    fresh = found.active_at(request.now) and request.GET.get("seen", stamp) == stamp
    return HttpResponse(status=204, headers={} if fresh else {"HX-Refresh": "true"})


@require_POST
@of_invited
def ticket(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """A ticket of at most 60 s for this browser; the gate is asked again each time."""
    return sealed_for(request, found.id, actor=_actor(found))


@require_POST
@of_invited
def steer(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """Ask for the controls of one camera of these pictures, as a partner with an account does: gate B answers."""
    access.ask_for_controls(relay=found.id, camera=request.POST.get("camera", ""), actor=_actor(found), now=request.now)
    return redirect(_with_pictures())


@require_POST
@of_invited
def steer_ticket(request: OfficeRequest, found: GrantFacts, grant: str) -> HttpResponse:
    """A ticket for the controls that hang on these pictures, and for no others."""
    return sealed_for(request, _hanging(found, grant).id, actor=_actor(found))


@require_POST
@of_invited
def steer_stop(request: OfficeRequest, found: GrantFacts, grant: str) -> HttpResponse:
    """Give the controls back, or withdraw the request."""
    controls = _hanging(found, grant)
    access.stop_access(grant=controls.id, reason=_("Ended by who was looking"), actor=_actor(found), now=request.now)
    return redirect(_with_pictures())


@require_POST
@of_invited
def stop(request: OfficeRequest, found: GrantFacts) -> HttpResponse:
    """End it oneself, and forget this browser."""
    access.stop_access(grant=found.id, reason="", actor=_actor(found), now=request.now)
    return redirect("counter:crisis")


def _actor(found: GrantFacts) -> Actor:
    return people.actor(found.person, station="invitation")


def _controls(request: OfficeRequest, found: GrantFacts) -> list[dict[str, Any]]:
    if not found.active_at(request.now):
        return []
    ways = Ways(
        reverse("counter:crisis-steer"),
        lambda grant: reverse("counter:crisis-steer-ticket", args=[grant]),
        lambda grant: reverse("counter:crisis-steer-stop", args=[grant]),
    )
    return controls_context(found, people.person_facts(found.person, request.now), ways, request.now)


def _hanging(found: GrantFacts, grant: str) -> GrantFacts:
    """These controls, where they hang on the pictures of this invitation; ``NotFound`` for every other."""
    one = next((one for one in steering.controls_of(found).values() if one.id == grant), None)
    if one is None:
        raise NotFound("There is no such access.", code="no_such_access")
    return one


def _with_pictures() -> str:
    return f"{reverse('counter:crisis')}?pictures=1"
