"""What every act on a requisition does: lock the row, ask the table, write the event and its fact. No act by itself."""

from datetime import datetime

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.core.requisition_facts import RequestedThing
from beffroi.governance.core.requisitions import Act, State, next_state
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import NotFound


def locked(requisition: str) -> models.Requisition:
    """The row, locked until the transaction ends; ``NotFound``."""
    row = models.Requisition.objects.select_for_update().filter(pk=requisition).first()
    if row is None:
        raise NotFound("There is no such requisition.", code="no-such-requisition")
    return row


def step(
    row: models.Requisition,
    act: Act,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    to_requester: bool = True,
    body: dict[str, Json] | None = None,
) -> str:
    """Take ``act``: the state follows the table, an event and a fact are written. Returns the fact's id.

    ``Conflict`` where the act does not fit. The row is changed and must be saved by the caller.
    """
    before = State(row.state)
    row.state = next_state(before, act, frozenset(RequestedThing(one) for one in row.things))
    return note_event(
        row, act.value, before=before, actor=actor, now=now, note=note, to_requester=to_requester, body=body
    )


def note_event(
    row: models.Requisition,
    act: str,
    *,
    before: State | None,
    actor: Actor,
    now: datetime,
    note: str = "",
    to_requester: bool = True,
    body: dict[str, Json] | None = None,
) -> str:
    """Write one line of history and its fact ``requisition:<act>``; returns the fact's id."""
    said: dict[str, Json] = {"number": row.number, "before": before.value if before else "", "after": row.state}
    fact = record(
        actor=actor, name=f"requisition:{act}", subject=f"requisition:{row.number}", body=said | (body or {}), at=now
    )
    models.RequisitionEvent.objects.create(
        requisition=row,
        position=models.RequisitionEvent.objects.filter(requisition=row).count() + 1,
        act=act,
        state_before=before.value if before else "",
        state_after=row.state,
        at=now,
        actor=actor.id,
        actor_name=actor.name,
        note=note,
        to_requester=to_requester,
        fact=fact,
    )
    return fact
