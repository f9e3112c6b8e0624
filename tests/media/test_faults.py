"""Disks that are full, failing, slow or hanging, and power cuts at every byte: what was acknowledged is there."""

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Store
from beffroi.media.core.words import GapCause, StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import MOST_WAITING_BYTES, RunEnd
from tests.media.feeding import HALL, cut, kept, run_start, writing
from tests.waiting import until

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN


class FaultyDisk(Disk):
    """A disk that does as told."""

    def __init__(self) -> None:
        self.write_error = self.sync_error = 0
        self.partial = False
        self.hang = threading.Event()
        self.hang.set()

    def write(self, handle: int, data: bytes) -> None:
        if self.write_error and len(data) > 1:
            if self.partial:
                super().write(handle, data[: len(data) // 2])
            raise OSError(self.write_error, os.strerror(self.write_error))
        super().write(handle, data)

    def sync(self, handle: int) -> None:
        self.hang.wait(60)
        if self.sync_error:
            raise OSError(self.sync_error, os.strerror(self.sync_error))
        super().sync(handle)


@pytest.fixture
def base_us() -> int:
    return SystemClock().now_us()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("where", ["write", "sync"])
def test_a_failing_disk_loses_nothing_that_waits(
    tmp_path: Path, base_us: int, error: int, partial: bool, where: str
) -> None:
    folder, disk = tmp_path / "archive", FaultyDisk()
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock(), disk=disk)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(3):
            track.put(cut(number, base_us=base_us))
        recorder.round()
        assert len(kept(folder)) == 3
        setattr(disk, f"{where}_error", error)
        disk.partial = partial
        for number in range(3, 8):
            track.put(cut(number, base_us=base_us))
            recorder.round()
        assert len(kept(folder)) == 3, "nothing is acknowledged that is not on the disk"
        assert writer.board.status()["cameras"][0]["gap"]["cause"] == GapCause.STORAGE
        disk.write_error = disk.sync_error = 0
        track.put(cut(8, base_us=base_us))
        track.put(RunEnd())
        recorder.round()
        found = kept(folder)
        assert [each.start_us for each in found] == [base_us + at * 1_000_000 for at in range(9)]
        assert [each.sequence for each in found] == list(range(1, 10))
        assert len({each.run for each in found}) == 1
        assert len({each.segment for each in found}) >= 2, "the file that failed is never written again"
        assert writer.board.status()["cameras"][0]["gap"] is None
    assert check_volume(folder) == []


@pytest.mark.parametrize("where", ["write", "sync"])
def test_a_journal_that_cannot_be_written_acknowledges_nothing_and_goes_on_in_another_file(
    tmp_path: Path, base_us: int, where: str
) -> None:
    folder, disk = tmp_path / "archive", FaultyDisk()
    disk.partial = True
    span = Span.of_us(base_us, base_us + 9)
    asked = {"camera": HALL, "from_us": span.start_us, "to_us": span.end_us, "reference": "req", "judicial": True}
    with writing(folder, disk=disk) as writer:
        writer.call("hold_set", hold="h1", **asked)
        setattr(disk, f"{where}_error", errno.EIO)
        with pytest.raises(Unavailable, match="journal"):
            writer.call("hold_set", hold="h2", **asked)
        assert [hold.id for hold in CatalogueReader(folder).holds(HALL)] == ["h1"]
        disk.write_error = disk.sync_error = 0
        writer.call("hold_set", hold="h3", **asked)
    assert len(list((folder / "journal").glob("*.jsonl"))) == 2, "a file whose flush failed is left for ever"
    assert check_volume(folder) == []
    (folder / "catalogue.sqlite3").unlink()
    rebuild_catalogue(folder, SystemClock())
    assert [hold.id for hold in CatalogueReader(folder).holds(HALL)] == ["h1", "h3"]


def test_the_badge_turns_red_while_a_flush_hangs_and_packets_flow(tmp_path: Path, base_us: int) -> None:
    folder, disk = tmp_path / "archive", FaultyDisk()
    with writing(folder, disk=disk) as writer:
        recorder = Recorder(writer, SystemClock(), disk=disk)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        track.put(cut(0, base_us=base_us))
        recorder.start()
        until(lambda: writer.board.status()["cameras"][0:] and writer.board.status()["cameras"][0]["recording"], 30)
        disk.hang.clear()
        number = 1

        def red() -> bool:
            nonlocal number
            track.put(cut(number, base_us=base_us))
            number += 1
            return not writer.board.status()["cameras"][0]["recording"]

        until(red, 15, "red")
        disk.hang.set()
        until(lambda: writer.board.status()["cameras"][0]["recording"], 30, "green again")
        recorder.stop()
        assert len(kept(folder)) == number, "what waited is written"
    assert check_volume(folder) == []


def test_what_waits_is_bounded_and_the_loss_is_told(tmp_path: Path, base_us: int) -> None:
    folder, disk = tmp_path / "archive", FaultyDisk()
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock(), disk=disk)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        track.put(cut(0, base_us=base_us))
        recorder.round()
        disk.write_error = errno.ENOSPC
        size = 600_000
        for number in range(1, 12):
            track.put(cut(number, base_us=base_us, size=size))
            recorder.round()
        assert track._waiting_bytes <= MOST_WAITING_BYTES
        disk.write_error = 0
        recorder.round()
        found = kept(folder)
        assert found[-1].start_us == base_us + 11_000_000, "the newest are kept"
        lost = 12 - len(found)
        assert lost > 0
        reader = CatalogueReader(folder)
        line = reader.timeline(HALL, MAIN, Span.of_us(base_us, base_us + 12_000_000))
        assert [(gap.cause, (gap.end_us or 0) - gap.start_us) for gap in line.gaps] == [
            (GapCause.STORAGE, lost * 1_000_000)
        ]
        reader.close()
        track.put(RunEnd())
        recorder.round()


