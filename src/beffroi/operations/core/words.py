"""Shifts, incidents and the logbook as values, and the few rules about them. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from beffroi.kernel.ids import CameraId, PersonId
from beffroi.kernel.spans import Span

MAX_SHIFT = timedelta(hours=12)  # design default: a forgotten shift ends by itself
DEFAULT_SHIFT = timedelta(hours=8)  # design default
LOOK_BACK = timedelta(minutes=2)  # what a quick incident reaches back
MIN_REASON = 8  # characters; R-15 refuses empty and boiler-plate reasons
_BOILER_PLATE = frozenset(
    {"surveillance", "vidéoprotection", "videoprotection", "motif", "reason", "service", "travail"}
)


class IncidentState(StrEnum):
    """An incident is open until someone closes it with words."""

    OPEN = "open"
    CLOSED = "closed"


class EntryKind(StrEnum):
    """What an entry of the logbook (main courante) is about."""

    NOTE = "note"
    SHIFT = "shift"
    INCIDENT = "incident"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on duty, for one purpose and one reason (DESIGN §2)."""

    id: str
    person: PersonId
    person_name: str
    purpose: str
    reason: str
    begun_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    station: str

    def open_at(self, at: datetime) -> bool:
        """On duty at ``at``: begun, not ended, not expired."""
        return self.begun_at <= at < self.expires_at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happens in front of a camera. A look back hangs on it."""

    id: str
    year: int
    number: int  # counts from 1 each year
    title: str
    reason: str  # empty while due
    reason_due_at: datetime
    state: IncidentState
    cameras: tuple[CameraId, ...]  # the one it was opened on first
    insee: str
    occurred_from: datetime
    occurred_to: datetime | None  # None: still going on
    opened_by: PersonId
    opened_by_name: str
    opened_at: datetime
    closed_at: datetime | None
    closing: str
    crisis_at: datetime | None = None  # an authority declared a crisis on it
    crisis_by: str = ""  # that authority, in words

    @property
    def reference(self) -> str:
        """How it is named in articles, tickets and on paper: ``I-2026-0042``."""
        return f"I-{self.year}-{self.number:04d}"

    def span(self, now: datetime) -> Span:
        """The footage it is about, up to now while it goes on; never empty."""
        return Span(self.occurred_from, max(self.occurred_to or now, self.occurred_from + timedelta(seconds=1)))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the logbook. Written once: a mistake is corrected by another line."""

    id: str
    at: datetime
    author: PersonId
    author_name: str
    kind: EntryKind
    text: str
    incident: str  # incident id, or empty
    camera: str  # camera id, or empty


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An instant of footage worth finding again."""

    id: str
    incident: str
    camera: CameraId
    at: datetime
    label: str
    author_name: str


@dataclass(frozen=True, slots=True)
class RotaLine:
    """Who is called, in which order, when the duty phone is not answered."""

    rank: int
    person: PersonId
    person_name: str
    phone: str


@dataclass(frozen=True, slots=True)
class OpenThing:
    """Something that is open when a shift is handed over."""

    kind: str  # incident | access | relay | review | requisition
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What one shift leaves to the next."""

    id: str
    given_by_name: str
    given_at: datetime
    note: str
    still_open: tuple[OpenThing, ...]
    taken_by_name: str
    taken_at: datetime | None


def local_year(at: datetime, zone: ZoneInfo) -> int:
    """The year in which an incident is counted: the commune's own, not UTC's."""
    return at.astimezone(zone).year


def reason_given(text: str) -> bool:
    """Whether ``text`` says why in words of its own (R-15): long enough, and no boiler-plate."""
    words = " ".join(text.split())
    return len(words) >= MIN_REASON and words.lower().strip(" .!") not in _BOILER_PLATE and len(set(words.lower())) > 3


def shift_end(begun_at: datetime, asked: timedelta) -> datetime:
    """When a shift ends by itself: what was asked for, twelve hours at most, at least a minute."""
    return begun_at + min(max(asked, timedelta(minutes=1)), MAX_SHIFT)
