"""Room on the disk: term first, then quotas, then pressure; never against a hold; each file leaves a signed line."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.outlook import outlook
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.store import Store
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.core.settings import CameraSettings, RecorderSettings, StreamSettings, sign_settings
from beffroi.media.core.storage import Storage
from beffroi.media.core.words import GapCause, StreamName
from tests.media.feeding import FORM, HALL, KEY, NOW, past, second, writing
from tests.waiting import until

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
YARD = CameraId("yard")
DAYS = {(HALL, MAIN): 30, (YARD, MAIN): 30}


class SmallDisk(Disk):
    """A disk of a size of the test's choice."""

    def __init__(self, total: int) -> None:
        self.total = total

    def room(self, path: Path) -> tuple[int, int]:
        used = sum(each.stat().st_size for each in path.rglob("*.mp4"))
        return self.total - used, self.total


def sizes(store: Store) -> list[tuple[str, int, int]]:
    """Camera, start and bytes of each closed file, in the order of recording."""
    return store.db.execute("SELECT camera, start_us, bytes FROM segment ORDER BY id").fetchall()


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Store]:
    """Opens an archive of five minutes of two cameras."""
    clock = past(tmp_path / "archive", seconds=300, cameras=(HALL, YARD))

    def open_it(*, total: int = 10**9, trusted: bool = True) -> Store:
        return Store(
            tmp_path / "archive", clock, key=KEY, disk=SmallDisk(total), clock_trusted=lambda: trusted
        )  # fmt: skip

    return open_it


def test_a_camera_over_its_quota_loses_its_own_oldest_and_no_other_does(opened: Callable[..., Store]) -> None:
    store = opened()
    before = sizes(store)
    hall = [each for each in before if each[0] == HALL]
    quota = sum(each[2] for each in hall[2:])
    done = purge(store, DAYS, Storage(camera_quota_bytes=quota))
    assert done.by_rule == {"quota of the camera": 4}, "both cameras have as much"
    assert [each[1] for each in sizes(store) if each[0] == HALL] == [each[1] for each in hall[2:]]
    assert purge(store, DAYS, Storage(camera_quota_bytes=quota)).segments == 0
    store.close()


def test_a_camera_with_a_quota_of_its_own_is_kept_to_it_and_the_others_to_that_of_all(
    opened: Callable[..., Store],
) -> None:
    store = opened()
    hall, yard = ([each for each in sizes(store) if each[0] == name] for name in (HALL, YARD))
    quota = sum(each[2] for each in hall[3:])
    done = purge(store, DAYS, Storage(), quotas={HALL: quota})
    assert done.by_rule == {"quota of the camera": 3}
    assert [each[1] for each in sizes(store) if each[0] == HALL] == [each[1] for each in hall[3:]]
    done = purge(store, DAYS, Storage(camera_quota_bytes=sum(each[2] for each in yard[1:])), quotas={HALL: 10**9})
    assert done.by_rule == {"quota of the camera": 1}
    assert [each[1] for each in sizes(store) if each[0] == YARD] == [each[1] for each in yard[1:]]
    store.close()


def test_the_writer_keeps_each_stream_its_own_days_and_the_camera_its_quota(tmp_path: Path) -> None:
    folder, clock = tmp_path / "archive", ManualClock(NOW)
    start_us = to_us(NOW) - 240_000_000
    recorder = SyntheticRecorder(folder, clock, key=KEY)
    for camera in (HALL, YARD):
        for stream in StreamName:
            track = recorder.track(camera, FORM, stream=stream)
            for at in range(240):
                track.add(second(at), start_us=start_us + at * 1_000_000)
    recorder.close()
    streams = (StreamSettings(MAIN, "file:/x", 30), StreamSettings(StreamName.SUB, "file:/y", 7))
    cameras = tuple(
        CameraSettings(camera, at, camera, "99123", streams, quota_bytes=quota)
        for at, (camera, quota) in enumerate(((HALL, 0), (YARD, 1)))
    )
    (tmp_path / "office.pub").write_bytes(KEY.public_bytes)
    clock.advance(timedelta(days=8))
    with writing(folder, clock=clock, keys=tmp_path) as writer:
        writer.store.clock_trusted = lambda: True
        writer.call("put_cameras", document=sign_settings(RecorderSettings(1, 1, (), cameras), KEY).decode())
        writer.call("purge")
        rows = writer.store.db.execute("SELECT camera, stream, rule, count(*) FROM destruction GROUP BY 1, 2, 3")
        assert rows.fetchall() == [
            (HALL, "sub", "R-04 term", 4),
            (YARD, "main", "quota of the camera", 4),
            (YARD, "sub", "R-04 term", 4),
        ]


