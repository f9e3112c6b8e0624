"""What feeds what: cameras hang on switches, radio bridges, cabinets and batteries. One cause is one alarm. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beffroi.kernel.ids import CameraId


class EquipmentKind(StrEnum):
    """What a piece of equipment is."""

    CABINET = "cabinet"
    BRIDGE = "bridge"
    SWITCH = "switch"
    POWER = "power"


@dataclass(frozen=True, slots=True)
class Equipment:
    """Something that several cameras hang on, and what it hangs on itself."""

    id: str
    name: str
    kind: EquipmentKind
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One cause: the recorder's own, a piece of equipment with every camera behind it silent, or a camera by itself."""

    key: str  # recorder:<cause>, equipment:<id> or camera:<id>
    cameras: tuple[CameraId, ...]
    equipment: Equipment | None
    since: datetime | None  # of the last picture that came; None: none ever came


def alarms(
    silent: Mapping[CameraId, datetime | None],
    hangs_on: Mapping[CameraId, str],
    equipment: Iterable[Equipment],
    at_recorder: Mapping[CameraId, str] | None = None,
) -> list[Alarm]:
    """The alarms behind ``silent`` (camera to its last picture). ``hangs_on`` has every camera that should record.

    ``at_recorder`` has those that send and are not kept, by what the recorder lacks: two or more are its own alarm, and
    say nothing of what they hang on. Equipment is taken for the cause when two cameras or more hang on it, near or far,
    and all of them are silent; the highest such piece is named. What is left is an alarm a camera.
    """
    known = {one.id: one for one in equipment}
    lacking = {each: lack for each, lack in (at_recorder or {}).items() if each in silent}
    own = {each: lack for each, lack in lacking.items() if list(lacking.values()).count(lack) > 1}
    above = {camera: _chain(first, known) for camera, first in hangs_on.items()}
    behind: dict[str, set[CameraId]] = {}
    for camera, chain in above.items():
        for one in chain:
            behind.setdefault(one, set()).add(camera)
    down = {
        one
        for one, cameras in behind.items()
        if len(cameras) > 1 and all(each in silent and each not in own for each in cameras)
    }
    causes: dict[str, list[CameraId]] = {}
    for camera in silent:
        highest = next((one for one in reversed(above.get(camera, ())) if one in down), "")
        by_itself = f"equipment:{highest}" if highest else f"camera:{camera}"
        causes.setdefault(f"recorder:{own[camera]}" if camera in own else by_itself, []).append(camera)
    return [
        Alarm(key, tuple(cameras), known.get(key.removeprefix("equipment:")), _since(silent[one] for one in cameras))
        for key, cameras in causes.items()
    ]


def makes_a_ring(moved: str, parent: str, equipment: Iterable[Equipment]) -> bool:
    """Whether hanging ``moved`` on ``parent`` would make it hang on itself."""
    return moved in _chain(parent, {one.id: one for one in equipment})


def _chain(first: str, known: Mapping[str, Equipment]) -> tuple[str, ...]:
    """What stands above, nearest first; a ring in the data ends it."""
    found: list[str] = []
    while first in known and first not in found:
        found.append(first)
        first = known[first].parent
    return tuple(found)


def _since(times: Iterable[datetime | None]) -> datetime | None:
    known = [one for one in times if one is not None]
    return max(known) if known else None
