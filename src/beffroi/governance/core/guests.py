"""Guests: an investigator without an account, known by the unit's registered mailbox or by a call back. Pure.

Who can read the unit's mailbox, or answers at the number the centre already knew, is taken for the unit; the paper
itself is checked by a person, as any other. A guest sees one requisition, and only until its term.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.people.core.roles import Force

FORCES = frozenset({Force.GN, Force.PN})
LINK_LIFE = timedelta(hours=2)
CODE_LIFE = timedelta(minutes=15)
ENTER_WITHIN = timedelta(hours=12)
TERM = timedelta(days=30)
MOST_ATTEMPTS = 5
MOST_AN_HOUR = 5
"""Design defaults: how long a mailed link and a dictated code open, how long a verified guest may take to send, how
long the requisition stays in sight, wrong codes before a visit ends, links one unit's mailbox takes in an hour."""

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that sound or look alike over the telephone."""
CODE_LENGTH = 8


class Method(StrEnum):
    """How a guest is verified."""

    MAILBOX = "mailbox"
    CALL_BACK = "call_back"


class VisitState(StrEnum):
    """Where a visit stands. ``verified`` is the only one that opens anything."""

    ASKED = "asked"
    VERIFIED = "verified"
    REFUSED = "refused"


def typed_code(text: str) -> str:
    """What was heard, as it was dictated: capitals, without spaces and dashes."""
    return "".join(letter for letter in text.upper() if letter in CODE_LETTERS)


def too_many(asked_at: Sequence[datetime], now: datetime) -> bool:
    """Whether one more link would flood the unit's mailbox."""
    return sum(now - timedelta(hours=1) < at <= now for at in asked_at) >= MOST_AN_HOUR
