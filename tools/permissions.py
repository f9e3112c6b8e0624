"""Writes docs/reference/permissions.md from the table that the tests walk (``--check``: only compares)."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.surface.role_table import DOOR, EDGE, FOREIGN, LETTERS, OFFICE, RECORDER, Row  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "permissions.md"

HEAD = """# Who may open what

Made by `python tools/permissions.py` from `tests/surface/role_table.py`; the tests walk every line of it on the running
applications and fail where a route is missing here. ● opens; · is answered 404, as if the page were not there. Whoever
is signed out is led to sign in. A permission opens a page or a form, never a picture: that takes a gate and a ticket.
What stands on a page is narrowed further: to the communes a person answers for, to her own requests and packages.
Objects of other communes and of other persons are answered 404, the same as objects that do not exist.
"""


def page() -> str:
    """The whole page."""
    names = [role.value.replace("_", " ") for role in LETTERS.values()]
    lines = [HEAD, "## The office", "", "| Route | " + " | ".join(names) + " |", "| --- |" + " :-: |" * len(names)]
    lines += [_line(row) for row in OFFICE.values()]
    lines += ["", f"Arguments that name somebody's object: {', '.join(sorted(FOREIGN))}.", ""]
    lines += ["## The door", "", "Roles mean nothing here.", "", "| Route | What opens it |", "| --- | --- |"]
    lines += [f"| `{route}` | {guard} |" for route, guard in DOOR.items()]
    lines += ["", "Only a call signed by the office, on the socket between them:", ""]
    lines += [f"- `{route}`" for route in sorted(RECORDER)]
    lines += ["", "## The box in a building", "", "| Route | What opens it | Without it |", "| --- | --- | --- |"]
    lines += [f"| `{route}` | {guard} | {status} |" for route, (guard, status) in EDGE.items()]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    marks = ["●" if role in row.roles else "·" for role in LETTERS.values()]
    return f"| `{row.name}`{' (public)' if row.public else ''} | " + " | ".join(marks) + " |"


def main() -> int:
    """Write the page, or with ``--check`` say whether it is the one that the table makes."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text("utf-8") == page() else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
