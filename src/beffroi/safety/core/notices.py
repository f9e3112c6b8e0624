"""Telling people: each recipient and channel has a state, *unknown* is one, and a drill has its own road (I8).

The sending side retries for ever while the alert is active; this module says what may be sent, in which order, and
what the board shows. 17, 18, 112 and 114 are never in the road of a drill or test (ppms.md §4.4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from beffroi.kernel.delivery import MOVES as MOVES
from beffroi.kernel.delivery import Delivery as Delivery
from beffroi.kernel.delivery import after_failure, after_move
from beffroi.kernel.outcome import Refused
from beffroi.safety.core.words import Nature

EMERGENCY_NUMBERS = frozenset({"15", "17", "18", "112", "114", "115", "119"})
BANNED_PHRASES = (
    "ceci n'est pas un exercice",
    "ce n'est pas un exercice",
    "this is not a drill",
    "this is no drill",
)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or device and one way to reach it. ``drill_ok`` must be said; silence means no."""

    id: str
    channel: str
    address: str
    tier: int
    drill_ok: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient by one channel. ``order`` counts the alert's messages: 1 is the alert itself."""

    id: str
    alert: str
    nature: Nature
    order: int
    recipient: Recipient
    text: str
    state: Delivery = Delivery.PLANNED
    attempts: int = 0
    next_at: datetime | None = None


def can_be_reached(channel: str, address: str, keys: Mapping[str, str]) -> bool:
    """Whether an address a person gives for herself can be one of its channel. What she gives is not believed: a push
    address is a named https service, never a machine of our own network."""
    if channel == "sms":
        plain = address.replace(" ", "").removeprefix("+")
        return plain.isascii() and plain.isdigit() and 8 <= len(plain) <= 15 and plain not in EMERGENCY_NUMBERS
    if channel == "email":
        return address.count("@") == 1 and address.isprintable() and not set(address) & set(' ,;<>"')
    if channel != "push" or len(address) > 500:
        return False
    parts = urlsplit(address)
    host = parts.hostname or ""
    named = "." in host and not host.replace(".", "").isdigit() and ":" not in host
    return parts.scheme == "https" and named and parts.username is None and {"p256dh", "auth"} <= set(keys)


def framed(text: str, nature: Nature) -> str:
    """The text as it leaves: a drill's begins and ends by saying so, three times."""
    if nature is Nature.REAL:
        return text
    word = {Nature.DRILL: "EXERCICE", Nature.TEST: "ESSAI"}[nature]
    frame = " ".join([word] * 3)
    return f"{frame}. {text} {frame}."


def banned_phrase(text: str) -> str:
    """The first phrase of ``text`` that no template may hold (Hawaii, 2018), or an empty string."""
    folded = text.casefold().replace("’", "'")
    return next((phrase for phrase in BANNED_PHRASES if phrase in folded), "")


def may_reach(recipient: Recipient, nature: Nature) -> Refused | None:
    """Whether a notice of this nature may go to this recipient. Doubt in a drill refuses; doubt in the real sends."""
    if nature is Nature.REAL:
        return None
    if recipient.address.replace(" ", "") in EMERGENCY_NUMBERS:
        return Refused("emergency_number_in_a_drill")
    if not recipient.drill_ok:
        return Refused("not_flagged_for_drills")
    return None


def ready(notice: Notice, others: Iterable[Notice], *, now: datetime) -> bool:
    """Whether it may be handed over now: its time has come and everything before it on this road was handed over."""
    if notice.state not in (Delivery.PLANNED, Delivery.RETRYING):
        return False
    if notice.next_at is not None and now < notice.next_at:
        return False
    waiting = (Delivery.PLANNED, Delivery.RETRYING)
    return not any(
        other.alert == notice.alert
        and other.recipient.id == notice.recipient.id
        and other.recipient.channel == notice.recipient.channel
        and other.order < notice.order
        and other.state in waiting
        for other in others
    )


def moved(notice: Notice, to: Delivery) -> Notice:
    """The notice in its next state; a move the table does not know raises ``ValueError``."""
    return replace(notice, state=after_move(notice.state, to))


def failed(notice: Notice, *, now: datetime) -> Notice:
    """After a failed attempt: try again, later each time, never giving up while the alert lives."""
    wait = after_failure(notice.attempts, first=FIRST_RETRY, longest=LONGEST_RETRY)
    return replace(moved(notice, Delivery.RETRYING), attempts=notice.attempts + 1, next_at=now + wait)
