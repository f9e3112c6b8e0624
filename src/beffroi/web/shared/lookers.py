"""Who is looking now, for the room (I12): every open access, what the door says of it, and the button that stops it.

Shown at the foot of the desk and of the duty phone; the page asks again every two seconds and gets 204 when nothing
changed, so that nothing jumps and no focus is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import access, handover
from beffroi.governance.core.context import OWN_FORCES
from beffroi.governance.queries import access as grants
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.clock import from_us, iso
from beffroi.kernel.digest import sha256
from beffroi.media.core.answers import LookSession
from beffroi.media.core.tickets import Mode
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission
from beffroi.sites import queries as sites
from beffroi.web.shared.errors import wants_json
from beffroi.web.shared.recorder import say_what_is_open, sessions_or_none
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.routing import guarded


@dataclass(frozen=True, slots=True)
class Looker:
    """One open access: whose, on which cameras, by which article, since and until when, and whether pictures flow."""

    grant: GrantFacts
    cameras: tuple[str, ...]  # numbers and names
    since: datetime | None
    looking: bool | None  # None: the door does not answer (I9)
    own: bool  # the reader's own
    room: bool  # an agent of the centre's own, in the room


def lookers(person: PersonFacts, now: datetime) -> list[Looker]:
    """Every access of others that is open now, looking or not, then what the room itself is looking at."""
    sessions = sessions_or_none()
    names: dict[str, str] = {camera.id: f"{camera.number} · {camera.name}" for camera in sites.cameras(retired=True)}
    found = [_looker(grant, sessions, names, person) for grant in grants.active_visible_to(person, now)]
    shown = [one for one in found if not one.room or one.looking]
    return sorted(shown, key=lambda one: (one.room, one.since or now))


def _looker(
    grant: GrantFacts, sessions: Sequence[LookSession] | None, names: dict[str, str], person: PersonFacts
) -> Looker:
    mine = [one for one in sessions or () if one.grant == grant.id]
    seen = sorted({one.camera for one in mine if one.camera}) or list(grant.cameras)
    since = from_us(min(one.since_us for one in mine)) if mine else grant.opened_at
    return Looker(
        grant=grant,
        cameras=tuple(names.get(camera, "?") for camera in seen),
        since=since,
        looking=None if sessions is None else bool(mine),
        own=grant.person == person.id,
        room=grant.force in OWN_FORCES,
    )


def digest_of(found: Sequence[Looker]) -> str:
    """A short name of what is shown: the same while nothing changed."""
    lines = [
        [one.grant.id, one.looking, list(one.cameras), iso(one.grant.until) if one.grant.until else ""] for one in found
    ]
    return sha256(canonical_bytes(lines)).hex()[:16]


@require_GET
def strip(request: OfficeRequest) -> HttpResponse:
    """The strip alone; 204 when ``?seen=`` names what is there already."""
    found = lookers(request.person, request.now)
    digest = digest_of(found)
    if request.GET.get("seen") == digest:
        return HttpResponse(status=204)
    return render(request, "shared/lookers.html", {"lookers": found, "digest": digest})


@require_POST
def stop(request: OfficeRequest, grant: str) -> HttpResponse:
    """Stop an access; its pictures end within two seconds. Answers with the strip, or goes back where it came from."""
    seen = grants.grant_in_room(request.person, grant)
    reason = request.POST.get("reason", "").strip()
    if seen.mode is Mode.PACKAGE:
        why = reason or _("Stopped by the room.")
        handover.stop_download(grant=seen.id, reason=why, actor=request.actor, now=request.now)
    else:
        access.stop_access(grant=seen.id, reason=reason, actor=request.actor, now=request.now)
    say_what_is_open(request.now)
    if request.headers.get("HX-Request") == "true":
        found = lookers(request.person, request.now)
        return render(request, "shared/lookers.html", {"lookers": found, "digest": digest_of(found)})
    if wants_json(request):
        return JsonResponse({"grant": seen.id})
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else reverse("lookers-page")


def page(request: OfficeRequest) -> HttpResponse:
    """The same as a page of its own: works without JavaScript."""
    found = lookers(request.person, request.now)
    return render(request, "shared/lookers_page.html", {"lookers": found, "digest": digest_of(found)})


urlpatterns = [
    guarded("", page, permission=Permission.LOOKERS_READ, name="lookers-page"),
    guarded("strip/", strip, permission=Permission.LOOKERS_READ, name="lookers-strip"),
    guarded("<str:grant>/stop/", stop, permission=Permission.ACCESS_STOP, name="access-stop"),
]
