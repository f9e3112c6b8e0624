"""The clock is passed in (I10). This is the only module of Beffroi that reads the time.

Wall time is an aware UTC ``datetime`` or, where bytes are stamped, integer microseconds since 1970-01-01 UTC
(names end in ``_us``). Monotonic time is integer nanoseconds and only its differences mean anything.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """What a part needs of time; pass ``SystemClock`` in production and ``ManualClock`` in tests."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""

    def now_us(self) -> int:
        """Wall time in microseconds since the epoch."""

    def monotonic_ns(self) -> int:
        """Nanoseconds of a clock that never steps."""

    def since_boot_us(self) -> int:
        """Microseconds since the machine started, its sleep counted: what nobody lengthens by setting a clock."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the one place that reads the clock

    def now_us(self) -> int:
        return time.time_ns() // 1_000  # noqa: TID251  the one place that reads the clock

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def since_boot_us(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only when told to; wall and monotonic time can be moved apart (a step of the wall clock)."""

    at: datetime
    monotonic: int = field(default=0)

    def now(self) -> datetime:
        return self.at

    def now_us(self) -> int:
        return to_us(self.at)

    def monotonic_ns(self) -> int:
        return self.monotonic

    def since_boot_us(self) -> int:
        return self.monotonic // 1_000

    def advance(self, by: timedelta) -> None:
        """Let ``by`` pass on both clocks."""
        self.at += by
        self.monotonic += (by // _MICROSECOND) * 1_000

    def step(self, by: timedelta) -> None:
        """Move wall time alone, as a bad time source does."""
        self.at += by


def to_us(at: datetime) -> int:
    """Microseconds since the epoch of an aware datetime; a naive one is refused with ``ValueError``."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be placed: give an aware datetime")
    return (at - EPOCH) // _MICROSECOND


def from_us(at_us: int) -> datetime:
    """The aware UTC datetime of ``at_us`` microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=at_us)


def parse_utc(text: str) -> datetime:
    """Read ISO 8601 with a zone and return it in UTC; ``ValueError`` where the zone is missing."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: write Z or an offset such as +02:00")
    return at.astimezone(UTC)


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``: the one form used in facts, manifests and interfaces."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
