"""Whether the office lives, and which relays and duty looks it still wants open (I12, I14).

A relay lives by the beat: no beat, no picture. The live pictures of an officer on duty outlive the office, but not its
last word: a duty look that the last beat no longer named is over, whether the office still speaks or not, and
whether the door was started anew since: that word stands in its journal (``duty:hear``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.media.core.calls import CALL_LIFE_US
from beffroi.media.core.leases import SILENCE_US
from beffroi.media.core.tickets import Mode, Ticket

_OVERTAKEN_US = CALL_LIFE_US
"""A beat that says an earlier time by more was not overtaken by the last: the office's clock was set back."""
MISSED_US = 2_000_000
"""Two beats of one second: after so long a silence every relay closes."""
_BIRTH_US = 300_000
"""A ticket may be this much older than the beat that does not yet know its grant."""


@dataclass(slots=True)
class Beats:
    """The last beat of the office as the door heard it."""

    clock: Clock
    _grants: frozenset[str] = frozenset()
    _duty: frozenset[str] | None = None  # None: no beat has spoken of duty yet
    _sent_us: int = 0
    _spoken_us: int = 0  # of the word on duty: also one that an earlier run of the door heard
    _heard_us: int = field(init=False)  # on the clock that runs from the machine's start
    _ever: bool = False

    def __post_init__(self) -> None:
        self._heard_us = self.clock.since_boot_us()

    def recall(self, word: Mapping[str, Json] | None) -> None:
        """Take the office's last word on duty from the journal of an earlier run."""
        if word is not None:
            duty = word.get("duty")
            self._duty = frozenset(str(one) for one in duty) if isinstance(duty, list) else None
            self._spoken_us = int(str(word.get("sent_us", 0)))

    def hear(
        self, grants: Iterable[str], *, duty: Iterable[str] | None = None, sent_us: int, kept: bool = False
    ) -> dict[str, Json] | None:
        """Take in a beat: the relays and the duty looks that are open. One overtaken by a later one is dropped.

        What it returns is to be kept: the word on duty, where it is another than before, or ``kept`` asks for it: a
        shift that began and ended between two beats changes no word, and is over all the same.
        """
        if self._sent_us - _OVERTAKEN_US <= sent_us < self._sent_us:
            return None
        before = self._duty
        self._grants, self._sent_us, self._spoken_us = frozenset(grants), sent_us, sent_us
        self._duty = None if duty is None else frozenset(duty)
        self._heard_us, self._ever = self.clock.since_boot_us(), True
        if self._duty == before and not kept:
            return None
        return {"sent_us": sent_us, "duty": None if self._duty is None else list[Json](sorted(self._duty))}

    @property
    def silence_us(self) -> int:
        """How long nothing was heard (since the door's start, where nothing ever was)."""
        return self.clock.since_boot_us() - self._heard_us

    def least_now_us(self) -> int:
        """The earliest it can be by the office's clock: its last word and the time since, however clocks are set."""
        return self._spoken_us + self.silence_us

    @property
    def office_silent(self) -> bool:
        """Whether shift leases open."""
        return self.silence_us > SILENCE_US

    def keeps(self, ticket: Ticket) -> bool:
        """Whether a look may go on: a relay while the beat names it, a look on duty unless the last beat did not."""
        if ticket.heartbeat:
            if not self._ever or self.silence_us > MISSED_US:
                return False
            return ticket.grant in self._grants or self._newer_than_the_beat(ticket.issued_us)
        if ticket.mode is Mode.LIVE and ticket.basis.kind == "duty":
            return self.keeps_duty(ticket.grant, ticket.issued_us)
        return True

    def keeps_duty(self, grant: str, issued_us: int) -> bool:
        """Whether a ticket of this duty look still stands by the office's last word."""
        return self._duty is None or grant in self._duty or self._newer_than_the_beat(issued_us)

    def keeps_lease(self, grant: str) -> bool:
        """Whether a lease of this duty look does. It lives for hours, so no youth speaks for it: the office's word has
        to name its look, and does before the lease is handed out."""
        return self._duty is not None and grant in self._duty

    def _newer_than_the_beat(self, issued_us: int) -> bool:
        return issued_us > self._spoken_us - _BIRTH_US
