"""Rates that show their denominator, and what a published percentage can and cannot have been made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """Yes, no and not known, counted apart: an unknown is neither a no nor left out in silence (I9)."""

    yes: int
    no: int
    unknown: int

    def __post_init__(self) -> None:
        if min(self.yes, self.no, self.unknown) < 0:
            raise ValueError("counts are not negative")

    @property
    def known(self) -> int:
        """The denominator: outcomes that somebody has said."""
        return self.yes + self.no

    @property
    def all(self) -> int:
        """Everything that was counted."""
        return self.known + self.unknown

    @property
    def percent(self) -> int | None:
        """``yes / (yes + no)`` in whole per cent, halves up; ``None`` where nothing is known."""
        return whole_percent(self.yes, self.known) if self.known else None

    @property
    def lowest_percent(self) -> int | None:
        """What it would be if every unknown were a no."""
        return whole_percent(self.yes, self.all) if self.all else None

    @property
    def highest_percent(self) -> int | None:
        """What it would be if every unknown were a yes."""
        return whole_percent(self.yes + self.unknown, self.all) if self.all else None


def whole_percent(part: int, whole: int) -> int:
    """``part / whole`` in whole per cent, halves rounded up. ``ValueError`` for a whole of nothing."""
    if whole <= 0:
        raise ValueError("a share of nothing has no value")
    return (200 * part + whole) // (2 * whole)


def numerators(percent: int, whole: int) -> list[int]:
    """Every count out of ``whole`` that rounds to ``percent``."""
    return [part for part in range(whole + 1) if whole_percent(part, whole) == percent]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a published percentage says beside a published total.

    ``fits`` are the counts out of the whole total that round to it. Where there are none, ``known`` and ``yes`` are the
    largest number of known outcomes that would: the others were then unknown.
    """

    percent: int
    whole: int
    fits: tuple[int, ...]
    known: int | None
    yes: tuple[int, ...]

    @property
    def unknown(self) -> int | None:
        """How many outcomes were not known, if the percentage was made of the known ones."""
        return None if self.known is None else self.whole - self.known


def read_percentage(percent: int, whole: int) -> Reading:
    """Whether ``percent`` can be a share of ``whole``, and else of how many of them at most."""
    if not 0 <= percent <= 100 or whole <= 0:
        raise ValueError("a percentage lies between 0 and 100, of at least one")
    for known in range(whole, 0, -1):
        found = tuple(numerators(percent, known))
        if found:
            return Reading(percent, whole, found if known == whole else (), known, found)
    return Reading(percent, whole, (), None, ())


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two in the middle; ``None`` of nothing."""
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile: the least value that at least ``percent`` % do not exceed; ``None`` of nothing."""
    if not 0 < percent <= 100:
        raise ValueError("a percentile lies above 0 and at most at 100")
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return sorted(values)[rank - 1]
