"""A convention as values: parties, dates, and grants that say who may see what, where, why, when and with whose yes.

Pure. The text form (YAML) is read by ``convention_text``; the plain words are made by ``convention_words``. Deny by
default: what no grant names is refused, and an absent list of a grant narrows nothing while an empty one is an error.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from beffroi.kernel.spans import Span

INCIDENT, CRISIS, PPMS_ALERT = "incident", "crisis", "ppms_alert"
"""The kind of event that a real alert of an equipped building is; a drill is no event of any kind (I8)."""


class Use(StrEnum):
    """What a grant lets its holder do."""

    LIVE_VIEW = "live_view"
    REPLAY = "replay"
    EXTRACTION = "extraction"


@dataclass(frozen=True, slots=True)
class Who:
    """Which persons: every condition given must hold."""

    force: str
    unit_in: frozenset[str] = frozenset()
    quality_in: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()  # matricules
    named_agents_only: bool = False  # only persons the prefect's order names one by one
    order_required: bool = True


@dataclass(frozen=True, slots=True)
class What:
    """Which use, with or without moving the camera and taking a copy."""

    mode: Use
    ptz: bool = False
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """Which cameras. ``from_case``: those of the case, incident or requisition the access hangs on."""

    communes: frozenset[str] = frozenset()
    numbers: frozenset[int] = frozenset()
    tags_any: frozenset[str] = frozenset()
    exclude_tags: frozenset[str] = frozenset()
    from_case: bool = False
    window_from_case: bool = False
    margin: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Why:
    """On which legal basis, for which purposes, hanging on what."""

    basis_in: frozenset[str]
    purposes: frozenset[str]
    event_required: bool = False
    case_required: bool = False
    requisition_required: bool = False
    event_kind_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class When:
    """How long one access lasts, how far back it reaches, how long its ground stays good, at which hours."""

    max_duration: timedelta
    renewable: bool = False
    reach: timedelta | None = None  # how old the oldest picture may be
    max_window: timedelta | None = None  # how long a span of footage
    expires: timedelta | None = None  # after the ground was opened
    hours: tuple[int, int] | None = None  # minutes of the local day, [from, to); may pass midnight
    auto_stop_on: str = ""  # event_closed | case_closed


@dataclass(frozen=True, slots=True)
class Approval:
    """Whose yes it takes. ``automatic``: none, said aloud in the convention and reviewed after."""

    by: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    automatic: bool = False
    review_within: timedelta | None = None
    emergency: bool = False
    regularise_within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant, G1 …; ``article`` is the article of the convention that a lawyer reads."""

    id: str
    article: str
    who: Who
    what: What
    where: Where
    why: Why
    when: When
    approval: Approval
    notify: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    title: tuple[tuple[str, str], ...] = ()  # (language, words)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who signs."""

    communes: frozenset[str]
    prefecture: str
    forces: tuple[str, ...]
    prosecutor_opinion: date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every party whose signature is needed, in order."""
        return (*(f"commune:{code}" for code in sorted(self.communes)), f"prefecture:{self.prefecture}", *self.forces)


@dataclass(frozen=True, slots=True)
class Convention:
    """One version of one convention. ``in_force`` is the span its rows give it; the text's own dates are ``valid``."""

    id: str
    version: int
    title: tuple[tuple[str, str], ...]
    zone: str  # IANA name; hours and days are local
    parties: Parties
    valid: Span
    order_refs: tuple[str, ...]
    grants: tuple[Grant, ...]
    tacit_renewal: bool = False
    notice_months: int = 6
    staffing: str = "small"  # solo | small | staffed
    suspended: bool = False

    def in_force(self, at: datetime) -> bool:
        """Inside its dates and not suspended."""
        return not self.suspended and at in self.valid

    def renewed(self, at: datetime) -> "Convention":
        """The same convention with its term renewed tacitly, as often as ``at`` asks for, where the text says so."""
        if not self.tacit_renewal or at < self.valid.end:
            return self
        terms = (at - self.valid.end) // self.valid.duration + 1
        return replace(self, valid=Span(self.valid.start, self.valid.end + terms * self.valid.duration))
