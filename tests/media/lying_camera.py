"""A camera of ours that lies: an RTSP server over real TCP whose every path misbehaves in its own way.

``with LyingCamera(pictures) as camera: camera.url("redirect")``. ``pictures`` are access units of H.264 as lists of NAL
units (``drawn``). What a path does is in ``WAYS``; how often it was called is in ``camera.calls``.
"""

import socket
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import av

from beffroi.kernel.clock import SystemClock
from beffroi.media.core.nal import split_annex_b

Pictures = list[list[bytes]]
_GOOD_SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
_SOUND = "v=0\r\ns=x\r\nm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
_OLD = "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n"
FRAME_S = 0.04
DAY_S = 86_400


def drawn(folder: Path, size: str, *, seconds: int = 2) -> Pictures:
    """Pictures drawn by ffmpeg: 25 a second, a key frame each second."""
    path = folder / f"{size}.h264"
    source = f"testsrc2=size={size}:rate=25:duration={seconds}"
    how = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-f", "h264"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *how, str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    with av.open(str(path)) as container:
        return [split_annex_b(bytes(packet)) for packet in container.demux(video=0) if packet.size]


def packets(picture: list[bytes], sequence: Iterator[int], stamp: int) -> bytes:
    """One picture as it stands on the connection."""
    parts: list[bytes] = []
    for nal in picture:
        if len(nal) <= 1200:
            parts.append(nal)
            continue
        body = [nal[at : at + 1200] for at in range(1, len(nal), 1200)]
        for number, piece in enumerate(body):
            flags = (0x80 if number == 0 else 0) | (0x40 if number == len(body) - 1 else 0) | nal[0] & 31
            parts.append(bytes((nal[0] & 0xE0 | 28, flags)) + piece)
    out = []
    for number, part in enumerate(parts):
        marker = 0x80 if number == len(parts) - 1 else 0
        head = struct.pack(">BBHII", 0x80, 96 | marker, next(sequence) & 0xFFFF, stamp & 0xFFFFFFFF, 9)
        out.append(struct.pack(">BBH", 0x24, 0, 12 + len(part)) + head + part)
    return b"".join(out)


class LyingCamera:
    """Listens on a free port of this machine."""

    def __init__(self, pictures: Pictures, others: Pictures) -> None:
        self.pictures, self.others = pictures, others
        self.calls: Counter[str] = Counter()  # by way and method
        self.sent: Counter[object] = Counter()  # pictures, by connection
        self.ways: dict[object, str] = {}  # by connection
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "LyingCamera":
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(5)

    def url(self, way: str) -> str:
        """The address of one misbehaviour."""
        return f"rtsp://127.0.0.1:{self.port}/{way}"

    def pictures_sent(self, way: str) -> int:
        """How many pictures went out on a path."""
        return sum(count for peer, count in self.sent.items() if self.ways[peer] == way)

    def _spawn(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(30)
                self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection), suppress(OSError, ValueError):
            buffer = b""
            while not self.stopping.is_set():
                while b"\r\n\r\n" not in buffer:
                    data = connection.recv(4096)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                method, url, _ = head.decode().split("\r\n")[0].split(" ")
                way = url.split("/")[3]
                number = next(line for line in head.decode().split("\r\n") if line.startswith("CSeq:"))
                self.calls[f"{way} {method}"] += 1
                self.ways[connection.getpeername()] = way
                if not WAYS[way].answer(self, connection, method, number):
                    return

    def play(self, connection: socket.socket, stamps: Callable[[int], int], *, pictures: Pictures | None = None,
             most: int = 10**9, sequence: Iterator[int] | None = None) -> None:  # fmt: skip
        """Send pictures at their pace; ``stamps(n)`` is the time stamp of the n-th."""
        chosen, sequence = pictures or self.pictures, sequence or count(1)
        for at in range(most):
            connection.sendall(packets(chosen[at % len(chosen)], sequence, stamps(at)))
            self.sent[connection.getpeername()] += 1
            if self.stopping.wait(FRAME_S):
                return


Reply = Callable[[LyingCamera, socket.socket], None]


class Way:
    """One way to misbehave: what each method is answered with, and what follows PLAY."""

    def __init__(self, play: Reply | None = None, *, sdp: str = _GOOD_SDP, **answers: str | bytes | None) -> None:
        self._play, self._sdp, self._answers = play, sdp, answers

    def answer(self, camera: LyingCamera, connection: socket.socket, method: str, number: str) -> bool:
        """Answer one request; False: hang up."""
        if method in self._answers:
            said = self._answers[method]
            if said is None:
                camera.stopping.wait(60)
                return False
            connection.sendall(said if isinstance(said, bytes) else f"RTSP/1.0 {said}\r\n{number}\r\n\r\n".encode())
            return True
        body, more = "", ""
        if method == "DESCRIBE":
            body, more = self._sdp, "Content-Type: application/sdp\r\n"
        elif method == "SETUP":
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7;timeout=4\r\n"
        head = f"RTSP/1.0 200 OK\r\n{number}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body.encode())
        if method == "PLAY" and self._play is not None:
            self._play(camera, connection)
            return False
        return method != "TEARDOWN"


