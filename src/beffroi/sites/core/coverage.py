"""What a camera can see, as plane geometry. Pure.

Positions are WGS 84 degrees; distances are metres; bearings are degrees clockwise from north. Fields of view reach
some hundreds of metres, so the earth is flat here: an equirectangular projection about the camera is wrong by less
than one part in a thousand at that range. Walls are not known: a field of view says what *may* be seen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

EARTH_RADIUS_M = 6_371_008.8
Position = tuple[float, float]  # latitude, longitude


class PlaceClass(StrEnum):
    """Where a fact happened, as the mayor's figures count it. Unknown is not outside (I9)."""

    COVERED = "covered"
    UNCOVERED = "uncovered"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class View:
    """A place to look from, a direction, an opening and how far."""

    latitude: float
    longitude: float
    bearing_degrees: float
    angle_degrees: float  # 360: all around
    range_m: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"no such place on earth: {self.latitude}, {self.longitude}")
        if not (0 < self.angle_degrees <= 360 and 0 < self.range_m <= 5_000):
            raise ValueError("a field of view opens more than 0° and at most 360°, and reaches at most 5,000 m")

    @property
    def position(self) -> Position:
        return (self.latitude, self.longitude)


def _offset_m(origin: Position, target: Position) -> tuple[float, float]:
    """East and north metres from ``origin`` to ``target``."""
    north = math.radians(target[0] - origin[0]) * EARTH_RADIUS_M
    east = math.radians(_turn(target[1] - origin[1])) * EARTH_RADIUS_M * math.cos(math.radians(origin[0]))
    return east, north


def _turn(degrees: float) -> float:
    """The same direction in [-180, 180)."""
    return (degrees + 180.0) % 360.0 - 180.0


def distance_m(one: Position, other: Position) -> float:
    """Metres between two places near each other."""
    return math.hypot(*_offset_m(one, other))


def bearing_to(origin: Position, target: Position) -> float:
    """Degrees clockwise from north in which ``target`` lies from ``origin``, in [0, 360)."""
    east, north = _offset_m(origin, target)
    return math.degrees(math.atan2(east, north)) % 360.0


def sees(view: View, place: Position) -> bool:
    """Whether ``place`` lies in the field of view, its edge and the camera's own foot included."""
    distance = distance_m(view.position, place)
    if distance > view.range_m:
        return False
    if distance < 1.0 or view.angle_degrees >= 360:
        return True
    off_axis = abs(_turn(bearing_to(view.position, place) - view.bearing_degrees))
    return off_axis <= view.angle_degrees / 2


def destination(origin: Position, bearing_degrees: float, metres: float) -> Position:
    """The place ``metres`` away from ``origin`` in that direction."""
    east = math.sin(math.radians(bearing_degrees)) * metres
    north = math.cos(math.radians(bearing_degrees)) * metres
    latitude = origin[0] + math.degrees(north / EARTH_RADIUS_M)
    longitude = origin[1] + math.degrees(east / (EARTH_RADIUS_M * math.cos(math.radians(origin[0]))))
    return latitude, longitude


def sector(view: View, step_degrees: float = 6.0) -> list[Position]:
    """The field of view as a polygon, first corner not repeated: the camera's foot, then the arc from left to right."""
    whole = view.angle_degrees >= 360
    steps = max(2, math.ceil(view.angle_degrees / step_degrees))
    left = view.bearing_degrees - view.angle_degrees / 2
    count = steps if whole else steps + 1
    arc = [
        destination(view.position, left + view.angle_degrees * index / steps, view.range_m) for index in range(count)
    ]
    return arc if whole else [view.position, *arc]


def inside(polygon: Sequence[Position], place: Position) -> bool:
    """Whether ``place`` is inside the polygon (even-odd rule)."""
    latitude, longitude = place
    hit = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        if (lat_a > latitude) != (lat_b > latitude):
            crossing = lon_a + (latitude - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            if longitude < crossing:
                hit = not hit
    return hit


def classify(place: Position | None, boundary: Sequence[Position], views: Iterable[View]) -> PlaceClass:
    """The class of a place: seen by one of ``views``, else inside the commune's ``boundary``, else outside.

    A place without coordinates, or a commune without a boundary that no view reaches, is unknown.
    """
    if place is None:
        return PlaceClass.UNKNOWN
    if any(sees(view, place) for view in views):
        return PlaceClass.COVERED
    if len(boundary) < 3:
        return PlaceClass.UNKNOWN
    return PlaceClass.UNCOVERED if inside(boundary, place) else PlaceClass.OUTSIDE
