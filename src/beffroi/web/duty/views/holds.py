"""Every hold of the person's communes: how long it still keeps, what from destruction, and whose cap it fills."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import holds as acts
from beffroi.governance.actions import keepers as keeper_acts
from beffroi.governance.core.answers import expiry
from beffroi.governance.core.holds import HoldCap, HoldState, due_elsewhere
from beffroi.governance.queries import holds, keepers
from beffroi.governance.queries.holds import HoldFacts
from beffroi.governance.queries.notices import NoticeFacts
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.sites import queries as sites
from beffroi.web.duty.words import STATES
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold with its two clocks."""

    hold: HoldFacts
    state: Promise | str
    level: str
    term_at: datetime | None  # when its oldest picture would go without the hold; None: the camera is unknown
    past_term: bool  # only the hold keeps it
    may_release: bool
    due_at: datetime | None  # another system records, and its keeper has not confirmed yet: until when
    late: bool
    told: tuple[tuple[NoticeFacts, Promise], ...] = ()  # the mails to the keeper of the other system


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """What is held, what ends first at the top; what each requester has held against the cap."""
    days = {camera.id: camera.retention_days for camera in sites.cameras(retired=True)}
    may_release = Permission.DUTY_HOLD_RELEASE in permissions_of(request.person.roles)
    found, shown = holds.live_visible_to(request.person), []
    told = keepers.told(hold.id for hold in found) if not settings.BEFFROI_RECORDING else {}
    for hold in found:
        kept = days.get(hold.camera)  # type: ignore[call-overload]  # a camera's id as the hold wrote it
        term = expiry(hold.span.start, kept) if kept is not None else None
        state, level = words.HOLD_STATES[hold.state], words.HOLD_LEVELS[hold.state]
        free = may_release and not hold.releasing and not serves_accepted(hold)
        waits = not settings.BEFFROI_RECORDING and hold.state is HoldState.PENDING
        due = due_elsewhere(hold.placed_at, term) if waits else None
        if not settings.BEFFROI_RECORDING:
            state = words.HOLD_STATES_ELSEWHERE.get(hold.state, state)
        past, late = term is not None and term <= request.now, due is not None and due <= request.now
        mails = tuple((one, STATES[one.state][0]) for one in told.get(hold.id, ()))
        shown.append(ShownHold(hold, state, "bad" if late else level, term, past, free, due, late, mails))
    cap = HoldCap()
    context = {
        "holds": shown,
        "loads": [
            (name, load, load.seconds // 3600, _over(load.holds, load.seconds, cap))
            for name, load in holds.loads(request.person)
        ],
        "cap": cap,
        "elsewhere": not settings.BEFFROI_RECORDING,
        "keeper": keepers.keeper(),
        "may_release": may_release,
        "cap_hours": cap.seconds // 3600,
    }
    return render(request, "duty/holds.html", context)


@require_POST
def release(request: OfficeRequest, hold: str) -> HttpResponse:
    """Let footage go by its term again, with a reason."""
    found = holds.visible_to(request.person, hold)
    if serves_accepted(found):
        messages.error(request, _("An accepted requisition needs this hold: it ends with the requisition."))
        return redirect("duty:holds")
    try:
        acts.release_hold(actor=request.actor, hold=found.id, reason=request.POST.get("reason", ""), now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, sentence(error))
    return redirect("duty:holds")


@require_POST
def keeper(request: OfficeRequest) -> HttpResponse:
    """Who keeps the other system, and where mail reaches that person."""
    given = {name: request.POST.get(name, "") for name in ("name", "email")}
    try:
        keeper_acts.set_keeper(**given, actor=request.actor, now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, sentence(error))
    return redirect("duty:holds")


@require_POST
def kept(request: OfficeRequest, hold: str) -> HttpResponse:
    """The keeper of the other system, by name, has saved the pictures."""
    found = holds.visible_to(request.person, hold)
    try:
        acts.confirm_elsewhere(
            actor=request.actor, hold=found.id, keeper=request.POST.get("keeper", ""), now=request.now
        )
    except (Conflict, Invalid) as error:
        messages.error(request, sentence(error))
    return redirect("duty:holds")


def serves_accepted(hold: HoldFacts) -> bool:
    """Whether an accepted requisition counts on it: its term for regularising no longer runs."""
    return bool(hold.judicial_reference) and hold.release_at is None


def _over(count: int, seconds: int, cap: HoldCap) -> bool:
    return count > cap.holds or seconds > cap.seconds
