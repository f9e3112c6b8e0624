"""Lines: where a contact is read. One driver for the machine's own inputs (GPIO), one for a contact that is simulated.

A driver gives the state of the line when it is opened, then its changes with the monotonic time of each. What cannot
be read raises ``Unavailable`` with what to do; whoever holds the line closes it and opens it anew.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from beffroi.edge.contacts import Change
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Unavailable

if TYPE_CHECKING:
    import gpiod

CONSUMER = "beffroi"
BUFFERED = 256
"""Changes that the kernel keeps until they are read; beyond them some go, and the state now still tells the end."""
CLOSED, OPEN = "closed", "open"
LOOK_SECONDS = 0.01
MOST_BYTES = 64 * 1024


class Line(Protocol):
    """One contact's line, open."""

    def first(self) -> Change:
        """The state in which it was found."""

    def wait(self, seconds: float) -> list[Change]:
        """The changes since the last call, as soon as there is one; an empty list when the time is over."""

    def close(self) -> None:
        """Let go of it."""


class GpioLine:
    """A line of a GPIO chip through libgpiod: the kernel keeps the changes and stamps them on its monotonic clock."""

    def __init__(self, chip: str, line: int, bias: str, clock: Clock) -> None:
        try:
            import gpiod
            from gpiod.line import Bias, Direction, Edge
            from gpiod.line import Clock as LineClock
        except ImportError:
            raise Unavailable(
                "GPIO needs the library gpiod, which is not installed.",
                code="line_unreachable",
                hint="On a machine without its wheel: pip install gpiod, with a compiler.",
            ) from None
        pulls = {"pull-up": Bias.PULL_UP, "pull-down": Bias.PULL_DOWN, "none": Bias.DISABLED}
        settings = gpiod.LineSettings(
            direction=Direction.INPUT,
            edge_detection=Edge.BOTH,
            bias=pulls[bias],
            active_low=bias != "pull-down",  # the contact pulls the line to ground, or up where it is held down
            event_clock=LineClock.MONOTONIC,
        )
        self._name, self._line, self._clock = f"{chip} line {line}", line, clock
        try:
            self._request = gpiod.request_lines(chip, {line: settings}, consumer=CONSUMER, event_buffer_size=BUFFERED)
        except (OSError, ValueError) as error:
            raise _unreachable(self._name, error) from error
        self._closed = self._value()

    def first(self) -> Change:
        return Change(self._closed, self._clock.monotonic_ns() // 1_000)

    def wait(self, seconds: float) -> list[Change]:
        try:
            if not self._request.wait_edge_events(seconds):
                return []
            events = self._request.read_edge_events()
        except (OSError, ValueError) as error:
            raise _unreachable(self._name, error) from error
        found = changes_of(events)
        if len(events) >= BUFFERED:  # some may be missing: what holds is how it is now
            found.append(Change(self._value(), self._clock.monotonic_ns() // 1_000))
        return found

    def close(self) -> None:
        self._request.release()

    def _value(self) -> bool:
        from gpiod.line import Value

        try:
            return self._request.get_value(self._line) is Value.ACTIVE
        except (OSError, ValueError) as error:
            raise _unreachable(self._name, error) from error


def changes_of(events: "Iterable[gpiod.EdgeEvent]") -> list[Change]:
    """The kernel's events as changes: active is closed, whatever the wiring makes of the voltage."""
    return [Change(event.event_type is event.Type.RISING_EDGE, event.timestamp_ns // 1_000) for event in events]


class SimulatedLine:
    """A contact that is a file: each line ``closed <µs>`` or ``open <µs>``, written by ``beffroi edge contact``. The
    last line is the state at the start; what is added later are changes at the times they carry. For tests and for
    showing the box: whatever it raises says that it is simulated."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock, self._path, self._pause = clock, path, threading.Event()
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600)
            self._file = path.open("rb")
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(max(0, size - MOST_BYTES))
            states = [one for one in map(_change_of, self._file.read().splitlines()) if one]
        except OSError as error:
            raise _unreachable(str(path), error) from error
        self._closed, self._rest = bool(states and states[-1].closed), b""

    def first(self) -> Change:
        return Change(self._closed, self._clock.monotonic_ns() // 1_000)

    def wait(self, seconds: float) -> list[Change]:
        until_ns = self._clock.monotonic_ns() + int(seconds * 1e9)
        while True:
            try:
                if not self._path.exists():
                    raise FileNotFoundError("the file is gone")
                text = self._rest + self._file.read(MOST_BYTES)
            except OSError as error:
                raise _unreachable(str(self._path), error) from error
            *lines, self._rest = text.split(b"\n")
            found = [one for one in map(_change_of, lines) if one]
            if found or self._clock.monotonic_ns() >= until_ns:
                return found
            self._pause.wait(LOOK_SECONDS)

    def close(self) -> None:
        self._file.close()


def simulate(path: Path, closed: bool, clock: Clock) -> None:
    """Open or close a simulated contact. ``Unavailable`` where its file cannot be written."""
    line = f"{CLOSED if closed else OPEN} {clock.monotonic_ns() // 1_000}\n"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb", buffering=0) as file:
            file.write(line.encode())
    except OSError as error:
        raise _unreachable(str(path), error) from error


def _change_of(line: bytes) -> Change | None:
    state, _, at_us = line.decode("ascii", "replace").partition(" ")
    if state not in (CLOSED, OPEN) or not (at_us.isascii() and at_us.isdigit() and len(at_us) < 20):
        return None
    return Change(state == CLOSED, int(at_us))


def _unreachable(name: str, error: Exception) -> Unavailable:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Unavailable(
        f"{name}: {reason}.", code="line_unreachable", hint="Check the chip, the line and who may read it."
    )
