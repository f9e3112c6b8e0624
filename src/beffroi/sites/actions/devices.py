"""What cameras said of themselves, and papers about them for whoever mends them."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import sha256
from beffroi.media.core.answers import DeviceAnswer
from beffroi.sites.models import Camera

_WHO = ("maker", "model", "firmware", "serial")


@transaction.atomic
def note_device(*, actor: Actor, camera: str, said: DeviceAnswer | None, now: datetime) -> None:
    """Note that a camera was asked, and what it said of itself (``None``: nothing); new words of it are a fact."""
    row = Camera.objects.select_for_update().filter(pk=camera, retired_at__isnull=True).first()
    if row is None:
        return
    before, row.device_tried_at = row.device_said, now
    if said is not None:
        row.device_said = {**asdict(said), "at_us": to_us(now)}
    row.save(update_fields=["device_said", "device_tried_at"])
    if any(before.get(name) != row.device_said.get(name) for name in _WHO):
        body: dict[str, Json] = {name: row.device_said[name] for name in _WHO}
        record(actor=actor, name="camera:device", subject=f"camera:{row.id}", body=body, at=now)


@transaction.atomic
def note_fault_sheet(*, actor: Actor, key: str, cameras: list[str], paper: bytes, now: datetime) -> None:
    """A fault sheet of an alarm was made, for whoever maintains the cameras."""
    body: dict[str, Json] = {"cameras": [*cameras], "sha256": sha256(paper).hex()}
    record(actor=actor, name="alarm:sheet", subject=key, body=body, at=now)
