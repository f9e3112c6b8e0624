"""A network namespace of the test's own with one cable to this machine, and a program that stands in it.

The front listens on the loopback; a forwarder on this end of the cable hands every byte on to it, as a router would,
and holds back little itself: who is slow at the far end is slow to the front.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_CABLE = os.getpid() % 16_000  # its own addresses, so that two runs on one machine do not meet
HERE, THERE = (f"10.219.{_CABLE // 64}.{_CABLE % 64 * 4 + end}" for end in (1, 2))


BUFFER_BYTES = 64 * 1024


@dataclass
class Cable:
    """The way to a namespace; while ``flows`` is cleared nothing passes, and nobody is told."""

    name: str
    address: str
    flows: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.flows.set()


def possible() -> bool:
    """Whether namespaces may be made here."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextmanager
def namespace(port: int) -> Iterator[Cable]:
    """Its name, and the address by which it reaches what listens on ``port`` of the loopback here."""
    name, cable = f"beffroi{os.getpid()}", f"bf{os.getpid()}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("addr", "add", f"{HERE}/30", "dev", cable)
        _ip("link", "set", cable, "up")
        _ip("-n", name, "addr", "add", f"{THERE}/30", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        with socket.create_server((HERE, 0)) as listening:
            way = Cable(name, f"http://{HERE}:{listening.getsockname()[1]}")
            threading.Thread(target=_forward, args=(listening, port, way.flows), daemon=True).start()
            yield way
    finally:
        _ip("netns", "del", name)  # takes both ends of the cable with it


def _forward(listening: socket.socket, port: int, flows: threading.Event) -> None:
    with suppress(OSError):  # closed: the test is over
        while True:
            outer, _ = listening.accept()
            inner = socket.socket()
            inner.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            outer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            inner.connect(("127.0.0.1", port))
            for source, sink in ((outer, inner), (inner, outer)):
                threading.Thread(target=_pour, args=(source, sink, flows), daemon=True).start()


def _pour(source: socket.socket, sink: socket.socket, flows: threading.Event) -> None:
    try:
        while data := source.recv(65_536):
            flows.wait()
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # cut at one end, or both: so is the other
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Looker:
    """A program that looks, here or in a namespace (``tests.e2e.looker``), or fetches (``tests.e2e.fetcher``)."""

    def __init__(self, orders: dict[str, Any], *, inside: str = "", program: str = "tests.e2e.looker") -> None:
        enter = ["ip", "netns", "exec", inside] if inside else []
        self._process = subprocess.Popen(
            [*enter, sys.executable, "-m", program], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
        )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(orders))
        self._process.stdin.close()

    def looking(self) -> None:
        """Wait until pictures flow."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        assert line == "looking\n", (line, self._process.stderr.read())

    def end(self) -> dict[str, Any]:
        """What it saw, once its door has closed."""
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        self._process.wait(timeout=30)
        found: dict[str, Any] = json.loads(said)
        return found

    def close(self) -> None:
        """Take it away."""
        self._process.kill()
        self._process.wait(timeout=30)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
