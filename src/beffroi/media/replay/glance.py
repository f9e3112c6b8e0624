"""One glance at the first picture in an init section and a fragment. A process of its own, as ``decode`` is.

The answer (``framing``) is ``core.sight.Glance.to_bytes`` (length 0: no picture). Nothing but those
numbers leaves it.
"""

import os
import resource
import sys

import av
import numpy as np

from beffroi.media.core.movement import CELLS, COLUMNS, ROWS
from beffroi.media.core.sight import Glance
from beffroi.media.replay.decode import of_first_picture
from beffroi.media.replay.framing import serve

_DETAIL = (640, 360)
_COLOURLESS = 2.0
_MEMORY_BYTES = 4 * 1024**3
_NICE = 15


def glance_of(init: bytes, fragment: bytes) -> bytes:
    """The glance at the first picture; empty where there is none."""
    return of_first_picture(init, fragment, _numbers)


def _numbers(frame: av.VideoFrame) -> bytes:
    small = frame.reformat(width=COLUMNS, height=ROWS, format="yuv444p", interpolation="AREA").to_ndarray()
    grid = small[0].tobytes()
    colour = float(np.abs(small[1:].astype(np.int16) - 128).mean())
    width, height = _DETAIL
    wide = frame.reformat(width=width, height=height, format="gray", interpolation="AREA").to_ndarray()
    grey = wide.astype(np.int16)
    edges = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    if len(grid) != CELLS:
        return b""
    return Glance(0, grid, float(np.abs(edges).mean()), colour > _COLOURLESS).to_bytes()


if __name__ == "__main__":
    os.nice(_NICE)  # looking after cameras never takes the processor from recording or live pictures
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, glance_of)