def _steady(at: int) -> int:
    return at * 3600


def _hang(camera: LyingCamera, connection: socket.socket) -> None:
    camera.play(connection, _steady, most=60)
    camera.stopping.wait(60)


def _half_a_packet(camera: LyingCamera, connection: socket.socket) -> None:
    camera.play(connection, _steady, most=30)
    connection.sendall(packets(camera.pictures[0], count(500), 1)[:700])
    camera.stopping.wait(60)


def _garbage(camera: LyingCamera, connection: socket.socket) -> None:
    while not camera.stopping.wait(0.01):
        connection.sendall(b"\x00\xff\x47garbage" * 4000)


def _endless_unit(camera: LyingCamera, connection: socket.socket) -> None:
    for at in count():
        part = bytes((0x7C, 0x85 if at == 0 else 0x05)) + bytes(60_000)
        head = struct.pack(">BBHII", 0x80, 96, at & 0xFFFF, 1, 9)
        connection.sendall(struct.pack(">BBH", 0x24, 0, 12 + len(part)) + head + part)


def _other_pictures(camera: LyingCamera, connection: socket.socket) -> None:
    """Another resolution in the middle, without a word."""
    sequence = count(1)
    camera.play(connection, _steady, most=50, sequence=sequence)
    camera.play(connection, lambda at: (at + 50) * 3600, pictures=camera.others, sequence=sequence)


def _one_key_frame(camera: LyingCamera, connection: socket.socket) -> None:
    rest = [picture for picture in camera.pictures if not any(nal[0] & 31 == 5 for nal in picture)]
    sequence = count(1)
    camera.play(connection, _steady, most=1, sequence=sequence)
    camera.play(connection, lambda at: (at + 1) * 3600, pictures=rest, sequence=sequence)


def _jumping_stamps(camera: LyingCamera, connection: socket.socket) -> None:
    """Two hours on, two hours back, then standing still."""
    jumps = {2: 7200 * 90_000, 3: -7200 * 90_000}
    camera.play(connection, lambda at: at * 3600 + jumps.get(at // 25, 0) if at < 100 else 360_000)


def _late_words(camera: LyingCamera, connection: socket.socket) -> None:
    """Answers nobody asked for, among the pictures."""
    sequence = count(1)
    for at in count():
        camera.play(connection, lambda _, at=at: at * 3600, most=1, sequence=sequence,
                    pictures=[camera.pictures[at % len(camera.pictures)]])  # fmt: skip
        if at % 10 == 0:
            connection.sendall(b"RTSP/1.0 401 Unauthorized\r\nCSeq: 99\r\n\r\n$\x09\x00\x02xx")


def _a_day_off(camera: LyingCamera, connection: socket.socket) -> None:
    """Its sender reports say tomorrow."""
    sequence = count(1)
    for at in count():
        if at % 25 == 0:
            seconds = int(SystemClock().now_us() / 1_000_000) + DAY_S + 2_208_988_800  # NTP counts from 1900
            report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 1, seconds, 0, at * 3600, 0, 0)
            connection.sendall(struct.pack(">BBH", 0x24, 1, len(report)) + report)
        camera.play(connection, lambda _, at=at: at * 3600, most=1, sequence=sequence,
                    pictures=[camera.pictures[at % len(camera.pictures)]])  # fmt: skip


WAYS = {
    "redirect": Way(DESCRIBE="302 Moved\r\nLocation: rtsp://192.0.2.1/elsewhere"),
    "html": Way(OPTIONS=b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>" + b"x" * 100),
    "endless-head": Way(OPTIONS=b"RTSP/1.0 200 OK\r\n" + b"X-A: b\r\n" * 8_000),
    "huge-body": Way(DESCRIBE=b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n"),
    "udp-only": Way(SETUP="461 Unsupported Transport"),
    "storm": Way(DESCRIBE='401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n", stale=true'),
    "mute": Way(OPTIONS=None),
    "hang": Way(_hang),
    "half-a-packet": Way(_half_a_packet),
    "garbage": Way(_garbage),
    "endless-unit": Way(_endless_unit),
    "sound": Way(sdp=_SOUND),
    "old-video": Way(sdp=_OLD),
    "flapping": Way(lambda camera, connection: camera.play(connection, _steady, most=40)),
    "other-pictures": Way(_other_pictures),
    "one-key-frame": Way(_one_key_frame),
    "jumping-stamps": Way(_jumping_stamps),
    "double-rate": Way(lambda camera, connection: camera.play(connection, lambda at: at * 7200)),
    "late-words": Way(_late_words),
    "a-day-off": Way(_a_day_off),
}
