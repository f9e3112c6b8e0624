"""Looks as the register of viewings shows them (I2): one line a look, from its facts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from beffroi.audit.core.facts import Fact
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us

MODES = ("live", "relay", "replay", "still", "extract", "package", "ptz")
KINDS = ("duty", "incident", "case", "requisition", "alert")


@dataclass(frozen=True, slots=True)
class LookTotals:
    """What was delivered in the end."""

    ended_at: datetime
    sent_bytes: int
    pictures: int
    why: str
    complete: bool | None = None  # of a file that was fetched: whether all of it went out


@dataclass(frozen=True, slots=True)
class Look:
    """Who looked at which camera, at footage from when to when, on what ground; ``totals`` once it ended."""

    fact: str
    look: str
    at: datetime
    person: str
    person_name: str
    force: str
    camera: str
    mode: str
    footage: tuple[datetime, datetime] | None
    article: str
    kind: str
    reference: str
    reason: str
    purpose: str = ""
    grant: str = ""
    refused: str = ""
    erased_rule: str = ""
    totals: LookTotals | None = None


def look_of(fact: Fact, *, erased_rule: str = "", ends: Mapping[str, LookTotals] | None = None) -> Look:
    """The line of a ``look:begin`` or ``look:refuse`` fact; what a body does not say stays empty."""
    body = fact.body
    basis = body.get("basis")
    ground = basis if isinstance(basis, Mapping) else {}
    id_ = _text(body, "look")
    return Look(
        fact=fact.id,
        look=id_,
        at=fact.at,
        person=fact.actor.id,
        person_name=fact.actor.name,
        force=fact.actor.force,
        camera=fact.subject.removeprefix("camera:") if fact.subject.startswith("camera:") else "",
        mode=_text(body, "mode"),
        footage=_footage(body.get("span")),
        article=_text(body, "article"),
        kind=_text(ground, "kind"),
        reference=_text(ground, "reference"),
        reason=_text(ground, "reason"),
        purpose=_text(ground, "purpose"),
        grant=_text(body, "grant"),
        refused=_text(body, "code") if fact.name == "look:refuse" else "",
        erased_rule=erased_rule,
        totals=(ends or {}).get(id_),
    )


def totals_of(ends: Iterable[Fact]) -> dict[str, LookTotals]:
    """Totals by look from ``look:end`` facts."""
    return {
        _text(fact.body, "look"): LookTotals(
            fact.at,
            _count(fact.body, "sent_bytes"),
            _count(fact.body, "pictures"),
            _text(fact.body, "why"),
            _told(fact.body, "complete"),
        )
        for fact in ends
        if _text(fact.body, "look")
    }


def _footage(value: Json) -> tuple[datetime, datetime] | None:
    match value:
        case [int() as start, int() as end]:
            return from_us(start), from_us(end)
    return None


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def _told(body: Mapping[str, Json], name: str) -> bool | None:
    value = body.get(name)
    return value if isinstance(value, bool) else None


def _count(body: Mapping[str, Json], name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) else 0
