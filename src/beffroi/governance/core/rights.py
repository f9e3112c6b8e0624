"""Rights of persons (RGPD 12, 15; R-39): somebody asks for the images of herself. The states are a table. Pure.

The clock is ``min(one month, purge − 2 days)``: pictures die faster than the law's month. On receipt they are held
*inside* their retention; beyond it the law knows no such hold (CSI L252-5), so the answer comes before the purge.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.governance.core.answers import expiry
from beffroi.kernel.errors import Conflict
from beffroi.kernel.spans import Span
from beffroi.media.core.retention import month_after

BEFORE_PURGE = timedelta(days=2)
LONGEST_SPAN = timedelta(hours=3)
KEPT_AFTER_ANSWER = timedelta(days=366)
"""Design default: how long name, contact and words are kept after the answer; number, dates and answer stay."""
PER_SOURCE_HOUR, PER_HOUR = 4, 40
"""Requests taken from one address and from all in an hour (design defaults)."""
MAX_WORDS = 1_500
NUMBER = re.compile(r"DP-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Wish(StrEnum):
    """What is asked for."""

    SEE = "see"  # look on the spot
    COPY = "copy"  # a copy with third parties masked
    CONFIRM = "confirm"  # whether there are pictures at all
    ERASE = "erase"


class RightsState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IDENTITY_ASKED = "identity_asked"
    IDENTIFIED = "identified"
    APPOINTED = "appointed"  # the answer: come and see
    NEGATIVE = "negative"  # the answer: there is nothing
    REFUSED = "refused"  # the answer: no, on a ground
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class RightsAct(StrEnum):
    """What may be done."""

    ASK_IDENTITY = "ask-identity"
    IDENTIFY = "identify"
    LOCATE = "locate"
    APPOINT = "appoint"
    ANSWER_NEGATIVE = "answer-negative"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class RefusalGround(StrEnum):
    """The grounds a refusal may have (RGPD 12 § 5, 15 § 4, 23; LIL 107; historic grounds of CSI L253-5)."""

    IDENTITY = "identity"
    UNFOUNDED = "unfounded"
    OTHERS = "others"
    PROCEEDINGS = "proceedings"
    SECURITY = "security"


ARTICLES: dict[RefusalGround, str] = {
    RefusalGround.IDENTITY: "RGPD art. 12 § 2 et § 6",
    RefusalGround.UNFOUNDED: "RGPD art. 12 § 5 b",
    RefusalGround.OTHERS: "RGPD art. 15 § 4",
    RefusalGround.PROCEEDINGS: "RGPD art. 23 § 1 d ; loi 78-17 art. 107",
    RefusalGround.SECURITY: "RGPD art. 23 § 1 a-c ; loi 78-17 art. 107",
}

_OPEN = (RightsState.RECEIVED, RightsState.IDENTITY_ASKED, RightsState.IDENTIFIED)
TABLE: dict[tuple[RightsState, RightsAct], RightsState] = {
    (RightsState.RECEIVED, RightsAct.ASK_IDENTITY): RightsState.IDENTITY_ASKED,
    (RightsState.IDENTITY_ASKED, RightsAct.ASK_IDENTITY): RightsState.IDENTITY_ASKED,
    (RightsState.RECEIVED, RightsAct.IDENTIFY): RightsState.IDENTIFIED,
    (RightsState.IDENTITY_ASKED, RightsAct.IDENTIFY): RightsState.IDENTIFIED,
    **{(state, RightsAct.LOCATE): state for state in _OPEN},
    (RightsState.IDENTIFIED, RightsAct.APPOINT): RightsState.APPOINTED,
    (RightsState.APPOINTED, RightsAct.APPOINT): RightsState.APPOINTED,  # another day
    **{(state, RightsAct.ANSWER_NEGATIVE): RightsState.NEGATIVE for state in _OPEN},
    **{(state, RightsAct.REFUSE): RightsState.REFUSED for state in _OPEN},
    **{(state, RightsAct.WITHDRAW): RightsState.WITHDRAWN for state in (*_OPEN, RightsState.APPOINTED)},
    **{
        (state, RightsAct.CLOSE): RightsState.CLOSED
        for state in (RightsState.APPOINTED, RightsState.NEGATIVE, RightsState.REFUSED)
    },
}

OPEN = frozenset(_OPEN)
"""Still without an answer: the clock runs."""
ANSWERS = frozenset({RightsAct.APPOINT, RightsAct.ANSWER_NEGATIVE, RightsAct.REFUSE})
"""Acts that answer the person, each with its signed paper."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when an answer is due, and what binds it."""

    due_at: datetime
    purge_at: datetime | None  # when the first of the pictures asked for dies; ``None``: no camera known
    by_purge: bool


def next_state(state: RightsState, act: RightsAct) -> RightsState:
    """The state after ``act``; ``Conflict`` where it does not fit, saying what does."""
    try:
        return TABLE[state, act]
    except KeyError as error:
        possible = ", ".join(sorted(one for at, one in TABLE if at is state)) or "nothing"
        raise Conflict(
            f"a request that is {state} cannot take the act {act}", code="rights-state", hint=f"Possible: {possible}."
        ) from error


def open_acts(state: RightsState) -> frozenset[RightsAct]:
    """What a page may offer."""
    return frozenset(act for at, act in TABLE if at is state)


def one_month_after(at: datetime) -> datetime:
    """By when a request is answered: the same day of the next calendar month, or that month's last day; in UTC."""
    year, month = divmod(at.year * 12 + at.month, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def clock_of(received_at: datetime, span: Span, retention_days: int | None) -> Clock:
    """``min(one month, purge − 2 days)``, never before receipt. ``retention_days``: the shortest of the cameras."""
    month = one_month_after(received_at)
    if retention_days is None:
        return Clock(month, None, by_purge=False)
    purge = expiry(span.start, retention_days)
    before = purge - BEFORE_PURGE
    return Clock(max(received_at, min(month, before)), purge, by_purge=before < month)


def problems(span: Span | None, now: datetime) -> dict[str, str]:
    """What is wrong with the time somebody asks for."""
    if span is None:
        return {"until": "ends-before-start"}
    if span.end > now:
        return {"until": "in-the-future"}
    wrong = {}
    if span.duration > LONGEST_SPAN:
        wrong["until"] = "too-long-span"
    if month_after(span.start) <= now:
        wrong["day"] = "destroyed"
    return wrong


def tracking_number(bits: int) -> str:
    """A number nobody can guess: fifty random bits in ten letters that cannot be misread."""
    letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(10))
    return f"DP-{letters[:5]}-{letters[5:]}"


def read_number(text: str) -> str:
    """A tracking number as somebody types it, or an empty text."""
    plain = re.sub(r"[\s\u2010-\u2015]", "-", text.strip().upper()[:40])
    plain = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    return plain if NUMBER.fullmatch(plain) else ""
