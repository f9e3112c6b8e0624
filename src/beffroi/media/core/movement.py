"""Where something changed in a drawn zone, from grey grids of key frames: no persons, no objects, no memory (I15).

A grid is 64 by 36 means of grey. A cell has changed when it differs from the key frame before by more than noise,
after the change of light that the whole picture shares is taken away. Spans in which no key frame could be examined
are told as such: unknown is not "nothing moved" (I9). Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from beffroi.kernel.errors import Invalid

COLUMNS, ROWS = 64, 36
CELLS = COLUMNS * ROWS
NOISE = 14
"""Steps of grey (of 255) that a still scene's coding and sensor noise stay below."""
LEAST_CELLS = 2
JOIN_US = 6_000_000
"""Movements closer together than this are one."""
LONGEST_STEP_US = 12_000_000
"""Key frames further apart than this leave what lies between unexamined (real cameras: up to eight seconds)."""
_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle of the picture, in ten-thousandths of its width and height, half open."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def parse(cls, text: str) -> "Zone":
        """``left,top,right,bottom`` in ten-thousandths; ``Invalid`` for anything else."""
        parts = text.split(",")
        if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
            raise Invalid("A zone is four whole numbers.", code="zone_wrong", fields={"zone": "left,top,right,bottom"})
        zone = cls(*map(int, parts))
        if not (zone.left < zone.right <= _SCALE and zone.top < zone.bottom <= _SCALE):
            raise Invalid("This zone is empty or outside.", code="zone_wrong", fields={"zone": "0 … 10000, rising"})
        return zone

    def cells(self) -> tuple[int, ...]:
        """The cells of the grid that it touches."""
        columns = range(self.left * COLUMNS // _SCALE, -(-self.right * COLUMNS // _SCALE))
        rows = range(self.top * ROWS // _SCALE, -(-self.bottom * ROWS // _SCALE))
        return tuple(row * COLUMNS + column for row in rows for column in columns)

    def text(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.left},{self.top},{self.right},{self.bottom}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search says of its span: half-open stretches in microseconds, in order."""

    moved: tuple[tuple[int, int], ...]
    unexamined: tuple[tuple[int, int], ...]


def changed(before: bytes, after: bytes, cells: Sequence[int]) -> bool:
    """Whether something changed in ``cells`` between two grids, the light of the whole picture left aside."""
    light = sorted(after[cell] - before[cell] for cell in range(0, CELLS, 7))
    shared = light[len(light) // 2]
    count = 0
    least = max(LEAST_CELLS if len(cells) > LEAST_CELLS else 1, len(cells) // 200)
    for cell in cells:
        if abs(after[cell] - before[cell] - shared) > NOISE:
            count += 1
            if count >= least:
                return True
    return False


class Searching:
    """A search as it goes on: each key frame is looked at once, in order of time, and only the last one is remembered.

    One step costs 0.2 ms at most, so that whoever serves live pictures meanwhile may take them one by one.
    """

    def __init__(self, zone: Zone, from_us: int, to_us: int) -> None:
        self._cells, self._from_us, self._to_us = zone.cells(), from_us, to_us
        self._moved: list[tuple[int, int]] = []
        self._unexamined: list[tuple[int, int]] = []
        self._known_us = from_us  # everything before was examined or told as not
        self._last: tuple[int, bytes] | None = None
        self.examined = 0

    def add(self, at_us: int, grid: bytes | None) -> None:
        """The next key frame: when, and its grid; ``None`` where it could not be decoded."""
        if grid is None:
            return
        self.examined += 1
        end_us = min(at_us, self._to_us)
        if self._last is None or at_us - self._last[0] > LONGEST_STEP_US:
            if end_us - self._known_us > LONGEST_STEP_US:
                self._unexamined.append((self._known_us, end_us))
        elif changed(self._last[1], grid, self._cells):
            _join(self._moved, max(self._last[0], self._from_us), end_us)
        self._last, self._known_us = (at_us, grid), max(self._known_us, at_us)

    def found(self) -> Found:
        """What the whole span holds, after the last key frame."""
        rest = ((self._known_us, self._to_us),) if self._to_us - self._known_us > LONGEST_STEP_US else ()
        return Found(tuple(self._moved), (*self._unexamined, *rest))


def _join(moved: list[tuple[int, int]], start_us: int, end_us: int) -> None:
    if start_us >= end_us:
        return  # outside the span
    if moved and start_us - moved[-1][1] <= JOIN_US:
        moved[-1] = (moved[-1][0], end_us)
    else:
        moved.append((start_us, end_us))
