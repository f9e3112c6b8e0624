"""A clock that stands at a chosen day and goes on from there: for tests in which several processes share a day."""

from datetime import datetime

from beffroi.kernel.clock import SystemClock, from_us, to_us


class ShiftedClock(SystemClock):
    """The machine's clock, ``by_us`` microseconds later."""

    def __init__(self, by_us: int) -> None:
        self.by_us = by_us

    @classmethod
    def standing_at(cls, at: datetime) -> "ShiftedClock":
        """One that says ``at`` now."""
        return cls(to_us(at) - SystemClock().now_us())

    def now(self) -> datetime:
        return from_us(self.now_us())

    def now_us(self) -> int:
        return super().now_us() + self.by_us
