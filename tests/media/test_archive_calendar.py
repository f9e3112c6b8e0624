"""The nights in which clocks are set, and the ends of months: what is recorded, found, played and destroyed, in a real
catalogue under an injected clock. Inside, all is UTC (I10): a run goes through both nights unbroken."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from beffroi.governance.core.answers import expiry
from beffroi.kernel.clock import ManualClock, from_us, iso, to_us
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.purge import purge
from beffroi.media.archive.store import Store
from beffroi.media.core.words import GapCause, StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from beffroi.media.replay.playlist import playlist
from tests.media.feeding import HALL, KEY, cut, past, run_start, writing
from tests.media.test_archive_hangs import HangingDisk

pytestmark = pytest.mark.media
MAIN, PARIS = StreamName.MAIN, ZoneInfo("Europe/Paris")
LASTS_S = 70 * 60
AUTUMN = datetime(2026, 10, 25, 0, 25, tzinfo=UTC)  # in Paris from 02:25 in summer to 02:35 in winter
SPRING = datetime(2026, 3, 29, 0, 25, tzinfo=UTC)  # in Paris from 01:25 to 03:35
NIGHTS = pytest.mark.parametrize("began", [AUTUMN, SPRING], ids=["an hour twice", "an hour left out"])


def recorded(folder: Path, began: datetime) -> list[int]:
    """Seventy minutes in one run, through the recorder; when each second began."""
    base_us = to_us(began)
    with writing(folder, disk=HangingDisk(), clock=ManualClock(began)) as office:
        recorder = Recorder(office, office.clock, disk=HangingDisk())
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start(HALL, base_us))
        for number in range(LASTS_S):
            track.put(cut(number, base_us=base_us, size=20))
        track.put(RunEnd())
        recorder.round()
    return [base_us + number * 1_000_000 for number in range(LASTS_S)]


@NIGHTS
def test_a_run_goes_on_while_the_clocks_of_the_town_are_set_and_each_half_past_two_has_its_own_pictures(
    tmp_path: Path, began: datetime
) -> None:
    place = tmp_path / "archive"
    starts, span = recorded(place, began), Span(began, began + timedelta(seconds=LASTS_S))
    reader = CatalogueReader(place)
    timeline = reader.timeline(HALL, MAIN, span)
    assert [(each.start_us, each.end_us) for each in timeline.pieces] == [(span.start_us, span.end_us)]
    assert timeline.gaps == ()
    assert [each.start_us for each in reader.fragments(HALL, MAIN, span)] == starts

    marks = [began + timedelta(minutes=5), began + timedelta(minutes=65)]
    walls = [each.astimezone(PARIS).strftime("%H:%M %z") for each in marks]
    assert walls == (["02:30 +0200", "02:30 +0100"] if began is AUTUMN else ["01:30 +0100", "03:30 +0200"])
    for mark in marks:
        asked = Span(mark, mark + timedelta(seconds=10))
        found = reader.fragments(HALL, MAIN, asked)
        assert [each.start_us for each in found] == [asked.start_us + at * 1_000_000 for at in range(10)]
        text = playlist(MAIN, found, reader.run)
        dates = [line for line in text.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME:")]
        assert dates[0] == f"#EXT-X-PROGRAM-DATE-TIME:{iso(mark)}"
    text = playlist(MAIN, reader.fragments(HALL, MAIN, span), reader.run)
    assert "#EXT-X-DISCONTINUITY" not in text.splitlines()[6:], "nothing jumps at the moment the clocks are set"
    reader.close()
    assert check_volume(place, key=KEY) == []


@NIGHTS
def test_a_day_of_twenty_three_or_twenty_five_hours_is_kept_for_as_long_as_any(tmp_path: Path, began: datetime) -> None:
    place, now = tmp_path / "archive", began + timedelta(days=1, minutes=35, seconds=30)
    starts = recorded(place, began)
    store = Store(place, ManualClock(now), key=KEY, disk=HangingDisk(), clock_trusted=lambda: True)
    files = [row[0] for row in store.db.execute("SELECT start_us FROM segment ORDER BY start_us")]
    done = purge(store, {(HALL, MAIN): 1})
    due = [at for at in files if expiry(from_us(at), 1) < now]
    assert (len(files), done.segments, done.refused) == (70, 36, "")
    assert len(due) == 36, "the desk promises what the purge does"
    store.close()
    reader = CatalogueReader(place)
    span = Span(began, began + timedelta(seconds=LASTS_S))
    left = reader.fragments(HALL, MAIN, span)
    assert [each.start_us for each in left] == starts[36 * 60 :]
    timeline = reader.timeline(HALL, MAIN, span)
    (gap,), (piece,) = timeline.gaps, timeline.pieces
    reader.close()
    assert (gap.cause, gap.start_us, gap.end_us) == (GapCause.RETENTION, starts[0], left[0].start_us)
    assert (piece.start_us, piece.end_us) == (left[0].start_us, span.end_us)
    assert all(one.end_us == other.start_us for one, other in pairwise(left))
    assert check_volume(place, key=KEY) == []


@pytest.mark.parametrize(
    ("at", "gone_at"),
    [
        (datetime(2028, 1, 31, 12, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2028, 3, 29, 12, tzinfo=UTC)),
        (datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC)),
        (datetime(2028, 1, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC)),
    ],
    ids=["31 January, leap", "31 January", "29 February", "28 February", "a month of 31 days"],
)
def test_at_the_end_of_a_short_month_the_purge_takes_what_is_a_month_old_then_and_nothing_before(
    tmp_path: Path, at: datetime, gone_at: datetime
) -> None:
    place = tmp_path / "archive"
    past(place, seconds=3, ending=at + timedelta(seconds=3))
    assert expiry(at, 31) == gone_at
    clock = ManualClock(gone_at - timedelta(microseconds=1))
    store = Store(place, clock, key=KEY, disk=HangingDisk(), clock_trusted=lambda: True)
    assert purge(store, {(HALL, MAIN): 31}).segments == 0
    clock.advance(timedelta(microseconds=2))
    assert purge(store, {(HALL, MAIN): 31}).segments == 1
    store.close()
    assert not list((place / "media").rglob("*.mp4"))
    assert check_volume(place, key=KEY) == []
