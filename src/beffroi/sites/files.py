"""Files that this plane reads: two keys of the data folder, and the drawings of communes that ship with it."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings

from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.settings_file import camera_keys
from beffroi.media.core.secrets import KEY_BYTES
from beffroi.people.files import read_key
from beffroi.sites.core.coverage import Position

_BRING_BACK = "Bring back keys/camera.key (or keys/secrets.key, where it was never changed) from the backup."


def secrets_key() -> bytes:
    """The key from which those of papers are derived; it is never changed. ``Unavailable`` when it is missing."""
    return read_key("secrets.key")


def camera_key() -> bytes:
    """The AES-256 key that seals camera addresses and passwords (while it is changed, several: the first seals).

    ``Unavailable`` when it is missing or damaged.
    """
    try:
        ring = camera_keys(keys_folder())
    except OSError as error:
        raise Unavailable(
            "The key of the camera passwords cannot be read.", code="key_missing", hint=_BRING_BACK
        ) from error
    if not ring or len(ring) % KEY_BYTES:
        raise Unavailable(
            f"The key of the camera passwords is damaged: {len(ring)} bytes.", code="key_damaged", hint=_BRING_BACK
        )
    return ring


def keys_folder() -> Path:
    """``DATA/keys``."""
    return Path(settings.BEFFROI_DATA_DIR) / "keys"


def write_camera_key(ring: bytes) -> None:
    """Keep these keys for camera passwords, the first to seal; durable when it returns."""
    Disk().replace(keys_folder() / "camera.key", ring)
    (keys_folder() / "camera.key").chmod(0o600)


def office_key() -> SigningKey:
    """The office's Ed25519 key; ``Unavailable`` when it is missing or damaged."""
    return SigningKey(read_key("office.key"))


def shipped_plan(insee: str) -> dict[str, Any]:
    """The drawing that ships for a commune (GeoJSON, WGS 84): boundary, water, streets, buildings, and ``spot`` points
    where its cameras stand. Empty for a commune without one."""
    path = resources.files("beffroi.sites").joinpath("data", f"{insee}.geojson")
    if not path.is_file():
        return {}
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plan


def boundary_of(plan: dict[str, Any]) -> list[Position]:
    """The commune's boundary in a drawing, as latitude and longitude; empty when it has none."""
    rings = [
        feature["geometry"]["coordinates"][0]
        for feature in plan.get("features", ())
        if feature["properties"].get("kind") == "boundary"
    ]
    return [(latitude, longitude) for longitude, latitude in rings[0][:-1]] if rings else []
