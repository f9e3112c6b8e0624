"""What was searched of late needs no decoding again; it is bounded, and gone a while after the last search."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.ids import RunId, SegmentId
from beffroi.media.core.words import Fragment
from beffroi.media.door import kept_grids
from beffroi.media.door.kept_grids import KEEP_NS, KeptGrids
from tests.conftest import NOW

KEPT = timedelta(microseconds=KEEP_NS / 1_000)
FIRST = Fragment(SegmentId("s"), RunId("r"), 1, 0, 100, 0, 1_000_000, 0, True, 25, bytes(32), 0, 0)


def test_a_grid_is_of_its_fragment_alone() -> None:
    kept = KeptGrids(ManualClock(NOW))
    kept.put(FIRST, b"grid")
    assert kept.get(FIRST) == b"grid"
    for other in (replace(FIRST, sequence=2), replace(FIRST, run=RunId("q")), replace(FIRST, segment=SegmentId("t"))):
        assert kept.get(other) is None


def test_the_oldest_goes_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_grids, "MOST", 3)
    kept = KeptGrids(ManualClock(NOW))
    for number in range(5):
        kept.put(replace(FIRST, sequence=number), bytes([number]))
    assert len(kept) == 3
    assert [kept.get(replace(FIRST, sequence=number)) for number in range(5)] == [None, None, b"\x02", b"\x03", b"\x04"]


def test_all_is_forgotten_a_quarter_of_an_hour_after_the_last_search() -> None:
    clock = ManualClock(NOW)
    kept = KeptGrids(clock)
    kept.put(FIRST, b"grid")
    clock.advance(KEPT)
    assert kept.get(FIRST) == b"grid", "a search goes on"
    clock.advance(KEPT)
    kept.tick()
    assert len(kept) == 1
    clock.advance(timedelta(microseconds=1))
    kept.tick()
    assert len(kept) == 0
