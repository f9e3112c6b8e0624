"""What a dry contact says: presses, faults and their end, out of the changes of one line. Pure: times are monotonic.

A contact *speaks* when it leaves its rest: a normally open one by closing, a normally closed one by opening.
Invariants:
C1 whoever is found speaking at the start is a fault, never an alert: the box was not there when it began;
C2 what lasts at least the debounce, after a rest that was seen, is a press: none is lost;
C3 after a press there is no other until the contact has rested for a while: a chattering contact raises one alert.
Of a normally closed loop a cut wire and a press look alike. Either both alert at once (``cut_alerts``: nobody silences
it by cutting it), or only what is let go of in time is a press, told when it is let go of, and what stays open is a
fault: for spring buttons alone, since one that stays pressed in would be taken for a cut.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ContactFault(StrEnum):
    """What is wrong with a contact."""

    AT_START = "at_start"  # it spoke already when the box began to listen
    HELD = "held"  # it speaks on and on after its press
    CUT = "cut"  # a normally closed loop that opened and stays open
    CHATTER = "chatter"  # it changes without end
    UNREACHABLE = "unreachable"  # its line cannot be read: told by the driver, never here


class Said(StrEnum):
    """What can come out."""

    PRESS = "press"
    FAULT = "fault"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Rules:
    """How one contact is read (design defaults)."""

    normally_closed: bool = False
    cut_alerts: bool = True  # of a normally closed one
    debounce_us: int = 30_000
    rest_us: int = 2_000_000  # until the next press is another
    longest_us: int = 5_000_000  # of a press, where a cut is a fault
    held_us: int = 60_000_000
    most_changes: int = 40  # within ``CHATTER_US``

    @property
    def told_at_release(self) -> bool:
        """Whether a press is known by its end alone."""
        return self.normally_closed and not self.cut_alerts


CHATTER_US = 10_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """The line as it is from this moment on."""

    closed: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to act upon; ``at_us`` is when it was so, not when it was seen."""

    said: Said
    at_us: int
    fault: ContactFault | None = None


class Contact:
    """One contact, from the moment that somebody listens to it."""

    def __init__(self, rules: Rules, first: Change) -> None:
        self._rules = rules
        self._speaks, self._since_us = self._means(first), first.at_us
        self._armed = not self._speaks
        self._pressed = False  # since the contact last rested long enough
        self._changes: deque[int] = deque(maxlen=rules.most_changes)
        self.fault: ContactFault | None = ContactFault.AT_START if self._speaks else None

    def start(self) -> list[Happening]:
        """What is to be told of the state it was found in."""
        return [Happening(Said.FAULT, self._since_us, self.fault)] if self.fault else []

    def take(self, changes: Iterable[Change], now_us: int) -> list[Happening]:
        """What follows from these changes and from the time that has passed."""
        said: list[Happening] = []
        for change in changes:
            at_us = min(max(change.at_us, self._since_us), max(now_us, self._since_us))
            said += self._passed(at_us)
            speaks = self._means(change)
            if speaks is not self._speaks:
                said += self._turned(speaks, at_us)
        return said + self._passed(now_us)

    def next_us(self) -> int | None:
        """When it must be looked at again even if nothing changes; ``None``: not before a change."""
        rules, waits = self._rules, []
        if self._speaks and self._armed:
            waits.append(rules.longest_us if rules.told_at_release else rules.debounce_us)
        elif self._speaks and self._pressed and self.fault is not ContactFault.HELD:
            waits.append(rules.held_us)
        elif not self._speaks:
            waits += [rules.debounce_us] if not self._armed and not self._pressed else []
            waits += [rules.rest_us] if self._pressed or self.fault else []
        return self._since_us + min(waits) if waits else None

    def _means(self, change: Change) -> bool:
        return change.closed is not self._rules.normally_closed

    def _turned(self, speaks: bool, at_us: int) -> list[Happening]:
        said: list[Happening] = []
        lasted_us = at_us - self._since_us
        if self._rules.told_at_release and not speaks and self._armed and lasted_us >= self._rules.debounce_us:
            said.append(self._press(self._since_us))
        self._speaks, self._since_us = speaks, at_us
        self._changes.append(at_us)
        full = len(self._changes) == self._rules.most_changes
        if full and at_us - self._changes[0] <= CHATTER_US and self.fault is None:
            said.append(self._wrong(ContactFault.CHATTER, at_us))
        return said

    def _passed(self, now_us: int) -> list[Happening]:
        """What the time says that went by since the last change."""
        lasted_us = now_us - self._since_us
        return self._spoke(lasted_us) if self._speaks else self._rested(lasted_us)

    def _spoke(self, lasted_us: int) -> list[Happening]:
        rules, said = self._rules, []
        if self._armed and rules.told_at_release:
            if lasted_us >= rules.longest_us:
                self._armed = False
                said.append(self._wrong(ContactFault.CUT, self._since_us + rules.longest_us))
        elif self._armed and lasted_us >= rules.debounce_us:
            said.append(self._press(self._since_us))
        if self._pressed and lasted_us >= rules.held_us and self.fault is not ContactFault.HELD:
            said.append(self._wrong(ContactFault.HELD, self._since_us + rules.held_us))
        return said

    def _rested(self, lasted_us: int) -> list[Happening]:
        rules, said = self._rules, []
        if not self._armed and lasted_us >= (rules.rest_us if self._pressed else rules.debounce_us):
            self._armed, self._pressed = True, False
        if self.fault is not None and lasted_us >= rules.rest_us:
            said.append(Happening(Said.RESTORED, self._since_us + rules.rest_us, self.fault))
            self.fault = None
        if lasted_us >= rules.rest_us:
            self._changes.clear()
        return said

    def _press(self, at_us: int) -> Happening:
        self._armed, self._pressed = False, True
        return Happening(Said.PRESS, at_us)

    def _wrong(self, fault: ContactFault, at_us: int) -> Happening:
        self.fault = fault
        return Happening(Said.FAULT, at_us, fault)
