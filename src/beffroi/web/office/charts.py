"""Geometry of the charts that the server draws as SVG. Each chart has a table of the same numbers beside it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One upright bar, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a lying bar: share of the whole, in percent of its width."""

    x: float
    width: float
    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Line:
    """One small line of a row of years."""

    key: str
    points: str  # as SVG's ``polyline`` takes them
    last_x: float
    last_y: float
    first: float
    last: float
    lowest: float
    highest: float
    values: tuple[tuple[int, float | None], ...]


def bars(labels: Sequence[str], values: Sequence[int], *, width: float = 720, height: float = 180) -> list[Bar]:
    """Upright bars from zero; the tallest reaches the top."""
    top = max([*values, 1])
    step = width / max(len(values), 1)
    drawn = []
    for n, (label, value) in enumerate(zip(labels, values, strict=True)):
        tall = round(height * value / top, 1)
        x = round(n * step + step * 0.16, 1)
        drawn.append(
            Bar(x, round(height - tall, 1), round(step * 0.68, 1), tall, round((n + 0.5) * step, 1), label, value)
        )
    return drawn


def parts(counts: Sequence[tuple[str, int]]) -> list[Part]:
    """A lying bar of several kinds, as wide as their sum."""
    whole = sum(value for _, value in counts)
    at = 0.0
    drawn = []
    for kind, value in counts:
        if value:
            share = 100 * value / whole
            drawn.append(Part(round(at, 2), round(share, 2), kind, value))
            at += share
    return drawn


def line(
    key: str, years: Sequence[int], values: Sequence[float | None], *, width: float = 240, height: float = 70
) -> Line:
    """A line over the years from zero; a year without a value is left out, not drawn as zero (I9)."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    top = max([value for _, value in known], default=1.0) or 1.0
    step = width / max(len(years) - 1, 1)
    at = [(round(n * step, 1), round(height - height * value / top, 1)) for n, value in known]
    numbers = [value for _, value in known] or [0.0]
    return Line(
        key=key,
        points=" ".join(f"{x},{y}" for x, y in at),
        last_x=at[-1][0] if at else 0,
        last_y=at[-1][1] if at else height,
        first=numbers[0],
        last=numbers[-1],
        lowest=min(numbers),
        highest=max(numbers),
        values=tuple(zip(years, values, strict=True)),
    )