def test_term_then_quota_then_pressure_and_each_destroys_no_more_than_it_must(opened: Callable[..., Store]) -> None:
    store = opened(total=10**8)
    store.clock.advance(timedelta(days=20))  # type: ignore[attr-defined]
    used = sum(each[2] for each in sizes(store))
    limits = Storage(volume_quota_bytes=used // 2, keep_free_bytes=10**6)
    done = purge(store, {(HALL, MAIN): 30, (YARD, MAIN): 15}, limits, most=500)
    assert list(done.by_rule) == ["R-04 term"], "the yard alone has come to its term, and that is room enough"
    done = purge(store, DAYS, Storage(volume_quota_bytes=used // 4, keep_free_bytes=10**6))
    assert list(done.by_rule) == ["quota of the volume"]
    assert sum(each[2] for each in sizes(store)) <= used // 4
    left = sizes(store)
    store.disk.total = sum(each[2] for each in left) + 1000  # type: ignore[attr-defined]
    done = purge(store, DAYS, Storage(keep_free_bytes=2000))
    assert (list(done.by_rule), done.segments, sizes(store)) == (["disk pressure"], 1, left[1:])
    store.close()


def test_a_hold_beats_quota_and_pressure_and_a_disk_without_anything_to_free_says_so(
    opened: Callable[..., Store], tmp_path: Path
) -> None:
    store = opened()
    end = to_us(NOW)
    store.hold_set(hold="h", camera=HALL, span=Span.of_us(0, end), reference="req", judicial=False)
    store.commit()
    limits = Storage(volume_quota_bytes=1, keep_free_bytes=10**12)
    done = purge(store, DAYS, limits)
    assert {each[0] for each in sizes(store)} == {HALL}
    assert done.by_rule == {"quota of the volume": 5}
    store.disk.total = sum(each[2] for each in sizes(store))  # type: ignore[attr-defined]
    done = purge(store, DAYS, limits)
    assert (done.segments, done.stuck) == (0, True)
    notes = outlook(store, DAYS, done).notes
    assert notes == ("destroyed-early", "nothing-to-free")
    store.close()
    assert check_volume(tmp_path / "archive", key=KEY) == []
    reader = CatalogueReader(tmp_path / "archive")
    line = reader.timeline(YARD, MAIN, Span.of_us(end - 300_000_000, end))
    assert {gap.cause for gap in line.gaps} == {GapCause.RETENTION}
    reader.close()


def test_room_is_made_in_the_order_of_recording_whatever_the_clock_says_and_bounded(
    opened: Callable[..., Store], tmp_path: Path
) -> None:
    store = opened(trusted=False)
    store.clock.step(timedelta(days=-20_000))  # type: ignore[attr-defined]
    before = sizes(store)
    done = purge(store, DAYS, Storage(volume_quota_bytes=1), most=3)
    assert (done.refused, done.segments, done.more) == ("clock-not-trusted", 3, True)
    assert sizes(store) == before[3:]
    store.close()
    raws = (tmp_path / "archive" / "journal" / "0000000001.jsonl").read_text().splitlines()
    lines = [json.loads(raw) for raw in raws]
    assert [(line["rule"], bool(line["sig"])) for line in lines if line["do"] == "destroy"] == [
        ("quota of the volume", True)
    ] * 3
    (tmp_path / "archive" / "catalogue.sqlite3").unlink()
    rebuild_catalogue(tmp_path / "archive", ManualClock(NOW), key=KEY)
    assert check_volume(tmp_path / "archive", key=KEY) == []


def test_the_writer_makes_room_within_seconds_and_tells_how_long_the_disk_lasts(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=3_700)
    disk = SmallDisk(10**12)
    settings = RecorderSettings(
        1, 1, (), (CameraSettings(HALL, 1, "Hall", "99123", (StreamSettings(MAIN, "file:/x", 30),)),)
    )
    office = tmp_path / "office.pub"
    office.write_bytes(KEY.public_bytes)
    with writing(folder, disk=disk, clock=ManualClock(NOW), keys=tmp_path) as writer:
        writer.call("put_cameras", document=sign_settings(settings, KEY).decode())
        writer.call("purge")
        volume = writer.board.status()["volumes"][0]
        assert (volume["enough"], volume["notes"]) == (True, [])
        used = sum(each.stat().st_size for each in folder.rglob("*.mp4"))
        disk.total = used + 1000
        before = len(list(folder.rglob("*.mp4")))
        writer.clock.advance(timedelta(seconds=6))  # type: ignore[attr-defined]
        until(lambda: len(list(folder.rglob("*.mp4"))) < before, 30, "room is made without being asked")
        until(lambda: writer.board.status()["volumes"][0]["notes"] == ["destroyed-early"], 30)
        assert writer.board.status()["volumes"][0]["enough"] is not True
