"""Acts on what cameras hang on, and on alarms that somebody takes up."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.sites import queries
from beffroi.sites.core.topology import EquipmentKind, makes_a_ring
from beffroi.sites.models import Acknowledgement, Camera, Equipment


@transaction.atomic
def enter_equipment(*, actor: Actor, name: str, kind: EquipmentKind, parent: str = "", now: datetime) -> str:
    """Enter a piece of equipment; returns its id. ``Conflict`` for a taken name, ``NotFound`` for its parent."""
    if not name.strip():
        raise Invalid("Give it a name.", code="equipment_name", fields={"name": "equipment_name"})
    if Equipment.objects.filter(name=name.strip()).exists():
        raise Conflict("There is equipment of this name already.", code="equipment_twice")
    row = Equipment.objects.create(
        id=new_id(to_us(now)), name=name.strip()[:120], kind=kind.value, parent=_equipment(parent) if parent else None
    )
    body: dict[str, Json] = {"name": row.name, "kind": kind.value, "parent": parent}
    record(actor=actor, name="equipment:enter", subject=f"equipment:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def hang_equipment(*, actor: Actor, equipment: str, parent: str, now: datetime) -> None:
    """Hang it on other equipment, or (empty) on nothing. ``Conflict`` where it would hang on itself."""
    row = _equipment(equipment)
    if parent and makes_a_ring(equipment, parent, queries.equipment()):
        raise Conflict("It would hang on itself.", code="equipment_ring")
    row.parent = _equipment(parent) if parent else None
    row.save(update_fields=["parent"])
    record(actor=actor, name="equipment:hang", subject=f"equipment:{row.id}", body={"parent": parent}, at=now)


@transaction.atomic
def remove_equipment(*, actor: Actor, equipment: str, now: datetime) -> None:
    """It is there no more. ``Conflict`` while anything hangs on it: an alarm would be told of the wrong piece."""
    row = _equipment(equipment)
    if row.children.exists() or row.cameras.filter(retired_at__isnull=True).exists():
        raise Conflict("Cameras or other equipment hang on it.", code="equipment_used")
    row.cameras.update(hangs_on=None)
    row.delete()
    record(actor=actor, name="equipment:remove", subject=f"equipment:{equipment}", body={"name": row.name}, at=now)


@transaction.atomic
def hang_camera(*, actor: Actor, camera: str, equipment: str, now: datetime) -> None:
    """Say what a camera hangs on; empty: nothing that is entered."""
    row = Camera.objects.select_for_update().filter(pk=camera, retired_at__isnull=True).first()
    if row is None:
        raise NotFound("There is no such camera.", code="no_such_camera")
    row.hangs_on = _equipment(equipment) if equipment else None
    row.save(update_fields=["hangs_on"])
    record(actor=actor, name="camera:hang", subject=f"camera:{row.id}", body={"equipment": equipment}, at=now)


@transaction.atomic
def acknowledge(*, actor: Actor, key: str, note: str, now: datetime) -> None:
    """Take an alarm up, by name: others see who works on it."""
    Acknowledgement.objects.create(
        key=key, person=actor.id, person_name=actor.name, note=" ".join(note.split())[:200], at=now
    )
    record(actor=actor, name="alarm:acknowledge", subject=key, body={"note": note[:200]}, at=now)


def _equipment(equipment: str) -> Equipment:
    row = Equipment.objects.filter(pk=equipment).first()
    if row is None:
        raise NotFound("There is no such equipment.", code="no_such_equipment")
    return row
