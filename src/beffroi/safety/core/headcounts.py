"""Import of class sizes from a spreadsheet saved as CSV: a preview first, and the faulty cell named.

Schools' exports come in UTF-8 or Latin-1, with commas, semicolons or tabs. Names of pupils are never read: only
class, room and numbers.
"""

import csv
import io
from dataclasses import dataclass

from beffroi.kernel.errors import Invalid

MAX_BYTES = 512 * 1024
MAX_ROWS = 500
MAX_SIZE = 60  # pupils of one class; more is a typing error

_HEADINGS = {
    "group": ("classe", "class", "groupe", "group"),
    "room": ("salle", "room", "local"),
    "size": ("effectif", "pupils", "eleves", "élèves", "size", "nombre"),
    "adults": ("adultes", "adults", "encadrants"),
}


@dataclass(frozen=True, slots=True)
class Headcount:
    """One class as the sheet says it."""

    group: str
    room: str
    size: int
    adults: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be used, by its spreadsheet name (``C7``)."""

    cell: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be imported, and what stands in the way. Nothing is written while there is a fault."""

    rows: tuple[Headcount, ...]
    faults: tuple[Fault, ...]


def preview(data: bytes) -> Preview:
    """Read the sheet. Raises ``Invalid`` when it is not one at all; otherwise every faulty cell is named."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"This file is larger than {MAX_BYTES // 1024} kB.", code="sheet_too_large")
    table = _table(_decode(data))
    if not table:
        raise Invalid("This file has no rows.", code="sheet_empty")
    columns = _columns(table[0])
    rows: list[Headcount] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table[1 : MAX_ROWS + 1], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(number, cells, columns, faults)
        if row.group.casefold() in seen:
            faults.append(Fault(_cell(columns["group"], number), row.group, "named_twice"))
        seen[row.group.casefold()] = number
        rows.append(row)
    if len(table) > MAX_ROWS + 1:
        faults.append(Fault(f"A{MAX_ROWS + 2}", "", "too_many_rows"))
    return Preview(tuple(rows), tuple(faults))


def _row(number: int, cells: list[str], columns: dict[str, int], faults: list[Fault]) -> Headcount:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    def count(name: str, least: int) -> int:
        text = cell(name)
        if text == "" and name == "adults":
            return 0
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
        if not least <= value <= MAX_SIZE:
            faults.append(Fault(_cell(columns[name], number), text, "not_a_number" if value < 0 else "out_of_range"))
            return 0
        return value

    group = cell("group")
    if not group or len(group) > 60:
        faults.append(
            Fault(_cell(columns["group"], number), group[:60], "name_missing" if not group else "name_too_long")
        )
    return Headcount(group[:60], cell("room")[:60], count("size", 1), count("adults", 0) if "adults" in columns else 0)


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\x00" in text:
        raise Invalid("This is not a text file: save the sheet as CSV.", code="sheet_not_text")
    return text


def _table(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        raise Invalid(f"This file is not a CSV sheet: {error}.", code="sheet_not_csv") from None


def _columns(heading: list[str]) -> dict[str, int]:
    words = [cell.strip().casefold() for cell in heading]
    columns = {
        name: next(at for at, word in enumerate(words) if word in accepted)
        for name, accepted in _HEADINGS.items()
        if any(word in accepted for word in words)
    }
    missing = [_HEADINGS[name][0] for name in ("group", "size") if name not in columns]
    if missing:
        raise Invalid(
            f"The first row lacks the heading {' and '.join(missing)}.",
            code="sheet_no_heading",
            hint="Expected headings: classe, salle, effectif, adultes.",
        )
    return columns


def _cell(column: int, row: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
