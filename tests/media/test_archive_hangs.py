"""A disk whose flushes do not come back: the other streams go on, and its own go to the emergency volume."""

import threading
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.archive import slot
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.slot import FAILING, GOOD
from beffroi.media.core.words import StreamName
from beffroi.media.ingest import recorder as rounds
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, run_start
from tests.media.test_archive_volumes import YARD, Office, seconds
from tests.waiting import until

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN


class HangingDisk(Disk):
    """Flushes of files whose path has ``where`` in it come back when ``let_go`` is set; all others at once.

    They flush nothing: a second that a busy disk takes would be told as the fault this file is about.
    """

    def __init__(self) -> None:
        self.where = ""
        self.let_go = threading.Event()

    def sync(self, handle: int) -> None:
        if self.where and self.where in str(Path(f"/proc/self/fd/{handle}").readlink()):
            self.let_go.wait(120)


def test_a_flush_that_hangs_stops_no_other_stream_and_its_own_goes_to_the_emergency_volume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_ROUND_S", 0.3)
    monkeypatch.setattr(slot, "HANG_S", 2.0)
    monkeypatch.setattr(rounds, "HANG_S", 600.0)
    disk = HangingDisk()
    office = Office(tmp_path, disk=lambda: disk)
    office.recorder = Recorder(office, SystemClock(), disk=disk)
    base = office.clock.now_us()
    hall, yard = office.track(), office.recorder.track(YARD, MAIN.value)
    number = 0

    def go_on() -> None:
        nonlocal number
        for track in (hall, yard):
            track.put(cut(number, base_us=base))
        number += 1
        office.recorder.round()

    hall.put(run_start())
    yard.put(run_start(YARD))
    go_on()
    disk.where = "/archive/media/hall/"
    go_on()
    until(lambda: (office.recorder.round(), len(seconds(tmp_path, base, YARD)) == 2)[1], 30, "the yard goes on")
    assert seconds(tmp_path, base) == [0], "nothing is acknowledged that is not on the disk"
    monkeypatch.setattr(rounds, "HANG_S", 2.0)
    until(lambda: (go_on(), len(seconds(tmp_path, base)) > 1)[1], 30, "the hall records again, elsewhere")
    assert list((tmp_path / "emergency" / "media" / "hall").rglob("*.mp4"))
    assert office.main.state == GOOD, "its journal can be written"

    disk.where = "/archive/"
    until(lambda: (go_on(), len(seconds(tmp_path, base, YARD)) == number)[1], 60, "the yard too")
    assert office.main.state == FAILING, "its journal hung"
    assert list((tmp_path / "emergency" / "media" / "yard").rglob("*.mp4"))
    assert len(seconds(tmp_path, base)) == number

    disk.let_go.set()
    disk.where = ""
    until(lambda: (office.shelf.look(), office.main.state == GOOD)[1], 30, "the disk answers again")
    for track in (hall, yard):
        track.put(RunEnd())
    office.recorder.round()
    for camera in (HALL, YARD):
        assert seconds(tmp_path, base, camera) == list(range(number)), "nothing that waited is lost"
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(tmp_path / name, key=KEY) == []
