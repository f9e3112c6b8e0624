"""When a camera inside a building may record."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.media.core.hours import Period, merged
from beffroi.sites.core.cameras import INTERIOR_TAGS
from beffroi.sites.models import Camera


@transaction.atomic
def set_hours(*, actor: Actor, camera: str, periods: Iterable[Period], now: datetime) -> None:
    """Let a camera inside a building record in these hours of the week and at no other; none: never but in an alert.

    ``Conflict`` for one on the street: it records at any hour, or is suspended with a reason.
    """
    row = Camera.objects.select_for_update().filter(pk=camera).first()
    if row is None:
        raise NotFound("There is no such camera.", code="no_such_camera")
    if row.retired_at is not None:
        raise Conflict("This camera is out of service.", code="camera_retired")
    if not INTERIOR_TAGS & set(row.tags):
        raise Conflict("Only cameras inside buildings have hours.", code="camera_outside")
    wanted = [[one.day, one.since, one.until] for one in merged(periods)]
    before: Json = row.recording_hours
    row.recording_hours = wanted
    row.save(update_fields=["recording_hours"])
    body: dict[str, Json] = {"before": before, "hours": [list(one) for one in wanted]}
    record(actor=actor, name="camera:hours", subject=f"camera:{row.id}", body=body, at=now)
