"""Many cameras for the price of one: a process that serves one H.264 stream by RTSP over TCP to however many ask.

    python bench/cameras.py CLIP [--rate 25] [--pictures N]        prints its port; ends with its standard input

With ``--pictures`` each path is a camera of its own that sends so many and then nothing more, its connection held open;
at the end it prints how many it handed to the machine, by path.
Each picture is made into packets once and goes to all who watch, so that what is measured beside it is measured and not
the cameras. They do not all speak at once: each connection has one of eight moments within a picture's time, and its
stream begins with a key frame. Whoever reads too slowly is cut off: a camera has no memory either.
"""

import argparse
import json
import select
import socket
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.media.lying_camera import packets

from beffroi.kernel.clock import SystemClock
from beffroi.media.core.nal import split_annex_b

PHASES = 8
_MOST_WAITING = 8 << 20
_NTP_EPOCH_S = 2_208_988_800
_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=bench\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


@dataclass(eq=False)
class Watcher:
    """One connection."""

    connection: socket.socket
    phase: int
    path: str = ""
    heard: bytes = b""
    asked: bool = False  # it wants pictures, from the next key frame on
    plays: bool = False
    waiting: deque[memoryview] = field(default_factory=deque)
    waiting_bytes: int = 0

    def say(self, data: bytes) -> None:
        """Send, now or when it reads again."""
        self.waiting.append(memoryview(data))
        self.waiting_bytes += len(data)
        self.go_on()

    def go_on(self) -> None:
        """Send what waits. ``OSError`` when it is gone or too slow."""
        while self.waiting:
            try:
                sent = self.connection.send(self.waiting[0])
            except BlockingIOError:
                break
            self.waiting_bytes -= sent
            self.waiting[0] = self.waiting[0][sent:]
            if not self.waiting[0]:
                self.waiting.popleft()
        if self.waiting_bytes > _MOST_WAITING:
            raise BrokenPipeError("too slow")

    def hear(self) -> None:
        """Answer what it asks; what it reports (RTCP) is passed over."""
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionResetError("it left")
        self.heard += data
        while self.heard:
            if self.heard[0] == 0x24:
                if len(self.heard) < 4 or len(self.heard) < 4 + int.from_bytes(self.heard[2:4], "big"):
                    return
                self.heard = self.heard[4 + int.from_bytes(self.heard[2:4], "big") :]
                continue
            head, end, rest = self.heard.partition(b"\r\n\r\n")
            if not end:
                return
            self.heard = rest
            self._answer(head.decode())

    def _answer(self, head: str) -> None:
        method, url = head.split(" ", 2)[:2]
        self.path = self.path or url.split("/", 3)[-1].rstrip("/")
        number = next(line for line in head.split("\r\n") if line.lower().startswith("cseq:"))
        body = _SDP if method == "DESCRIBE" else ""
        more = "Content-Type: application/sdp\r\n" if body else ""
        if method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7;timeout=60\r\n"
        if method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n"
        self.say(f"RTSP/1.0 200 OK\r\n{number}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.asked = self.asked or method == "PLAY"


class Cameras:
    """The loop."""

    def __init__(self, clip: Path, rate: int, pictures: int | None = None) -> None:
        with av.open(str(clip)) as container:
            self._pictures = [split_annex_b(bytes(packet)) for packet in container.demux(video=0) if packet.size]
        self._rate, self._share = rate, pictures
        self.sent: Counter[str] = Counter()  # pictures, by path
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._watchers: dict[int, Watcher] = {}
        self._sequence = iter(range(1, 1 << 62))

    def serve(self, ended: Callable[[], bool]) -> None:
        """Send until ``ended``."""
        began, step = time.monotonic(), 0
        made: deque[tuple[bytes, bool]] = deque(maxlen=2)
        while not ended():
            picture, phase = divmod(step, PHASES)
            if phase == 0:
                made.append(self._made(picture))
            for watcher in list(self._watchers.values()):
                if watcher.phase == phase:
                    self._try(watcher, lambda one=watcher: self._send(one, *made[-1]))  # type: ignore[misc]
            step += 1
            due = began + step / (self._rate * PHASES)
            while (left := due - time.monotonic()) > 0:
                self._hear(left)

    def _made(self, picture: int) -> tuple[bytes, bool]:
        """A picture in packets, and whether a stream may begin with it; with a sender report each second."""
        nals = self._pictures[picture % len(self._pictures)]
        stamp = picture * 90_000 // self._rate & 0xFFFFFFFF
        data = packets(nals, self._sequence, stamp)
        if picture % self._rate == 0:
            seconds, micros = divmod(SystemClock().now_us(), 1_000_000)
            ntp = (seconds + _NTP_EPOCH_S) << 32 | (micros << 32) // 1_000_000
            report = struct.pack(">BBHIQIII", 0x80, 200, 6, 9, ntp, stamp, 1, 1)
            data = struct.pack(">BBH", 0x24, 1, len(report)) + report + data
        return data, any(nal[0] & 31 == 5 for nal in nals)

    def _send(self, watcher: Watcher, data: bytes, key: bool) -> None:
        watcher.plays = watcher.plays or (watcher.asked and key)
        if watcher.plays and (self._share is None or self.sent[watcher.path] < self._share):
            self.sent[watcher.path] += 1
            watcher.say(data)

    def _hear(self, seconds: float) -> None:
        listener = self._listener.fileno()
        ready, _, _ = select.select([listener, *self._watchers], [], [], seconds)
        for one in ready:
            if one == listener:
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._watchers[connection.fileno()] = Watcher(connection, len(self._watchers) % PHASES)
            elif one in self._watchers:
                self._try(self._watchers[one], self._watchers[one].hear)

    def _try(self, watcher: Watcher, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                del self._watchers[watcher.connection.fileno()]
                watcher.connection.close()
                print(f"a connection ended: {error}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--rate", type=int, default=25)
    parser.add_argument("--pictures", type=int)
    arguments = parser.parse_args()
    cameras = Cameras(arguments.clip, arguments.rate, arguments.pictures)
    print(cameras.port, flush=True)
    cameras.serve(lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
    if arguments.pictures is not None:
        print(json.dumps(cameras.sent), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
