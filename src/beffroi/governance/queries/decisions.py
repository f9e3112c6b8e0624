"""Stored decisions, and taking one again from its stored inputs (property *replayable*)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beffroi.governance.core import gate_a, gate_b
from beffroi.governance.core.codec import from_json, outcome_from_json
from beffroi.governance.core.context import ENGINE, AccessContext, Viewer
from beffroi.governance.core.requisition_facts import RequisitionFacts
from beffroi.governance.models import Decision
from beffroi.governance.queries import law
from beffroi.kernel.errors import NotFound
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


def decision(decision_id: str) -> DecisionFacts:
    """One decision; ``NotFound``."""
    row = Decision.objects.filter(pk=decision_id).first()
    if row is None:
        raise NotFound("There is no such decision.", code="no_such_decision")
    return _facts(row)


def decisions_of(subject: str) -> list[DecisionFacts]:
    """Every decision on a subject (``access:<id>``, ``requisition:<number>``), oldest first."""
    return [_facts(row) for row in Decision.objects.filter(subject=subject).order_by("at", "id")]


def taken_again(facts: DecisionFacts) -> Replay:
    """The decision from its stored inputs, by the pack it was taken by; ``NotFound`` when that pack is gone."""
    pack = law.law_pack_named(facts.pack, facts.pack_digest)
    if facts.gate == "A":
        asked = from_json(RequisitionFacts, facts.inputs["facts"])
        again = gate_a.decide(asked, pack, from_json(Viewer, facts.inputs["executor"]), facts.at)
    else:
        again = gate_b.decide(from_json(AccessContext, facts.inputs), pack, facts.at)
    return Replay(facts.outcome, again, facts.engine == ENGINE)


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
