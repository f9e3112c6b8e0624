"""The year in figures: what each counts, and out of what. Pure: lines go in, figures with their lists come out.

A *request* is a requisition received in the year, by the commune's own calendar; one that its requester took back is
counted apart. A *fact* is what requests are about; it is counted once however many requests name it. Nothing here
knows a person: a line holds no name, and there are no figures per agent (DESIGN §12).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from beffroi.insight.core.rates import Rate, median, percentile
from beffroi.sites.core.coverage import PlaceClass


class Helped(StrEnum):
    """Whether pictures helped to clear a fact, as the unit said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class FigureName(StrEnum):
    """Every figure that opens to its definition and its list."""

    REQUESTS = "requests"
    WITHDRAWN = "withdrawn"
    FACTS = "facts"
    COVERED = "facts-covered"
    UNCOVERED = "facts-uncovered"
    OUTSIDE = "facts-outside"
    PLACE_UNKNOWN = "facts-unknown"
    HELPED_COVERED = "helped-covered"
    HELPED_UNCOVERED = "helped-uncovered"
    HELPED_OUTSIDE = "helped-outside"
    HELPED_ALL = "helped"
    FIRST_ANSWER = "first-answer"
    DECISION = "decision"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    OVERWRITTEN = "overwritten"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One requisition as figures see it."""

    id: str
    number: str
    received_at: datetime
    received_on: date  # in the commune's zone
    unit: str
    basis: str
    offence: str
    result: str  # governance's code: positive, partial, negative, overwritten, refused, or empty while open
    withdrawn: bool
    first_answer_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact as figures see it, with the numbers of the year's requests that name it."""

    id: str
    nature: str
    committed_on: date | None
    place_class: PlaceClass
    helped: Helped
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something took: median and ninth decile, over how many, and for how many it is not known."""

    median: timedelta | None
    p90: timedelta | None
    counted: int
    missing: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    """All figures of a year, and the lines they were made of."""

    year: int
    requests: tuple[RequestLine, ...]
    facts: tuple[FactLine, ...]
    places: Mapping[PlaceClass, int]
    helped: Mapping[PlaceClass, Rate]
    helped_all: Rate
    results: Mapping[str, int]
    by_month: tuple[int, ...]
    by_basis: tuple[tuple[str, int], ...]
    by_unit: tuple[tuple[str, int], ...]
    by_offence: tuple[tuple[str, int], ...]
    first_answer: Delay
    decision: Delay
    withdrawn: int

    @property
    def received(self) -> int:
        """Requests of the year, those taken back left out."""
        return len(self.requests) - self.withdrawn


def figures_of(year: int, requests: Iterable[RequestLine], facts: Iterable[FactLine]) -> YearFigures:
    """Compute a year. Lines of another year are refused with ``ValueError``."""
    lines = tuple(sorted(requests, key=lambda line: (line.received_at, line.number)))
    if any(line.received_on.year != year for line in lines):
        raise ValueError(f"a request of another year stands among those of {year}")
    counted = [line for line in lines if not line.withdrawn]
    known = {line.number for line in lines}
    about = tuple(sorted((fact for fact in facts if known.intersection(fact.requests)), key=_fact_order))
    return YearFigures(
        year=year,
        requests=lines,
        facts=about,
        places={place: sum(fact.place_class is place for fact in about) for place in PlaceClass},
        helped={place: rate_of(fact for fact in about if fact.place_class is place) for place in PlaceClass},
        helped_all=rate_of(about),
        results=dict(Counter(line.result or "open" for line in counted)),
        by_month=tuple(sum(line.received_on.month == month for line in counted) for month in range(1, 13)),
        by_basis=_counted(line.basis for line in counted),
        by_unit=_counted(line.unit for line in counted),
        by_offence=_counted(line.offence for line in counted),
        first_answer=delay_of(counted, lambda line: line.first_answer_at),
        decision=delay_of(counted, lambda line: line.decided_at),
        withdrawn=len(lines) - len(counted),
    )


def rate_of(facts: Iterable[FactLine]) -> Rate:
    """How many say yes, no, or nothing yet."""
    said = Counter(fact.helped for fact in facts)
    return Rate(said[Helped.YES], said[Helped.NO], said[Helped.UNKNOWN])


def delay_of(lines: Sequence[RequestLine], until: Callable[[RequestLine], datetime | None]) -> Delay:
    """From receipt to ``until``. An end before the receipt (typed later than it arrived) counts as no time at all."""
    seconds = []
    for line in lines:
        end = until(line)
        if end is not None:
            seconds.append(max(0.0, (end - line.received_at).total_seconds()))
    middle, late = median(seconds), percentile(seconds, 90)
    return Delay(
        None if middle is None else timedelta(seconds=middle),
        None if late is None else timedelta(seconds=late),
        len(seconds),
        len(lines) - len(seconds),
    )


PLACES: Mapping[FigureName, PlaceClass] = {
    FigureName.COVERED: PlaceClass.COVERED,
    FigureName.UNCOVERED: PlaceClass.UNCOVERED,
    FigureName.OUTSIDE: PlaceClass.OUTSIDE,
    FigureName.PLACE_UNKNOWN: PlaceClass.UNKNOWN,
    FigureName.HELPED_COVERED: PlaceClass.COVERED,
    FigureName.HELPED_UNCOVERED: PlaceClass.UNCOVERED,
    FigureName.HELPED_OUTSIDE: PlaceClass.OUTSIDE,
}
RESULTS: Mapping[FigureName, frozenset[str]] = {
    FigureName.POSITIVE: frozenset({"positive", "partial"}),
    FigureName.NEGATIVE: frozenset({"negative"}),
    FigureName.OVERWRITTEN: frozenset({"overwritten"}),
    FigureName.REFUSED: frozenset({"refused"}),
    FigureName.OPEN: frozenset({""}),
}


def list_behind(figures: YearFigures, name: FigureName) -> tuple[RequestLine, ...] | tuple[FactLine, ...]:
    """The lines that a figure counts: requests or facts."""
    if name in PLACES:
        return tuple(fact for fact in figures.facts if fact.place_class is PLACES[name])
    if name in (FigureName.FACTS, FigureName.HELPED_ALL):
        return figures.facts
    if name is FigureName.WITHDRAWN:
        return tuple(line for line in figures.requests if line.withdrawn)
    counted = tuple(line for line in figures.requests if not line.withdrawn)
    if name in RESULTS:
        return tuple(line for line in counted if line.result in RESULTS[name])
    return counted


def _fact_order(fact: FactLine) -> tuple[date, str]:
    return fact.committed_on or date.max, fact.id


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
