"""The door under requests drawn at random: no footage without its line in the journal, none in a refusal."""

from pathlib import Path

import pytest

from tests.media.door import door_storm

pytestmark = pytest.mark.media


def test_what_shows_a_picture_stands_in_the_journal_and_what_is_refused_shows_none(tmp_path: Path) -> None:
    storm = door_storm.blow(tmp_path, count=240, number=20_261_123)
    assert not storm.faults, "\n".join(storm.faults[:20])
    ways = {route for route, _ in storm.statuses}
    assert len(ways) == len(door_storm.ROUTES), "every route was met"
    assert len(storm.shown) >= 4, storm.shown
    assert {200, 403, 404} <= {status for _, status in storm.statuses}