def test_the_power_is_cut_at_every_length_of_file_and_journal(tmp_path: Path, base_us: int) -> None:
    """Every prefix of the newest file, with the journal as it was; and every prefix of the journal's last lines."""
    folder = tmp_path / "archive"
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock())
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(3):
            track.put(cut(number, base_us=base_us, size=60))
        recorder.round()
        snapshot = tmp_path / "snapshot"
        shutil.copytree(folder, snapshot)
        durable = kept(folder)
        track.put(RunEnd())
        recorder.round()
    path = next((snapshot / "media").rglob("*.mp4"))
    data, journal = path.read_bytes(), next((snapshot / "journal").glob("*.jsonl"))
    lines = journal.read_bytes()
    ends = [each.offset + each.length for each in durable]
    for length in [*range(0, len(data), 97), *ends, *(end - 1 for end in ends), *(end + 1 for end in ends[:-1])]:
        crashed = tmp_path / "crashed"
        shutil.copytree(snapshot, crashed)
        for name in ("catalogue.sqlite3-wal", "catalogue.sqlite3-shm", "catalogue.sqlite3"):
            (crashed / name).unlink(missing_ok=True)  # the worst a cut does to it
        (crashed / path.relative_to(snapshot)).write_bytes(data[:length])
        store = Store(crashed, SystemClock())
        recover_open(store)
        store.close()
        whole = sum(end <= length for end in ends)
        assert len(kept(crashed)) == whole
        left = crashed / path.relative_to(snapshot)
        assert left.exists() == bool(whole)
        assert not whole or left.stat().st_size == ends[whole - 1], "cut to the last whole fragment"
        assert check_volume(crashed) == []
        shutil.rmtree(crashed)
    for cut_at in range(lines.rstrip(b"\n").rfind(b"\n") + 1, len(lines), 13):
        crashed = tmp_path / "crashed"
        shutil.copytree(snapshot, crashed)
        (crashed / journal.relative_to(snapshot)).write_bytes(lines[:cut_at])
        store = Store(crashed, SystemClock())
        recover_open(store)
        store.close()
        assert path.exists()
        shutil.rmtree(crashed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 3 MB."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip("this machine lets nobody mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.root
def test_a_disk_that_is_really_full_and_gets_room_again(small_disk: Path, base_us: int) -> None:
    folder = small_disk / "archive"
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock())
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        filler = small_disk / "filler"
        number = 0
        while not track.troubled and number < 100:
            track.put(cut(number, base_us=base_us, size=30_000))
            number += 1
            recorder.round()
        assert track.troubled, "the disk is full"
        before = len(kept(folder))
        assert before >= 3
        filler.touch()
        subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
        for _ in range(4):
            track.put(cut(number, base_us=base_us, size=30_000))
            number += 1
            recorder.round()
        assert len(kept(folder)) == number
        track.put(RunEnd())
        recorder.round()
    assert check_volume(folder) == []
