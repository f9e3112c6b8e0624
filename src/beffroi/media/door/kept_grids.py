"""Grids of the key frames that were searched of late: another zone in the same span needs no decoding.

Whoever searches draws a zone, looks, and draws another. Grids stand in this process's memory and nowhere else, a
quarter of an hour beyond the last search. They are asked for by fragments that the catalogue has at that moment: of
footage that was destroyed nothing is found again.
"""

from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import RunId, SegmentId
from beffroi.media.core.words import Fragment

MOST = 43_200
"""A day of one camera with a key frame each two seconds: 100 MB."""
KEEP_NS = 900 * 1_000_000_000


class KeptGrids:
    """A bounded memory of grids; the oldest go first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grids: dict[tuple[SegmentId, RunId, int], bytes] = {}
        self._used_ns = 0

    def __len__(self) -> int:
        return len(self._grids)

    def get(self, fragment: Fragment) -> bytes | None:
        """The grid of this fragment's first picture, where it is kept."""
        self._used_ns = self._clock.monotonic_ns()
        return self._grids.get(_key(fragment))

    def put(self, fragment: Fragment, grid: bytes) -> None:
        """Keep it; the oldest goes where there are too many."""
        if len(self._grids) >= MOST:
            del self._grids[next(iter(self._grids))]
        self._grids[_key(fragment)] = grid

    def tick(self) -> None:
        """Forget all a quarter of an hour after the last search."""
        if self._grids and self._clock.monotonic_ns() - self._used_ns > KEEP_NS:
            self._grids.clear()


def _key(fragment: Fragment) -> tuple[SegmentId, RunId, int]:
    return fragment.segment, fragment.run, fragment.sequence
