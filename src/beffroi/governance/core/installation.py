"""What the rule table is told about this installation: plain values, read once. Pure.

``None`` where something could not be read: shown as unknown, never as kept (I9).
"""

from dataclasses import dataclass, field
from datetime import datetime

from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.core.authorisations import AuthorisationFacts
from beffroi.sites.core.cameras import CameraFacts


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """One recorded stream as the recorder says it."""

    camera: str
    stream: str
    codec: str
    oldest: datetime | None
    clock_offset_us: int


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A live hold."""

    camera: str
    camera_name: str
    span: Span
    judicial: bool


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """An access that is open now."""

    person: str
    person_name: str
    force: str
    mode: str
    until: datetime | None
    cleared: bool


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A paper of compliance that somebody entered: impact assessment, panel, notice."""

    kind: str  # dpia | panel | notice
    reference: str
    site: str  # of a panel: the place it stands at
    dated: datetime


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The log at its last whole verification; ``good`` is ``None`` when it was never verified here."""

    good: bool | None = None
    verified_at: datetime | None = None
    entries: int = 0
    checkpoint_at: datetime | None = None
    past_term: int = 0  # bodies that should have been erased by R-27
    readings: int = 0  # readings of the log in the last thirty days
    journals_broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RightsFacts:
    """A request of a person that waits for its answer, or got it."""

    number: str
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything, at one moment."""

    cameras: tuple[CameraFacts, ...] = ()
    authorisations: tuple[AuthorisationFacts, ...] = ()
    orders: tuple[tuple[str, datetime], ...] = ()  # in force: number and end
    conventions: tuple[tuple[str, datetime], ...] = ()  # in force: reference and end
    persons: tuple[PersonFacts, ...] = ()
    streams: tuple[StreamFacts, ...] | None = None
    holds: tuple[HoldFacts, ...] = ()
    grants: tuple[GrantFacts, ...] = ()
    breakglass_late: tuple[tuple[str, datetime], ...] = ()  # who, and until when a second person was due
    unreceipted: tuple[tuple[str, datetime], ...] = ()  # packages given and not acknowledged
    consents: frozenset[str] = frozenset()
    papers: tuple[PaperFacts, ...] = ()
    rights: tuple[RightsFacts, ...] = ()
    log: LogFacts = field(default_factory=LogFacts)
    bundle_at: datetime | None = None  # newest inspection bundle
    decisions: tuple[tuple[str, int], ...] = ()  # gate and how many decisions in a year

    def in_service(self, now: datetime) -> tuple[CameraFacts, ...]:
        """The cameras that may record now."""
        return tuple(one for one in self.cameras if one.in_service(now))

    def streams_of(self, camera: str) -> tuple[StreamFacts, ...]:
        """The streams of one camera; empty too where the recorder is silent."""
        return tuple(one for one in self.streams or () if one.camera == camera)
