"""Whether a camera still looks where it did: the way edges run over the whole picture, learned over hours, compared.

From the grid of a glance: for each of 16 by 9 blocks, in which direction brightness changes there, whatever its amount
and sign. Lamps, dusk, infrared and shadows change how bright things are; where walls, kerbs and roofs run stays. Such a
field shows no scene, let alone a person: it is two small numbers a block, and the mean of hours. Measured on seven
scenes: one scene in other light 0.3 to 1, other scenes and the same one turned by a sixth of its width 0.45 at most,
mostly under 0.2. So below ``OTHER`` a view is another one, above ``SAME`` the same, between them nothing is said. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log, sqrt

from beffroi.media.core.movement import COLUMNS, ROWS

OTHER, SAME = 0.15, 0.35
LEARNED = 240
"""Glances of one view before it is the one that is usual: two hours. One of another view begins them anew, so that a
camera on patrol has none."""
TURNED_AFTER, IN_ONE_LIGHT = 240, 1440
"""Glances of another view, and none of the usual one, before it is said: two hours in different light, or twelve."""
_SIDE = 4
WIDTH, HEIGHT = COLUMNS // _SIDE, ROWS // _SIDE
FIELD = 2 * WIDTH * HEIGHT
_SLOWEST = 2880  # glances: it follows the seasons, by a day
_LOG = [log(8 + grey) for grey in range(256)]
_NOISE = 0.08  # of a block: less change than this has no direction
_CLEAR = 0.5
_SCALE = 127


@dataclass(frozen=True, slots=True)
class View:
    """The usual view, and how long another has been seen instead. Numbers alone: it may stand on a disk."""

    field: tuple[float, ...] = ()
    glances: int = 0
    detail: float = 0.0  # how much fine detail those glances had
    other: int = 0  # glances in a row that showed another
    other_us: int = 0
    lights: frozenset[str] = frozenset()  # in which those were taken

    @property
    def turned(self) -> bool:
        """Whether another view has been seen for long enough to ask somebody."""
        enough = TURNED_AFTER if len(self.lights) > 1 else IN_ONE_LIGHT
        return self.glances >= LEARNED and self.other >= enough

    def to_text(self) -> str:
        """The field, a byte a number, for a file."""
        return bytes(round(each * _SCALE) + 128 for each in self.field).hex()

    @staticmethod
    def field_of(text: str) -> tuple[float, ...]:
        """What ``to_text`` wrote. ``ValueError`` for anything else."""
        data = bytes.fromhex(text)
        if len(data) not in (0, FIELD):
            raise ValueError("not a view")
        return tuple((each - 128) / _SCALE for each in data)


@lru_cache(maxsize=16)
def field_of(grid: bytes) -> tuple[float, ...]:
    """In which direction brightness changes in each block, as cosine and sine of the doubled angle, and how clearly."""
    rows = [[_LOG[cell] for cell in grid[at : at + COLUMNS]] for at in range(0, ROWS * COLUMNS, COLUMNS)]
    sums = [[0.0, 0.0, _NOISE] for _ in range(WIDTH * HEIGHT)]
    for y in range(1, ROWS - 1):
        above, here, below = rows[y - 1], rows[y], rows[y + 1]
        first = y // _SIDE * WIDTH
        for x in range(1, COLUMNS - 1):
            dx, dy = here[x + 1] - here[x - 1], below[x] - above[x]
            if dx or dy:
                block = sums[first + x // _SIDE]
                block[0] += dx * dx - dy * dy
                block[1] += 2 * dx * dy
                block[2] += dx * dx + dy * dy
    return tuple(each[0] / each[2] for each in sums) + tuple(each[1] / each[2] for each in sums)


def alike(one: Sequence[float], other: Sequence[float]) -> float:
    """How far two fields agree, from -1 to 1; what all blocks of a picture share says nothing of where it looks."""
    half = FIELD // 2
    both = own = its = 0.0
    for part in (slice(0, half), slice(half, FIELD)):
        a, b = one[part], other[part]
        mean_a, mean_b = sum(a) / half, sum(b) / half
        both += sum(x * y for x, y in zip(a, b, strict=True)) - half * mean_a * mean_b
        own += sum(x * x for x in a) - half * mean_a * mean_a
        its += sum(x * x for x in b) - half * mean_b * mean_b
    return both / sqrt(own * its) if own > 1e-9 and its > 1e-9 else 0.0


def looked(view: View, grid: bytes, *, detail: float, at_us: int, light: str) -> View:
    """What is known of the view after a glance by day. Far less detail than the view has is fog or rain, and says
    nothing of where the camera looks; so it is measured by the view's own, which no fog of hours turns into another."""
    if detail < _CLEAR * view.detail:
        return view
    field = field_of(grid)
    if not view.field:
        return View(field, 1, detail)
    likeness = alike(view.field, field)
    if likeness < OTHER:
        if view.glances < LEARNED:
            return View(field, 1, detail)
        return replace(
            view, other=view.other + 1, other_us=view.other_us or at_us, lights=view.lights | frozenset({light})
        )
    if likeness < SAME:
        return view
    count = min(view.glances + 1, _SLOWEST)
    mean = tuple(known + (now - known) / count for known, now in zip(view.field, field, strict=True))
    return View(mean, count, view.detail + (detail - view.detail) / count)
