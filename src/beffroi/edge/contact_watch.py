"""Listens to the box's own contacts, one thread each, and hands their presses to the engine as any button's.

A press is written, sounded and kept until it is acknowledged: a disk that takes nothing is asked again with the same
press, so it is one alert. A line that cannot be read is a fault that is told, and opened again and again: the box and
its other contacts go on.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from beffroi.edge.assistance import Assistance
from beffroi.edge.contact_settings import HELP, ContactSettings
from beffroi.edge.contacts import Contact, ContactFault, Happening, Said
from beffroi.edge.engine import Edge, Press
from beffroi.edge.lines import GpioLine, Line, SimulatedLine
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.ids import new_id

AGAIN_SECONDS, LOOK_SECONDS = 2.0, 0.5
MOST_WAITING = 100
log = structlog.get_logger("beffroi.edge.contacts")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contact is, for pages, health and the centre; ``fault`` is empty where it is well."""

    name: str
    kind: str
    place: str
    simulated: bool
    fault: str = ""
    reason: str = ""  # in the words of the driver

    def to_json(self) -> dict[str, Json]:
        """As it travels."""
        return {
            "name": self.name,
            "kind": self.kind,
            "place": self.place,
            "simulated": self.simulated,
            "fault": self.fault,
        }


Standings = Callable[[], list[Standing]]


class Watch:
    """One contact."""

    def __init__(self, contact: ContactSettings, edge: Edge, assistance: Assistance) -> None:
        self._contact, self._edge, self._assistance = contact, edge, assistance
        self._boot, self._sequence = new_id(edge.clock.now_us()), 0
        self._waiting: deque[Press] = deque(maxlen=MOST_WAITING)
        self._stop = threading.Event()
        self._fault, self._reason = ContactFault.UNREACHABLE.value, ""
        self._thread = threading.Thread(target=self._run, name=f"contact {contact.name}", daemon=True)

    def start(self) -> None:
        """Listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """No more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(LOOK_SECONDS + 1)

    def standing(self) -> Standing:
        """How it is now; until it is listened to, nothing is known of it (I9)."""
        one = self._contact
        fault = self._fault if self._thread.is_alive() else ContactFault.UNREACHABLE.value
        return Standing(one.name, one.kind, one.place, one.simulated, fault, self._reason)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                line = self._open()
            except Unavailable as error:
                self._unreachable(error)
                continue
            try:
                self._listen(line)
            except Unavailable as error:
                self._unreachable(error)
            finally:
                line.close()

    def _open(self) -> Line:
        one, clock = self._contact, self._edge.clock
        if one.simulated:
            return SimulatedLine(one.path(self._edge.settings.data), clock)
        return GpioLine(one.chip, one.line, one.bias, clock)

    def _listen(self, line: Line) -> None:
        contact = Contact(self._contact.rules, line.first())
        self._set("", "")
        self._happened(contact.start())
        while not self._stop.is_set():
            changes = line.wait(self._seconds(contact))
            self._happened(contact.take(changes, self._now_us()))
            self._deliver()

    def _seconds(self, contact: Contact) -> float:
        next_us = contact.next_us()
        due = LOOK_SECONDS if next_us is None else (next_us - self._now_us()) / 1e6
        return min(max(due, 0.0), LOOK_SECONDS)

    def _happened(self, happenings: list[Happening]) -> None:
        for one in happenings:
            if one.said is Said.PRESS:
                self._waiting.append(self._press(one))
            elif one.said is Said.FAULT and one.fault is not None:
                self._set(one.fault.value, "")
            else:
                self._set("", "")

    def _press(self, happening: Happening) -> Press:
        self._sequence += 1
        edge, one = self._edge, self._contact
        at_us = edge.clock.now_us() - max(0, self._now_us() - happening.at_us)
        simulated = " (simulated contact)" if one.simulated else ""
        return Press(one.name, self._boot, self._sequence, one.hazard, f"{one.place or one.name}{simulated}", at_us)

    def _deliver(self) -> None:
        """Hand on what was pressed, in order; what is not acknowledged is handed on again."""
        while self._waiting:
            press = self._waiting[0]
            try:
                if self._contact.kind == HELP:
                    pressed = f"{press.device}/{press.boot}/{press.sequence}"
                    self._assistance.ask(press.device, press.place, pressed)
                else:
                    self._edge.trigger(press)
            except Unavailable as error:
                log.warning("a press waits for the disk", contact=press.device, reason=str(error))
                return
            self._waiting.popleft()

    def _unreachable(self, error: Unavailable) -> None:
        self._set(ContactFault.UNREACHABLE.value, str(error))
        self._deliver()
        self._stop.wait(AGAIN_SECONDS)

    def _set(self, fault: str, reason: str) -> None:
        if (fault, reason) == (self._fault, self._reason):
            return
        self._fault, self._reason = fault, reason
        if fault:
            log.error("a contact is not well", contact=self._contact.name, fault=fault, reason=reason)
        else:
            log.info("a contact is well", contact=self._contact.name)
        self._edge.tell()

    def _now_us(self) -> int:
        return self._edge.clock.monotonic_ns() // 1_000


class Watches:
    """All of a box's contacts."""

    def __init__(self, edge: Edge, assistance: Assistance) -> None:
        self._all = [Watch(one, edge, assistance) for one in edge.settings.contacts]

    def start(self) -> None:
        """Listen to all."""
        for one in self._all:
            one.start()

    def stop(self) -> None:
        """To none."""
        for one in self._all:
            one.stop()

    def standings(self) -> list[Standing]:
        """How each is."""
        return [one.standing() for one in self._all]
