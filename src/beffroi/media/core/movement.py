"""Where something changed in a drawn zone, from grey grids of key frames: no persons, no objects, no memory (I15).

A grid is 64 by 36 means of grey. A cell has changed when it differs from the key frame before by more than noise,
after the change of light that the whole picture shares is taken away. Spans in which no key frame could be examined
are told as such: unknown is not "nothing moved" (I9). Pure.
"""

from collections.abc import Iterable, Sequence
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
class Sample:
    """One key frame: when, and its grid; ``None`` where it could not be decoded."""

    at_us: int
    grid: bytes | None


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


def search(samples: Iterable[Sample], zone: Zone, from_us: int, to_us: int) -> Found:
    """What moved in ``zone`` between ``from_us`` and ``to_us``, and what could not be examined."""
    cells = zone.cells()
    moved: list[tuple[int, int]] = []
    unexamined: list[tuple[int, int]] = []
    known = from_us  # everything before was examined or told as not
    last: Sample | None = None
    for sample in samples:
        if sample.grid is None:
            continue
        if last is None or last.grid is None or sample.at_us - last.at_us > LONGEST_STEP_US:
            if min(sample.at_us, to_us) - known > LONGEST_STEP_US:
                unexamined.append((known, min(sample.at_us, to_us)))
        elif changed(last.grid, sample.grid, cells):
            _join(moved, max(last.at_us, from_us), min(sample.at_us, to_us))
        last, known = sample, max(known, sample.at_us)
    if to_us - known > LONGEST_STEP_US:
        unexamined.append((known, to_us))
    return Found(tuple(moved), tuple(unexamined))


def _join(moved: list[tuple[int, int]], start_us: int, end_us: int) -> None:
    if start_us >= end_us:
        return  # outside the span
    if moved and start_us - moved[-1][1] <= JOIN_US:
        moved[-1] = (moved[-1][0], end_us)
    else:
        moved.append((start_us, end_us))
