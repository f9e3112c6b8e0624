"""Strict reading of a small YAML document that people write: every fault with its line and what to do about it. Pure.

Bombs are refused before anything is built: size, depth, number of values, anchors, aliases, tags and duplicate keys.
What is left is walked once by ``Table``, which knows each key that may stand there and names the one that was meant.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import yaml

from beffroi.kernel.errors import Invalid

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 12
MAX_VALUES = 5_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The calendar's first and last year have days without a midnight in UTC, or without a day after them."""
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with a text. ``code`` and ``given`` are what pages translate; ``remedy`` is what to write."""

    line: int
    column: int
    path: str
    code: str
    given: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.path}" if self.path else "")
        given = f" ({self.given})" if self.given else ""
        return f"{where}: {self.code.replace('_', ' ')}{given}." + (f" {self.remedy}" if self.remedy else "")


class TextFaults(Invalid):
    """The text cannot be used; ``faults`` are in the order of its lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults), code="text_faults")


def parse(text: str) -> "Table":
    """The top mapping of ``text``; ``TextFaults`` where it is no document of this kind."""
    if len(text) > MAX_CHARACTERS:
        raise TextFaults([Fault(1, 1, "", "too_long", f"{len(text)}", f"Keep it under {MAX_CHARACTERS} characters.")])
    hidden = _CONTROL.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        raise TextFaults([Fault(line, 1, "", "control_character", f"U+{ord(hidden.group()):04X}", "Remove it.")])
    try:
        _refuse_bombs(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise TextFaults([Fault(line, column, "", "not_yaml", str(error.problem or ""), "")]) from error
    except yaml.YAMLError as error:
        raise TextFaults([Fault(1, 1, "", "not_yaml", str(error)[:200], "")]) from error
    if not isinstance(node, yaml.MappingNode):
        raise TextFaults([Fault(1, 1, "", "empty_text" if node is None else "not_a_mapping", "", "")])
    faults: list[Fault] = []
    table = Table(node, "", faults)
    if faults:
        raise TextFaults(faults)
    return table


def _refuse_bombs(text: str) -> None:
    depth = values = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise TextFaults([Fault(line, 1, "", "alias", "", "Write the value out: & and * are not used here.")])
        named = getattr(event, "tag", None)
        if named:
            raise TextFaults([Fault(line, 1, "", "tag", str(named), "Write the value without its ! tag.")])
        values += isinstance(event, yaml.ScalarEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or values > MAX_VALUES:
            raise TextFaults([Fault(line, 1, "", "too_deep" if depth > MAX_DEPTH else "too_many_values", "", "")])


class Table:
    """A mapping being read. Ask for each key once, then ``done``: what is left was not meant to be there."""

    def __init__(self, node: yaml.MappingNode, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.line = node.start_mark.line + 1
        self.faults = faults
        self._values: dict[str, yaml.Node] = {}
        self._keys: dict[str, yaml.Node] = {}
        self._known: set[str] = set()
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in self._values:
                self._add(key_node, key, "duplicate_key", key, "Keep one of the two.")
            self._values[key], self._keys[key] = value, key_node

    def fault(self, key: str, code: str, given: str = "", remedy: str = "") -> None:
        """Say that the value of ``key`` (or the table itself) is wrong."""
        node = self._keys.get(key)
        if node is None:
            self.faults.append(Fault(self.line, 1, self._at(key), code, given, remedy))
        else:
            self._add(node, key, code, given, remedy)

    def has(self, key: str) -> bool:
        """Whether the key stands in the text."""
        self._known.add(key)
        return key in self._values

    def text(self, key: str, *, required: bool = False, among: Iterable[str] = (), default: str = "") -> str:
        """A piece of text; numbers written without quotes are named as such."""
        value = self._scalar(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str):
            self.fault(key, "not_text", str(value), f'Put it in quotes: "{value}".')
            return default
        if not value.strip():
            self.fault(key, "empty", "", "Give it a value, or take the line out.")
        allowed = tuple(among)
        if allowed and value not in allowed:
            self.fault(key, "not_one_of", value, _meant(value, allowed))
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """true or false."""
        value = self._scalar(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "not_a_flag", str(value), "Write true or false.")
            return default
        return value

    def integer(self, key: str, *, default: int, least: int = 0, most: int = 100_000) -> int:
        """A whole number between ``least`` and ``most``."""
        value = self._scalar(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(key, "not_a_number", str(value), f"Write a whole number from {least} to {most}.")
            return default
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A calendar day, 2026-01-31."""
        value = self._scalar(key, required=required)
        if value is None:
            return None
        if type(value) is not date:
            self.fault(key, "not_a_day", str(value), "Write the day as 2026-01-31.")
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.fault(key, "not_a_day", str(value), f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.")
            return None
        return value

    def duration(self, key: str, *, required: bool = False) -> timedelta | None:
        """An ISO 8601 duration of days, hours, minutes and seconds: P8D, PT2H, PT30M."""
        value = self._scalar(key, required=required)
        if value is None:
            return None
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        parts = [int(part or 0) for part in found.groups()] if found else [0]
        if not any(parts):
            self.fault(key, "not_a_duration", str(value), "Write it as PT30M, PT2H or P8D, longer than nothing.")
            return None
        days, hours, minutes, seconds = parts
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def words(self, key: str, *, required: bool = False, among: Iterable[str] = ()) -> tuple[str, ...]:
        """A list of texts, each once; a present list must not be empty."""
        found: list[str] = []
        allowed = tuple(among)
        for value in self._items(key, required=required):
            if not isinstance(value, str):
                self.fault(key, "not_text", str(value), f'Put it in quotes: "{value}".')
            elif value in found:
                self.fault(key, "twice", value, "Keep one of the two.")
            elif allowed and value not in allowed:
                self.fault(key, "not_one_of", value, _meant(value, allowed))
            else:
                found.append(value)
        return tuple(found)

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found: list[int] = []
        for value in self._items(key):
            if isinstance(value, int) and not isinstance(value, bool):
                found.append(value)
            else:
                self.fault(key, "not_a_number", str(value), "Write camera numbers, without quotes.")
        return tuple(found)

    def languages(self, key: str, *, required: bool = False) -> tuple[tuple[str, str], ...]:
        """Words in French and English; one plain text stands for French."""
        node = self._values.get(key)
        if isinstance(node, yaml.MappingNode):
            table = cast("Table", self.table(key))
            pairs = tuple((code, table.text(code)) for code in ("fr", "en") if table.has(code))
            table.done()
            return pairs
        words = self.text(key, required=required)
        return (("fr", words),) if words else ()

    def table(self, key: str, *, required: bool = False) -> "Table | None":
        """A nested mapping."""
        self._known.add(key)
        node = self._values.get(key)
        if isinstance(node, yaml.MappingNode):
            return Table(node, self._at(key), self.faults)
        if node is not None:
            self.fault(key, "not_a_mapping", "", "Write name: value lines under it.")
        elif required:
            self.fault(key, "missing", key, f"Add {key}:.")
        return None

    def tables(self, key: str, *, required: bool = False) -> list["Table"]:
        """A list of mappings, not empty when required."""
        self._known.add(key)
        node = self._values.get(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            if node is not None or required:
                self.fault(key, "empty_list" if node is not None else "missing", key, "Give at least one entry.")
            return []
        found: list[Table] = []
        for index, item in enumerate(node.value):
            path = f"{self._at(key)}[{index + 1}]"
            if isinstance(item, yaml.MappingNode):
                found.append(Table(item, path, self.faults))
            else:
                self.faults.append(Fault(item.start_mark.line + 1, 1, path, "not_a_mapping", "", ""))
        return found

    def entries(self) -> tuple[tuple[str, yaml.Node], ...]:
        """The keys and nodes as they stand, for tables whose keys are free."""
        return tuple(self._values.items())

    def done(self) -> None:
        """Name every key that nobody asked for."""
        for key, node in self._keys.items():
            if key not in self._known:
                self._add(node, key, "unknown_key", key, _meant(key, tuple(self._known)))

    def _scalar(self, key: str, *, required: bool = False) -> Any:
        self._known.add(key)
        node = self._values.get(key)
        if node is None:
            if required:
                self.fault(key, "missing", key, f"Add {key}:.")
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.fault(key, "not_one_value", "", "Write one value.")
            return None
        return self._built(key, node)

    def _items(self, key: str, *, required: bool = False) -> list[Any]:
        self._known.add(key)
        node = self._values.get(key)
        if node is None:
            if required:
                self.fault(key, "missing", key, f"Add {key}: [ … ].")
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, "not_a_list", "", "Write it as a list: [a, b].")
            return []
        if not node.value:
            self.fault(key, "empty_list", key, "An empty list would allow nobody: name something or take it out.")
        return [self._built(key, item) for item in node.value if isinstance(item, yaml.ScalarNode)]

    def _built(self, key: str, node: yaml.ScalarNode) -> Any:
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.fault(key, "not_a_value", str(node.value)[:60], "")
            return None

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _add(self, node: yaml.Node, key: str, code: str, given: str, remedy: str) -> None:
        mark = node.start_mark
        self.faults.append(Fault(mark.line + 1, mark.column + 1, self._at(key), code, given[:120], remedy))


def _meant(value: str, allowed: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(value, allowed, n=1)
    return f"Did you mean {close[0]}?" if close else f"Use one of: {', '.join(sorted(allowed))}."
