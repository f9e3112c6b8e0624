"""A disk whose flushes do not come back: the other streams go on, and its own go to the emergency volume."""

import threading
from functools import partial
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.media.archive import slot
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.slot import FAILING, GOOD
from beffroi.media.core.words import StreamName
from beffroi.media.ingest import recorder as rounds
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, kept, run_start, writing
from tests.media.test_archive_volumes import YARD, Office, seconds
from tests.waiting import until

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN


class HangingDisk(Disk):
    """The call ``what``, on paths that have ``where`` in them, comes back when ``let_go`` is set; all others at once.

    Flushes flush nothing: a second that a busy disk takes would be told as the fault this file is about.
    """

    def __init__(self, what: str = "sync") -> None:
        self.what, self.where = what, ""
        self.let_go = threading.Event()
        self.hung = 0

    def _maybe(self, what: str, path: Path | int) -> None:
        if what == self.what and self.where:
            name = Path(f"/proc/self/fd/{path}").readlink() if isinstance(path, int) else path
            if self.where in str(name):
                self.hung += 1
                self.let_go.wait(120)

    def sync(self, handle: int) -> None:
        self._maybe("sync", handle)

    def sync_folder(self, folder: Path) -> None:
        self._maybe("sync_folder", folder)

    def create(self, path: Path) -> int:
        self._maybe("create", path)
        return super().create(path)

    def write(self, handle: int, data: bytes) -> None:
        self._maybe("write", handle)
        super().write(handle, data)

    def cut(self, handle: int, size: int) -> None:
        self._maybe("cut", handle)
        super().cut(handle, size)

    def close(self, handle: int) -> None:
        self._maybe("close", handle)
        super().close(handle)

    def room(self, path: Path) -> tuple[int, int]:
        self._maybe("room", path)
        return super().room(path)


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


@pytest.mark.parametrize("what", ["create", "write", "sync_folder", "close"])
def test_no_call_that_hangs_holds_up_another_stream_and_nothing_that_waited_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Making, writing, naming and closing a file: each on a disk that does not answer, while another camera records."""
    monkeypatch.setattr(rounds, "_ROUND_S", 0.3)
    monkeypatch.setattr(rounds, "HANG_S", 3.0)
    disk = HangingDisk(what)
    office = Office(tmp_path)
    office.recorder = Recorder(office, SystemClock(), disk=disk)
    base = office.clock.now_us()
    hall, yard = office.track(), office.recorder.track(YARD, MAIN.value)
    number = 0

    def recorded(*, of: CameraId = HALL) -> bool:
        office.recorder.round()
        return len(seconds(tmp_path, base, of)) == number

    def go_on() -> None:
        nonlocal number
        for track in (hall, yard):
            track.put(cut(number, base_us=base))
        number += 1
        office.recorder.round()

    hall.put(run_start())
    yard.put(run_start(YARD))
    if what in ("write", "close"):
        go_on()
    disk.where = "/archive/media/hall"
    if what == "close":
        hall.put(RunEnd())
        hall.put(run_start())
    go_on()
    until(lambda: disk.hung, 20, "it hangs")
    until(lambda: recorded(of=YARD), 30, "the yard goes on")
    until(recorded, 30, "the hall records again, elsewhere")
    go_on()
    emergency = list((tmp_path / "emergency" / "media" / "hall").rglob("*.mp4"))
    assert bool(emergency) == (what != "close"), "what is on the disk needs no closing"

    disk.where = ""
    disk.let_go.set()
    for track in (hall, yard):
        track.put(RunEnd())
    until(lambda: (office.recorder.round(), not any(track.file for track in (hall, yard)))[1], 30, "all is closed")
    for camera in (HALL, YARD):
        assert seconds(tmp_path, base, camera) == list(range(number)), "nothing that waited is lost"
    office.shelf.close()
    for name in ("archive", "emergency"):
        until(partial(whole, tmp_path / name), 20, "the file that was left is let go")


def whole(folder: Path) -> bool:
    return check_volume(folder, key=KEY) == []


def test_a_volume_on_which_a_file_hangs_gets_no_other_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each round would leave threads behind that wait for the disk."""
    monkeypatch.setattr(rounds, "_ROUND_S", 0.1)
    monkeypatch.setattr(rounds, "HANG_S", 1.0)
    disk = HangingDisk("write")
    disk.where = "/archive/media/"
    with writing(tmp_path / "archive") as writer:
        recorder = Recorder(writer, SystemClock(), disk=disk)
        track, base = recorder.track(HALL, MAIN.value), SystemClock().now_us()
        track.put(run_start())
        number = 0

        def go_on() -> int:
            nonlocal number
            track.put(cut(number, base_us=base))
            number += 1
            recorder.round()
            return len(kept(tmp_path / "archive"))

        until(lambda: go_on() or track.storage_gap, 30, "the gap is told")
        for _ in range(20):
            go_on()
        assert disk.hung == 1
        disk.where = ""
        disk.let_go.set()
        until(lambda: go_on() == number, 30, "all that waited is written")
        track.put(RunEnd())
        recorder.round()
    assert check_volume(tmp_path / "archive", key=KEY) == []
