"""What gates take of a person: plain values, read once per decision (R-11 … R-14). No table stands behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.ids import PersonId
from beffroi.people.core.roles import Force, Quality, Role


@dataclass(frozen=True, slots=True)
class Term:
    """From when (in it) until when (not in it; ``None``: until withdrawn)."""

    start: datetime
    until: datetime | None = None

    def __contains__(self, at: object) -> bool:
        return isinstance(at, datetime) and self.start <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class ClearanceFacts:
    """An individual clearance (habilitation, R-11): who issued it, for which communes, from when to when."""

    id: str
    reference: str
    issuer: str
    territory: frozenset[str]  # INSEE codes of communes
    term: Term
    withdrawn_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at ``at``."""
        return at in self.term and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """A prefectoral approval (agrément, CSI L132-14-1, R-12): valid in one département, reviewed within five years."""

    id: str
    reference: str
    issuer: str
    department: str
    term: Term
    reviewed_at: datetime
    suspended_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at ``at``; its age since the review is for the rule pack to judge."""
        return at in self.term and (self.suspended_at is None or at < self.suspended_at)


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """A training certificate (R-13)."""

    id: str
    reference: str
    term: Term

    def holds(self, at: datetime) -> bool:
        """Whether it is valid at ``at``."""
        return at in self.term


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person as gates see her at one moment. ``clearances`` are all that were entered; ask ``clearance_for``."""

    id: PersonId
    name: str
    rank: str
    matricule: str
    force: Force
    unit: str
    unit_id: str
    organisation: str
    quality: Quality
    roles: frozenset[Role]
    territory: frozenset[str]  # communes of all clearances in force
    clearances: tuple[ClearanceFacts, ...] = ()
    approval: ApprovalFacts | None = None
    training: TrainingFacts | None = None
    on_duty: bool = False  # set by operations (a shift is open), never stored here
    email: str = ""

    @property
    def called(self) -> str:
        """Rank and name, as on papers."""
        return f"{self.rank} {self.name}".strip()

    def clearance_for(self, insee: str, at: datetime) -> ClearanceFacts | None:
        """The clearance that covers this commune at ``at``, or ``None`` (R-11, R-14)."""
        return next((one for one in self.clearances if one.holds(at) and insee in one.territory), None)


def territory_of(clearances: Iterable[ClearanceFacts], at: datetime) -> frozenset[str]:
    """The communes of all clearances in force at ``at``."""
    return frozenset(insee for one in clearances if one.holds(at) for insee in one.territory)
