"""How long something has lasted, whatever was done to the wall clock (docs/design/time.md, *How long an access lasts*).

The centre counts the microseconds it has lived through. Within one start of the machine the count goes by the clock
that nothing sets and that runs while the machine sleeps. From one start to the next it goes by the wall clock as it
was last kept, and never back. So the count only rises, a clock set back adds nothing to what was allowed, and one that
was in the future for a minute leaves nothing behind.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks at one moment."""

    boot: str  # which start of the machine
    since_boot_us: int
    wall_us: int


@dataclass(frozen=True, slots=True)
class Lived:
    """The count, and the reading at which it stood there."""

    us: int
    at: Reading


def lived(kept: Lived | None, now: Reading) -> Lived:
    """The count at ``now``; it begins with the start of the machine where nothing was kept."""
    if kept is None:
        return Lived(now.since_boot_us, now)
    if kept.at.boot == now.boot:
        return Lived(kept.us + max(0, now.since_boot_us - kept.at.since_boot_us), now)
    off_us = max(0, now.wall_us - now.since_boot_us - kept.at.wall_us)
    return Lived(kept.us + off_us + now.since_boot_us, now)
