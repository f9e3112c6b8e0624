"""The office's heartbeat: once a second the recorder hears that the office lives and which accesses are open (I12).

Stopping an access, or a shift, takes its id out of the next beat, so its pictures end within two seconds; two missed
beats close every relay, while the wall of whoever was on duty goes on (I14). A beat that cannot be sent is skipped and
never made up for.
"""

import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Generic, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError

PERIOD_S = 1.0
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]  # Scope, Receive, Send; servers type them each in their own way
Open = TypeVar("Open")
log = structlog.get_logger(__name__)


class Heartbeat(Generic[Open]):
    """A thread that beats. ``active`` gives what is open, ``tell`` hands it to the recorder."""

    def __init__(
        self,
        *,
        active: Callable[[], Open],
        tell: Callable[[Open], None],
        period_s: float = PERIOD_S,
    ) -> None:
        self._active = active
        self._tell = tell
        self._period_s = period_s
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.heard = False  # whether the last beat arrived

    def start(self) -> None:
        """Begin to beat; a second start changes nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Beat no more; returns when the thread has ended, or after the client's patience."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=12)

    def beat(self) -> bool:
        """One beat; whether the recorder heard it. A change is logged, silence is not repeated."""
        close_old_connections()
        try:
            self._tell(self._active())
        except (BeffroiError, DatabaseError) as error:
            if self.heard:
                log.warning("heartbeat_missed", error=str(error))
            self.heard = False
        else:
            if not self.heard:
                log.info("heartbeat_heard")
            self.heard = True
        return self.heard

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self.beat()
                self._over.wait(self._period_s)
        finally:
            close_old_connections()


def office_heartbeat() -> Heartbeat[Callable[[], tuple[frozenset[str], frozenset[str]]]]:
    """The heartbeat of this installation. Django must be set up."""
    from beffroi.config.recorder import recorder_client
    from beffroi.governance.queries import access

    clock: Clock = settings.BEFFROI_CLOCK

    def ask() -> tuple[frozenset[str], frozenset[str]]:
        return access.heartbeat(clock.now())

    return Heartbeat(active=lambda: ask, tell=lambda asked: recorder_client().beat(asked))


def with_heartbeat(application: App, make: Callable[[], Heartbeat[Any]] = office_heartbeat) -> App:
    """``application`` with a heartbeat for as long as its server's lifespan (ASGI lifespan 2.0)."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await application(scope, receive, send)
            return
        heart: Heartbeat[Any] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                heart = make()
                heart.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if heart is not None:
                    heart.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    return served
