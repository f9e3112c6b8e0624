"""The grey grid of the first picture in an init section and a fragment. A process of its own, as ``decode`` is.

The answer (``framing``) is ``CELLS`` bytes (length 0: no picture). Nothing but those means leaves it.
A day has 43,200 key frames: the decoder of an init section is kept open from one to the next, and is given the first
sample itself. A file that is not as ours are is opened as any file.
"""

import io
import os
import resource
import struct
import sys

import av
from av.video.reformatter import VideoReformatter

from beffroi.media.core.boxes import find
from beffroi.media.core.movement import CELLS, COLUMNS, ROWS
from beffroi.media.replay.decode import MAX_PIXELS, of_first_picture
from beffroi.media.replay.framing import serve

_MEMORY_BYTES = 4 * 1024**3
_NICE = 15
_FIRST_SIZE = 12 + 4  # behind flags, count and offset: duration, then size of the first sample (``fmp4.fragment``)


class Grids:
    """Grids of fragments that mostly have the same init section."""

    def __init__(self) -> None:
        self._init = b""
        self._decoder: av.VideoCodecContext | None = None
        self._scaler = VideoReformatter()

    def grid_of(self, init: bytes, fragment: bytes) -> bytes:
        """Means of grey of the first picture; empty where there is none."""
        if init != self._init:
            self._init, self._decoder = init, decoder_of(init, fragment)
        sample = first_sample(fragment)
        if self._decoder is not None and sample:
            try:
                frames = [*self._decoder.decode(av.Packet(sample)), *self._decoder.decode(None)]
                self._decoder.flush_buffers()
                if frames:
                    return self._means(frames[0])
            except (av.FFmpegError, ValueError):
                self._init, self._decoder = b"", None
        return of_first_picture(init, fragment, self._means)

    def _means(self, frame: av.VideoFrame) -> bytes:
        small = self._scaler.reformat(frame, width=COLUMNS, height=ROWS, format="gray", interpolation="AREA")
        grid = small.to_ndarray().tobytes()
        return grid if len(grid) == CELLS else b""


def decoder_of(init: bytes, fragment: bytes) -> av.VideoCodecContext | None:
    """A decoder of what the init section describes; ``None`` where it cannot be read."""
    try:
        with av.open(io.BytesIO(init + fragment), mode="r", format="mp4") as container:
            known = container.streams.video[0].codec_context
            if known.width * known.height > MAX_PIXELS:
                return None
            decoder = av.CodecContext.create(known.name, "r")
            decoder.extradata = known.extradata
    except (av.FFmpegError, IndexError, ValueError, OSError):
        return None
    if not isinstance(decoder, av.VideoCodecContext):
        return None
    decoder.thread_count = 1
    return decoder


def first_sample(fragment: bytes) -> bytes:
    """The bytes of the first picture; empty where the boxes are not as they should be."""
    trun, mdat = find(fragment, b"moof", b"traf", b"trun"), find(fragment, b"mdat")
    if trun is None or mdat is None or trun[1] - trun[0] < _FIRST_SIZE + 4:
        return b""
    (size,) = struct.unpack_from(">I", fragment, trun[0] + _FIRST_SIZE)
    return fragment[mdat[0] : mdat[0] + size] if size <= mdat[1] - mdat[0] else b""


if __name__ == "__main__":
    os.nice(_NICE)  # a search never takes the processor from recording or live pictures
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, Grids().grid_of)
