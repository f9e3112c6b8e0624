"""Dwelling masks that a camera is to burn in: what is wanted, what it has, whether one covers the other. Pure.

Shapes are in thousandths of the picture, from its upper left corner. What counts is not that the camera gives back the
points it was sent (some round them, some know rectangles alone) but that each dwelling is covered by masks that are on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json

Shape = tuple[tuple[int, int], ...]
MOST_SHAPES, MOST_POINTS = 32, 64
_STEP, _EDGE = 20, 15
_WHOLE, _GRID, _LEAST = 1_000, 100, 25  # thousandths of a side; cells a side; the smallest area, in their squares


class Burnt(StrEnum):
    """Whether the masks are in the picture, as the camera itself says."""

    SAME = "same"  # it covers every dwelling
    DIFFERS = "differs"  # it does not: a breach
    CANNOT = "cannot"  # it has no such masks, too few, or not of this shape
    UNKNOWN = "unknown"  # it was not asked, or does not answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reviewed mask; no shape: looked at, no dwelling in view."""

    version: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class MaskState:
    """What is known of one camera's masks."""

    version: int
    burnt: Burnt
    why: str = ""  # a code, where it cannot or is not known
    since_us: int = 0
    asked_us: int = 0  # when the camera last answered


@dataclass(frozen=True, slots=True)
class Room:
    """What a camera can take."""

    most: int
    most_points: int
    rectangles_only: bool


def fault_of(shape: Shape) -> str:
    """Why this cannot be an area to hide (a code); empty for a good one. Sides that cross would leave holes in it."""
    if not 3 <= len(shape) <= MOST_POINTS:
        return "mask_points"
    if any(not 0 <= value <= _WHOLE for point in shape for value in point):
        return "mask_outside"
    sides = list(zip(shape, (*shape[1:], shape[0]), strict=True))
    if abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in sides)) < 2 * _LEAST:
        return "mask_flat"
    apart = ((n, m) for n in range(len(sides)) for m in range(n + 2, len(sides)) if (n, m) != (0, len(sides) - 1))
    return "mask_crossed" if any(_cross(*sides[n], *sides[m]) for n, m in apart) else ""


def share(shapes: Sequence[Shape]) -> float:
    """How much of the picture is hidden, 0 to 1."""
    middles = [(n + 0.5) * _WHOLE / _GRID for n in range(_GRID)]
    hidden = sum(any(_inside(x, y, one) for one in shapes) for x in middles for y in middles)
    return hidden / _GRID**2


def fitted(shapes: Sequence[Shape], room: Room) -> list[Shape] | None:
    """The shapes as the camera can take them, covering no less; ``None``: it cannot."""
    if len(shapes) > room.most:
        return None
    simple = [shape if not room.rectangles_only and len(shape) <= room.most_points else _box(shape) for shape in shapes]
    return None if any(len(shape) > max(room.most_points, 4) for shape in simple) else simple


def covers(has: Sequence[Shape], wanted: Sequence[Shape]) -> bool:
    """Whether every point of ``wanted`` but its very edge lies under one of ``has``."""
    return all(any(_inside(x, y, one) for one in has) for shape in wanted for x, y in _points(shape))


def _box(shape: Shape) -> Shape:
    xs, ys = [x for x, _ in shape], [y for _, y in shape]
    return ((min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)))


def _points(shape: Shape) -> list[tuple[float, float]]:
    """A grid inside the shape, away from its edge; of one too thin for that, what lies inside it at all."""
    (left, top), _, (right, bottom), _ = _box(shape)
    step_x, step_y = (max(1.0, min(_STEP, (far - near) / 8)) for near, far in ((left, right), (top, bottom)))
    inside = []
    x = left + step_x / 2
    while x < right:
        y = top + step_y / 2
        while y < bottom:
            if _inside(x, y, shape):
                inside.append((x, y))
            y += step_y
        x += step_x
    near = ((-_EDGE, 0), (_EDGE, 0), (0, -_EDGE), (0, _EDGE))
    core = [(x, y) for x, y in inside if all(_inside(x + dx, y + dy, shape) for dx, dy in near)]
    return core or inside


def _cross(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int], d: tuple[int, int]) -> bool:
    """Whether the sides ``ab`` and ``cd`` cut each other between their ends."""

    def turn(p: tuple[int, int], q: tuple[int, int], r: tuple[int, int]) -> int:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def _inside(x: float, y: float, shape: Shape) -> bool:
    """By the even-odd rule."""
    found = False
    for (ax, ay), (bx, by) in zip(shape, (*shape[1:], shape[0]), strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def wanted_to_json(wanted: Wanted) -> Json:
    """As it travels in the settings."""
    shapes: list[Json] = [[[x, y] for x, y in shape] for shape in wanted.shapes]
    return {"version": wanted.version, "shapes": shapes}


def wanted_from_json(data: Mapping[str, Any]) -> Wanted:
    """What ``wanted_to_json`` wrote. ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    shapes = tuple(tuple((int(x), int(y)) for x, y in shape) for shape in data["shapes"])
    if len(shapes) > MOST_SHAPES or any(not 3 <= len(shape) <= MOST_POINTS for shape in shapes):
        raise ValueError("too many shapes, or one of too many points or too few")
    return Wanted(int(data["version"]), shapes)


def state_to_json(state: MaskState) -> Json:
    """As it stands on the disk and travels."""
    return {
        "version": state.version,
        "burnt": state.burnt.value,
        "why": state.why,
        "since_us": state.since_us,
        "asked_us": state.asked_us,
    }


def state_from_json(data: Mapping[str, Any]) -> MaskState:
    """What ``state_to_json`` wrote. ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    return MaskState(
        int(data["version"]), Burnt(data["burnt"]), str(data["why"]), int(data["since_us"]), int(data["asked_us"])
    )
