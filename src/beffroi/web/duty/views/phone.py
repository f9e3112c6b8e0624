"""The duty phone: who asks for what and why, one gesture to decide, who is looking. Works without JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import access, requisitions
from beffroi.governance.actions import notices as outbox
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import guests, notices
from beffroi.governance.queries import waiting as waits
from beffroi.governance.queries.access import GrantFacts
from beffroi.governance.queries.requisitions import RequisitionRow
from beffroi.governance.queries.waiting import CallBoard
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.delivery import Delivery
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.operations import queries as room
from beffroi.operations.core.words import IncidentState
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.sites import queries as sites
from beffroi.web.duty.forms import LimitForm
from beffroi.web.duty.words import trouble
from beffroi.web.shared.errors import hint_of, sentence
from beffroi.web.shared.lookers import digest_of, lookers
from beffroi.web.shared.refusals import opened
from beffroi.web.shared.requests import OfficeRequest

ANSWERS = ("approve", "limit", "refuse")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits for this person's yes or no."""

    grant: GrantFacts
    cameras: tuple[tuple[str, str], ...]  # id, number and name
    lasting: timedelta  # asked for
    limit: LimitForm
    board: CallBoard | None = None  # who was called, and when the next one is


def phone(request: OfficeRequest) -> HttpResponse:
    """The one page of the duty phone."""
    found = lookers(request.person, request.now)
    context = {
        **_requests(request),
        "shift": room.shift_of(request.person.id, request.now),
        "on_duty": room.on_duty(request.now),
        "rota": room.order_of_call(request.now),
        "handovers": room.handovers_to_take(request.person),
        "late": grants.to_regularise_by(request.person, request.now),
        "undelivered": [(line, trouble(line)) for line in notices.undelivered(request.person, request.now)],
        "incidents": room.incidents_visible_to(request.person, state=IncidentState.OPEN, limit=20),
        "lookers": found,
        "digest": digest_of(found),
    }
    return render(request, "duty/phone.html", context)


@require_GET
def waiting(request: OfficeRequest) -> HttpResponse:
    """The requests alone, asked every three seconds; 204 while ``?seen=`` names what is there already."""
    context = _requests(request)
    if request.GET.get("seen") == context["requests_digest"]:
        return HttpResponse(status=204)
    return render(request, "duty/requests.html", context)


@require_POST
def take(request: OfficeRequest, requisition: str) -> HttpResponse:
    """I take this requisition: nobody else is called about it."""
    found = next((row for row in waits.requisitions_untaken(request.person) if row.id == requisition), None)
    if found is None:
        raise NotFound("There is no such requisition.", code="no-such-requisition")
    requisitions.assign(actor=request.actor, requisition=found.id, officer=request.person, now=request.now)
    return redirect("desk:requisition", found.id)


@require_POST
def decide(request: OfficeRequest, grant: str) -> HttpResponse:
    """Approve, limit or refuse one request; what the gate then says is shown."""
    answer = request.POST.get("answer", "")
    form = LimitForm(request.POST, cameras=named_cameras(grants.grant_in_room(request.person, grant)))
    limited = answer == "limit"
    if limited and not form.is_valid():
        messages.error(request, _("To limit a request, keep at least one camera and choose an end."))
        return redirect(_back(request, grant))
    try:
        decided = access.decide_access(
            grant=grant,
            answer=answer,
            note=request.POST.get("note", ""),
            cameras=form.cleaned_data["cameras"] if limited else None,
            until=request.now + timedelta(minutes=form.cleaned_data["minutes"]) if limited else None,
            actor=request.actor,
            now=request.now,
        )
        if answer != "refuse":
            opened(decided, request.now)
    except (Conflict, Forbidden, Invalid) as error:
        article = getattr(error, "article", "")
        messages.error(request, " ".join(part for part in (sentence(error), article, hint_of(error)) if part))
    else:
        said = _("Refused: %(name)s is told.") if answer == "refuse" else _("Open for %(name)s. You can stop it below.")
        messages.success(request, said % {"name": decided.person_name})
    return redirect(_back(request, grant))


def _back(request: OfficeRequest, grant: str) -> str:
    """The phone, or for who has none (the mayor) the page of the access."""
    may_phone = Permission.DUTY_PHONE in permissions_of(request.person.roles)
    return reverse("duty:phone") if may_phone else reverse("duty:access", args=[grant])


def _requests(request: OfficeRequest) -> dict[str, object]:
    pending = grants.pending(request.person, request.now)
    told = notices.on_page(request.person)
    if any(one.state == Delivery.PLANNED for one in told):
        outbox.shown(person=request.person.id, now=request.now)
    papers = waits.requisitions_untaken(request.person)
    known = waits.boards(request.now)
    boards = {subject: known.get(subject) for subject in _subjects(pending, papers)}
    names: list[Json] = [one.id for one in told]
    names += [f"{subject} {len(board.called)} {board.unanswered}" for subject, board in boards.items() if board]
    names += [f"{one.id} {one.state}" for one in pending]
    callers = guests.to_call_back(request.person, request.now)
    to_tell = guests.to_tell(request.person, request.now)
    names += [f"tell {one.visit.id}" for one in to_tell]
    names += [f"{one.id} {one.called}" for one in callers]
    return {
        "requests": [waiting_of(one, boards[f"access:{one.id}"]) for one in pending],
        "papers": [(row, boards[f"requisition:{row.id}"]) for row in papers],
        "told": told,
        "guests": callers,
        "to_tell": to_tell,
        "requests_digest": sha256(canonical_bytes(names)).hex()[:16],
    }


def _subjects(pending: Sequence[GrantFacts], papers: Sequence[RequisitionRow]) -> list[str]:
    return [*(f"access:{one.id}" for one in pending), *(f"requisition:{row.id}" for row in papers)]


def waiting_of(grant: GrantFacts, board: CallBoard | None = None) -> Waiting:
    """A request with the forms that answer it."""
    named = named_cameras(grant)
    return Waiting(
        grant=grant,
        cameras=tuple(named),
        lasting=grant.requested_until - grant.requested_at,
        limit=LimitForm(cameras=named, auto_id=f"{grant.id}-%s"),
        board=board,
    )


def named_cameras(grant: GrantFacts) -> list[tuple[str, str]]:
    """Id, number and name of its cameras."""
    names = {camera.id: f"{camera.number} · {camera.name}" for camera in sites.cameras(retired=True)}
    return [(camera, names.get(camera, "?")) for camera in grant.cameras]
