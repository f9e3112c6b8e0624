"""A line that is cut in the middle: passes bytes on to a server until so many have gone, then drops everything."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_AT_ONCE = struct.pack("ii", 1, 0)


class CutLine:
    """Between a browser and ``address``. ``cut_after`` bytes of the browser it is cut, until ``mend``."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._to = (parts.hostname or "", parts.port or 0)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._left: int | None = None
        self.cut = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.listening.getsockname()[1]}"

    def cut_after(self, count: int) -> None:
        """Cut once so many more bytes have come from the browser."""
        with self._lock:
            self._left = count

    def mend(self) -> None:
        """Let everything through again."""
        with self._lock:
            self._left = None
            self.cut.clear()

    def serve(self) -> None:
        """Until the listening socket is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                if self.cut.is_set():
                    _reset(near)
                    continue
                far = socket.create_connection(self._to, timeout=30)
                with self._lock:
                    self._open |= {near, far}
                for pair, counted in (((near, far), True), ((far, near), False)):
                    threading.Thread(target=self._pass_on, args=(*pair, counted), daemon=True).start()

    def end(self) -> None:
        """Drop everything."""
        self.listening.close()
        self._drop()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(16_384):
                if counted and self._spent(len(data)):
                    self._drop()
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _spent(self, count: int) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= count
            if self._left <= 0:
                self.cut.set()
            return self._left <= 0

    def _drop(self) -> None:
        with self._lock:
            dropped, self._open = self._open, set()
        for one in dropped:
            _reset(one)


@contextmanager
def cut_line(address: str) -> Iterator[CutLine]:
    """A line to a server; it is taken down at the end."""
    line = CutLine(address)
    thread = threading.Thread(target=line.serve, name="line", daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.end()


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
