"""Whether a camera still shows its scene: frozen, black, white, covered, turned. Told over time by sparse key frames.

A *glance* is what leaves the decoder: a grid of 64 by 36 means of grey, how much fine detail there is, whether there is
colour. No person, no object, nothing that is kept on a disk but numbers (I15). What a camera shows is compared with its
own past *in like light*: a switch to infrared, dusk and lamps that go out are other light, not less picture. Whether it
looks elsewhere (``scene``) is asked of a person, never concluded: a false alarm is worse than a late question. Pure.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import sqrt
from operator import mul, ne
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.media.core import scene
from beffroi.media.core.movement import CELLS, COLUMNS

EVERY_US = 30_000_000
"""How often a camera is glanced at."""
FROZEN_AFTER = 12
"""Glances without any change: six minutes. The busiest encoder's noise changes more than a frozen picture does."""
BLIND_AFTER, CALM_AFTER = 4, 2
TICKING_AFTER = 40
"""The same where a clock burnt into the picture goes on and nothing else changes: twenty minutes."""
STRANGE_AFTER = 20
"""Glances in light the camera was never seen in: ten minutes, before a loss of detail is believed."""
LEARNED = 20
"""Glances in one light before they say what is usual there."""
_WIRE = struct.Struct(">I?")
_STEP, _MOST_CELLS = 1, CELLS // 10
_DARK, _BRIGHT, _FLAT = 20, 235, 4.0
_UNLIT = 48
_LOST, _BACK, _LOST_STRANGE = 0.35, 0.6, 0.2
_EMPTY_DETAIL = 0.8
_BARE_DETAIL, _BARE_CURVE = 1.0, 2.0  # the least that a scene ever had: 1.5 and 3.9
_CLOCK_ROWS, _CLOCK_CELLS, _RECODED = 3, 64, CELLS // 50
_BAND = 32
_REMEMBERED_DAYS = 8
_LONGEST_NIGHT_US = 16 * 3_600_000_000
_HOUR_US = 3_600_000_000
_SLOWEST = 256


class Trouble(StrEnum):
    """What is wrong with a picture that comes."""

    FROZEN = "frozen"
    BLACK = "black"
    WHITE = "white"
    TURNED = "turned"  # for hours another view than the usual: a question to a person
    COVERED = "covered"  # or out of focus, or in fog: far less detail than it shows in this light


_BLIND = frozenset({Trouble.BLACK, Trouble.WHITE, Trouble.COVERED})


@dataclass(frozen=True, slots=True)
class Glance:
    """One key frame, as the decoder's process tells it."""

    at_us: int
    grid: bytes
    detail: float
    colour: bool

    def to_bytes(self) -> bytes:
        """As the decoder's process writes it: detail in thousandths, colour, grid. The time stays behind."""
        return _WIRE.pack(round(self.detail * 1_000), self.colour) + self.grid

    @classmethod
    def from_bytes(cls, data: bytes, at_us: int) -> "Glance":
        """What ``to_bytes`` wrote, of a picture at ``at_us``. ``ValueError`` for anything else."""
        if len(data) != _WIRE.size + CELLS:
            raise ValueError("not a glance")
        detail, colour = _WIRE.unpack_from(data)
        return cls(at_us, data[_WIRE.size :], detail / 1_000, colour)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of one camera's picture. Everything but ``anchor`` may be kept on a disk."""

    trouble: Trouble | None = None
    since_us: int = 0
    looked_us: int = 0
    usual: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # light: glances, their detail
    unlit: Mapping[int, int] = field(default_factory=dict)  # hour of the UTC day: day it was last dark then, by itself
    suspect: Trouble | None = None
    suspect_us: int = 0
    glances: int = 0  # of that suspicion, in a row
    calm: int = 0  # good ones in a row while a trouble stands
    view: scene.View = field(default_factory=scene.View)
    view_us: int = 0  # since when that view is the right one, as somebody said
    anchor: bytes = b""  # grid of the first of several that are alike
    anchor_us: int = 0
    alike: int = 0
    ticking: bytes = b""  # grid of the first of several that are alike but for a clock
    ticking_us: int = 0
    ticks: int = 0


def after(memory: Memory, glance: Glance, *, fixed: bool = True) -> Memory:
    """What is known once ``glance`` was taken in. Glances come in order of time. ``fixed``: nobody steers it."""
    if len(glance.grid) != CELLS:
        raise ValueError("not a grid")
    memory = _anchored(replace(memory, looked_us=glance.at_us), glance)
    if memory.trouble is Trouble.TURNED:
        memory = replace(memory, trouble=None, since_us=0)
    seen = _seen(memory, glance)
    if fixed and seen is None and sum(glance.grid) / CELLS >= _UNLIT:
        light = light_of(glance)
        view = scene.looked(memory.view, glance.grid, detail=glance.detail, at_us=glance.at_us, light=light)
        memory = replace(memory, view=view)
    memory = _judged(memory, glance, seen)
    if fixed and memory.trouble is None and memory.view.turned:
        return replace(memory, trouble=Trouble.TURNED, since_us=memory.view.other_us)
    return memory


