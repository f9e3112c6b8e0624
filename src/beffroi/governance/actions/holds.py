"""Acts on holds (gel). A hold is *pending* until the recorder has it on disk (I6); ``jobs.holds`` takes it there."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.core.holds import (
    LIVE_HOLDS,
    HoldCap,
    HoldLoad,
    HoldReference,
    HoldState,
    over_cap,
    regularise_before,
)
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import HoldResult
from beffroi.sites import queries as sites

LONGEST_HOLD = timedelta(days=8)
"""A requisition's longest span with its tolerance."""
LONGEST_WAIT = timedelta(minutes=1)
MIN_NAME = 3


@transaction.atomic
def place_hold(
    *,
    actor: Actor,
    camera: str,
    span: Span,
    kind: HoldReference,
    reference: str,
    label: str,
    reason: str,
    judicial_reference: str = "",
    requester_key: str = "",
    now: datetime,
) -> models.Hold:
    """Ask that ``span`` of a camera's footage be kept. Returns the hold, pending.

    ``reference`` and ``label`` are the id and the number of what it hangs on. A judicial reference lets it outlive the
    legal maximum, and starts the term for regularising it. Over the requester's cap it is placed all the same, with an
    alarm: footage that is gone cannot be given back. ``NotFound`` for an unknown camera, ``Invalid`` for an empty
    reason (R-15) or a span in the future or too long.
    """
    facts = sites.camera(camera)
    reason = " ".join(reason.split())[:300]
    wrong: dict[str, str] = {}
    if not reason:
        wrong["reason"] = "missing"
    if span.start >= now:
        wrong["since"] = "in-the-future"
    if span.duration > LONGEST_HOLD:
        wrong["until"] = "too-long-span"
    if wrong:
        raise Invalid("This hold cannot be placed.", code="hold-fields", fields=wrong)
    judicial = bool(judicial_reference)
    over = bool(requester_key) and over_cap(_load(requester_key), span.duration, HoldCap())
    hold = models.Hold.objects.create(
        id=new_id(to_us(now)),
        camera=camera,
        camera_name=f"{facts.number} · {facts.name}",
        start=span.start,
        end=span.end,
        kind=kind.value,
        reference=reference,
        label=label,
        requisition_id=reference if kind is HoldReference.REQUISITION else None,
        judicial_reference=judicial_reference,
        reason=reason,
        requester_key=requester_key,
        over_cap=over,
        placed_at=now,
        placed_by=actor.id,
        placed_by_name=actor.name,
        release_at=regularise_before(now) if judicial else None,
    )
    _record(actor, "hold:place", hold, now, {"reason": reason, "over_cap": over})
    if over:
        _record(actor, "hold:over-cap", hold, now, {"requester": requester_key})
    return hold


@transaction.atomic
def release_hold(*, actor: Actor, hold: str, reason: str, now: datetime) -> None:
    """Let the footage go by its term again. ``Conflict`` when it was released already; a reason is due."""
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise Invalid("Say why it is released.", code="hold-fields", fields={"reason": "missing"})
    row = _locked(hold)
    if HoldState(row.state) not in LIVE_HOLDS:
        raise Conflict("This hold was released already.", code="hold-released")
    row.state = HoldState.RELEASING
    row.release_reason = reason
    row.release_asked_at = now
    row.retry_at = None
    row.attempts = 0
    row.save()
    _record(actor, "hold:release", row, now, {"reason": reason})


def release_for(*, actor: Actor, requisition: str, reason: str, now: datetime) -> int:
    """Release every live hold of a requisition; returns how many. Inside the caller's transaction."""
    rows = models.Hold.objects.filter(requisition_id=requisition, state__in=LIVE_HOLDS).values_list("id", flat=True)
    ids = list(rows)
    for hold in ids:
        release_hold(actor=actor, hold=hold, reason=reason, now=now)
    return len(ids)


def regularise_for(*, actor: Actor, requisition: str, now: datetime) -> int:
    """The requisition was accepted: no term runs against its holds any more. Inside the caller's transaction."""
    rows = list(models.Hold.objects.filter(requisition_id=requisition, state__in=LIVE_HOLDS, regularised_at=None))
    for row in rows:
        row.regularised_at = now
        row.release_at = None
        row.save(update_fields=["regularised_at", "release_at"])
        _record(actor, "hold:regularise", row, now, {})
    return len(rows)


