"""How far a message to one recipient by one channel has come. Silence of a peer is *unknown*, never success (I9)."""

from datetime import timedelta
from enum import StrEnum


class Delivery(StrEnum):
    """How far a notice has come. ``UNKNOWN`` is not ``FAILED``: the peer took it and says nothing."""

    PLANNED = "planned"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    SEEN = "seen"
    ANSWERED = "answered"
    RETRYING = "retrying"
    EXPIRED = "expired"


MOVES: dict[Delivery, frozenset[Delivery]] = {
    Delivery.PLANNED: frozenset({Delivery.HANDED_OVER, Delivery.RETRYING, Delivery.EXPIRED}),
    Delivery.RETRYING: frozenset({Delivery.HANDED_OVER, Delivery.RETRYING, Delivery.EXPIRED}),
    Delivery.HANDED_OVER: frozenset(
        {Delivery.DELIVERED, Delivery.UNKNOWN, Delivery.SEEN, Delivery.ANSWERED, Delivery.RETRYING}
    ),
    Delivery.UNKNOWN: frozenset({Delivery.DELIVERED, Delivery.SEEN, Delivery.ANSWERED, Delivery.RETRYING}),
    Delivery.DELIVERED: frozenset({Delivery.SEEN, Delivery.ANSWERED}),
    Delivery.SEEN: frozenset({Delivery.ANSWERED}),
    Delivery.ANSWERED: frozenset(),
    Delivery.EXPIRED: frozenset(),
}


WAITING = frozenset({Delivery.PLANNED, Delivery.RETRYING})
"""States in which it has not left yet."""


def after_move(state: Delivery, to: Delivery) -> Delivery:
    """``to``, where the table knows this move; else ``ValueError``."""
    if to not in MOVES[state]:
        raise ValueError(f"a notice does not go from {state} to {to}")
    return to


def after_failure(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after the attempt that follows ``attempts`` vain ones: twice as long each time, up to the
    longest."""
    return min(first * (1 << min(attempts, 16)), longest)
