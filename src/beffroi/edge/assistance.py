"""A quiet call for an adult: not an alert. Nothing sounds but a soft chime at the crisis cell's tablet, nobody takes
shelter, no picture opens, and the centre is not told: whoever is at the tablet goes, or raises the alert.

It has its own button, gesture, sound and colour, so that small needs do not dull the great alarm (ppms.md F4). A call
is durable before it is acknowledged and stands until somebody says that it is settled.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from beffroi.edge.journal import Journal
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import NotFound, Unavailable
from beffroi.kernel.ids import new_id

SETTING = "assistance"
KEPT_US = 24 * 3_600_000_000
"""A call of yesterday is over, whether somebody said so or not."""
MOST = 50


@dataclass(frozen=True, slots=True)
class Call:
    """One call: from where, since when, and whether somebody goes (``coming_us``) or it is settled (``settled_us``)."""

    id: str
    source: str  # the room's page or the button
    place: str
    at_us: int
    press: str  # what was pressed, so that a repeat is the same call
    coming_us: int = 0
    settled_us: int = 0


class Assistance:
    """The calls of a building, kept by its box alone."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._lock = threading.RLock()
        self._calls = self._kept()

    def open_calls(self) -> list[Call]:
        """Those that nobody has settled, oldest first."""
        since = self._clock.now_us() - KEPT_US
        with self._lock:
            return [one for one in self._calls if not one.settled_us and one.at_us >= since]

    def of(self, source: str) -> Call | None:
        """The open call of a room or a button."""
        return next((one for one in self.open_calls() if one.source == source), None)

    def ask(self, source: str, place: str, press: str) -> Call:
        """Call for an adult: durable when this returns. A repeated press, or another one while the first is open, is
        the same call. Raises ``Unavailable`` when no disk takes it."""
        with self._lock:
            known = self.of(source) or next((one for one in self._calls if one.press == press), None)
            if known is not None:
                return known
            now_us = self._clock.now_us()
            call = Call(new_id(now_us), source, place, now_us, press)
            self._keep([*self._calls, call])
            return call

    def coming(self, call: str) -> None:
        """Somebody goes there."""
        self._change(call, lambda one: replace(one, coming_us=self._clock.now_us()))

    def settle(self, call: str) -> None:
        """It is settled."""
        self._change(call, lambda one: replace(one, settled_us=self._clock.now_us()))

    def _change(self, call: str, moved: Callable[[Call], Call]) -> None:
        with self._lock:
            if all(one.id != call for one in self._calls):
                raise NotFound("There is no such call.", code="no_such_page")
            self._keep([moved(one) if one.id == call else one for one in self._calls])

    def _keep(self, calls: list[Call]) -> None:
        calls = calls[-MOST:]
        self._journal.remember(SETTING, json.dumps([asdict(one) for one in calls]))
        self._calls = calls

    def _kept(self) -> list[Call]:
        try:
            return [Call(**one) for one in json.loads(self._journal.setting(SETTING, "[]"))]
        except Unavailable:
            return []
