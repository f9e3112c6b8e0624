"""Makes a JPEG of the first picture in an init section and a fragment. Runs as a process of its own.

Camera bytes are hostile and decoders are C: ``python -m beffroi.media.replay.decode`` has bounded memory and no open
files, and may crash without the door. Each request on standard input is two 4-byte lengths, init, fragment; each
answer a 4-byte length and the JPEG (length 0: no picture in it).
"""

import io
import resource
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

import av

HEAD = struct.Struct(">II")
ANSWER = struct.Struct(">I")
MAX_INPUT_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000
_MEMORY_BYTES = 4 * 1024**3
_QUALITY = 90


def jpeg_of(init: bytes, fragment: bytes) -> bytes:
    """The first picture as a JPEG; empty when there is none."""

    def saved(frame: av.VideoFrame) -> bytes:
        out = io.BytesIO()
        frame.to_image().save(out, "JPEG", quality=_QUALITY)  # type: ignore[no-untyped-call]  # PyAV's own
        return out.getvalue()

    return of_first_picture(init, fragment, saved)


def of_first_picture(init: bytes, fragment: bytes, make: Callable[[av.VideoFrame], bytes]) -> bytes:
    """What ``make`` makes of the first picture; empty when there is none, or one too large."""
    try:
        with av.open(io.BytesIO(init + fragment), mode="r", format="mp4") as container:
            stream = container.streams.video[0]
            stream.thread_count = 1
            if stream.width * stream.height > MAX_PIXELS:
                return b""
            for frame in container.decode(stream):
                return make(frame)
    except (av.FFmpegError, IndexError, ValueError, OSError):
        return b""
    return b""


def serve(source: BinaryIO, sink: BinaryIO, make: Callable[[bytes, bytes], bytes] = jpeg_of) -> None:
    """Answer requests until ``source`` ends."""
    while len(head := source.read(HEAD.size)) == HEAD.size:
        lengths = HEAD.unpack(head)
        if sum(lengths) > MAX_INPUT_BYTES:
            return
        init, fragment = source.read(lengths[0]), source.read(lengths[1])
        picture = make(init, fragment)
        sink.write(ANSWER.pack(len(picture)) + picture)
        sink.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
