"""A plan as a document: what is imported, versioned, sent to the edge and kept with each alert."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any, TypeVar

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Invalid
from beffroi.safety.core.plan_levels import DirectoryEntry, Level, Mark, MarkKind
from beffroi.safety.core.plans import Group, Holder, Instruction, MissionKind, Plan, Regime, Room, Zone, ZoneKind
from beffroi.safety.core.words import Hazard, Posture

_T = TypeVar("_T")
MAX_ITEMS = 2_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def plan_to_json(plan: Plan) -> dict[str, Json]:
    """The document of a plan; ``plan_from_json`` reads it back to an equal one."""
    return {
        "format": "beffroi-plan-1",
        "site": plan.site,
        "version": plan.version,
        "time_zone": plan.zone_info,
        "valid_until": plan.valid_until.isoformat() if plan.valid_until else None,
        "validated_by": list(plan.validated_by),
        "postures": {hazard.value: posture.value for hazard, posture in sorted(plan.postures.items())},
        "zones": [
            {"id": z.id, "name": z.name, "kind": z.kind.value, "capacity": z.capacity, "confidential": z.confidential}
            for z in plan.zones
        ],
        "rooms": [{"id": r.id, "name": r.name, "level": r.level, "zone": r.zone} for r in plan.rooms],
        "groups": [
            {"id": g.id, "name": g.name, "room": g.room, "size": g.size, "adults": g.adults} for g in plan.groups
        ],
        "regimes": [_regime_json(regime) for regime in plan.regimes],
        "instructions": [
            {
                "hazard": i.hazard.value if i.hazard else None,
                "posture": i.posture.value,
                "role": i.role,
                "steps": list(i.steps),
            }
            for i in plan.instructions
        ],
        "levels": [_level_json(level) for level in plan.levels],
        "directory": [
            {"id": e.id, "name": e.name, "function": e.function, "phone": e.phone, "confidential": e.confidential}
            for e in plan.directory
        ],
    }


def _level_json(level: Level) -> Json:
    return {
        "id": level.id,
        "name": level.name,
        "drawing": level.drawing,
        "width": level.width,
        "height": level.height,
        "marks": [
            {
                "id": m.id,
                "kind": m.kind.value,
                "x_e4": round(m.x * 10_000),
                "y_e4": round(m.y * 10_000),
                "label": m.label,
                "ref": m.ref,
                "confidential": m.confidential,
            }
            for m in level.marks
        ],
    }


def _regime_json(regime: Regime) -> Json:
    return {
        "id": regime.id,
        "name": regime.name,
        "days": [DAYS[day] for day in sorted(regime.days)],
        "from": regime.start.strftime("%H:%M"),
        "to": regime.end.strftime("%H:%M"),
        "first_day": regime.first_day.isoformat() if regime.first_day else None,
        "last_day": regime.last_day.isoformat() if regime.last_day else None,
        "holders": [
            {"mission": h.mission.value, "person": h.person, "substitutes": list(h.substitutes), "zone": h.zone}
            for h in regime.holders
        ],
    }


def plan_from_json(data: object) -> Plan:
    """The plan in a document. Raises ``Invalid`` naming the place (``regimes[2].from``) of the first fault."""
    top = _mapping(data, "plan")
    if top.get("format") != "beffroi-plan-1":
        raise Invalid("This is not a plan of format beffroi-plan-1.", code="plan_format")
    return Plan(
        site=_text(top, "site"),
        version=_at("version", lambda: _whole(top, "version")),
        zone_info=_text(top, "time_zone"),
        validated_by=tuple(str(who) for who in _items(top, "validated_by")),
        postures=_at("postures", lambda: {Hazard(k): Posture(v) for k, v in dict(top.get("postures") or {}).items()}),
        zones=_each(top, "zones", _zone),
        rooms=_each(
            top, "rooms", lambda r: Room(_text(r, "id"), _text(r, "name"), _text(r, "level"), _text(r, "zone"))
        ),
        groups=_each(top, "groups", _group),
        regimes=_each(top, "regimes", _regime),
        instructions=_each(top, "instructions", _instruction),
        levels=_each(top, "levels", _level),
        directory=_each(top, "directory", _entry),
        valid_until=_at("valid_until", lambda: _day(top, "valid_until")),
    )


def _zone(row: Mapping[str, Any]) -> Zone:
    kind = ZoneKind(row.get("kind", ZoneKind.SAFETY.value))
    return Zone(
        _text(row, "id"), _text(row, "name"), kind, _whole_or_none(row, "capacity"), row.get("confidential") is True
    )


def _group(row: Mapping[str, Any]) -> Group:
    size, adults = _whole_or_none(row, "size"), _whole_or_none(row, "adults")
    return Group(_text(row, "id"), _text(row, "name"), _text(row, "room"), size, adults)


def _regime(row: Mapping[str, Any]) -> Regime:
    return Regime(
        id=_text(row, "id"),
        name=_text(row, "name"),
        days=frozenset(DAYS.index(str(day)) for day in _items(row, "days")),
        start=time.fromisoformat(_text(row, "from")),
        end=time.fromisoformat(_text(row, "to")),
        first_day=_day(row, "first_day"),
        last_day=_day(row, "last_day"),
        holders=_each(row, "holders", _holder),
    )


def _holder(row: Mapping[str, Any]) -> Holder:
    substitutes = tuple(str(one) for one in _items(row, "substitutes"))
    return Holder(MissionKind(_text(row, "mission")), _text(row, "person"), substitutes, str(row.get("zone") or ""))


def _instruction(row: Mapping[str, Any]) -> Instruction:
    hazard = row.get("hazard")
    steps = tuple(str(step) for step in _items(row, "steps"))
    return Instruction(Hazard(hazard) if hazard else None, Posture(_text(row, "posture")), _text(row, "role"), steps)


def _level(row: Mapping[str, Any]) -> Level:
    drawing = str(row.get("drawing") or "")
    if drawing and not _DIGEST.fullmatch(drawing):
        raise Invalid("drawing: not a SHA-256", code="plan_field")
    return Level(
        id=_text(row, "id"),
        name=_text(row, "name"),
        drawing=drawing,
        width=_whole(row, "width"),
        height=_whole(row, "height"),
        marks=_each(row, "marks", _mark),
    )


def _mark(row: Mapping[str, Any]) -> Mark:
    return Mark(
        id=_text(row, "id"),
        kind=MarkKind(_text(row, "kind")),
        x=_whole(row, "x_e4") / 10_000,
        y=_whole(row, "y_e4") / 10_000,
        label=str(row.get("label") or "")[:120],
        ref=str(row.get("ref") or ""),
        confidential=row.get("confidential") is True,
    )


def _entry(row: Mapping[str, Any]) -> DirectoryEntry:
    open_to_all = row.get("confidential") is False
    return DirectoryEntry(
        _text(row, "id"), _text(row, "name"), str(row.get("function") or ""), _text(row, "phone"), not open_to_all
    )


def _each(row: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], _T]) -> tuple[_T, ...]:
    items = _items(row, name)
    return tuple(_at(f"{name}[{n}]", partial(_read_mapping, read, item, name)) for n, item in enumerate(items))


def _read_mapping(read: Callable[[Mapping[str, Any]], _T], item: object, name: str) -> _T:
    return read(_mapping(item, name))


def _at(place: str, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except Invalid as error:
        raise Invalid(f"{place}: {error.message}", code=error.code) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Invalid(f"{place}: {error}", code="plan_field") from error


def _items(row: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = row.get(name) or []
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise Invalid(f"{name} is not a list of at most {MAX_ITEMS} items", code="plan_field")
    return value


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(f"{name} is not a mapping", code="plan_field")
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise Invalid(f"{name} is missing or too long", code="plan_field")
    return value


def _whole(row: Mapping[str, Any], name: str) -> int:
    value = _whole_or_none(row, name)
    if value is None:
        raise Invalid(f"{name} is missing", code="plan_field")
    return value


def _whole_or_none(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise Invalid(f"{name} is not a whole number", code="plan_field")
    return value


def _day(row: Mapping[str, Any], name: str) -> date | None:
    value = row.get(name)
    return date.fromisoformat(value) if value else None
