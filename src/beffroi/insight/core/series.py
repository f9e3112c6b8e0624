"""Declared series: figures that somebody published, kept beside the computed ones and never mixed with them. Pure.

A series is a CSV of three columns, ``key,year,value``, with a head of ``# name: value`` lines (title, title_en, source,
unit, invented). It says whose figures they are; one that is invented says so on every page.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from beffroi.kernel.errors import Invalid

HEAD = ("title", "title_en", "source", "unit", "invented")
COLUMNS = ["key", "year", "value"]
MAX_BYTES, MAX_ROWS, MAX_TEXT = 1_000_000, 5_000, 200
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Point:
    """One declared value."""

    key: str
    year: int
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Figures of one source. ``name`` is its short name here."""

    name: str
    title: Mapping[str, str]  # by language: fr, en
    source: str
    unit: str
    invented: bool
    points: tuple[Point, ...]

    def value(self, key: str, year: int) -> float | None:
        """The declared value, if there is one."""
        return next((point.value for point in self.points if point.key == key and point.year == year), None)

    def names(self) -> tuple[str, ...]:
        """The keys in the order in which the file names them."""
        return tuple(dict.fromkeys(point.key for point in self.points))

    def years(self) -> tuple[int, ...]:
        """All years, in order."""
        return tuple(sorted({point.year for point in self.points}))


def parse_series(name: str, text: str) -> Series:
    """Read a series. ``Invalid`` lists each wrong line in ``fields`` as ``line N``."""
    wrong: dict[str, str] = {}
    if len(text) > MAX_BYTES:
        raise Invalid("This file is too large for a series of figures.", fields={"file": "too-large"})
    head, rows = _split(text)
    for key in ("title", "source"):
        if not head.get(key):
            wrong[f"# {key}"] = "missing"
    points: list[Point] = []
    seen: set[tuple[str, int]] = set()
    reader = csv.reader(row for _, row in rows)
    for (number, _), cells in zip(rows, reader, strict=False):
        if [cell.strip() for cell in cells] == COLUMNS:
            continue
        problem, point = _point(cells)
        if point is not None and (point.key, point.year) in seen:
            problem = "twice"
        if problem or point is None:
            wrong[f"line {number}"] = problem
            continue
        seen.add((point.key, point.year))
        points.append(point)
    if not points and not wrong:
        wrong["file"] = "empty"
    if wrong or len(points) > MAX_ROWS:
        raise Invalid(
            "This file is not a series of figures.",
            code="series_unreadable",
            hint="It has the columns key,year,value and a head of lines such as “# title: …” and “# source: …”.",
            fields=wrong or {"file": "too-many-lines"},
        )
    title = {"fr": head["title"], "en": head.get("title_en") or head["title"]}
    return Series(name, title, head["source"], head.get("unit", ""), head.get("invented", "") == "yes", tuple(points))


def _split(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    head: dict[str, str] = {}
    rows: list[tuple[int, str]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            if key.strip() in HEAD:
                head[key.strip()] = value.strip()[:MAX_TEXT]
        elif line.strip():
            rows.append((number, line))
    return head, rows


def _point(cells: list[str]) -> tuple[str, Point | None]:
    """What is wrong, or the point."""
    if len(cells) != len(COLUMNS):
        return "three-columns", None
    key, year, value = (cell.strip() for cell in cells)
    if not key or len(key) > MAX_TEXT or any(ord(letter) < 32 for letter in key):
        return "key", None
    if not (year.isascii() and year.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR):
        return "year", None
    try:
        number = float(value)
    except ValueError:
        return "value", None
    if not 0 <= number < 1e12:
        return "value", None
    return "", Point(key, int(year), number)
