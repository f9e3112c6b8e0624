"""Where units come from: the ``Source`` port, RTSP through PyAV, and a file played as a camera.

PyAV's error texts and FFmpeg's log contain the URL with its password: no text of theirs is ever passed on; errors are
mapped by class to ``SourceFailed``. FFmpeg follows RTSP redirects, so the camera is asked first by a plain DESCRIBE,
and refused if it answers with one.
"""

import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import av
import av.error
import av.logging

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Invalid
from beffroi.media.core.cutter import Unit
from beffroi.media.core.formats import StreamFormat, format_of, format_of_nals, jpeg_size
from beffroi.media.core.nal import (
    KINDS,
    Family,
    has_key_picture,
    is_annex_b,
    nal_type,
    split_annex_b,
    split_lengths,
    to_sample,
)
from beffroi.media.core.words import GapCause
from beffroi.media.ingest.addresses import Address, allowed_address

OPEN_S, READ_S = 15.0, 8.0  # a camera may keep us waiting for its next key frame
_FAMILIES = {"h264": Family.H264, "hevc": Family.H265, "mjpeg": Family.MJPEG}
_BASE, _ONE = Fraction(1, 90_000), Fraction(1)
_CAMERA_CLOCK_EVERY_NS = 1_000_000_000
_PRFT = struct.Struct("=q")
_NO_PROBING = {"analyzeduration": "0", "probesize": "32"}  # what must be known is read from the units themselves

av.logging.set_level(None)


class SourceFailed(Exception):
    """A camera gives no pictures: why, in a code that pages translate, and a line without secrets."""

    def __init__(self, cause: GapCause, code: str, detail: str, *, refused: bool = False) -> None:
        super().__init__(detail)
        self.cause, self.code, self.detail, self.refused = cause, code, detail, refused


@dataclass(frozen=True, slots=True)
class Arrival:
    """A unit, and the stream's format where it changed with it."""

    unit: Unit
    form: StreamFormat | None = None


class Source(Protocol):
    """Something that gives units until it fails."""

    def arrivals(self) -> Iterator[Arrival]:
        """The units as they come; the first has a format. Raises ``SourceFailed`` when there are no more."""


class Reader:
    """Packets of PyAV to units: sample form, key flag, format changes. One per connection."""

    def __init__(self, family: Family, extradata: bytes | None, clock: Clock, to_90k: Fraction = _ONE) -> None:
        self._family, self._clock = family, clock
        self._to_90k: Fraction | int = 1 if to_90k == 1 else to_90k  # an int compares in no time
        self._sets: tuple[bytes, ...] = ()
        self._form: StreamFormat | None = None
        self._pending = format_of(family, extradata) if extradata and family is not Family.MJPEG else None
        self._camera_ns = 0

    def arrival(self, packet: Any) -> Arrival | None:
        """The unit in a packet; ``None`` for one that cannot be recorded yet (no format known, no picture)."""
        data = bytes(packet)
        now_ns = self._clock.monotonic_ns()
        if self._family is Family.MJPEG:
            size = jpeg_size(data)
            if size is None and self._form is None:
                return None
            form = StreamFormat(self._family, "mjpeg", *size) if size else None
            key = True
        else:
            nals = split_annex_b(data) if is_annex_b(data) else split_lengths(data)
            form = self._in_band(nals)
            key = bool(packet.is_keyframe) or has_key_picture(self._family, nals)
            data = to_sample(nals)
        if form is None and self._form is None:
            form = self._pending
        if form is not None and form == self._form:
            form = None
        if form is None and self._form is None:
            return None
        if form is not None:
            self._form = form
        pts = packet.pts
        if pts is not None and self._to_90k != 1:
            pts = int(pts * self._to_90k)
        unit = Unit(data, key, pts, self._clock.now_us(), now_ns, self._camera_clock(packet, now_ns))
        return Arrival(unit, form)

    def _in_band(self, nals: Sequence[bytes]) -> StreamFormat | None:
        """The format that the parameter sets among ``nals`` tell, if they are not those already known."""
        kinds = KINDS[self._family].parameter_sets
        sets = tuple(nal for nal in nals if nal_type(self._family, nal) in kinds)
        if not sets or sets == self._sets:
            return None
        known = self._form or self._pending
        if known is not None and all(nal in known.parameter_sets for nal in sets):
            self._sets = sets
            return None
        replaced = {nal_type(self._family, nal) for nal in sets}
        old = known.parameter_sets if known is not None else ()
        kept = [nal for nal in old if nal_type(self._family, nal) not in replaced]
        self._sets = sets
        return format_of_nals(self._family, [*kept, *sets])

    def _camera_clock(self, packet: Any, now_ns: int) -> int | None:
        """UTC of the unit by the camera's clock, once a second, where sender reports gave it."""
        if now_ns - self._camera_ns < _CAMERA_CLOCK_EVERY_NS or not packet.has_sidedata("prft"):
            return None
        self._camera_ns = now_ns
        return int(_PRFT.unpack_from(bytes(packet.get_sidedata("prft")))[0])


class RtspSource:
    """A camera by RTSP, over TCP."""

    def __init__(self, url: str, username: str, password: str, networks: Sequence[str], clock: Clock) -> None:
        self._url, self._username, self._password = url, username, password
        self._networks, self._clock = networks, clock

    def arrivals(self) -> Iterator[Arrival]:
        try:
            address = allowed_address(self._url, self._networks)
        except Invalid as error:
            raise SourceFailed(GapCause.CAMERA, error.code, error.message) from None
        ask(address)
        options = {"rtsp_transport": "tcp", "allowed_media_types": "video"} | _NO_PROBING
        asked_ns = self._clock.monotonic_ns()
        try:
            with av.open(
                address.url(self._username, self._password),
                format="rtsp",
                options=options,
                timeout=(OPEN_S, READ_S),
            ) as container:
                yield from _read(container, self._clock)
        except av.error.FFmpegError as error:
            late = self._clock.monotonic_ns() - asked_ns > (OPEN_S - 1) * 1e9
            if late and isinstance(error, av.error.InvalidDataError):
                raise _silent() from None  # how FFmpeg tells that its time ran out before the first picture
            raise failure_of(error, had_password=bool(self._username)) from None


