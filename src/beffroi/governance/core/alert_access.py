"""How long a real alert of a building opens pictures, and to whom the conventions in force open them (G6). Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.governance.core.conventions import PPMS_ALERT, Convention, Grant, Use
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode

LEAD = timedelta(minutes=5)
"""The look back of an event begins this long before its first trigger (research/ppms.md §4.3)."""
AFTER_ALL_CLEAR = timedelta(minutes=5)
"""The hard stop: pictures end this long after the all-clear, whatever a grant says (research/ppms.md §4.3)."""
ONE_ACCESS = timedelta(hours=2)
"""What one access is asked for; it is renewed by a person while the alert goes on."""

_LIFT_STEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """One way a convention opens an alert's cameras: to these persons, in this mode, on this basis and purpose."""

    force: str
    persons: frozenset[str]  # matricules; empty: those the prefect's order names one by one
    mode: Mode
    legal_basis: str
    purposes: tuple[str, ...]  # asked in this order; the one that gives most cameras is taken


def openings(conventions: Iterable[Convention], now: datetime) -> Iterator[Opening]:
    """Every opening of the conventions in force, live before look back."""
    named = [grant for one in conventions if one.in_force(now) for grant in one.grants if _by_alert(grant)]
    for grant in sorted(named, key=lambda grant: grant.what.mode is not Use.LIVE_VIEW):
        yield Opening(
            grant.who.force,
            grant.who.persons,
            Mode.RELAY if grant.what.mode is Use.LIVE_VIEW else Mode.REPLAY,
            min(grant.why.basis_in),
            tuple(sorted(grant.why.purposes)),
        )


def event_span(opened_at: datetime, now: datetime) -> Span:
    """The footage an alert is about, as far as it may come to reach: what is not recorded yet cannot be looked at."""
    return Span(opened_at - LEAD, max(opened_at, now) + ONE_ACCESS)


def hard_stop(ended_at: datetime, *, cancelled: bool) -> datetime:
    """When the pictures of an alert that ended must be shut: a false alarm gives no after-time."""
    return ended_at if cancelled else ended_at + AFTER_ALL_CLEAR


def lifted_until(opened_at: datetime, closes_at: datetime | None, now: datetime) -> datetime:
    """Until when an alert lets its cameras inside the building record whatever their hours: its hard stop.

    While it has none, for one to two hours from now, renewed each hour: a recorder that hears no more of the centre
    falls back by itself, and one that hears it is not told anew each second.
    """
    if closes_at is not None:
        return closes_at
    return opened_at + ((now - opened_at) // _LIFT_STEP + 2) * _LIFT_STEP


def _by_alert(grant: Grant) -> bool:
    return PPMS_ALERT in grant.why.event_kind_in and grant.what.mode is not Use.EXTRACTION
