"""Reconcilers of holds: what the table says and what the recorder has on disk come to the same (I6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import holds as acts
from beffroi.governance.actions.keepers import tell
from beffroi.governance.core.keeper_words import Duty
from beffroi.governance.queries import holds as rows
from beffroi.governance.queries import keepers
from beffroi.kernel.errors import BeffroiError, Unavailable
from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import CLOCK_NOT_TRUSTED, HoldResult, RecorderStatus


class HoldKeeper(Protocol):
    """What of the recorder this job needs; ``media.client.RecorderClient`` is it."""

    def set_hold(self, hold: HoldId, camera: CameraId, span: Span, *, reference: str, judicial: bool) -> HoldResult:
        """Returns only when the hold is on the recorder's disk."""

    def status(self) -> RecorderStatus:
        """How it is, its clock among it."""

    def release_hold(self, hold: HoldId, *, reason: str) -> None:
        """Lets the footage go by its term again."""


@dataclass(frozen=True, slots=True)
class HoldTurn:
    """What one turn did."""

    confirmed: int
    released: int
    failed: int
    waiting: int
    expired: int


def reconcile_holds(recorder: HoldKeeper, now: datetime) -> HoldTurn:
    """Release what was not regularised in time, then set and release on the recorder what the table asks for.

    A recorder that does not answer leaves everything pending and ends the turn: the next one asks again.
    """
    expired = _let_go(now) if rows.unregularised(now) and _clock_is_sure(recorder) else 0
    counts = {"confirmed": 0, "released": 0, "failed": 0}
    due = rows.to_reconcile(now)
    for position, hold in enumerate(due):
        try:
            counts[_settle(recorder, hold, now)] += 1
        except Unavailable as error:
            for left in due[position:]:
                acts.note_waiting(hold=left.id, why=error.message, now=now)
            return HoldTurn(waiting=len(due) - position, expired=expired, **counts)
        except BeffroiError as error:
            acts.note_failed(actor=SYSTEM, hold=hold.id, why=str(error), now=now)
            counts["failed"] += 1
    return HoldTurn(waiting=0, expired=expired, **counts)


def settle_elsewhere(now: datetime) -> int:
    """The same where another system records: what was not regularised is released, and what is released is over here;
    whoever keeps that system is told by mail what to save and what may go. Returns how many were released."""
    _let_go(now)
    found = rows.to_reconcile(now)
    keeper = keepers.keeper()
    if keeper is not None:
        for hold in found:
            if not hold.releasing:
                tell(hold=hold, keeper=keeper, duty=Duty.SAVE, now=now)
            elif keepers.was_told(hold.id):
                tell(hold=hold, keeper=keeper, duty=Duty.LET_GO, now=now)
    done = [hold for hold in found if hold.releasing]
    for hold in done:
        acts.note_released(actor=SYSTEM, hold=hold.id, now=now)
    return len(done)


def _clock_is_sure(recorder: HoldKeeper) -> bool:
    """Whether a term may be believed to have passed: a clock that was set must not end a hold (I6). Where the recorder
    does not answer, the hold stays as it is."""
    try:
        return not any(CLOCK_NOT_TRUSTED in volume.notes for volume in recorder.status().volumes)
    except BeffroiError:
        return False


def _let_go(now: datetime) -> int:
    late = rows.unregularised(now)
    for hold in late:
        acts.release_hold(actor=SYSTEM, hold=hold.id, reason="not regularised in time", now=now)
    return len(late)


def _settle(recorder: HoldKeeper, hold: rows.HoldFacts, now: datetime) -> str:
    if hold.releasing:
        recorder.release_hold(HoldId(hold.id), reason=hold.release_reason)
        acts.note_released(actor=SYSTEM, hold=hold.id, now=now)
        return "released"
    result = recorder.set_hold(
        HoldId(hold.id), CameraId(hold.camera), hold.span, reference=hold.label, judicial=bool(hold.judicial_reference)
    )
    acts.note_confirmed(actor=SYSTEM, hold=hold.id, result=result, now=now)
    return "confirmed"
