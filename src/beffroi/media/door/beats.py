"""Whether the office lives, and which relays it still wants open (I12)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from beffroi.kernel.clock import Clock
from beffroi.media.core.leases import SILENCE_US
from beffroi.media.core.tickets import Ticket

MISSED_US = 2_000_000
"""Two beats of one second: after so long a silence every relay closes."""
_BIRTH_US = 300_000
"""A ticket may be this much older than the beat that does not yet know its grant."""


@dataclass(slots=True)
class Beats:
    """The last beat of the office as the door heard it."""

    clock: Clock
    _grants: frozenset[str] = frozenset()
    _sent_us: int = 0
    _heard_ns: int = field(init=False)
    _ever: bool = False

    def __post_init__(self) -> None:
        self._heard_ns = self.clock.monotonic_ns()

    def hear(self, grants: Iterable[str], *, sent_us: int) -> None:
        """Take in a beat; one that was overtaken by a later one is dropped."""
        if sent_us < self._sent_us:
            return
        self._grants, self._sent_us = frozenset(grants), sent_us
        self._heard_ns, self._ever = self.clock.monotonic_ns(), True

    @property
    def silence_us(self) -> int:
        """How long nothing was heard (since the door's start, where nothing ever was)."""
        return (self.clock.monotonic_ns() - self._heard_ns) // 1_000

    @property
    def office_silent(self) -> bool:
        """Whether shift leases open."""
        return self.silence_us > SILENCE_US

    def keeps(self, ticket: Ticket) -> bool:
        """Whether a ticket that hangs on the heartbeat may go on; every other ticket may."""
        if not ticket.heartbeat:
            return True
        if not self._ever or self.silence_us > MISSED_US:
            return False
        return ticket.grant in self._grants or ticket.issued_us > self._sent_us - _BIRTH_US
