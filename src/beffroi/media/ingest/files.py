"""A file played as a camera, through PyAV: for tests and for a look at one's own footage.

FFmpeg's libraries take 40 MB of a process: whoever may do without files imports this only where one is played.
"""

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging

from beffroi.kernel.clock import Clock
from beffroi.media.core.cutter import Unit
from beffroi.media.core.formats import FormatWatch, format_of
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
from beffroi.media.ingest.sources import Arrival, SourceFailed, Take, no_video

_FAMILIES = {"h264": Family.H264, "hevc": Family.H265, "mjpeg": Family.MJPEG}
_BASE = Fraction(1, 90_000)

av.logging.set_level(None)


class _Reader:
    """Packets of PyAV to units: sample form, key flag, format changes."""

    def __init__(self, family: Family, extradata: bytes | None, clock: Clock) -> None:
        self._family, self._clock = family, clock
        known = format_of(family, extradata) if extradata and family is not Family.MJPEG else None
        self._watch = FormatWatch(family, known)

    def arrival(self, packet: Any) -> Arrival | None:
        """The unit in a packet; ``None`` for one that cannot be recorded yet (no format known)."""
        data, key = bytes(packet), True
        if self._family is Family.MJPEG:
            form = self._watch.changed_jpeg(data)
        else:
            nals = split_annex_b(data) if is_annex_b(data) else split_lengths(data)
            kinds = KINDS[self._family].parameter_sets
            form = self._watch.changed([nal for nal in nals if nal_type(self._family, nal) in kinds])
            key = bool(packet.is_keyframe) or has_key_picture(self._family, nals)
            data = to_sample(nals)
        if self._watch.form is None:
            return None
        return Arrival(Unit(data, key, packet.pts, self._clock.now_us(), self._clock.monotonic_ns()), form)


class FileSource:
    """A file as a camera: played at its own pace, again and again."""

    def __init__(self, path: Path, clock: Clock, *, loop: bool = True, paced: bool = True) -> None:
        self._path, self._clock, self._loop, self._paced = path, clock, loop, paced

    def deliver(self, take: Take) -> None:
        shift, reader = 0, None
        began_ns = self._clock.monotonic_ns()
        try:
            while True:
                with av.open(str(self._path)) as container:
                    stream = _video(container)
                    reader = reader or _Reader(
                        _FAMILIES[stream.codec_context.name], stream.codec_context.extradata, self._clock
                    )
                    last = 0
                    for packet in container.demux(stream):
                        if not packet.size:
                            continue
                        last = self._pace(packet, stream, shift, began_ns)
                        arrival = reader.arrival(packet)
                        if not take(arrival):
                            return
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
        raise no_video(streams[0].codec_context.name if streams and streams[0].codec_context else "nothing")
    return streams[0]
