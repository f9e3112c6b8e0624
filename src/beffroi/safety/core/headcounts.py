"""Import of class sizes from a spreadsheet: a preview first, and the faulty cell named.

Schools' exports come in UTF-8 or Latin-1, with commas, semicolons or tabs. Names of pupils are never read: only
class, room and numbers.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from beffroi.kernel.errors import Invalid
from beffroi.safety.core.plans import Group, Plan

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
    adults: int | None  # none: the sheet has no such column

    cells: tuple[str, str] = ("", "")  # names of the cells of the class and of its room


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
    return preview_table(_table(_decode(data)))


def preview_table(table: Sequence[Sequence[str]]) -> Preview:
    """The same of a table whose first row is the heading, whatever file it came from."""
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


def _row(number: int, given: Sequence[str], columns: dict[str, int], faults: list[Fault]) -> Headcount:
    def cell(name: str) -> str:
        at = columns.get(name)
        return given[at].strip() if at is not None and at < len(given) else ""

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
    cells_named = (_cell(columns["group"], number), _cell(columns.get("room", columns["group"]), number))
    adults = count("adults", 0) if "adults" in columns else None
    return Headcount(group[:60], cell("room")[:60], count("size", 1), adults, cells_named)


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


def _columns(heading: Sequence[str]) -> dict[str, int]:
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


@dataclass(frozen=True, slots=True)
class Change:
    """What the sheet does to one class: ``kind`` is ``same``, ``resized``, ``new`` or ``missing`` (kept as it is)."""

    kind: str
    group: str
    room: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The groups that the plan would have, what changes class by class, and what stands in the way."""

    groups: tuple[Group, ...]
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]


def propose(plan: Plan, sheet: Preview) -> Proposal:
    """Lay a sheet over a plan: classes meet by name, rooms by name or id. A class the sheet lacks stays."""
    rooms = {key.casefold(): room for room in plan.rooms for key in (room.id, room.name)}
    known = {group.name.casefold(): group for group in plan.groups} | {
        group.id.casefold(): group for group in plan.groups
    }
    faults, changes = list(sheet.faults), list[Change]()
    done: dict[str, Group] = {}
    for row in sheet.rows:
        room = rooms.get(row.room.casefold()) if row.room else None
        old = known.get(row.group.casefold())
        if (row.room and room is None) or (old is None and not row.room):
            faults.append(Fault(row.cells[1], row.room, "unknown_room"))
            continue
        if old is None and room is not None:
            new = Group(
                _fresh_id(row.group, {*done, *(one.id for one in plan.groups)}),
                row.group,
                room.id,
                row.size,
                row.adults,
            )
            changes.append(Change("new", new.name, room.name, None, row.size))
        elif old is not None:
            adults = old.adults if row.adults is None else row.adults
            new = replace(old, size=row.size, adults=adults, room=room.id if room else old.room)
            changes.append(
                Change("same" if new == old else "resized", new.name, _name(plan, new.room), old.size, row.size)
            )
        done[new.id] = new
    changes += [
        Change("missing", one.name, _name(plan, one.room), one.size, one.size)
        for one in plan.groups
        if one.id not in done
    ]
    kept = tuple(done.pop(one.id, one) for one in plan.groups)
    return Proposal((*kept, *done.values()), tuple(changes), tuple(faults))


def _name(plan: Plan, room: str) -> str:
    return next((one.name for one in plan.rooms if one.id == room), room)


def _fresh_id(name: str, taken: set[str]) -> str:
    base = (
        "".join(one if one.isalnum() and one.isascii() else "-" for one in name.casefold())[:30].strip("-") or "classe"
    )
    return next(one for n in range(1, MAX_ROWS + 2) if (one := base if n == 1 else f"{base}-{n}") not in taken)
