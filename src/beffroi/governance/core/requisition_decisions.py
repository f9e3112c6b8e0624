"""What a person may decide on a requisition, on which ground, and what the desk proposes. Pure; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from beffroi.governance.core.answers import Verdict
from beffroi.governance.core.requisitions import Act, Result
from beffroi.kernel.outcome import Outcome, Severity


class Ground(StrEnum):
    """Why; printed on the paper in words."""

    NONE = ""
    NOT_COVERED = "not-covered"
    OVERWRITTEN = "overwritten"
    NOT_RECORDED = "not-recorded"
    NOT_AUTHORISED = "not-authorised"
    WRONG_QUALITY = "wrong-quality"
    NO_AUTHORISATION = "no-authorisation"
    WRONG_FRAME = "wrong-frame"
    INCOMPLETE = "incomplete"
    OUT_OF_SCOPE = "out-of-scope"
    PART_ONLY = "part-only"
    OTHER = "other"


GROUNDS: Mapping[Act, tuple[Ground, ...]] = {
    Act.ACCEPT: (Ground.NONE,),
    Act.ACCEPT_PARTLY: (Ground.PART_ONLY, Ground.OUT_OF_SCOPE, Ground.OVERWRITTEN, Ground.NOT_RECORDED, Ground.OTHER),
    Act.ANSWER_NEGATIVE: (
        Ground.NOT_COVERED,
        Ground.OVERWRITTEN,
        Ground.NOT_RECORDED,
        Ground.NOT_AUTHORISED,
        Ground.OTHER,
    ),
    Act.REFUSE: (
        Ground.WRONG_QUALITY,
        Ground.NO_AUTHORISATION,
        Ground.WRONG_FRAME,
        Ground.INCOMPLETE,
        Ground.OUT_OF_SCOPE,
        Ground.OTHER,
    ),
}
"""Which grounds fit which act."""

OVERRIDABLE = "R-19"
"""Rules whose id begins so may be overridden by the video officer, with a reason and an alarm (research/law.md §9)."""

_BY_REASON: Mapping[str, tuple[Act, Ground]] = {
    "quality_not_of_basis": (Act.REFUSE, Ground.WRONG_QUALITY),
    "apj_without_opj": (Act.ASK_COMPLETION, Ground.WRONG_QUALITY),
    "frame_not_of_basis": (Act.ASK_COMPLETION, Ground.WRONG_FRAME),
    "basis_not_in_force": (Act.ASK_COMPLETION, Ground.WRONG_FRAME),
    "no_prosecutor_authorisation": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "no_rogatory_commission": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "magistrate_not_named": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "authorisation_not_dated": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "authorisation_after_receipt": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "instruction_expired": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
    "offence_not_in_instruction": (Act.ASK_COMPLETION, Ground.NO_AUTHORISATION),
}

_BY_VERDICT: Mapping[Verdict, tuple[Act, Ground]] = {
    Verdict.COVERED: (Act.ACCEPT, Ground.NONE),
    Verdict.PARTLY: (Act.ACCEPT_PARTLY, Ground.PART_ONLY),
    Verdict.NOT_COVERED: (Act.ANSWER_NEGATIVE, Ground.NOT_COVERED),
    Verdict.OVERWRITTEN: (Act.ANSWER_NEGATIVE, Ground.OVERWRITTEN),
    Verdict.NOT_RECORDED: (Act.ANSWER_NEGATIVE, Ground.NOT_RECORDED),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the desk proposes to the person who decides, and why. ``act`` is ``None`` where it cannot know."""

    act: Act | None
    ground: Ground = Ground.NONE
    reason: str = ""  # stable code of the rule's reason


def propose(outcome: Outcome | None, verdict: Verdict | None) -> Proposal:
    """The law first, then what there is: an executor who may not act is no fault of the requester's and proposes
    nothing; an unknown proposes nothing (I9)."""
    if outcome is None:
        return Proposal(Act.CHECK)
    failed = next((one for one in outcome.trace if not one.held and one.severity is Severity.BLOCK), None)
    if failed is not None:
        if failed.reason.startswith("missing:"):
            return Proposal(Act.ASK_COMPLETION, Ground.INCOMPLETE, failed.reason)
        act, ground = _BY_REASON.get(failed.reason, (None, Ground.NONE))
        return Proposal(act, ground, failed.reason)
    if verdict is None or verdict not in _BY_VERDICT:
        return Proposal(None)
    act, ground = _BY_VERDICT[verdict]
    return Proposal(act, ground)


def blocking(outcome: Outcome) -> frozenset[str]:
    """The rules that block."""
    return frozenset(one.rule for one in outcome.trace if not one.held and one.severity is Severity.BLOCK)


def may_be_overridden(outcome: Outcome) -> bool:
    """Whether every rule that blocks is one the video officer may override."""
    return all(rule.startswith(OVERRIDABLE) for rule in blocking(outcome))


def result_of(act: Act, ground: Ground) -> Result:
    """The code that feeds the figures."""
    if act is Act.ACCEPT:
        return Result.POSITIVE
    if act is Act.ACCEPT_PARTLY:
        return Result.PARTIAL
    if act is Act.REFUSE:
        return Result.REFUSED
    return Result.OVERWRITTEN if ground is Ground.OVERWRITTEN else Result.NEGATIVE
