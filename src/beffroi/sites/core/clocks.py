"""Clocks of the cameras against the recorder's (R-31): whose is wrong. Pure."""

from collections.abc import Collection
from statistics import median_low

OFF_US = 1_000_000
_WITNESSES = 3


def recorder_off_us(offsets_us: Collection[int]) -> int | None:
    """How far the recorder's own clock is off, where most cameras agree on another time; ``None``: they do not.

    ``offsets_us``: each camera's clock minus the recorder's, of those that tell the time. Clocks that nobody sets do
    not agree by chance to the second.
    """
    if len(offsets_us) < _WITNESSES:
        return None
    middle = median_low(offsets_us)
    agree = sum(abs(one - middle) <= OFF_US for one in offsets_us)
    return -middle if abs(middle) > OFF_US and agree >= _WITNESSES and 2 * agree > len(offsets_us) else None
