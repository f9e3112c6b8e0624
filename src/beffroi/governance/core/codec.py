"""Between values and stored JSON: dataclasses, enums, times, spans, sets and tuples, by their declared types. Pure.

What a gate saw is stored by ``to_json`` and read back by ``from_json`` when a decision is taken again. A field that a
later engine added takes its default; a field that is gone is ignored.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, parse_utc
from beffroi.kernel.outcome import Allowed, Outcome, Refused, RuleResult
from beffroi.kernel.spans import Span

T = TypeVar("T")


def to_json(value: object) -> Json:
    """The JSON form; sets are sorted, so that equal values have equal bytes."""
    if isinstance(value, Enum):
        return cast("Json", value.value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Span):
        return [iso(value.start), iso(value.end)]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds() * 1_000_000)
    if isinstance(value, (set, frozenset)):
        return sorted((to_json(one) for one in value), key=repr)
    if isinstance(value, (tuple, list)):
        return [to_json(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no stored form")


def from_json(kind: type[T], data: Json) -> T:
    """A value of ``kind`` from its JSON form. ``TypeError``, ``KeyError`` or ``ValueError`` where it does not fit."""
    return cast("T", _read(kind, data))


def outcome_to_json(outcome: Outcome) -> dict[str, Json]:
    """An answer with its trace, and which of the two it is."""
    return {"allowed": outcome.ok, **cast("dict[str, Json]", to_json(outcome))}


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    """The answer back."""
    kind: type[Allowed] | type[Refused] = Allowed if data["allowed"] else Refused
    return from_json(kind, {key: value for key, value in data.items() if key != "allowed"})


def trace_from_json(data: list[Any]) -> tuple[RuleResult, ...]:
    """A stored trace back."""
    return tuple(from_json(RuleResult, one) for one in data)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in {types.UnionType, Union}:
        inner = [one for one in typing.get_args(kind) if one is not type(None)]
        return None if data is None else _read(inner[0], data)
    if origin in {frozenset, set}:
        return frozenset(_read(typing.get_args(kind)[0], one) for one in data)
    if origin is tuple:
        return _tuple(typing.get_args(kind), data)
    if kind is Span:
        return Span(parse_utc(data[0]), parse_utc(data[1]))
    if kind is datetime:
        return parse_utc(data)
    if kind is date:
        return date.fromisoformat(data)
    if kind is timedelta:
        return timedelta(microseconds=data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if dataclasses.is_dataclass(kind):
        hints = _hints(cast("Any", kind))
        return cast("Any", kind)(
            **{
                one.name: _read(hints[one.name], data[one.name])
                for one in dataclasses.fields(kind)
                if one.init and one.name in data
            }
        )
    return data


def _tuple(arguments: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_read(arguments[0], one) for one in data)
    return tuple(_read(kind, one) for kind, one in zip(arguments, data, strict=True))
