"""Who has the hand on a camera that moves, and when another may take it. Pure.

The room goes before its partners (I12). Of two with the same rank the one who steers keeps the hand until it has
rested; a lower rank waits longer. Silence stops the camera: an order holds half a second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from beffroi.kernel.errors import Invalid
from beffroi.media.core.tickets import Ticket

SILENCE_NS = 500_000_000
"""After so long without an order the camera stops."""
REST_NS = 3_000_000_000
"""An equal may take the hand when it has rested so long."""
LONG_REST_NS = 15_000_000_000
"""A lower rank may."""
FREE_NS = 30_000_000_000
"""After so long without an order nobody has the hand."""


class Rank(IntEnum):
    """Higher goes first."""

    PARTNER = 1
    ROOM = 2


@dataclass(frozen=True, slots=True)
class Speeds:
    """Right, up, closer; each from -1 to 1."""

    pan: float
    tilt: float
    zoom: float

    @property
    def still(self) -> bool:
        """Nothing is to move."""
        return not (self.pan or self.tilt or self.zoom)


STILL = Speeds(0.0, 0.0, 0.0)


def rank_of(ticket: Ticket) -> Rank:
    """The centre's own officers on duty are the room."""
    return Rank.ROOM if ticket.force == "PM" and ticket.basis.kind == "duty" else Rank.PARTNER


def may_take(*, held_by: Rank | None, rested_ns: int, wanted_by: Rank) -> bool:
    """Whether somebody of rank ``wanted_by`` gets the hand that ``held_by`` last used ``rested_ns`` ago."""
    if held_by is None or wanted_by > held_by:
        return True
    return rested_ns > (REST_NS if wanted_by == held_by else LONG_REST_NS)


def speeds_of(value: object) -> Speeds:
    """Three numbers from outside, cut to the range; ``Invalid`` for anything else."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise Invalid("A move is three numbers.", code="move_wrong")
    read = []
    for one in value:
        if isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            raise Invalid("A move is three numbers.", code="move_wrong")
        read.append(max(-1.0, min(1.0, float(one))))
    return Speeds(*read)
