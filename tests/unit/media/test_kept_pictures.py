"""A still made of late is not made again; it is bounded, and let go of when its footage is destroyed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId, RunId, SegmentId
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName
from beffroi.media.door import kept_pictures
from beffroi.media.door.kept_pictures import KeptPictures, Place, Size, destroyed
from tests.conftest import NOW

FIRST = Fragment(SegmentId("s"), RunId("r"), 1, 0, 100, 0, 1_000_000, 0, True, 25, bytes(32), 0, 0)
PLACE = Place(CameraId("hall"), StreamName.MAIN, 0)
MINUTE = timedelta(minutes=1)


def test_a_picture_is_of_its_fragment_and_size_alone() -> None:
    kept = KeptPictures(ManualClock(NOW))
    kept.put(Size.STILL, PLACE, FIRST, b"jpeg")
    assert kept.get(Size.STILL, FIRST) == b"jpeg"
    assert kept.get(Size.PREVIEW, FIRST) is None
    for other in (replace(FIRST, sequence=2), replace(FIRST, run=RunId("q")), replace(FIRST, segment=SegmentId("t"))):
        assert kept.get(Size.STILL, other) is None


def test_the_least_used_goes_where_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pictures, "MOST_BYTES", 20)
    kept = KeptPictures(ManualClock(NOW))
    several = [replace(FIRST, sequence=number) for number in range(3)]
    for one in several[:2]:
        kept.put(Size.STILL, PLACE, one, bytes(10))
    kept.get(Size.STILL, several[0])
    kept.put(Size.STILL, PLACE, several[2], bytes(10))
    assert [kept.get(Size.STILL, one) is not None for one in several] == [True, False, True]
    kept.put(Size.STILL, PLACE, several[2], bytes(4))
    assert (kept.bytes, len(kept)) == (14, 2)
    kept.put(Size.STILL, PLACE, several[1], bytes(21))
    assert (kept.bytes, len(kept)) == (0, 0), "one that is too large is not kept"


class Catalogue:
    """What is left of the footage."""

    def __init__(self, *left: str) -> None:
        self.left = left

    def fragments(self, _camera: str, _stream: str, _span: object) -> list[Any]:
        if not self.left:
            raise NotFound("gone")
        return [replace(FIRST, segment=SegmentId(one)) for one in self.left]


def test_what_was_destroyed_is_let_go_of_within_a_minute() -> None:
    clock = ManualClock(NOW)
    kept = KeptPictures(clock)
    for name in ("s", "t"):
        kept.put(Size.PREVIEW, PLACE, replace(FIRST, segment=SegmentId(name)), b"jpeg")
    assert kept.due() == {}
    clock.advance(MINUTE)
    due = kept.due()
    assert set(due) == {"s", "t"}
    assert kept.due() == {}, "once a minute"
    kept.forget(destroyed(cast("ArchiveReader", Catalogue("t")), due))
    assert (len(kept), kept.bytes) == (1, 4)
    assert kept.get(Size.PREVIEW, FIRST) is None
    clock.advance(MINUTE)
    kept.forget(destroyed(cast("ArchiveReader", Catalogue()), kept.due()))
    assert (len(kept), kept.bytes) == (0, 0), "a catalogue that cannot say keeps nothing"
