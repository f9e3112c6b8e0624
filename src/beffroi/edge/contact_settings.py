"""The contacts of a box as ``edge.toml`` declares them: a table ``[contacts.NAME]`` each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beffroi.edge.contacts import Rules
from beffroi.kernel.errors import Invalid
from beffroi.safety.core.words import Hazard

BIASES = ("pull-up", "pull-down", "none")
ALERT, HELP = "alert", "help"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_KEYS = {
    *("chip", "line", "bias", "simulated", "normally", "cut", "kind", "hazard", "place"),
    *("debounce_ms", "rest_ms", "held_s"),
}


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """One contact: where it is wired, how it rests, and what it means."""

    name: str
    chip: str = ""
    line: int = -1
    bias: str = "pull-up"
    simulated: bool = False
    normally: str = "open"
    cut: str = ALERT  # of a normally closed one: "alert" or "fault" (see ``contacts``)
    kind: str = ALERT  # or "help": calls an adult, quietly
    hazard: Hazard = Hazard.INTRUSION
    place: str = ""
    debounce_ms: int = 30
    rest_ms: int = 2_000
    held_s: int = 60

    @property
    def rules(self) -> Rules:
        """How it is read."""
        return Rules(
            normally_closed=self.normally == "closed",
            cut_alerts=self.cut == ALERT,
            debounce_us=self.debounce_ms * 1_000,
            rest_us=self.rest_ms * 1_000,
            held_us=self.held_s * 1_000_000,
        )

    def path(self, data: Path) -> Path:
        """The file that a simulated one is."""
        return data / "contacts" / self.name


def read_contacts(tables: Mapping[str, Any]) -> tuple[ContactSettings, ...]:
    """The contacts of these tables. Raises ``ValueError`` naming contact and key."""
    return tuple(_read(name, dict(table)) for name, table in tables.items())


def write_contacts(contacts: tuple[ContactSettings, ...]) -> list[str]:
    """Their lines of TOML; what is as usual is left out."""
    rows: list[str] = []
    for one in contacts:
        usual = ContactSettings(one.name)
        rows += ["", f"[contacts.{quoted(one.name)}]"]
        rows += [
            f"{key} = {_literal(getattr(one, key))}"
            for key in ContactSettings.__slots__
            if key != "name" and getattr(one, key) != getattr(usual, key)
        ]
    return rows


def checked(contact: ContactSettings) -> ContactSettings:
    """The same, if it can be. Raises ``Invalid`` naming what cannot."""
    wrong = _wrong(contact)
    if wrong:
        raise Invalid(f"Contact {contact.name!r}: {wrong}.", code="edge_settings")
    return contact


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _read(name: str, table: dict[str, Any]) -> ContactSettings:
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise ValueError(f"contacts.{name}: {unknown[0]}")
    hazard = Hazard(table.pop("hazard", Hazard.INTRUSION.value))
    return checked(ContactSettings(name=name, hazard=hazard, **table))


def _wrong(one: ContactSettings) -> str:
    numbers = (one.debounce_ms, one.rest_ms, one.held_s, one.line)
    if not _NAME.fullmatch(one.name) or one.name.startswith("."):
        return "a name has up to 40 letters, digits, points and dashes"
    if any(isinstance(value, bool) or not isinstance(value, int) for value in numbers):
        return "line, debounce_ms, rest_ms and held_s are whole numbers"
    if one.simulated is not True and (not one.chip or one.line < 0):
        return "it needs chip and line, or simulated = true"
    if one.normally not in ("open", "closed") or one.cut not in (ALERT, "fault") or one.kind not in (ALERT, HELP):
        return 'normally is "open" or "closed", cut "alert" or "fault", kind "alert" or "help"'
    if one.bias not in BIASES:
        return f"bias is one of {', '.join(BIASES)}"
    if not 1 <= one.debounce_ms <= 1_000 or not one.debounce_ms <= one.rest_ms <= 60_000 or one.held_s < 1:
        return "debounce_ms is 1 to 1000, rest_ms at least as long and up to 60000, held_s at least 1"
    return "" if isinstance(one.place, str) and len(one.place) <= 60 else "a place has up to 60 letters"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(str(value))
