"""What a person holds and when it runs out: the papers that somebody has to renew, the nearest end first. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.people.core.facts import ApprovalFacts, ClearanceFacts, Term, TrainingFacts
from beffroi.people.core.roles import Role

WARN_BEFORE = timedelta(days=60)
REVIEW_EVERY = timedelta(days=5 * 365)
"""An approval is reviewed within five years (R-12)."""


class Paper(StrEnum):
    """What runs out."""

    CLEARANCE = "clearance"
    APPROVAL = "approval"
    REVIEW = "review"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role granted for a time."""

    id: str
    role: Role
    term: Term
    withdrawn_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at ``at``."""
        return at in self.term and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything ever entered of a person, what has ended included; newest first."""

    roles: tuple[RoleHeld, ...] = ()
    clearances: tuple[ClearanceFacts, ...] = ()
    approvals: tuple[ApprovalFacts, ...] = ()
    trainings: tuple[TrainingFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class RunsOut:
    """One paper with its end; ``over`` once the end has passed."""

    paper: Paper
    reference: str
    at: datetime
    over: bool


def running_out(held: Holdings, now: datetime) -> tuple[RunsOut, ...]:
    """What ends within sixty days, or has ended without a successor of its kind; the nearest end first."""
    found = [
        *_of(Paper.CLEARANCE, [(one.reference, one.term, one.withdrawn_at) for one in held.clearances], now),
        *_of(Paper.APPROVAL, [(one.reference, one.term, one.suspended_at) for one in held.approvals], now),
        *_of(Paper.TRAINING, [(one.reference, one.term, None) for one in held.trainings], now),
    ]
    for one in held.approvals:
        due = one.reviewed_at + REVIEW_EVERY
        if one.holds(now) and due <= now + WARN_BEFORE:
            found.append(RunsOut(Paper.REVIEW, one.reference, due, due <= now))
    return tuple(sorted(found, key=lambda one: one.at))


def _of(paper: Paper, held: Iterable[tuple[str, Term, datetime | None]], now: datetime) -> list[RunsOut]:
    """The paper of this kind that lasts longest decides: nobody is warned of what is renewed already."""
    live = [(reference, term) for reference, term, taken in held if taken is None and term.start <= now + WARN_BEFORE]
    if not live or any(term.until is None for _, term in live):
        return []
    reference, term = max(live, key=lambda one: one[1].until or now)
    end = term.until
    if end is None or end > now + WARN_BEFORE:
        return []
    return [RunsOut(paper, reference, end, end <= now)]
