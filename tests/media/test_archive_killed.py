"""``kill -9`` at each call of the disk, of writer or worker: what was acknowledged is there, and nothing is twice."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable
from beffroi.media.archive.board import Board
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.requests import Requests
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Store
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd, Track
from tests.media.feeding import HALL, KEY, cut, run_start
from tests.media.test_archive_holds import DyingDisk, Killed
from tests.media.test_faults import kept

pytestmark = pytest.mark.media
SECONDS = 6


class Office:
    """A writer that is started again when it was killed, as the daemon does."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.disk = folder, DyingDisk()
        self._start()

    def _start(self) -> None:
        self._store = Store(self._folder, SystemClock(), key=KEY, disk=self.disk)
        self._shelf = Shelf.of(self._store)
        settings = SettingsFile(self._folder.parent / "none.json", tuple, Disk())
        self._requests = Requests(self._shelf, Board(SystemClock()), settings)

    def call(self, do: str, **arguments: object) -> dict[str, object]:
        try:
            answer = self._requests.stage({"do": do, **arguments})
            self._shelf.commit()
            return answer()
        except Killed:
            self._store.close()  # the kernel closes its files; what was not committed is gone
            self.disk = DyingDisk()
            self._start()
            raise Unavailable("The archive's writer does not answer.", code="writer_unavailable") from None

    def stop(self) -> None:
        self._store.close()


def feed(office: Office, base_us: int) -> tuple[Recorder, Track]:
    """Six seconds in two runs."""
    recorder = Recorder(office, SystemClock())
    track = recorder.track(HALL, "main")
    for number in range(SECONDS):
        if number in (0, 4):
            track.put(RunEnd())
            track.put(run_start())
        track.put(cut(number, base_us=base_us))
        recorder.round()
    return recorder, track


def starts(folder: Path, base_us: int) -> list[int]:
    return [(each.start_us - base_us) // 1_000_000 for each in kept(folder)]


def test_a_writer_killed_at_each_step_loses_nothing_and_writes_nothing_twice(tmp_path: Path) -> None:
    step, died = 0, True
    while died:
        folder, base = tmp_path / f"at-{step}", SystemClock().now_us()
        office = Office(folder)
        doomed = office.disk
        doomed.left = step
        recorder, track = feed(office, base)
        track.put(RunEnd())
        recorder.round()
        recorder.round()
        died = office.disk is not doomed
        office.stop()
        assert starts(folder, base) == list(range(SECONDS)), f"killed at step {step}"
        assert check_volume(folder, key=KEY) == []
        step += 1
    assert step > 8


def test_a_worker_killed_at_each_step_loses_only_what_was_not_acknowledged(tmp_path: Path) -> None:
    step, died = 0, True
    while died:
        folder, base = tmp_path / f"at-{step}", SystemClock().now_us()
        office, disk = Office(folder), DyingDisk()
        disk.left = step
        recorder = Recorder(office, SystemClock(), disk=disk)
        track = recorder.track(HALL, "main")
        track.put(run_start())
        told, number, died = 0, 0, False
        with suppress(Killed):
            died = True
            for number in range(SECONDS):
                track.put(cut(number, base_us=base))
                recorder.round()
                told = number + 1
            died = False
        if track.file is not None and track.file.handle is not None:
            os.close(track.file.handle)
        after = Recorder(office, SystemClock())
        again = after.track(HALL, "main")
        again.put(run_start())
        again.put(cut(number + 1, base_us=base))
        again.put(RunEnd())
        after.round()
        office.stop()
        found = starts(folder, base)
        assert found[:told] == list(range(told)), f"killed at step {step}"
        assert found[-1] == number + 1
        assert number + 1 - (len(found) - 1) <= 1, "a second at most"
        assert check_volume(folder, key=KEY) == []
        step += 1
    assert step > 12
