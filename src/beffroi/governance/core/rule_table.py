"""The rule table (J6): every rule of the pack, how it is kept, and whether it holds on this installation now. Pure.

A rule is *asked* by a gate at each decision, *kept* by code elsewhere, *watched* by this table alone, or *not yet*
enforced. Its standing here comes with the evidence, as stable codes with values that pages put into words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beffroi.governance.core import standing, standing_people
from beffroi.governance.core.installation import Installation
from beffroi.governance.core.law import LawPack, Rule
from beffroi.governance.core.standing import Evidence

WATCHED = "src/beffroi/governance/core/standing.py"
"""What the pack names where nothing but this table keeps a rule."""


class Way(StrEnum):
    """How a rule is kept."""

    GATE_A = "gate_a"
    GATE_B = "gate_b"
    CODE = "code"
    WATCHED = "watched"
    NOT_YET = "not_yet"


class Standing(StrEnum):
    """Where the rule stands here and now."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    EACH_ACT = "each_act"  # nothing stands still: it is asked at each act
    BUILT_IN = "built_in"  # kept by what the program is; a test of the program shows it
    NOT_ENFORCED = "not_enforced"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One row of the table."""

    rule: Rule
    way: Way
    standing: Standing
    evidence: tuple[Evidence, ...]

    @property
    def place(self) -> str:
        """Predicate of a gate, or the file that keeps it."""
        return self.rule.predicate or ("" if self.way is Way.NOT_YET else self.rule.enforced)


Check = Callable[[Installation, Rule, datetime], Iterable[Evidence]]

CHECKS: Mapping[str, Check] = {
    "R-01": standing.authorised,
    "R-02": standing.renewals,
    "R-03": standing.purposes,
    "R-05": standing.masks,
    "R-07": standing.no_sound,
    "R-08": standing.nobody_beyond_term,
    "R-09": standing.holds_beyond_term,
    "R-10": standing.minimum_kept,
    "R-31": standing.clocks,
    "R-11": standing_people.clearances,
    "R-12": standing_people.approvals,
    "R-13": standing_people.trainings,
    "R-16": standing_people.orders,
    "R-17": standing_people.open_accesses_end,
    "R-21": standing_people.receipts,
    "R-26": standing_people.log_whole,
    "R-27": standing_people.log_forgets,
    "R-28": standing_people.log_readings,
    "R-36": standing_people.impact_assessment,
    "R-37": standing_people.processing_entry,
    "R-38": standing_people.panels,
    "R-39": standing_people.rights,
    "R-40": standing_people.conventions,
    "R-41": standing_people.breakglass,
    "R-43": standing_people.consents,
    "R-46": standing_people.bundle,
}
"""Rules that can be told from what stands here now."""


def table(pack: LawPack, here: Installation, now: datetime) -> tuple[RuleLine, ...]:
    """Every rule of the pack in force at ``now``, in the order of their numbers."""
    lines = (_line(rule, here, now) for rule in pack.rules if now in rule.valid)
    return tuple(sorted(lines, key=lambda line: (line.rule.id[0] != "R", line.rule.id)))


def way_of(rule: Rule) -> Way:
    """How the pack says that a rule is kept."""
    if rule.gate:
        return Way.GATE_A if rule.gate == "requisition" else Way.GATE_B
    if rule.enforced == "not_yet":
        return Way.NOT_YET
    return Way.WATCHED if rule.enforced == WATCHED else Way.CODE


def _line(rule: Rule, here: Installation, now: datetime) -> RuleLine:
    way = way_of(rule)
    check = CHECKS.get(rule.id)
    evidence = tuple(check(here, rule, now)) if check else ()
    if check is not None:
        held = _judge(evidence)
    elif way is Way.NOT_YET:
        held = Standing.NOT_ENFORCED
    elif way in {Way.GATE_A, Way.GATE_B}:
        held = Standing.EACH_ACT
        evidence = tuple(_decisions(here, "A" if way is Way.GATE_A else "B"))
    else:
        held = Standing.BUILT_IN if rule.enforced.startswith("tests/") else Standing.EACH_ACT
    return RuleLine(rule, way, held, evidence)


def _judge(evidence: tuple[Evidence, ...]) -> Standing:
    """One failure fails the rule; one thing unread leaves it unknown; notes alone decide nothing."""
    said = [one.held for one in evidence if not one.note]
    if False in said:
        return Standing.FAILS
    if None in said:
        return Standing.UNKNOWN
    return Standing.HOLDS if said else Standing.EACH_ACT


def _decisions(here: Installation, gate: str) -> Iterable[Evidence]:
    counted = dict(here.decisions).get(gate)
    if counted is not None:
        yield Evidence("decisions_year", None, {"count": str(counted)}, note=True)
