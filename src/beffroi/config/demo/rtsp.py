"""A small RTSP server (RFC 2326): what the demonstration's cameras speak. RTP goes inside the TCP connection only.

It behaves as a decent camera: Digest sign-in, sender reports with true time, pictures from the next key frame on,
keep-alive by any request, a slow reader is let go.
"""

import asyncio
import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from beffroi.config.demo.rtp import PAYLOAD_TYPE, AccessUnit, Codec, Packetizer, rtp_time
from beffroi.kernel.clock import Clock

REALM = "beffroi-demo"
SLOW_READER_BYTES = 4_000_000
REPORT_EVERY_US = 2_000_000
SESSION_TIMEOUT_S = 60
MAX_HEAD_BYTES = 16_384

log = structlog.get_logger("rtsp")


@dataclass(slots=True)
class Stream:
    """What can be watched under one path; ``parameter_sets`` (VPS, SPS, PPS) are empty while there is no picture."""

    path: str
    codec: Codec = "H264"
    parameter_sets: tuple[bytes, ...] = ()
    viewers: "set[Connection]" = field(default_factory=set)

    def send(self, unit: AccessUnit) -> None:
        """Give one picture to all who watch."""
        for viewer in tuple(self.viewers):
            viewer.deliver(unit)

    def description(self, base: str) -> str:
        """The SDP (RFC 4566) of the stream."""
        sets = [base64.b64encode(part).decode() for part in self.parameter_sets]
        if self.codec == "H264":
            profile = self.parameter_sets[0][1:4].hex()
            fmtp = f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
        else:
            fmtp = ";".join(f"sprop-{name}={value}" for name, value in zip(("vps", "sps", "pps"), sets, strict=True))
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=Beffroi demonstration camera", "t=0 0", "a=range:npt=now-",
            f"a=control:{base}", f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", "c=IN IP4 0.0.0.0",
            f"a=rtpmap:{PAYLOAD_TYPE} {self.codec}/90000", f"a=fmtp:{PAYLOAD_TYPE} {fmtp}", "a=control:track1",
        ]  # fmt: skip
        return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One RTSP request."""

    method: str
    url: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path without scheme, host and the track."""
        path = re.sub(r"^rtsps?://[^/]*", "", self.url).split("?")[0].strip("/")
        return path.removesuffix("/track1")


