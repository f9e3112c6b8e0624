"""A small JPEG of the first picture in an init section and a fragment. A process of its own, as ``decode``."""

import io
import os
import resource
import sys

import av

from beffroi.media.replay.decode import of_first_picture
from beffroi.media.replay.framing import serve

WIDTH = 240
_MEMORY_BYTES = 4 * 1024**3
_QUALITY = 70
_NICE = 5


def preview_of(init: bytes, fragment: bytes) -> bytes:
    """The first picture, ``WIDTH`` wide at most; empty when there is none."""
    return of_first_picture(init, fragment, _small)


def _small(frame: av.VideoFrame) -> bytes:
    width = min(WIDTH, frame.width)
    small = frame.reformat(width=width, height=max(1, round(frame.height * width / frame.width)), interpolation="AREA")
    out = io.BytesIO()
    small.to_image().save(out, "JPEG", quality=_QUALITY)  # type: ignore[no-untyped-call]  # PyAV's own
    return out.getvalue()


if __name__ == "__main__":
    os.nice(_NICE)  # recording and live pictures first
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, preview_of)
