"""Threads that are taken up again when they fall over what nobody foresaw: told, with growing pauses, never silently.

Whoever keeps one looks at it every second or two; the error itself is told by ``threading.excepthook``.
"""

import threading
from collections.abc import Callable

from beffroi.kernel.clock import Clock

FIRST_PAUSE_S, MOST_PAUSE_S = 2.0, 120.0
_FORGIVEN_NS = 300_000_000_000


class KeptThread:
    """Runs ``run`` until that returns; anew after it fell."""

    def __init__(self, name: str, run: Callable[[], None], clock: Clock) -> None:
        self._name, self._run, self._clock = name, run, clock
        self._ended = False
        self._began_ns = self._again_ns = 0
        self.falls = 0
        self._thread = self._start()

    def look(self) -> bool:
        """Take it up again where it fell and its pause is over. Whether it stands or ended of itself."""
        if self._thread.is_alive() or self._ended:
            return True
        now_ns = self._clock.monotonic_ns()
        if not self._again_ns:
            self.falls = 1 if now_ns - self._began_ns > _FORGIVEN_NS else self.falls + 1
            pause_s = min(MOST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self.falls - 1, 16))
            self._again_ns = now_ns + int(pause_s * 1e9)
        if now_ns < self._again_ns:
            return False
        self._thread = self._start()
        return True

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _start(self) -> threading.Thread:
        self._began_ns, self._again_ns = self._clock.monotonic_ns(), 0
        thread = threading.Thread(target=self._through, name=self._name, daemon=True)
        thread.start()
        return thread

    def _through(self) -> None:
        self._run()
        self._ended = True