@transaction.atomic
def note_confirmed(*, actor: Actor, hold: str, result: HoldResult, now: datetime) -> bool:
    """The recorder has it on disk. Returns whether that is new; a hold released meanwhile stays released."""
    row = _locked(hold)
    if row.state not in {HoldState.PENDING, HoldState.FAILED}:
        return False
    row.state = HoldState.CONFIRMED
    row.confirmed_at = now
    row.covered = [[span.start_us, span.end_us] for span in result.covered]
    row.failure = ""
    row.retry_at = None
    row.save()
    _record(actor, "hold:confirm", row, now, {"set_us": result.set_us, "covered": row.covered})
    return True


@transaction.atomic
def confirm_elsewhere(*, actor: Actor, hold: str, keeper: str, now: datetime) -> None:
    """Another system records: whoever keeps it, named here, has said that it saved these pictures.

    ``Conflict`` where this centre's own recorder answers for holds, or the hold is no longer waiting; ``Invalid``
    without a name.
    """
    if settings.BEFFROI_RECORDING:
        raise Conflict("The recorder answers for its holds.", code="hold-of-recorder")
    keeper = " ".join(keeper.split())[:160]
    if len(keeper) < MIN_NAME:
        raise Invalid("Say who confirmed it.", code="hold-fields", fields={"keeper": "missing"})
    row = _locked(hold)
    if row.state != HoldState.PENDING:
        raise Conflict("This hold is not waiting.", code="hold-not-waiting")
    row.state, row.confirmed_at, row.kept_by = HoldState.CONFIRMED, now, keeper
    row.covered = [[to_us(row.start), to_us(row.end)]]
    row.save(update_fields=["state", "confirmed_at", "kept_by", "covered"])
    _record(actor, "hold:confirm", row, now, {"kept_by": keeper})


@transaction.atomic
def note_waiting(*, hold: str, why: str, now: datetime) -> None:
    """The recorder does not answer: ask again later, at growing intervals up to a minute. Leaves no fact: nothing
    was done, and the hold is shown as pending all along."""
    row = _locked(hold)
    row.attempts += 1
    row.failure = why[:300]
    row.retry_at = now + min(timedelta(seconds=2 ** min(row.attempts, 6)), LONGEST_WAIT)
    row.save(update_fields=["attempts", "failure", "retry_at"])


@transaction.atomic
def note_failed(*, actor: Actor, hold: str, why: str, now: datetime) -> None:
    """The recorder said no: a person must look. It is asked again every minute all the same."""
    row = _locked(hold)
    new = row.state == HoldState.PENDING
    if new:
        row.state = HoldState.FAILED
    row.attempts += 1
    row.failure = why[:300]
    row.retry_at = now + LONGEST_WAIT
    row.save(update_fields=["state", "attempts", "failure", "retry_at"])
    if new:
        _record(actor, "hold:fail", row, now, {"why": row.failure})


@transaction.atomic
def note_released(*, actor: Actor, hold: str, now: datetime) -> None:
    """The recorder let it go."""
    row = _locked(hold)
    if row.state != HoldState.RELEASING:
        return
    row.state = HoldState.RELEASED
    row.released_at = now
    row.retry_at = None
    row.failure = ""
    row.save()
    _record(actor, "hold:released", row, now, {})


def _locked(hold: str) -> models.Hold:
    row = models.Hold.objects.select_for_update().filter(pk=hold).first()
    if row is None:
        raise NotFound("There is no such hold.", code="no-such-hold")
    return row


def _load(requester_key: str) -> HoldLoad:
    rows = models.Hold.objects.filter(requester_key=requester_key, state__in=LIVE_HOLDS, regularised_at=None)
    spans = list(rows.values_list("start", "end"))
    return HoldLoad(len(spans), int(sum((end - start).total_seconds() for start, end in spans)))


def _record(actor: Actor, name: str, row: models.Hold, now: datetime, more: dict[str, Json]) -> None:
    body: dict[str, Json] = {
        "camera": row.camera,
        "from": iso(row.start),
        "to": iso(row.end),
        "reference": f"{row.kind}:{row.reference}",
        "label": row.label,
        "judicial": row.judicial_reference,
    }
    record(actor=actor, name=name, subject=f"hold:{row.id}", body=body | more, at=now)