class Connection:
    """One client."""

    def __init__(self, server: "RtspServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._session = secrets.token_hex(8)
        self._nonce = secrets.token_hex(16)
        self._channels = (0, 1)
        self._packetizer: Packetizer | None = None
        self._stream: Stream | None = None
        self._waiting_for_key = True
        self._reported_us = 0

    async def serve(self) -> None:
        """Answer requests until the client leaves, says TEARDOWN or falls silent."""
        try:
            while (request := await self._read()) is not None:
                self._answer(request)
                await self._writer.drain()
                if request.method == "TEARDOWN":
                    break
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            log.info("client left", why=type(error).__name__)
        finally:
            self.close()

    def close(self) -> None:
        """End of this client."""
        if self._stream is not None:
            self._stream.viewers.discard(self)
        self._writer.close()

    async def _read(self) -> Request | None:
        """The next request; interleaved RTCP of the client counts as a sign of life and is dropped."""
        while True:
            async with asyncio.timeout(SESSION_TIMEOUT_S * 2):
                first = await self._reader.read(1)
            if not first:
                return None
            if first == b"$":
                head = await self._reader.readexactly(3)
                await self._reader.readexactly(int.from_bytes(head[1:], "big"))
                continue
            if first in (b"\r", b"\n"):
                continue
            raw = first + await self._reader.readuntil(b"\r\n\r\n")
            lines = raw.decode("utf-8", "replace").split("\r\n")
            method, url, version = (*lines[0].split(" "), "", "")[:3]
            headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:]) if k}
            length = int(headers.get("content-length", "0") or "0")
            if not version.startswith("RTSP/") or not 0 <= length <= MAX_HEAD_BYTES:
                raise ValueError("not RTSP")
            await self._reader.readexactly(length)
            return Request(method, url, headers)

    def _answer(self, request: Request) -> None:
        if request.method == "OPTIONS":
            self._reply(request, 200, Public="OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN")
            return
        if not self._server.admits(request, self._nonce):
            challenge = f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5'
            self._reply(request, 401, WWW_Authenticate=challenge)
            return
        act = {
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "GET_PARAMETER": self._alive,
            "SET_PARAMETER": self._alive,
            "TEARDOWN": self._teardown,
        }.get(request.method)
        if act is None:
            self._reply(request, 501)
        else:
            act(request)

    def _describe(self, request: Request) -> None:
        stream = self._server.streams.get(request.path)
        if stream is None or not stream.parameter_sets:
            self._reply(request, 404)
            return
        base = request.url.rstrip("/") + "/"
        self._reply(request, 200, body=stream.description(base), Content_Base=base, Content_Type="application/sdp")

    def _setup(self, request: Request) -> None:
        stream = self._server.streams.get(request.path)
        transport = request.headers.get("transport", "")
        if stream is None or not stream.parameter_sets:
            self._reply(request, 404)
            return
        if "RTP/AVP/TCP" not in transport:
            self._reply(request, 461)
            return
        wanted = re.search(r"interleaved=(\d+)-(\d+)", transport)
        self._channels = (int(wanted[1]) & 255, int(wanted[2]) & 255) if wanted else (0, 1)
        self._stream = stream
        self._packetizer = Packetizer(
            stream.codec, ssrc=secrets.randbits(32), sequence=secrets.randbits(16), offset=secrets.randbits(32)
        )
        answer = (
            f"RTP/AVP/TCP;unicast;interleaved={self._channels[0]}-{self._channels[1]};ssrc={self._packetizer.ssrc:08X}"
        )
        self._reply(request, 200, Transport=answer)

    def _play(self, request: Request) -> None:
        if self._stream is None or self._packetizer is None:
            self._reply(request, 455)
            return
        stamp = rtp_time(self._server.clock.now_us(), self._packetizer.offset)
        info = f"url={request.url.rstrip('/')}/track1;seq={self._packetizer.sequence};rtptime={stamp}"
        self._reply(request, 200, Range="npt=now-", RTP_Info=info)
        self._stream.viewers.add(self)

    def _alive(self, request: Request) -> None:
        self._reply(request, 200)

    def _teardown(self, request: Request) -> None:
        if self._stream is not None:
            self._stream.viewers.discard(self)
        self._reply(request, 200)

    def _reply(self, request: Request, status: int, body: str = "", **headers: str) -> None:
        words = {200: "OK", 401: "Unauthorized", 404: "Not Found", 455: "Method Not Valid in This State",
                 461: "Unsupported Transport", 501: "Not Implemented"}  # fmt: skip
        lines = [
            f"RTSP/1.0 {status} {words[status]}",
            f"CSeq: {request.headers.get('cseq', '0')}",
            "Server: beffroi-demo",
        ]
        if request.method in ("SETUP", "PLAY", "GET_PARAMETER"):
            lines.append(f"Session: {self._session};timeout={SESSION_TIMEOUT_S}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        data = body.encode()
        if data:
            lines.append(f"Content-Length: {len(data)}")
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    def deliver(self, unit: AccessUnit) -> None:
        """Send one picture, or nothing before the first key frame; a reader who lags by megabytes is let go."""
        if self._packetizer is None or (self._waiting_for_key and not unit.key):
            return
        if self._writer.transport.get_write_buffer_size() > SLOW_READER_BYTES:
            log.warning("reader too slow")
            self.close()
            return
        self._waiting_for_key = False
        out = []
        now_us = self._server.clock.now_us()
        if now_us - self._reported_us >= REPORT_EVERY_US:
            self._reported_us = now_us
            out.append(self._framed(1, self._packetizer.sender_report(now_us)))
        out += [self._framed(0, packet) for packet in self._packetizer.packets_of(unit)]
        self._writer.write(b"".join(out))

    def _framed(self, which: int, packet: bytes) -> bytes:
        return b"$" + bytes([self._channels[which]]) + len(packet).to_bytes(2, "big") + packet


class RtspServer:
    """Serves ``streams`` (by path). With a user name, Digest sign-in is asked (RFC 2617, as cameras do)."""

    def __init__(self, *, clock: Clock, username: str = "", password: str = "") -> None:
        self.clock = clock
        self.streams: dict[str, Stream] = {}
        self._username, self._password = username, password
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_HEAD_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening and let all clients go."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    def admits(self, request: Request, nonce: str) -> bool:
        """Whether the request carries the right Digest answer."""
        if not self._username:
            return True
        given = request.headers.get("authorization", "")
        if not given.lower().startswith("digest "):
            return False
        parts = dict(re.findall(r'(\w+)="?([^",]+)"?', given[7:]))
        if parts.get("nonce") != nonce or parts.get("username") != self._username:
            return False
        secret = _md5(f"{self._username}:{REALM}:{self._password}")
        asked = _md5(f"{request.method}:{parts.get('uri', '')}")
        wanted = _md5(f"{secret}:{nonce}:{asked}")
        return secrets.compare_digest(wanted, parts.get("response", ""))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # RFC 2617 knows no other
