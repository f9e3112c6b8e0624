"""Change the key that seals camera addresses and passwords. Nothing is lost wherever it is interrupted.

The new key is written in front of the old ones first (each of them opens), then every secret is sealed again, in one
transaction with its fact. The old keys go when nothing needs them any more: not the tables, and not the recorder's own
copy of its settings, which the worker renews within seconds.
"""

import secrets
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.media.core.secrets import KEY_BYTES, open_secret, seal_secret, sealed_by_first
from beffroi.media.core.settings import RecorderSettings
from beffroi.sites.files import camera_key, write_camera_key
from beffroi.sites.models import Camera, CameraTrial

_SEALED = ("main_url_sealed", "sub_url_sealed", "username_sealed", "password_sealed", "device_url_sealed")


def change_camera_key(*, actor: Actor, now: datetime) -> int:
    """Seal every camera secret with a fresh key; returns how many cameras. ``Invalid`` names one that cannot be read:
    then nothing changed but the ring, in which every old key still stands."""
    ring = secrets.token_bytes(KEY_BYTES) + camera_key()
    write_camera_key(ring)
    with transaction.atomic():
        CameraTrial.objects.all().delete()  # lives for minutes; whoever tests a camera tests it again
        rows = list(Camera.objects.select_for_update())
        for row in rows:
            for name in _SEALED:
                sealed = getattr(row, name)
                if sealed:
                    setattr(row, name, seal_secret(ring, open_secret(ring, sealed, camera=row.id), camera=row.id))
            row.save(update_fields=list(_SEALED))
        record(actor=actor, name="secrets:rotate", subject="secrets:cameras", body={"cameras": len(rows)}, at=now)
    return len(rows)


def forget_old_keys(*, recorder: RecorderSettings | None, actor: Actor, now: datetime) -> bool:
    """Drop the keys behind the first, if neither the tables nor ``recorder`` (its last good copy) need them.

    False when one still does: try again when the recorder has taken the new settings in.
    """
    ring = camera_key()
    if len(ring) == KEY_BYTES:
        return True
    needed = [(getattr(row, name), row.id) for row in Camera.objects.all() for name in _SEALED if getattr(row, name)]
    for camera in recorder.cameras if recorder else ():
        needed += [(stream.password, camera.id) for stream in camera.streams if stream.password]
        needed += [(camera.device.password, camera.id)] if camera.device and camera.device.password else []
    if not all(sealed_by_first(ring, sealed, camera=camera) for sealed, camera in needed):
        return False
    write_camera_key(ring[:KEY_BYTES])
    with transaction.atomic():
        record(actor=actor, name="secrets:forget", subject="secrets:cameras", body={}, at=now)
    return True
