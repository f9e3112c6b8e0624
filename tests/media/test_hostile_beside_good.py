"""Eight good cameras beside two that do their worst, in one worker of the shipped recorder: every picture that the good
ones sent is there, once, in its order. Counted, not timed: a slow machine takes longer over the same number.

``bench/hostile.py`` does the same with 48 and 4 for a minute.
"""

from argparse import Namespace
from pathlib import Path

import pytest
from bench import hostile

pytestmark = pytest.mark.media
GOOD, SECONDS = 8, 4


def test_not_one_picture_of_eight_good_cameras_is_lost_beside_two_hostile_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostile, "SIZE", "320x180")
    found = hostile.measure(tmp_path, Namespace(good=GOOD, hostile=2, seconds=SECONDS, kbits=100))
    assert found.wrong == {}
    assert found.sent == found.recorded == GOOD * SECONDS * hostile.RATE
    assert found.archive_findings == 0
    assert set(found.hostile_calls) == {"garbage", "endless-unit"}
    assert all(found.hostile_calls.values()), "both were called while the good ones sent"
