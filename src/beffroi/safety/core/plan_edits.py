"""Changes to a draft of a plan, each a value from a value. A plan in force is never edited: a draft replaces it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from beffroi.kernel.errors import Invalid, NotFound
from beffroi.safety.core.plan_levels import REFERRING, DirectoryEntry, Level, Mark, MarkKind
from beffroi.safety.core.plans import Group, Plan

MAX_LEVELS, MAX_MARKS, MAX_ENTRIES = 12, 300, 80


def with_level(plan: Plan, level: Level) -> Plan:
    """The plan with a level added, or its name and drawing replaced; what stands on it stays."""
    known = next((one for one in plan.levels if one.id == level.id), None)
    if known is None:
        if len(plan.levels) >= MAX_LEVELS:
            raise Invalid(f"A plan has at most {MAX_LEVELS} levels.", code="plan_too_much")
        return replace(plan, levels=(*plan.levels, level))
    return _on(plan, level.id, lambda old: replace(level, marks=old.marks))


def without_level(plan: Plan, level: str) -> Plan:
    """The plan without a level and all that stands on it."""
    _level(plan, level)
    return replace(plan, levels=tuple(one for one in plan.levels if one.id != level))


def with_mark(plan: Plan, level: str, mark: Mark) -> Plan:
    """Something placed on a level; a room or a zone stands once a level, and moves when it is placed again."""
    where = _level(plan, level)
    if len(where.marks) >= MAX_MARKS:
        raise Invalid(f"A level has at most {MAX_MARKS} marks.", code="plan_too_much")
    kind = REFERRING.get(mark.kind)
    known = {"rooms": {one.id for one in plan.rooms}, "zones": {one.id for one in plan.zones}}
    if kind and mark.ref not in known[kind]:
        raise Invalid("Name a room or zone of the plan.", code="mark_ref", fields={"ref": "unknown"})
    if not (0 <= mark.x <= 1 and 0 <= mark.y <= 1):
        raise Invalid("This place is off the drawing.", code="mark_off", fields={"x": "off"})
    given = mark if kind else replace(mark, ref="")
    return _on(plan, level, lambda old: replace(old, marks=(*_others(old, given), given)))


def without_mark(plan: Plan, level: str, mark: str) -> Plan:
    """Something taken off a level."""
    where = _level(plan, level)
    if mark not in {one.id for one in where.marks}:
        raise NotFound("There is no such mark.", code="no_such_mark")
    return _on(plan, level, lambda old: replace(old, marks=tuple(one for one in old.marks if one.id != mark)))


def with_entry(plan: Plan, entry: DirectoryEntry) -> Plan:
    """A line of the directory added."""
    if len(plan.directory) >= MAX_ENTRIES:
        raise Invalid(f"The directory has at most {MAX_ENTRIES} lines.", code="plan_too_much")
    return replace(plan, directory=(*plan.directory, entry))


def without_entry(plan: Plan, entry: str) -> Plan:
    """A line of the directory taken out."""
    if entry not in {one.id for one in plan.directory}:
        raise NotFound("There is no such line.", code="no_such_entry")
    return replace(plan, directory=tuple(one for one in plan.directory if one.id != entry))


def with_groups(plan: Plan, groups: tuple[Group, ...]) -> Plan:
    """The plan with other classes, sizes and rooms."""
    return replace(plan, groups=groups)


def with_validity(plan: Plan, last_day: date | None) -> Plan:
    """The plan with another last day of validity, or without one."""
    return replace(plan, valid_until=last_day)


def next_id(taken: set[str], base: str) -> str:
    """The first free of ``base-1``, ``base-2`` …"""
    return next(one for n in range(1, len(taken) + 2) if (one := f"{base}-{n}") not in taken)


def mark_id(level: Level, kind: MarkKind) -> str:
    """A free id for something of this kind."""
    return next_id({one.id for one in level.marks}, kind.value)


def _others(level: Level, mark: Mark) -> tuple[Mark, ...]:
    return tuple(one for one in level.marks if not mark.ref or (one.kind, one.ref) != (mark.kind, mark.ref))


def _level(plan: Plan, level: str) -> Level:
    found = next((one for one in plan.levels if one.id == level), None)
    if found is None:
        raise NotFound("There is no such level.", code="no_such_level")
    return found


def _on(plan: Plan, level: str, change: Callable[[Level], Level]) -> Plan:
    _level(plan, level)
    return replace(plan, levels=tuple(change(one) if one.id == level else one for one in plan.levels))
