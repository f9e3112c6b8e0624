"""The grey grid of the first picture in an init section and a fragment. A process of its own, as ``decode`` is.

Same framing as ``decode``; the answer is ``CELLS`` bytes (length 0: no picture). Nothing but those means leaves it.
"""

import os
import resource
import sys

import av

from beffroi.media.core.movement import CELLS, COLUMNS, ROWS
from beffroi.media.replay.decode import of_first_picture, serve

_MEMORY_BYTES = 4 * 1024**3
_NICE = 15


def grid_of(init: bytes, fragment: bytes) -> bytes:
    """Means of grey of the first picture; empty where there is none."""

    def means(frame: av.VideoFrame) -> bytes:
        small = frame.reformat(width=COLUMNS, height=ROWS, format="gray", interpolation="AREA")
        grid = small.to_ndarray().tobytes()
        return grid if len(grid) == CELLS else b""

    return of_first_picture(init, fragment, means)


if __name__ == "__main__":
    os.nice(_NICE)  # a search never takes the processor from recording or live pictures
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, grid_of)
