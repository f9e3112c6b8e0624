"""What the writer's board says of a camera's clock (R-31): off from the first durable second to the first right one."""

import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.media.archive.board import Board
from tests.media.feeding import NOW

pytestmark = pytest.mark.media


def test_a_clock_that_is_off_is_told_since_when_until_it_is_mended():
    board = Board(ManualClock(NOW))
    told = []
    for second, offset_us in enumerate((20_000, None, -1_000_001, 86_400_000_000, 1_000_000, 2_000_000, None)):
        board.durable("hall", "main", until_us=second, size_bytes=1, start_us=0, offset_us=offset_us)
        told.append(board.status()["cameras"][0]["clock_off_since_us"])
    assert told == [None, None, 2, 2, None, 5, None]
