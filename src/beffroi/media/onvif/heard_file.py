"""``DATA/recorder/heard.json``: how cameras' events are listened to, what holds there now, what was said of late.

What was said is numbered, so that the door takes each line into its journal once. The numbers grow also where the file
was lost: each is at least the time at which it was given.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.media.archive.disk import Disk
from beffroi.media.core.chatter import is_said
from beffroi.media.core.device_events import Hearing, hearing_from_json, hearing_to_json

FILE = "heard.json"
MOST_SAID = 512
_MAX_BYTES = 4 * 1024 * 1024


def kept(path: Path) -> dict[str, Hearing]:
    """What was written; nothing of what cannot be read."""
    try:
        return {str(camera): hearing_from_json(one) for camera, one in _read(path)["cameras"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def said(path: Path) -> list[dict[str, Json]]:
    """The lines that were said of late, oldest first."""
    try:
        return [one for one in _read(path)["said"] if is_said(one)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def keep(path: Path, known: Mapping[str, Hearing], lines: Sequence[dict[str, Json]]) -> None:
    """Write it. ``OSError``."""
    body: dict[str, Json] = {camera: hearing_to_json(one) for camera, one in known.items()}
    Disk().replace(path, canonical_bytes({"cameras": body, "said": [*lines[-MOST_SAID:]]}))


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return json.loads(file.read(_MAX_BYTES))
