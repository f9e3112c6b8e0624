"""What the recorder took in, noted with its fact."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.sites.models import SettingsPush


@transaction.atomic
def note_push(*, actor: Actor, recorder: str, version: int, digest: str, cameras: int, now: datetime) -> None:
    """Note that ``recorder`` took in these settings. ``digest`` is over what they say, without version and time."""
    SettingsPush.objects.update_or_create(
        recorder=recorder, defaults={"version": version, "digest": digest, "pushed_at": now}
    )
    body: dict[str, Json] = {"version": version, "digest": digest, "cameras": cameras}
    record(actor=actor, name="recorder:settings", subject=f"recorder:{recorder}", body=body, at=now)
