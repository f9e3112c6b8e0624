"""Whom to call when something waits for an answer, and when to call the next (J0). Pure.

The order of call at a moment: whose turn it is, then the others by rank, without those who are away. One person is
called at a time; when her time is up without an answer the next is, and when everybody was called those whom the
preset names last hear of it. Who asks is never called to answer herself.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from beffroi.kernel.errors import Corrupt
from beffroi.kernel.ids import PersonId
from beffroi.kernel.spans import Span
from beffroi.operations.core.words import RotaLine

_DURATION = re.compile(r"PT(?:(\d{1,2})H)?(?:(\d{1,3})M)?")
LAST_RESORT = frozenset({"chief", "mayor", "dpo"})


class Waits(StrEnum):
    """What waits for an answer."""

    ACCESS = "access"
    REQUISITION = "requisition"


@dataclass(frozen=True, slots=True)
class Staffing:
    """One preset: how long each kind of call waits, and who is told when nobody answered."""

    name: str
    access: timedelta
    requisition: timedelta
    urgent: timedelta
    last: tuple[str, ...]

    def patience(self, waits: Waits, *, urgent: bool) -> timedelta:
        """How long one person is given before the next is called."""
        usual = self.access if waits is Waits.ACCESS else self.requisition
        return min(usual, self.urgent) if urgent else usual


class PeriodKind(StrEnum):
    """What a period of the rota says of a person."""

    TURN = "turn"  # she is called first
    AWAY = "away"  # she is not called


@dataclass(frozen=True, slots=True)
class RotaPeriod:
    """A turn or an absence."""

    id: str
    person: PersonId
    person_name: str
    kind: PeriodKind
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who was called."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Next:
    """What to do now: call this person, or (``None``) tell those who are told last."""

    person: PersonId | None


def order_of_call(rota: Sequence[RotaLine], periods: Sequence[RotaPeriod], at: datetime) -> list[RotaLine]:
    """Whom to call at this moment, first to last; each once."""
    now = [one for one in periods if at in one.span]
    away = {one.person for one in now if one.kind is PeriodKind.AWAY}
    turns = {one.person for one in now if one.kind is PeriodKind.TURN}
    there = [line for line in sorted(rota, key=lambda line: line.rank) if line.person not in away]
    return [line for line in there if line.person in turns] + [line for line in there if line.person not in turns]


def next_call(
    order: Sequence[PersonId], calls: Sequence[Call], *, asked_at: datetime, patience: timedelta, now: datetime
) -> Next | None:
    """Whom to call now; ``None`` while the person called last still has time, or everything was done.

    ``order`` holds only those who may answer. Those who were called before count, also when they left the order since.
    """
    waiting = [person for person in order if person not in {call.person for call in calls}]
    last = max((call.at for call in calls), default=None)
    if last is not None and now < last + patience:
        return None
    if waiting:
        return Next(waiting[0])
    return Next(None) if now >= (last or asked_at) + patience else None


def call_due_at(calls: Sequence[Call], *, asked_at: datetime, patience: timedelta) -> datetime:
    """When the next call is made if nobody answers."""
    return max((call.at for call in calls), default=asked_at) + patience


def parse_staffing(document: Any) -> dict[str, Staffing]:
    """The presets of the file; ``Corrupt`` says what is wrong with it."""
    found = document.get("staffing") if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping) or not found:
        raise Corrupt("The file of staffing presets has no staffing.", code="staffing_file")
    return {str(name): _preset(str(name), line) for name, line in found.items()}


def _preset(name: str, line: Any) -> Staffing:
    keys = {"access", "requisition", "urgent", "last"}
    if not isinstance(line, Mapping) or set(line) != keys:
        raise Corrupt(f"The preset {name} must have exactly: {', '.join(sorted(keys))}.", code="staffing_file")
    last: Collection[str] = line["last"]
    if not isinstance(last, list) or not last or not LAST_RESORT.issuperset(last):
        raise Corrupt(f"The preset {name}: last names {', '.join(sorted(LAST_RESORT))}.", code="staffing_file")
    times = {key: _duration(name, key, line[key]) for key in ("access", "requisition", "urgent")}
    return Staffing(name=name, last=tuple(last), **times)


def _duration(name: str, key: str, text: Any) -> timedelta:
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    found = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0)) if match else timedelta(0)
    if found <= timedelta(0):
        raise Corrupt(f"The preset {name}: {key} is a time such as PT5M.", code="staffing_file")
    return found