def _silent() -> SourceFailed:
    return SourceFailed(GapCause.NETWORK, "silent", "the camera went silent")


class FileSource:
    """A file as a camera: played at its own pace, again and again."""

    def __init__(self, path: Path, clock: Clock, *, loop: bool = True, paced: bool = True) -> None:
        self._path, self._clock, self._loop, self._paced = path, clock, loop, paced

    def arrivals(self) -> Iterator[Arrival]:
        shift, reader = 0, None
        began_ns = self._clock.monotonic_ns()
        try:
            while True:
                with av.open(str(self._path)) as container:
                    stream = _video(container)
                    reader = reader or Reader(
                        _FAMILIES[stream.codec_context.name], stream.codec_context.extradata, self._clock
                    )
                    last = 0
                    for packet in container.demux(stream):
                        if not packet.size:
                            continue
                        last = self._pace(packet, stream, shift, began_ns)
                        arrival = reader.arrival(packet)
                        if arrival is not None:
                            yield arrival
                    shift = last
                if not self._loop:
                    raise SourceFailed(GapCause.CAMERA, "file_ended", "the file is at its end")
        except (av.error.FFmpegError, OSError):
            raise SourceFailed(GapCause.CAMERA, "file_unreadable", "the file cannot be read as video") from None

    def _pace(self, packet: Any, stream: Any, shift: int, began_ns: int) -> int:
        """Move a packet by ``shift`` (90 kHz) and wait until it is due; where the next would begin."""
        to_90k = packet.time_base / _BASE
        rate = stream.average_rate or 25
        at = int((packet.dts or 0) * to_90k) + shift
        if packet.pts is not None:
            packet.pts = int(packet.pts * to_90k) + shift
        packet.dts = at
        packet.time_base = _BASE
        if self._paced:
            due_ns = began_ns + at * 100_000 // 9
            time.sleep(max(0, due_ns - self._clock.monotonic_ns()) / 1e9)
        return at + int(90_000 / rate)


def _video(container: Any) -> Any:
    streams = container.streams.video
    if not streams or streams[0].codec_context is None or streams[0].codec_context.name not in _FAMILIES:
        what = streams[0].codec_context.name if streams and streams[0].codec_context else "nothing"
        raise SourceFailed(
            GapCause.CAMERA, "no_video", f"the camera sends {what}: H.264, H.265 and MJPEG can be recorded"
        )
    return streams[0]


def _read(container: Any, clock: Clock) -> Iterator[Arrival]:
    stream = _video(container)
    context = stream.codec_context
    reader = Reader(_FAMILIES[context.name], context.extradata, clock, Fraction(stream.time_base / _BASE))
    for packet in container.demux(stream):
        if packet.size:
            arrival = reader.arrival(packet)
            if arrival is not None:
                yield arrival
    raise SourceFailed(GapCause.CAMERA, "ended", "the camera ended the stream")


def ask(address: Address, *, timeout_s: float = 3.0) -> None:
    """One DESCRIBE without password: is anyone there, and does it send us elsewhere? ``SourceFailed``."""
    if address.scheme != "rtsp":
        return  # over TLS only FFmpeg speaks; its certificate checks stand in for this
    host = f"[{address.host}]" if ":" in address.host else address.host
    line = f"DESCRIBE rtsp://{host}:{address.port}{address.path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    try:
        with closing(socket.create_connection((address.host, address.port), timeout=timeout_s)) as connection:
            connection.settimeout(OPEN_S)  # a camera that must first wait for its own key frame answers late
            connection.sendall(line.encode("utf-8"))
            answer = connection.recv(4096)
    except ConnectionRefusedError:
        raise SourceFailed(GapCause.NETWORK, "refused", "nothing listens at the camera's address") from None
    except TimeoutError:
        raise SourceFailed(GapCause.NETWORK, "unreachable", "the camera does not answer") from None
    except OSError:
        raise SourceFailed(GapCause.NETWORK, "unreachable", "the camera cannot be reached") from None
    if answer.startswith(b"RTSP/") and answer.split(b" ")[1:2] and answer.split(b" ")[1].startswith(b"3"):
        raise SourceFailed(GapCause.CAMERA, "redirected", "the camera sends the recorder elsewhere: not followed")


def failure_of(error: av.error.FFmpegError, *, had_password: bool) -> SourceFailed:
    """The one place where PyAV's errors get their meaning."""
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        code, detail = (
            ("password_refused", "the camera refuses user or password")
            if had_password
            else ("password_wanted", "the camera wants a user and a password")
        )
        return SourceFailed(GapCause.CAMERA, code, detail, refused=True)
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceFailed(GapCause.CAMERA, "no_stream", "the camera has no stream of this name")
    if isinstance(error, (TimeoutError, av.error.ExitError)):
        return _silent()
    if isinstance(error, (ConnectionError, OSError)) and not isinstance(error, ValueError):
        return SourceFailed(GapCause.NETWORK, "broken_off", "the connection to the camera broke off")
    return SourceFailed(GapCause.CAMERA, "unreadable", "what the camera sends is not video that can be read")


def file_of(url: str) -> Path | None:
    """The path in a ``file:`` address."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
