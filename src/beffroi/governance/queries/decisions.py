"""Stored decisions, and taking one again from its stored inputs (property *replayable*)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from beffroi.governance.core import gate_a, gate_b
from beffroi.governance.core.codec import from_json, outcome_from_json
from beffroi.governance.core.context import ENGINE, AccessContext, Viewer
from beffroi.governance.core.requisition_facts import RequisitionFacts
from beffroi.governance.models import Decision
from beffroi.governance.queries import law
from beffroi.kernel.errors import Corrupt, NotFound
from beffroi.kernel.outcome import Outcome


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """One answer of a gate with everything it saw."""

    id: str
    gate: str
    subject: str
    at: datetime
    engine: str
    pack: str
    pack_digest: str
    inputs: dict[str, Any]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision taken again: whether answer and trace are the same."""

    stored: Outcome
    again: Outcome
    same_engine: bool

    @property
    def agrees(self) -> bool:
        return self.stored == self.again and self.stored.trace == self.again.trace


class Difference(StrEnum):
    """Why a decision taken again is not the one that is stored."""

    ANSWER = "answer"  # by the same engine and pack: the row was changed since
    UNREADABLE = "unreadable"
    ENGINE = "engine"
    PACK = "pack"


def decision(decision_id: str) -> DecisionFacts:
    """One decision; ``NotFound``."""
    row = Decision.objects.filter(pk=decision_id).first()
    if row is None:
        raise NotFound("There is no such decision.", code="no_such_decision")
    return _facts(row)


def stored(
    *, gate: str = "", subject: str = "", since: datetime | None = None, until: datetime | None = None,
) -> Iterator[Decision]:  # fmt: skip
    """Rows of decisions, oldest first: of a gate (``A``, ``B``), on a subject (``access:<id>``), of a time. They stream
    by, so that ten years of them take no more memory than a day's."""
    rows = Decision.objects.order_by("at", "id")
    if gate:
        rows = rows.filter(gate=gate)
    if subject:
        rows = rows.filter(subject=subject)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows.iterator(chunk_size=500)


def taken_again(facts: DecisionFacts) -> Replay:
    """The decision from its stored inputs, by the pack it was taken by; ``NotFound`` when that pack is gone."""
    pack = law.law_pack_named(facts.pack, facts.pack_digest)
    if facts.gate == "A":
        asked = from_json(RequisitionFacts, facts.inputs["facts"])
        again = gate_a.decide(asked, pack, from_json(Viewer, facts.inputs["executor"]), facts.at)
    else:
        again = gate_b.decide(from_json(AccessContext, facts.inputs), pack, facts.at)
    return Replay(facts.outcome, again, facts.engine == ENGINE)


def difference(row: Decision) -> Difference | None:
    """The decision taken again: nothing where answer and trace are the same, else why they are not."""
    try:
        replay = taken_again(_facts(row))
    except NotFound:
        return Difference.PACK
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, Corrupt):  # stored bytes are anything
        return Difference.UNREADABLE
    if replay.agrees:
        return None
    return Difference.ANSWER if replay.same_engine else Difference.ENGINE


def _facts(row: Decision) -> DecisionFacts:
    return DecisionFacts(
        row.id,
        row.gate,
        row.subject,
        row.at,
        row.engine,
        row.pack,
        row.pack_digest,
        row.inputs,
        outcome_from_json(row.outcome),
    )