def accepted(memory: Memory, at_us: int) -> Memory:
    """Somebody said at ``at_us`` that it looks where it should: what it shows from then on is its usual view."""
    if at_us <= memory.view_us:
        return memory
    turned = memory.trouble is Trouble.TURNED
    return replace(
        memory,
        view=scene.View(),
        view_us=at_us,
        trouble=None if turned else memory.trouble,
        since_us=0 if turned else memory.since_us,
    )


def _judged(memory: Memory, glance: Glance, seen: Trouble | None) -> Memory:
    if seen is None:
        return _good(memory, glance)
    fresh = (seen in _BLIND) is not (memory.suspect in _BLIND) or memory.suspect is None
    memory = replace(
        memory,
        suspect=seen,
        suspect_us=(_still_since(memory) if seen is Trouble.FROZEN else glance.at_us) if fresh else memory.suspect_us,
        glances=1 if fresh else memory.glances + 1,
        calm=0,
    )
    known = memory.trouble is seen or {memory.trouble, seen} <= _BLIND
    if known or memory.glances < _wanted(memory, glance, seen) or _of_the_hour(memory, glance, seen):
        return memory
    return replace(memory, trouble=seen, since_us=memory.since_us if memory.trouble else memory.suspect_us)


def _still_since(memory: Memory) -> int:
    return memory.anchor_us if memory.alike >= memory.ticks else memory.ticking_us


def _anchored(memory: Memory, glance: Glance) -> Memory:
    if memory.ticking and _alike_but_a_clock(memory.ticking, glance.grid):
        memory = replace(memory, ticks=memory.ticks + 1)
    else:
        memory = replace(memory, ticking=glance.grid, ticking_us=glance.at_us, ticks=1)
    if memory.anchor and _alike(memory.anchor, glance.grid):
        return replace(memory, alike=memory.alike + 1)
    return replace(memory, anchor=glance.grid, anchor_us=glance.at_us, alike=1)


def _alike(before: bytes, now: bytes) -> bool:
    """Whether nothing changed but what coding the same picture again changes."""
    changed = [abs(one - other) for one, other in zip(before, now, strict=True) if one != other]
    return len(changed) <= _MOST_CELLS and max(changed, default=0) <= _STEP


def _alike_but_a_clock(before: bytes, now: bytes) -> bool:
    """Whether something changed in a line of writing, and next to nothing anywhere else: less than when a still scene
    is coded again, because a scene that is merely quiet has noise in all of it."""
    if sum(map(ne, before, now)) > _CLOCK_CELLS + _RECODED:
        return False
    changed = [(at, abs(one - other)) for at, (one, other) in enumerate(zip(before, now, strict=True)) if one != other]
    written = [at for at, by in changed if by > _STEP]
    if not written or len(written) > _CLOCK_CELLS or len(changed) - len(written) > _RECODED:
        return False
    return written[-1] // COLUMNS - written[0] // COLUMNS < _CLOCK_ROWS


def _seen(memory: Memory, glance: Glance) -> Trouble | None:
    """What this glance looks like by itself, against what is usual in this light."""
    mean = sum(glance.grid) / CELLS
    flat = _spread(glance.grid, mean) < _FLAT
    if flat and mean < _DARK:
        return Trouble.BLACK
    if flat and mean > _BRIGHT:
        return Trouble.WHITE
    if _covered(memory, glance, flat=flat):
        return Trouble.COVERED
    said = memory.trouble is Trouble.FROZEN  # once said, it ends by a change alone
    still = memory.alike >= (2 if said else FROZEN_AFTER) or memory.ticks >= (2 if said else TICKING_AFTER)
    return Trouble.FROZEN if still else None


def _spread(grid: bytes, mean: float) -> float:
    return sqrt(max(0.0, sum(map(mul, grid, grid)) / CELLS - mean * mean))


def _covered(memory: Memory, glance: Glance, *, flat: bool) -> bool:
    if flat and glance.detail < _EMPTY_DETAIL:
        return True
    share = _BACK if Trouble.COVERED in {memory.trouble, memory.suspect} else _LOST
    known = _learned(memory, light_of(glance))
    if known is not None:
        return glance.detail < share * known
    learned = [detail for count, detail in memory.usual.values() if count >= LEARNED]
    return glance.detail < _LOST_STRANGE * min(learned) if learned else _is_bare(glance)


