"""A start over what a crash has left: many files with one flush, and files that their disk does not give back."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable
from beffroi.media.archive import recovery
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Store
from beffroi.media.ingest.recorder import Recorder
from tests.media.feeding import HALL, KEY, LocalWriter, cut, kept, run_start, writing
from tests.media.test_archive_volumes import YARD
from tests.media.test_faults import MAIN

pytestmark = pytest.mark.media


class CountingDisk(Disk):
    """Whole-disk flushes go as ``whole`` says; those of single files are counted, and fail where ``bad`` is named."""

    def __init__(self, *, whole: bool = True, bad: str = "") -> None:
        self.whole, self.bad, self.alone = whole, bad, 0

    def sync_all(self, path: Path) -> bool:
        return self.whole

    def sync_file(self, path: Path) -> None:
        self.alone += 1
        if self.bad and self.bad in str(path):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().sync_file(path)


class Deaf:
    """The way to a writer that may not answer."""

    def __init__(self, writer: LocalWriter) -> None:
        self._writer, self.deaf = writer, False

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        if self.deaf:
            raise Unavailable("The writer does not answer.", code="writer")
        return self._writer.call(do, **arguments)


def crashed(folder: Path) -> None:
    """Two cameras whose second second is in the file and in no catalogue, as ``kill -9`` leaves it."""
    base = SystemClock().now_us()
    with writing(folder) as writer:
        link = Deaf(writer)
        recorder = Recorder(link, SystemClock())
        tracks = [recorder.track(camera, MAIN.value) for camera in (HALL, YARD)]
        for camera, track in zip((HALL, YARD), tracks, strict=True):
            track.put(run_start(camera))
        for number in range(2):
            link.deaf = bool(number)
            for track in tracks:
                track.put(cut(number, base_us=base))
            recorder.round()
        for track in tracks:
            assert track.file is not None
            assert track.file.handle is not None
            os.close(track.file.handle)


@pytest.mark.parametrize(("whole", "alone"), [(True, 0), (False, 2)])
def test_many_files_are_flushed_at_once_and_one_by_one_where_the_disk_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool, alone: int
) -> None:
    monkeypatch.setattr(recovery, "_MANY", 1)
    crashed(tmp_path / "archive")
    disk = CountingDisk(whole=whole)
    store = Store(tmp_path / "archive", SystemClock(), key=KEY, disk=disk)
    assert recover_open(store) == 2
    store.close()
    assert disk.alone == alone
    assert len(kept(tmp_path / "archive")) == 2
    assert check_volume(tmp_path / "archive", key=KEY) == []


def test_one_file_that_its_disk_does_not_give_back_keeps_no_camera_from_being_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    crashed(folder)
    store = Store(folder, SystemClock(), key=KEY, disk=CountingDisk(bad="/hall/"))
    assert recover_open(store) == 1, "the yard's file"
    assert [row[0] for row in store.db.execute("SELECT camera FROM segment WHERE state = 'open'")] == [HALL]
    store.close()
    assert len(kept(folder)) == 1, "what was known to be on the disk can be read"
    store = Store(folder, SystemClock(), key=KEY)
    assert recover_open(store) == 1, "a later start tries again"
    store.close()
    assert len(kept(folder)) == 2
    assert check_volume(folder, key=KEY) == []


class Immovable(Disk):
    """A disk that lets no file go."""

    def remove(self, path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_file_that_cannot_be_removed_stops_neither_the_purge_nor_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    crashed(folder)
    store = Store(folder, SystemClock(), key=KEY, disk=Immovable())
    recover_open(store)
    segment = store.db.execute("SELECT segment FROM segment WHERE camera = ?", (HALL,)).fetchone()[0]
    path = store.volume.media_path(HALL, segment)
    store.destroy([(segment, HALL)], rule="term")
    assert recovery.finish_destructions(store) == 1
    store.close()
    assert path.exists()
    assert check_volume(folder, key=KEY), "it is told"
    store = Store(folder, SystemClock(), key=KEY)
    recovery.finish_destructions(store)
    store.close()
    assert not path.exists()
    assert check_volume(folder, key=KEY) == []
