"""``DATA/recorder/masks.json``: whether cameras burn in their masks, which of these are ours, and what was said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.media.archive.disk import Disk
from beffroi.media.core.masking import Burnt, MaskState, state_from_json, state_to_json

FILE = "masks.json"
MOST_SAID = 512
_MAX_BYTES = 4 * 1024 * 1024
_LINE = {"event": int, "camera": str, "version": int, "burnt": str, "why": str}


@dataclass(frozen=True, slots=True)
class Masked:
    """One camera: how it stands, and the tokens of the masks that were made from here."""

    state: MaskState
    tokens: tuple[str, ...] = ()
    told: Burnt = Burnt.UNKNOWN  # what was last said of this version
    at: str = ""  # the address of the device that those tokens are of


def masked(path: Path) -> dict[str, Masked]:
    """What was written; nothing of what cannot be read."""
    try:
        return {
            str(camera): Masked(
                state_from_json(one["state"]),
                tuple(map(str, one["tokens"])),
                Burnt(one["told"]),
                str(one.get("at", "")),
            )
            for camera, one in _read(path)["cameras"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def said(path: Path) -> list[dict[str, Json]]:
    """The lines that were said of late, oldest first."""
    try:
        return [one for one in _read(path)["said"] if _is_line(one)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def line(number: int, camera: str, state: MaskState) -> dict[str, Json]:
    """What is said when it stands otherwise than before."""
    return {
        "event": number,
        "camera": camera,
        "version": state.version,
        "burnt": state.burnt.value,
        "why": state.why,
    }


def keep(path: Path, known: Mapping[str, Masked], lines: Sequence[dict[str, Json]]) -> None:
    """Write it. ``OSError``."""
    cameras: dict[str, Json] = {
        camera: {"state": state_to_json(one.state), "tokens": [*one.tokens], "told": one.told.value, "at": one.at}
        for camera, one in known.items()
    }
    Disk().replace(path, canonical_bytes({"cameras": cameras, "said": [*lines[-MOST_SAID:]]}))


def _is_line(data: Mapping[str, Any]) -> bool:
    return data.keys() == _LINE.keys() and all(isinstance(data[name], kind) for name, kind in _LINE.items())


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return json.loads(file.read(_MAX_BYTES))