def _is_bare(glance: Glance) -> bool:
    """Whether there is nothing in it but soft shades, by day: all that can be said of a camera without a past."""
    if glance.detail >= _BARE_DETAIL or sum(glance.grid) / CELLS < _UNLIT:
        return False
    inner = [at for at in range(COLUMNS, CELLS - COLUMNS) if 0 < at % COLUMNS < COLUMNS - 1]
    grid = glance.grid
    curve = sum(
        abs(4 * grid[at] - grid[at - 1] - grid[at + 1] - grid[at - COLUMNS] - grid[at + COLUMNS]) for at in inner
    )
    return curve / len(inner) < _BARE_CURVE


def _learned(memory: Memory, light: str) -> float | None:
    count, detail = memory.usual.get(light, (0, 0.0))
    return detail if count >= LEARNED else None


def light_of(glance: Glance) -> str:
    """The light a glance was taken in: a band of brightness, with or without colour."""
    return f"{sum(glance.grid) // CELLS // _BAND}{'c' if glance.colour else 'm'}"


def _wanted(memory: Memory, glance: Glance, seen: Trouble) -> int:
    """How many such glances in a row are believed."""
    if seen is Trouble.FROZEN:
        return 1  # a row of them is what it is made of
    if seen is Trouble.COVERED and _learned(memory, light_of(glance)) is None:
        return STRANGE_AFTER
    return BLIND_AFTER


def _of_the_hour(memory: Memory, glance: Glance, seen: Trouble) -> bool:
    """Whether it was dark about this hour on one of the last days too: street lamps that the commune puts out."""
    if seen is Trouble.WHITE or sum(glance.grid) / CELLS >= _UNLIT:
        return False
    hour, today = glance.at_us // _HOUR_US, glance.at_us // _HOUR_US // 24
    days = (memory.unlit.get((hour + near) % 24) for near in (-1, 0, 1))
    return any(day is not None and today - day < _REMEMBERED_DAYS for day in days)


def _good(memory: Memory, glance: Glance) -> Memory:
    """A picture as it should be: what it shows is learned, and a trouble ends after some of them."""
    unlit = dict(memory.unlit)
    night = memory.suspect in _BLIND and memory.glances >= BLIND_AFTER
    if night and glance.at_us - memory.suspect_us < _LONGEST_NIGHT_US:
        for hour in range(memory.suspect_us // _HOUR_US, glance.at_us // _HOUR_US + 1):
            unlit[hour % 24] = hour // 24
    light = light_of(glance)
    count, detail = memory.usual.get(light, (0, 0.0))
    count = min(count + 1, _SLOWEST)
    usual = {**memory.usual, light: (count, detail + (glance.detail - detail) / count)}
    memory = replace(memory, usual=usual, unlit=unlit, suspect=None, glances=0, calm=memory.calm + 1)
    if memory.trouble is not None and memory.calm >= CALM_AFTER:
        return replace(memory, trouble=None, since_us=0)
    return memory


def memory_to_json(memory: Memory) -> Json:
    """What of it may stand on a disk: numbers, and no grid."""
    return {
        "trouble": memory.trouble.value if memory.trouble else "",
        "since_us": memory.since_us,
        "looked_us": memory.looked_us,
        "usual": {light: [count, round(detail, 3)] for light, (count, detail) in memory.usual.items()},
        "unlit": {str(hour): day for hour, day in memory.unlit.items()},
        "view_us": memory.view_us,
        "view": memory.view.to_text(),
        "viewed": [
            memory.view.glances,
            round(memory.view.detail, 3),
            memory.view.other,
            memory.view.other_us,
            *sorted(memory.view.lights),
        ],
    }


def memory_from_json(data: Mapping[str, Any]) -> Memory:
    """What ``memory_to_json`` wrote. ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    return Memory(
        trouble=Trouble(data["trouble"]) if data["trouble"] else None,
        since_us=int(data["since_us"]),
        looked_us=int(data["looked_us"]),
        usual={str(light): (int(count), float(detail)) for light, (count, detail) in data["usual"].items()},
        unlit={int(hour): int(day) for hour, day in data["unlit"].items()},
        view=_view(data["view"], data["viewed"]) if data.get("view") else scene.View(),  # absent in files from before
        view_us=int(data.get("view_us", 0)),
    )


def _view(text: str, viewed: Sequence[Any]) -> scene.View:
    glances, detail, other, other_us, *lights = viewed
    field = scene.View.field_of(text)
    return scene.View(field, int(glances), float(detail), int(other), int(other_us), frozenset(map(str, lights)))
