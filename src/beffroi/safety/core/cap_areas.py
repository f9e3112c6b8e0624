"""Whether an area of a CAP message concerns a commune. Unknown is an answer: only what is positively elsewhere is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from beffroi.safety.core.cap import Area
from beffroi.safety.core.cap_hazards import folded
from beffroi.sites.core.coverage import Position, distance_m


class Concern(StrEnum):
    """Whether a message is about here."""

    HERE = "here"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """The commune that asks: its code, its name, its outline, and points of it: its centre, its buildings."""

    insee: str
    name: str
    points: tuple[Position, ...]
    outline: tuple[Position, ...] = ()

    @property
    def department(self) -> str:
        """The code of its department."""
        return self.insee[:3] if self.insee.startswith("97") else self.insee[:2]


WHOLE_COUNTRY = frozenset({"fr", "fra", "france", "france entiere", "territoire national", "france metropolitaine"})
MAX_POINTS = 100_000
"""Of one outline: one that has more is not looked at, and says nothing."""


def concern(areas: Iterable[Area], place: Place) -> Concern:
    """Of all areas together: here when one is, elsewhere when all are, and unknown where nothing says."""
    found = {_concern(area, place) for area in areas}
    if Concern.HERE in found:
        return Concern.HERE
    return Concern.ELSEWHERE if found == {Concern.ELSEWHERE} else Concern.UNKNOWN


def _concern(area: Area, place: Place) -> Concern:
    name = folded(area.name)
    if name in WHOLE_COUNTRY or f" {folded(place.name)} " in f" {name} ":
        return Concern.HERE
    codes = [_coded(kind, value, place) for kind, value in area.geocodes]
    if True in codes:
        return Concern.HERE
    shapes = [_in_polygon(one, place) for one in area.polygons] + [_in_circle(one, place) for one in area.circles]
    if True in shapes:
        return Concern.HERE
    if shapes and None not in shapes:
        return Concern.ELSEWHERE
    if codes and not shapes and None not in codes:
        return Concern.ELSEWHERE
    return Concern.UNKNOWN


def _coded(kind: str, value: str, place: Place) -> bool | None:
    """Whether a code is ours; ``None`` for a list we do not know."""
    name, code = folded(kind), value.strip().upper()
    if code in ("FR", "FRA"):
        return True
    if "insee" in name or "commune" in name:
        return code in (place.insee, place.department) if code else None
    if "depart" in name:
        return code.removeprefix("FR-").zfill(2) == place.department
    if "3166" in name and code.startswith("FR-") and code[3:5].isdigit():
        return code[3:] == place.department
    return None


def _in_polygon(text: str, place: Place) -> bool | None:
    corners = _positions(text)
    if corners is None or len(corners) < 3 or not place.points:
        return None
    if any(inside(point, corners) for point in (*place.points, *place.outline)):
        return True
    return any(inside(corner, place.outline) for corner in corners[:MAX_POINTS]) if _near(corners, place) else False


def _in_circle(text: str, place: Place) -> bool | None:
    centre, _, radius = text.strip().partition(" ")
    found, reach = _positions(centre), _number(radius)
    if not found or reach is None or reach < 0 or not place.points:
        return None
    if any(distance_m(point, found[0]) <= reach * 1_000 for point in (*place.points, *place.outline)):
        return True
    return inside(found[0], place.outline)


def _near(corners: list[Position], place: Place) -> bool:
    """Whether the frames of both outlines meet: else no corner can lie inside ours."""
    if len(place.outline) < 3:
        return False
    return all(
        min(one[axis] for one in corners) <= max(one[axis] for one in place.outline)
        and max(one[axis] for one in corners) >= min(one[axis] for one in place.outline)
        for axis in (0, 1)
    )


def inside(point: Position, corners: list[Position] | tuple[Position, ...]) -> bool:
    """Whether a point lies in an outline: how often a ray from it crosses the sides."""
    if len(corners) < 3:
        return False
    y, x = point
    odd, (before_y, before_x) = False, corners[-1]
    for corner_y, corner_x in corners:
        if (corner_y > y) != (before_y > y):
            odd ^= x < (before_x - corner_x) * (y - corner_y) / (before_y - corner_y) + corner_x
        before_y, before_x = corner_y, corner_x
    return odd


def _positions(text: str) -> list[Position] | None:
    """``latitude,longitude`` pairs; ``None`` where one of them is no place on earth, or there are too many."""
    pairs = text.split()
    if not pairs or len(pairs) > MAX_POINTS:
        return None
    found: list[Position] = []
    for pair in pairs:
        first, _, second = pair.partition(",")
        latitude, longitude = _number(first), _number(second)
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            return None
        found.append((latitude, longitude))
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
