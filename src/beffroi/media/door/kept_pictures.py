"""Stills and previews that were made of late: whoever moves over a timeline again waits for no decoder.

They stand in this process's memory alone, bounded in bytes, the least used first to go. They are asked for by fragments
that the catalogue has at that moment, so of footage that was destroyed nothing is found again; and once a minute what
the catalogue has no more is let go of (I6): nothing made of a picture outlives it.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId, RunId, SegmentId
from beffroi.kernel.spans import Span
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName

MOST_BYTES = 32 * 1024 * 1024
"""Some 5,000 previews, or a hundred stills."""
LOOK_NS = 60 * 1_000_000_000


class Size(StrEnum):
    """What was made of a fragment's first picture."""

    STILL = "still"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment's pictures are asked for again."""

    camera: CameraId
    stream: StreamName
    at_us: int


class KeptPictures:
    """A bounded memory of JPEGs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pictures: OrderedDict[tuple[Size, SegmentId, RunId, int], bytes] = OrderedDict()
        self._places: dict[SegmentId, Place] = {}
        self._looked_ns = clock.monotonic_ns()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._pictures)

    def get(self, size: Size, fragment: Fragment) -> bytes | None:
        """What was made of this fragment, where it is kept."""
        key = (size, fragment.segment, fragment.run, fragment.sequence)
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
        return picture

    def put(self, size: Size, place: Place, fragment: Fragment, picture: bytes) -> None:
        """Keep it; the least used go where there is too much."""
        key = (size, fragment.segment, fragment.run, fragment.sequence)
        self.bytes += len(picture) - len(self._pictures.pop(key, b""))
        self._pictures[key] = picture
        self._places[fragment.segment] = place
        while self.bytes > MOST_BYTES:
            _, old = self._pictures.popitem(last=False)
            self.bytes -= len(old)

    def due(self) -> dict[SegmentId, Place]:
        """Once a minute: the segments of which something is kept, to be looked for in the catalogue."""
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._looked_ns < LOOK_NS:
            return {}
        self._looked_ns = now_ns
        kept = {key[1] for key in self._pictures}
        self._places = {segment: place for segment, place in self._places.items() if segment in kept}
        return dict(self._places)

    def forget(self, segments: Collection[SegmentId]) -> None:
        """These were destroyed."""
        for key in [key for key in self._pictures if key[1] in segments]:
            self.bytes -= len(self._pictures.pop(key))
        for segment in segments:
            self._places.pop(segment, None)


def destroyed(reader: ArchiveReader, places: dict[SegmentId, Place]) -> set[SegmentId]:
    """Which of these segments the catalogue does not have any more, or cannot say."""
    gone = set()
    for segment, place in places.items():
        try:
            found = reader.fragments(place.camera, place.stream, Span.of_us(place.at_us, place.at_us + 1))
        except BeffroiError:
            found = []
        if all(one.segment != segment for one in found):
            gone.add(segment)
    return gone
