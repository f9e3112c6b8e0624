"""What cameras said of themselves, and papers about them for whoever mends them."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.digest import sha256
from beffroi.media.core.answers import DeviceAnswer
from beffroi.media.core.masking import Burnt, MaskState
from beffroi.sites.models import Camera, DwellingMask

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


NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def note_mask(*, camera: str, state: MaskState, now: datetime) -> None:
    """Note what a camera says of its dwelling mask. The fact of it comes with the recorder's journal (``device:mask``).

    What it records from now on is marked as masked, or is not (I3).
    """
    row = DwellingMask.objects.select_for_update().filter(camera=camera, version=state.version).first()
    if row is None or not row.reviewer:
        return
    asked_at = from_us(state.asked_us) if state.asked_us else None
    news = (row.burnt, row.burnt_why) != (state.burnt.value, state.why)
    if not news and (row.read_back_at is None or asked_at is None or asked_at - row.read_back_at < NOTED_EVERY):
        return
    row.burnt, row.burnt_why, row.read_back_at = state.burnt.value, state.why[:40], asked_at
    row.burnt_since = from_us(state.since_us) if state.since_us else now
    row.save(update_fields=["burnt", "burnt_why", "burnt_since", "read_back_at"])
    latest = not DwellingMask.objects.filter(camera=camera, version__gt=state.version).exists()
    if latest and state.burnt is not Burnt.UNKNOWN:
        masks = state.burnt is Burnt.SAME and bool(row.polygons)
        Camera.objects.filter(pk=camera).exclude(masks_on_camera=masks).update(masks_on_camera=masks)


@transaction.atomic
def note_fault_sheet(*, actor: Actor, key: str, cameras: list[str], paper: bytes, now: datetime) -> None:
    """A fault sheet of an alarm was made, for whoever maintains the cameras."""
    body: dict[str, Json] = {"cameras": [*cameras], "sha256": sha256(paper).hex()}
    record(actor=actor, name="alarm:sheet", subject=key, body=body, at=now)
