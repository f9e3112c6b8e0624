"""Half-open spans of UTC time, ``[start, end)`` (I10). An instant is in a span when ``start <= instant < end``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.kernel.clock import from_us, iso, to_us


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A non-empty stretch of time from ``start`` (in it) to ``end`` (not in it), both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs times with a zone")
        if self.start >= self.end:
            raise ValueError(f"a span ends after it starts: {iso(self.start)} … {iso(self.end)}")

    @classmethod
    def of_us(cls, start_us: int, end_us: int) -> "Span":
        """The span between two counts of microseconds since the epoch."""
        return cls(from_us(start_us), from_us(end_us))

    @property
    def start_us(self) -> int:
        return to_us(self.start)

    @property
    def end_us(self) -> int:
        return to_us(self.end)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, at: object) -> bool:
        return isinstance(at, datetime) and self.start <= at < self.end

    def covers(self, other: "Span") -> bool:
        """Whether every instant of ``other`` is in this span."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: "Span") -> bool:
        """Whether the two share at least one instant."""
        return self.start < other.end and other.start < self.end

    def cut(self, other: "Span") -> "Span | None":
        """What the two have in common, or ``None``."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def widened(self, by: timedelta) -> "Span":
        """The span with a margin of ``by`` on both sides."""
        return Span(self.start - by, self.end + by)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same instants as ``spans`` in as few spans as possible, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def subtract(whole: Span, taken: Iterable[Span]) -> list[Span]:
    """What of ``whole`` is in none of ``taken``, in order."""
    left: list[Span] = []
    at = whole.start
    for span in union(taken):
        part = span.cut(whole)
        if part is None:
            continue
        if at < part.start:
            left.append(Span(at, part.start))
        at = max(at, part.end)
    if at < whole.end:
        left.append(Span(at, whole.end))
    return left
