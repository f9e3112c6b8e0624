"""Makes a JPEG of the first picture in an init section and a fragment. Runs as a process of its own.

Camera bytes are hostile and decoders are C: ``python -m beffroi.media.replay.decode`` has bounded memory and no open
files, and may crash without the door. Its answers (``framing``) are JPEGs.
"""

import io
import resource
import sys
from collections.abc import Callable

import av

from beffroi.media.replay.framing import serve

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


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, jpeg_of)
