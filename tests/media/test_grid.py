"""Grids are the same whether the decoder stays open between key frames or each fragment is opened as a file."""

from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.core.cutter import Cut, build
from beffroi.media.core.fmp4 import Sample, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.movement import CELLS
from beffroi.media.ingest.files import FileSource
from beffroi.media.ingest.sources import Arrival, SourceFailed
from beffroi.media.replay.decode import of_first_picture
from beffroi.media.replay.grid import Grids, first_sample
from tests.media.rtsp import footage

pytestmark = pytest.mark.media


def key_frames(clip: Path, most: int = 4) -> tuple[StreamFormat, list[bytes]]:
    """The first key frames of a clip, each a fragment of its own."""
    forms: list[StreamFormat] = []
    taken: list[Arrival] = []

    def take(arrival: Arrival | None) -> bool:
        if arrival is not None:
            forms.extend([arrival.form] if arrival.form else [])
            taken.extend([arrival] if arrival.unit.key else [])
        return len(taken) < most

    try:
        FileSource(clip, SystemClock(), loop=False, paced=False).deliver(take)
    except SourceFailed as over:
        assert over.code == "file_ended"  # noqa: PT017  a short clip
    cuts = [
        Cut((Sample(each.unit.data, 3600, 0, key=True),), at * 3600, at, at + 1, at, 1, None, 0, 0)
        for at, each in enumerate(taken)
    ]
    fragments = [build(cut, sequence=at + 1, previous=bytes(32)).data for at, cut in enumerate(cuts)]
    return forms[0], fragments


@pytest.mark.parametrize("name", ["02", "08", "street"])
def test_a_decoder_that_stays_open_sees_what_one_opened_anew_sees(name: str) -> None:
    form, fragments = key_frames(footage(name))
    init, grids = init_section(form), Grids()
    anew = [of_first_picture(init, each, Grids()._means) for each in fragments]
    assert [grids.grid_of(init, each) for each in fragments] == anew
    assert len(anew[0]) == CELLS


def test_what_is_no_picture_gives_none_and_the_next_one_is_seen_again() -> None:
    form, (good, *_) = key_frames(footage("02"), 1)
    init, grids = init_section(form), Grids()
    whole = grids.grid_of(init, good)
    for bad in (b"", b"\0" * 400, good[: len(good) // 2], good[:300] + bytes(len(good) - 300)):
        grids.grid_of(init, bad)
        assert grids.grid_of(init, good) == whole
    assert first_sample(good[:200]) == b""
