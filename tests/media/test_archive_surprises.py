"""What no disk announces: no room for names, a folder that somebody removes, two recorders on one archive, and a quota
beside a hold."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Conflict
from beffroi.kernel.spans import Span
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.purge import purge
from beffroi.media.archive.store import Store
from beffroi.media.core.storage import Storage
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, kept, past, run_start, writing
from tests.media.test_faults import MAIN, small_disk

pytestmark = pytest.mark.media
__all__ = ["small_disk"]


@pytest.mark.root
def test_a_disk_without_room_for_names_loses_nothing_that_waits(small_disk: Path) -> None:
    """Inodes are used up: no new file can be made, the open ones and the journal go on."""
    folder, base = small_disk / "archive", SystemClock().now_us()
    subprocess.run(["mount", "-o", "remount,size=30m,nr_inodes=24", str(small_disk)], check=True)
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock())
        track, number = recorder.track(HALL, MAIN.value), 0

        def go_on() -> None:
            nonlocal number
            track.put(run_start())
            track.put(cut(number, base_us=base))
            track.put(RunEnd())
            number += 1
            recorder.round()

        while not track.troubled and number < 40:
            go_on()
        assert track.troubled, "there is no name left"
        for _ in range(3):
            go_on()
        assert 3 <= len(kept(folder)) < number, "nothing is acknowledged that has no file"
        subprocess.run(["mount", "-o", "remount,size=30m,nr_inodes=1000", str(small_disk)], check=True)
        for _ in range(2):
            go_on()
        assert len(kept(folder)) == number, "all that waited is written"
    assert check_volume(folder) == []


def test_a_folder_that_somebody_removes_costs_what_was_in_it_and_not_what_comes(tmp_path: Path) -> None:
    folder, base = tmp_path / "archive", SystemClock().now_us()
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock())
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(3):
            track.put(cut(number, base_us=base))
            recorder.round()
        shutil.rmtree(folder / "media" / HALL)
        for number in range(3, 6):
            track.put(cut(number, base_us=base))
            recorder.round()
        track.put(RunEnd())
        recorder.round()
        found = [(each.start_us - base) // 1_000_000 for each in kept(folder)]
        assert found[-3:] == [3, 4, 5], "what was not yet flushed, and all after it, has a new file"
    told = {each.invariant for each in check_volume(folder)}
    assert told == {"A4"}, "the file that is gone is told"


def test_of_two_that_start_on_one_archive_at_once_one_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    for attempt in range(5):
        folder = tmp_path / f"archive-{attempt}"

        def start(folder: Path = folder) -> Store | Conflict:
            try:
                return Store(folder, SystemClock(), key=KEY)
            except Conflict as error:
                return error

        with ThreadPoolExecutor(4) as pool:
            found = [each.result() for each in [pool.submit(start) for _ in range(4)]]
        stores = [each for each in found if isinstance(each, Store)]
        assert [each.code for each in found if isinstance(each, Conflict)] == ["volume_busy"] * 3
        stores[0].close()
        assert check_volume(folder, key=KEY) == []


def test_the_quota_of_a_camera_takes_what_no_hold_meets_and_stops_there(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = past(folder, seconds=600)
    store = Store(folder, clock, key=KEY)
    first = store.db.execute("SELECT min(start_us) FROM segment").fetchone()
    span = (first[0] + 130_000_000, first[0] + 150_000_000)
    store.hold_set(hold="h1", camera=HALL, span=Span.of_us(*span), reference="req", judicial=False)
    store.commit()
    done = purge(store, {}, Storage(), quotas={HALL: 1})
    assert done.segments > 0
    left = store.db.execute("SELECT start_us, end_us FROM segment WHERE state <> 'open'").fetchall()
    assert all(start < span[1] and end > span[0] for start, end in left), "all that no hold meets may go"
    assert min(start for start, _ in left) <= span[0]
    assert max(end for _, end in left) >= span[1], "what is held is whole"
    store.close()
    assert check_volume(folder, key=KEY) == []
