"""Holds (gel): footage that must not expire, decided here and kept by the recorder (I6; research/law.md §2.2, R-09).

Inside the authorised retention any officer may hold with a reason. Beyond it a hold needs a judicial reference that is
regularised within ``REGULARISE_DAYS`` (a design default, not law; a convention may set another).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REGULARISE_DAYS = 8
"""Days a written notice may wait for its requisition (design default, research/law.md §2.2)."""


class HoldState(StrEnum):
    """What the recorder is known to have. Only ``CONFIRMED`` means the footage is safe."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"  # the recorder said no; a person must look
    RELEASING = "releasing"
    RELEASED = "released"


LIVE_HOLDS = frozenset({HoldState.PENDING, HoldState.CONFIRMED, HoldState.FAILED})
"""States in which somebody counts on the footage."""


class HoldReference(StrEnum):
    """What a hold hangs on."""

    INCIDENT = "incident"
    REQUISITION = "requisition"
    NOTICE = "notice"  # written notice of an OPJ, to be regularised
    RIGHTS = "rights"  # a person asks for images of herself
    ALERT = "alert"  # a real alert of an equipped building


@dataclass(frozen=True, slots=True)
class HoldLoad:
    """What one requester has held and not yet had accepted."""

    holds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class HoldCap:
    """The most one requester may have held without an accepted requisition (design defaults)."""

    holds: int = 40
    seconds: int = 72 * 3600


def over_cap(load: HoldLoad, asked: timedelta, cap: HoldCap) -> bool:
    """Whether one more hold of ``asked`` goes over the cap. It is placed all the same, with an alarm: footage that
    is gone cannot be given back, while a hold too many can be released."""
    return load.holds + 1 > cap.holds or load.seconds + asked.total_seconds() > cap.seconds


def regularise_before(placed_at: datetime, days: int = REGULARISE_DAYS) -> datetime:
    """The instant at which a hold without its requisition is released."""
    return placed_at + timedelta(days=days)


ELSEWHERE_WITHIN = timedelta(hours=24)
"""Where another system records, its keeper is to save the pictures within this (design default)."""


def due_elsewhere(placed_at: datetime, term_at: datetime | None) -> datetime:
    """Until when the keeper of another system has to save the pictures: before their own term where that is sooner, at
    once where it has passed."""
    due = placed_at + ELSEWHERE_WITHIN
    return due if term_at is None else max(placed_at, min(due, term_at))
