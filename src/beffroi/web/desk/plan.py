"""The map of the commune as SVG numbers: one projection, drawn by the server so that it needs no JavaScript.

Units of the drawing are metres from the middle of what is shown, x to the east, y to the south.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from beffroi.sites.core.coverage import EARTH_RADIUS_M, Position, View, sector

ORDER = ("boundary", "wood", "green", "water_area", "river", "rail", "road", "parking", "square", "yard", "building")


@dataclass(frozen=True, slots=True)
class Shape:
    """One piece of the drawing: its class and its path."""

    kind: str
    path: str
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map."""

    text: str
    x: float
    y: float
    side: str  # left, right, above or below its building


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs of the ground."""

    view_box: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]


class Projection:
    """Places to metres about a middle; right to a decimetre within ten kilometres."""

    def __init__(self, middle: Position) -> None:
        self._middle = middle
        self._east = EARTH_RADIUS_M * cos(radians(middle[0]))

    def xy(self, place: Position) -> tuple[float, float]:
        """Where ``place`` (latitude, longitude) is drawn."""
        x = radians(place[1] - self._middle[1]) * self._east
        y = -radians(place[0] - self._middle[0]) * EARTH_RADIUS_M
        return round(x, 1), round(y, 1)

    def cone(self, view: View) -> str:
        """The path of a field of view."""
        return self.path(sector(view, step_degrees=10), closed=True)

    def path(self, places: Sequence[Position], *, closed: bool) -> str:
        """The path through these places."""
        points = [self.xy(place) for place in places]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("Z" if closed else "")


def draw(plan: dict[str, Any], projection: Projection, views: Iterable[View]) -> Drawing:
    """The ground, back to front. What is shown is the streets and the cameras; the boundary may reach beyond."""
    shapes: list[Shape] = []
    labels: list[Label] = []
    extent: list[tuple[float, float]] = [projection.xy(view.position) for view in views]
    for feature in sorted(plan.get("features", ()), key=_depth):
        kind, name = feature["properties"]["kind"], feature["properties"].get("name", "")
        geometry = feature["geometry"]
        if geometry["type"] not in {"LineString", "Polygon"}:
            continue
        closed = geometry["type"] == "Polygon"
        ring = geometry["coordinates"][0] if closed else geometry["coordinates"]
        places = [(latitude, longitude) for longitude, latitude in (ring[:-1] if closed else ring)]
        role = feature["properties"].get("role", feature["properties"].get("importance", ""))
        shapes.append(Shape(kind, projection.path(places, closed=closed), name, role))
        points = [projection.xy(place) for place in places]
        if kind == "building" and role != "house":
            extent.extend(points)
        if feature["properties"].get("label"):
            labels.append(_label(name, points, feature["properties"]["label"]))
    return Drawing(_view_box(extent), tuple(shapes), tuple(labels))


def _label(name: str, points: Sequence[tuple[float, float]], side: str) -> Label:
    """A name beside its building, so that neither hides the other."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    x = {"left": left - 6, "right": right + 6}.get(side, (left + right) / 2)
    y = {"above": top - 6, "below": bottom + 18}.get(side, (top + bottom) / 2 + 6)
    return Label(name, round(x, 1), round(y, 1), side)


def _depth(feature: dict[str, Any]) -> int:
    kind = feature["properties"]["kind"]
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _view_box(extent: Sequence[tuple[float, float]], margin: float = 160.0) -> str:
    if not extent:
        return "-500 -400 1000 800"
    left, right = min(x for x, _ in extent) - margin, max(x for x, _ in extent) + margin
    top, bottom = min(y for _, y in extent) - margin, max(y for _, y in extent) + margin
    return f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
