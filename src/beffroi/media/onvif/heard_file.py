"""``DATA/recorder/heard.json``: how each camera's events are listened to, and what holds there now."""

import json
from collections.abc import Mapping
from pathlib import Path

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.media.archive.disk import Disk
from beffroi.media.core.device_events import Hearing, hearing_from_json, hearing_to_json

FILE = "heard.json"
_MAX_BYTES = 4 * 1024 * 1024


def kept(path: Path) -> dict[str, Hearing]:
    """What was written; nothing of what cannot be read."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
        return {str(camera): hearing_from_json(one) for camera, one in data["cameras"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def keep(path: Path, known: Mapping[str, Hearing]) -> None:
    """Write it. ``OSError``."""
    body: dict[str, Json] = {camera: hearing_to_json(one) for camera, one in known.items()}
    Disk().replace(path, canonical_bytes({"cameras": body}))
