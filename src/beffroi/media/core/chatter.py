"""What a camera tells by its events becomes lines of the recorder's journal, and a camera that chatters few of them.

The first change of a thing is said at once. What changes within the next minute is counted and said at its end in one
line; while it goes on, that pause doubles, up to an hour, and after a pause in silence it begins anew: a contact that
bounces all day leaves thirty lines, which say how often it did. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.media.core.device_events import Heard, Standing, Told

FIRST_NS, MOST_NS = 60_000_000_000, 3_600_000_000_000
MOST_VOICES = 8
"""Things of one camera that are counted apart: their names come from the camera, which may invent them."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line: how it stands since ``at_us``, after so many ``changes``."""

    kind: Heard
    source: str  # empty: several that are not told apart
    on: bool
    at_us: int
    changes: int


@dataclass(slots=True)
class _Voice:
    until_ns: int  # nothing more is said before
    pause_ns: int
    last: Said | None = None  # what is to be said then


class Chatter:
    """One camera's. Times of pauses are monotonic, those that are said are the wall clock's."""

    def __init__(self) -> None:
        self._voices: dict[tuple[Heard, str], _Voice] = {}

    def heard(self, changes: Iterable[Told], at_us: int, now_ns: int) -> list[Said]:
        """What is to be said now."""
        found = self.due(now_ns)
        for one in changes:
            key = (one.kind, one.source)
            if key not in self._voices and len(self._voices) >= MOST_VOICES:
                key = (one.kind, "")
            voice = self._voices.get(key)
            if voice is None:
                self._voices[key] = _Voice(now_ns + FIRST_NS, FIRST_NS)
                found.append(Said(*key, one.on, at_us, 1))
            else:
                voice.last = Said(*key, one.on, at_us, voice.last.changes + 1 if voice.last else 1)
        return found

    def due(self, now_ns: int) -> list[Said]:
        """What was counted and is to be said now."""
        found = []
        for key, voice in list(self._voices.items()):
            if now_ns < voice.until_ns:
                continue
            if voice.last is None:
                del self._voices[key]
                continue
            found.append(voice.last)
            pause_ns = min(2 * voice.pause_ns, MOST_NS)
            self._voices[key] = _Voice(now_ns + pause_ns, pause_ns)
        return found


def changes(before: Iterable[Standing], after: Iterable[Standing]) -> list[Told]:
    """What ended and what began between the two."""
    was, now = ({(one.kind, one.source) for one in side} for side in (before, after))
    return [Told(*one, on=False) for one in sorted(was - now)] + [Told(*one, on=True) for one in sorted(now - was)]


def said_to_json(number: int, camera: str, said: Said) -> dict[str, Json]:
    """As it stands on the disk and in the journal."""
    return {
        "event": number,
        "camera": camera,
        "kind": said.kind.value,
        "source": said.source,
        "on": said.on,
        "since_us": said.at_us,
        "changes": said.changes,
    }


def is_said(data: Mapping[str, Any]) -> bool:
    """Whether ``said_to_json`` wrote this."""
    kinds = {"event": int, "camera": str, "kind": str, "source": str, "on": bool, "since_us": int, "changes": int}
    return data.keys() == kinds.keys() and all(isinstance(data[name], kind) for name, kind in kinds.items())
