"""A table that leaves the house: as CSV for a spreadsheet, as PDF/A for a file. Pure."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from beffroi.media.core.answers import RecorderStatus
from beffroi.people.core.facts import PersonFacts

PRINTED_ROWS = 2_000
"""The newest lines that go on paper; the CSV has all up to its own limit."""
_FORMULA = {"=", "+", "-", "@", "\t", "\r"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table in the reader's words. ``path`` is its place in the bundle, without its ending."""

    path: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


Sheets = Callable[[PersonFacts, RecorderStatus | None, str, datetime], Iterator[Sheet]]
"""Makes all sheets for a person, in a language, at a moment; ``None`` where the recorder is silent."""


def csv_bytes(sheet: Sheet) -> bytes:
    """UTF-8 with its mark, semicolons, and no cell that a spreadsheet takes for a formula."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.head)
    writer.writerows([f"'{cell}" if cell[:1] in _FORMULA else cell for cell in row] for row in sheet.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
