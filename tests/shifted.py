"""Clocks that stand elsewhere than the machine's and go on from there: for tests in which a process has its own day."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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


@dataclass(frozen=True)
class Hands:
    """Moves the clocks of another process that runs with a ``MovedClock`` over the same file."""

    file: Path

    def move(self, *, passed_us: int = 0, set_us: int = 0) -> None:
        """Let time pass on every clock, and set the wall clock besides, each counted from the process's start."""
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps([passed_us, set_us]))
        beside.replace(self.file)


class MovedClock(SystemClock):
    """The machine's clocks, moved as the file says: ``[passed_us, set_us]``."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def _moved(self) -> tuple[int, int]:
        passed_us, set_us = json.loads(self.file.read_text()) if self.file.exists() else (0, 0)
        return passed_us, set_us

    def now(self) -> datetime:
        return from_us(self.now_us())

    def now_us(self) -> int:
        return super().now_us() + sum(self._moved())

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self._moved()[0] * 1_000

    def since_boot_us(self) -> int:
        return super().since_boot_us() + self._moved()[0]
