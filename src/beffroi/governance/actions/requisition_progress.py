"""How extraction and hand-over move a requisition on. Imports no act but holds, so that those may call it."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.holds import release_for
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisitions import Act
from beffroi.kernel.errors import Conflict

HANDED_ON = frozenset({Act.PACKAGE, Act.HAND_OVER, Act.ACKNOWLEDGE, Act.CLOSE, Act.PURGE_COPIES})
"""Acts that ``advance`` takes; the others have their own way."""


@transaction.atomic
def advance(*, actor: Actor, requisition: str, act: Act, note: str = "", now: datetime) -> None:
    """Package made, handed over, receipt given, closed, copies purged: called by the acts that did it.

    Closing releases the holds: what was handed over lives on in its package. ``Conflict`` where the state does not fit.
    """
    if act not in HANDED_ON:
        raise Conflict(f"The act {act} has its own way.", code="requisition-state")
    row = locked(requisition)
    step(row, act, actor=actor, now=now, note=note[:2_000])
    if act is Act.HAND_OVER:
        row.answered_at = row.answered_at or now
    if act is Act.CLOSE:
        release_for(actor=actor, requisition=row.id, reason=f"closed {row.number}", now=now)
    row.save(update_fields=["state", "answered_at"])
