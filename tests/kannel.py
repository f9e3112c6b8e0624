"""A real SMS gateway, kannel of Debian, in front of a telephone centre that only listens: what it was given is what
would have gone out. ``running()`` starts it on free ports and yields how to ask it; ``Listener`` is the far side."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from tests.ports import free_port
from tests.waiting import until

CONF = """
group = core
admin-port = {admin}
admin-password = x
admin-allow-ip = "127.0.0.1"
smsbox-port = {boxes}
box-allow-ip = "127.0.0.1"

group = smsc
smsc = fake
smsc-id = FAKE
port = {far}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-interface = 127.0.0.1
sendsms-port = {send}
global-sender = 3600

group = sendsms-user
username = u
password = p
concatenation = true
max-messages = 8
"""


class Listener:
    """The telephone centre: every message that the gateway sends out, as ``(number, text)``."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._socket.settimeout(0.05)
        self._read = b""

    def messages(self) -> list[tuple[str, str]]:
        """What was sent so far."""
        with suppress(TimeoutError):
            while more := self._socket.recv(65_536):
                self._read += more
        return [_message(line) for line in self._read.decode("ascii").splitlines()]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _message(line: str) -> tuple[str, str]:
    _sender, number, coding, text = line.split(" ", 3)
    raw = unquote_to_bytes(text.replace("+", "%20"))
    return number, raw.decode("utf-16-be" if coding == "ucs-2" else "latin-1")


@contextmanager
def running(folder: Path, port: int) -> Iterator[Listener]:
    """The gateway, with its HTTP interface on ``port``; skips where kannel is not installed."""
    bearerbox, smsbox = (shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("bearerbox", "smsbox"))
    if bearerbox is None or smsbox is None:
        pytest.skip("needs kannel")
    ports = {"admin": free_port(), "boxes": free_port(), "far": free_port(), "send": port}
    conf = folder / "kannel.conf"
    conf.write_text(CONF.format(**ports))
    with (folder / "kannel.log").open("wb") as log:
        started = [subprocess.Popen([bearerbox, str(conf)], stdout=log, stderr=log, cwd=folder)]
        try:
            until(lambda: _answers(ports["boxes"]), 20, "bearerbox")
            started.append(subprocess.Popen([smsbox, str(conf)], stdout=log, stderr=log, cwd=folder))
            until(lambda: _answers(port), 20, "smsbox")
            listener = Listener(ports["far"])
            yield listener
            listener.close()
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(20)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
