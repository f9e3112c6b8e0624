"""What is drawn of a building: levels with a drawing each, what stands where on it, and whom to telephone.

Places are fractions of the drawing (0 to 1 from the upper left corner), so that another scan of the same size keeps
them. The legend is the education ministry's (Eduscol, fascicule 2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class MarkKind(StrEnum):
    """The legend of the plans."""

    ROOM = "room"
    SAFETY_ZONE = "safety_zone"
    ASSEMBLY_POINT = "assembly_point"
    VEHICLE_ACCESS = "vehicle_access"
    FOOT_ACCESS = "foot_access"
    EMERGENCY_EXIT = "emergency_exit"
    RESPONDERS = "responder_rv"
    WATER = "cut_off_water"
    GAS = "cut_off_gas"
    ELECTRICITY = "cut_off_electricity"
    VENTILATION = "cut_off_ventilation"
    TRIGGER = "trigger_point"
    KIT = "kit"


REFERRING: dict[MarkKind, str] = {
    MarkKind.ROOM: "rooms",
    MarkKind.SAFETY_ZONE: "zones",
    MarkKind.ASSEMBLY_POINT: "zones",
}
"""Marks that stand for a room or zone of the plan, and name it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on a drawing. ``ref`` is the room's or zone's id; ``label`` what is written beside it."""

    id: str
    kind: MarkKind
    x: float
    y: float
    label: str = ""
    ref: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A storey or the grounds: its drawing (SHA-256 of the kept file, empty while none) and what stands on it."""

    id: str
    name: str
    drawing: str = ""
    width: int = 1_000
    height: int = 700
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A line of the crisis directory (répertoire de crise)."""

    id: str
    name: str
    function: str
    phone: str
    confidential: bool = True


def faults(levels: Iterable[Level], *, zones: frozenset[str], rooms: frozenset[str]) -> list[tuple[str, str]]:
    """Where and what: marks off the drawing, marks of rooms or zones that the plan does not have, ids that repeat."""
    found: list[tuple[str, str]] = []
    known = {"rooms": rooms, "zones": zones}
    seen: set[str] = set()
    for level in levels:
        where = f"levels/{level.id}"
        if level.id in seen:
            found.append((where, "named_twice"))
        seen.add(level.id)
        if level.width <= 0 or level.height <= 0:
            found.append((where, "no_size"))
        ids = [mark.id for mark in level.marks]
        found += [(f"{where}/{one}", "named_twice") for one in sorted({one for one in ids if ids.count(one) > 1})]
        for mark in level.marks:
            if not (0 <= mark.x <= 1 and 0 <= mark.y <= 1):
                found.append((f"{where}/{mark.id}", "off_the_drawing"))
            kind = REFERRING.get(mark.kind)
            if kind and mark.ref not in known[kind]:
                found.append((f"{where}/{mark.id}", "unknown_zone" if kind == "zones" else "unknown_room"))
    return found


def unplaced(levels: Iterable[Level], zones: Iterable[str]) -> list[str]:
    """Zones that stand on no drawing."""
    placed = {mark.ref for level in levels for mark in level.marks}
    return [zone for zone in zones if zone not in placed]
