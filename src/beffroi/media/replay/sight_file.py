"""``DATA/recorder/sight.json``: what is known of each camera's picture, in numbers and words, never a picture."""

import json
from pathlib import Path

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.media.archive.disk import Disk
from beffroi.media.core.sight import Memory, memory_from_json, memory_to_json

FILE = "sight.json"
_MAX_BYTES = 4 * 1024 * 1024


def remembered(path: Path) -> dict[str, Memory]:
    """What was known when the file was written, by camera; nothing of what cannot be read."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
        return {str(camera): memory_from_json(one) for camera, one in data["cameras"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(path: Path, known: dict[str, Memory]) -> None:
    """Write it. ``OSError``."""
    body: dict[str, Json] = {camera: memory_to_json(one) for camera, one in known.items()}
    Disk().replace(path, canonical_bytes({"cameras": body}))
