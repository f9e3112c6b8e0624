"""Ask a gate and store what it saw and said, in the caller's transaction."""

from datetime import datetime

from django.db import transaction

from beffroi.governance.core import gate_a, gate_b
from beffroi.governance.core.codec import outcome_to_json, to_json
from beffroi.governance.core.context import ENGINE, AccessContext
from beffroi.governance.core.inputs import viewer_of
from beffroi.governance.core.law import LawPack
from beffroi.governance.core.requisition_facts import RequisitionFacts
from beffroi.governance.models import Decision
from beffroi.governance.queries import law
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.ids import new_id
from beffroi.kernel.outcome import Outcome
from beffroi.operations import queries as operations
from beffroi.people.core.facts import PersonFacts


@transaction.atomic
def ask_gate_a(*, facts: RequisitionFacts, executor: PersonFacts, now: datetime) -> Outcome:
    """What the law says of a requisition that ``executor`` would carry out; stored under ``requisition:<number>``."""
    pack = law.law_pack(now)
    viewer = viewer_of(executor, on_duty=operations.shift_of(executor.id, now) is not None)
    outcome = gate_a.decide(facts, pack, viewer, now)
    inputs: Json = {"facts": to_json(facts), "executor": to_json(viewer)}
    _store("A", f"requisition:{facts.number}", inputs, outcome, pack, now)
    return outcome


@transaction.atomic
def ask_gate_b(*, context: AccessContext, subject: str, now: datetime) -> Outcome:
    """What gate B says; stored under ``subject`` (``access:<id>``)."""
    pack = law.law_pack(now)
    outcome = gate_b.decide(context, pack, now)
    _store("B", subject, to_json(context), outcome, pack, now)
    return outcome


def _store(gate: str, subject: str, inputs: Json, outcome: Outcome, pack: LawPack, now: datetime) -> None:
    Decision(
        id=new_id(to_us(now)),
        gate=gate,
        subject=subject,
        at=now,
        engine=ENGINE,
        pack=f"{pack.id} {pack.version}",
        pack_digest=pack.digest,
        inputs=inputs,
        outcome=outcome_to_json(outcome),
    ).save(force_insert=True)
