"""Roll-call by class: present, missing, injured, unknown. Counts by default; unknown is never zero (I9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NO_NEWS_AFTER = timedelta(minutes=5)
"""A class that has said nothing for this long is shown as "no news" (a design default, not a rule of law)."""


class LineState(StrEnum):
    """What is known of one class."""

    NOT_RECEIVED = "not_received"
    PARTIAL = "partial"
    COMPLETE = "complete"
    DISCREPANCY = "discrepancy"
    NO_NEWS = "no_news"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a class said: counts, where it is, who said it and when. The last answer is the one that counts."""

    group: str
    zone: str
    present: int
    missing: int
    injured: int
    at: datetime
    by: str
    left: int = 0  # handed over to families or evacuated


@dataclass(frozen=True, slots=True)
class Line:
    """One class on the board. ``None`` counts are unknown."""

    group: str
    zone: str
    expected: int | None
    state: LineState
    present: int | None = None
    missing: int | None = None
    injured: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the classes that have answered, and how many have not."""

    present: int
    missing: int
    injured: int
    answered: int
    silent: int
    expected: int | None


def line(
    group: str, zone: str, expected: int | None, answers: Iterable[Answer], *, opened_at: datetime, now: datetime
) -> Line:
    """The line of one class from what it has said so far."""
    mine = [answer for answer in answers if answer.group == group]
    if not mine:
        silent = LineState.NO_NEWS if now - opened_at >= NO_NEWS_AFTER else LineState.NOT_RECEIVED
        return Line(group, zone, expected, silent)
    last = max(mine, key=lambda answer: answer.at)
    counted = last.present + last.missing + last.injured + last.left
    if expected is None:
        state = LineState.PARTIAL
    elif counted == expected:
        state = LineState.COMPLETE
    elif counted < expected:
        state = LineState.PARTIAL
    else:
        state = LineState.DISCREPANCY
    return Line(group, last.zone or zone, expected, state, last.present, last.missing, last.injured)


def totals(lines: Iterable[Line]) -> Totals:
    """Sums for the board. An unknown size makes the expected total unknown: it is never taken for zero."""
    rows = list(lines)
    heard = [row for row in rows if row.state not in (LineState.NOT_RECEIVED, LineState.NO_NEWS)]
    sizes = [row.expected for row in rows]
    return Totals(
        present=sum(row.present or 0 for row in heard),
        missing=sum(row.missing or 0 for row in heard),
        injured=sum(row.injured or 0 for row in heard),
        answered=len(heard),
        silent=len(rows) - len(heard),
        expected=None if any(size is None for size in sizes) else sum(size or 0 for size in sizes),
    )
