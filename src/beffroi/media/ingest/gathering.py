"""One thread that reads all connections of a worker: some milliseconds' worth of every camera at a time.

A thread a camera costs little while it waits, but cameras send packets one by one, and each woke a thread that took
and passed on Python's lock. Here the packets of all cameras gather for ``GATHER_S`` and are read together; measured,
that halves the processor time (docs/design/rtsp.md). No stream can harm another: one that fails ends alone, and none
is read for longer than its buffer is long.
"""

import select
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from beffroi.kernel.clock import Clock

GATHER_S = 0.005  # the whole of the delay that gathering adds
LOOK_S = 0.5
_READABLE = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR


class Stream(Protocol):
    """A connection that is being read."""

    def fileno(self) -> int:
        """Its file descriptor; it does not block."""

    def ready(self, now_ns: int) -> bool:
        """Read what is there; False when the stream is not wanted any more. Raises whatever ends it."""

    def look(self, now_ns: int) -> bool:
        """Called each half second: time-outs. False and errors as in ``ready``."""


@dataclass(eq=False, slots=True)
class _Carried:
    stream: Stream
    handle: int
    over: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None


class Gathering:
    """The loop. ``carry`` is called from other threads and waits there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._carried: dict[int, _Carried] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cameras", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, when the streams are over."""
        self._stopping.set()
        self._thread.join()
        self._epoll.close()

    def carry(self, stream: Stream) -> None:
        """Read ``stream`` until it is over; raises what ended it, in the caller's thread."""
        carried = _Carried(stream, stream.fileno())
        with self._lock:
            self._carried[carried.handle] = carried
        self._epoll.register(carried.handle, _READABLE)
        carried.over.wait()
        if carried.failure is not None:
            raise carried.failure

    def _run(self) -> None:
        looked_ns = self._clock.monotonic_ns()
        while not self._stopping.is_set():
            ready = self._epoll.poll(LOOK_S)
            now_ns = self._clock.monotonic_ns()
            for handle, _ in ready:
                self._read(handle, now_ns)
            if now_ns - looked_ns > LOOK_S * 1e9:
                looked_ns = now_ns
                with self._lock:
                    all_carried = list(self._carried.values())
                for each in all_carried:
                    self._try(each, each.stream.look, now_ns)
            if ready:
                time.sleep(GATHER_S)

    def _read(self, handle: int, now_ns: int) -> None:
        with self._lock:
            carried = self._carried.get(handle)
        if carried is not None:
            self._try(carried, carried.stream.ready, now_ns)

    def _try(self, carried: _Carried, act: "_Act", now_ns: int) -> None:
        try:
            if act(now_ns):
                return
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except Exception as error:  # noqa: BLE001  whatever it is, it ends this stream and is raised in its own thread
            carried.failure = error
        with self._lock:
            del self._carried[carried.handle]
        self._epoll.unregister(carried.handle)
        carried.over.set()


class _Act(Protocol):
    def __call__(self, now_ns: int) -> bool: ...
