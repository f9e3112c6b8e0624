"""Writing down what the commune's own agents found."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.operations import models
from beffroi.operations.core.finds import FindKind


@transaction.atomic
def record_find(*, actor: Actor, incident: str, kind: FindKind, what: str, told: str = "", now: datetime) -> str:
    """Write a find of an incident into the register; returns its id. ``Invalid`` for one without words."""
    row = models.Incident.objects.filter(pk=incident).first()
    if row is None:
        raise NotFound("There is no such incident.", code="no_such_incident")
    said = " ".join(what.split())[:300]
    if not said:
        raise Invalid("Say what was found.", code="find_empty", fields={"what": "empty"})
    made = models.Find.objects.create(
        id=new_id(to_us(now)),
        incident=row,
        kind=kind.value,
        what=said,
        told=" ".join(told.split())[:200],
        found_by=actor.id,
        found_by_name=actor.name,
        found_at=now,
    )
    body: dict[str, Json] = {"incident": f"{row.year}-{row.number:04d}", "kind": kind.value, "told": made.told}
    record(actor=actor, name="find:record", subject=f"incident:{row.id}", body=body, at=now)
    return made.id
