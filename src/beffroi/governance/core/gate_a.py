"""Gate A: must this requisition be answered? law ∧ completeness ∧ executor's clearance. Pure.

The convention is not asked: it never narrows the duty to answer (CPP 60-1 al. 2). The gate does not refuse anybody; it
says what the law says, and a person decides (docs/design/gates.md).
"""

from datetime import datetime

from beffroi.governance.core.context import Viewer
from beffroi.governance.core.law import LawPack
from beffroi.governance.core.requisition_facts import RequestedThing, RequisitionFacts
from beffroi.governance.core.rules_requisition import REQUISITION_PREDICATES, missing_fields
from beffroi.kernel.outcome import Allowed, Outcome, Refused, RuleResult, Severity


def decide(facts: RequisitionFacts, pack: LawPack, executor: Viewer, now: datetime) -> Outcome:
    """``Allowed`` by its legal basis, or the first blocking rule. The trace holds every rule, warnings included."""
    trace = tuple(
        RuleResult(rule.id, rule.source, not reason, rule.severity, reason)
        for rule in pack.asked("requisition", now)
        for reason in (REQUISITION_PREDICATES[rule.predicate](facts, executor, rule, now, pack),)
    )
    refusal = next((one for one in trace if not one.held and one.severity is Severity.BLOCK), None)
    if refusal is not None:
        return Refused(refusal.reason, f"{refusal.rule} · {refusal.source}", trace)
    basis = pack.basis(facts.legal_basis, facts.received_at)
    return Allowed(basis.name if basis else facts.legal_basis, _obligations(facts, trace), trace)


def _obligations(facts: RequisitionFacts, trace: tuple[RuleResult, ...]) -> tuple[str, ...]:
    found = ["log:full"]
    if facts.things & {RequestedThing.COPY, RequestedThing.STILL}:
        found += ["discharge_signed", "attest_clearance"]
    found += [f"{one.severity.value}:{one.rule}" for one in trace if not one.held]
    return tuple(found)


__all__ = ["decide", "missing_fields"]
