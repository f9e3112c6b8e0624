"""Recorded pictures once more as H.264, for screens that cannot show the camera's codec. A process of its own.

Same framing and bounds as ``decode``. The answer is one fragment of at most 1280×720 with a key frame a second, at the
times of the original; without pictures in the request: the init section they need. The archive is never touched (I3).
"""

import io
import os
import resource
import sys
from collections.abc import Iterator

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from beffroi.media.core.fmp4 import TIMESCALE, Sample, fragment, init_section
from beffroi.media.core.formats import format_of
from beffroi.media.core.nal import Family, split_annex_b, to_sample
from beffroi.media.replay.decode import MAX_PIXELS
from beffroi.media.replay.framing import serve
from beffroi.media.screens import TIME_BASE, screen_encoder

MAX_FRAMES = 4_000
_MEMORY_BYTES = 4 * 1024**3
_NICE = 5


def converted(init: bytes, pictures: bytes) -> bytes:
    """``pictures`` as one H.264 fragment; the init section where there are none; empty where they cannot be decoded."""
    try:
        with av.open(io.BytesIO(init + pictures), mode="r", format="mp4") as container:
            stream = container.streams.video[0]
            if not 0 < stream.width * stream.height <= MAX_PIXELS:
                return b""
            encoder = screen_encoder(stream.width, stream.height)
            return _fragment(container, encoder) if pictures else _init(encoder)
    except (av.FFmpegError, IndexError, ValueError, OSError):
        return b""


def _init(encoder: VideoCodecContext) -> bytes:
    grey = av.VideoFrame(encoder.width, encoder.height, "yuv420p")
    for plane in grey.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    grey.pts, grey.time_base = 0, TIME_BASE
    form = format_of(Family.H264, b"".join(bytes(one) for one in encoder.encode(grey)))
    return init_section(form) if form else b""


def _fragment(container: InputContainer, encoder: VideoCodecContext) -> bytes:
    shown: list[tuple[int, bool, bytes]] = []
    decoded_at, lasts = 0, 1
    next_key = 0
    for frame, first in _pictures(container):
        at = frame.pts if frame.pts is not None else first
        small = frame.reformat(width=encoder.width, height=encoder.height, format="yuv420p")
        small.pts, small.time_base, small.pict_type = at, TIME_BASE, PictureType.NONE
        if not shown or at >= next_key:
            small.pict_type, next_key = PictureType.I, at + TIMESCALE
        shown += [(at, one.is_keyframe, to_sample(split_annex_b(bytes(one)))) for one in encoder.encode(small)]
        decoded_at, lasts = first, frame.duration or TIMESCALE // 25
    if not shown:
        return b""
    ends = [at for at, _, _ in shown[1:]] + [shown[-1][0] + lasts]
    after = shown[0][0] - decoded_at  # as in the original, which may show its pictures in another order
    samples = [Sample(data, max(1, end - at), after, key) for (at, key, data), end in zip(shown, ends, strict=True)]
    return fragment(sequence=1, decode_time_90k=decoded_at, samples=samples)


def _pictures(container: InputContainer) -> Iterator[tuple[av.VideoFrame, int]]:
    """Each picture in the order shown, with the first decode time of the file."""
    container.streams.video[0].thread_count = 1
    first: int | None = None
    for count, packet in enumerate(container.demux(video=0)):
        first = packet.dts if first is None else first
        if count < MAX_FRAMES:
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame)  # of a video stream
                yield frame, first or 0


if __name__ == "__main__":
    os.nice(_NICE)  # recording and live pictures first
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, converted)
