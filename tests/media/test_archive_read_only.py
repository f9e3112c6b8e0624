"""A real file system that turns read-only under the recorder, as ext4 does when its disk gives it nonsense: every write
is refused while files are open. It is mended as a technician does it, and taken again."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.archive import writer
from beffroi.media.archive.board import RECORDING_WITHIN_NS
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.slot import FAILING, GOOD
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, run_start
from tests.media.test_archive_frozen import Serving
from tests.media.test_archive_loop import image, sh
from tests.media.test_archive_volumes import MAIN, seconds
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.root]
__all__ = ["image"]


class Quick(SystemClock):
    """The machine's clocks, and as much later as the test says."""

    ahead_ns = 0

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self.ahead_ns


class Recording:
    """One camera on a volume that stands on the image."""

    def __init__(self, image: tuple[Path, Path], data: Path) -> None:
        self.disk, self.place = image
        self.data, self.number, self.tries, self.clock = data, 0, 0, Quick()
        (self.place / "archive").mkdir()
        data.mkdir()
        (data / "archive").symlink_to(self.place / "archive")
        self.office = Serving(data, self.clock, disk=self.tried)
        self.base = self.clock.now_us()

    def tried(self) -> Disk:
        """A volume is about to be taken."""
        self.tries += 1
        return Disk()

    def begin(self) -> None:
        self.office.start()
        self.track = self.office.recorder.track(HALL, MAIN.value)
        self.track.put(run_start())
        for _ in range(3):
            self.go_on()
        assert self.has_all()

    def go_on(self) -> None:
        self.track.put(cut(self.number, base_us=self.base))
        self.number += 1
        self.office.recorder.round()

    def has_all(self) -> bool:
        self.office.recorder.round()
        return seconds(self.data, self.base) == list(range(self.number))

    def of_camera(self) -> dict[str, object]:
        (found,) = self.office.board.status()["cameras"]
        return dict(found)

    def break_down(self) -> None:
        """The file system gives up, as after an error of its disk: read-only from now on, whatever is open."""
        if sh("mount", "-o", "remount,abort", self.place).returncode:
            pytest.skip("this kernel does not turn a mounted file system read-only")
        with pytest.raises(OSError, match="Read-only"):
            (self.place / "probe").touch()

    def mend(self, *, while_read_only: Callable[[], None]) -> None:
        """Unmounted, checked (which needs that nobody has a file open there), mounted again: read-only first, as a
        system does that starts after such an error, then as before."""
        assert sh("umount", "-l", self.place).returncode == 0
        until(lambda: sh("e2fsck", "-fy", self.disk).returncode in (0, 1), 60, "the recorder has let go of the disk")
        command = ("losetup", "-f", "--show", str(self.disk))
        device = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        mounted = sh("mount", "-o", "ro", device, self.place).returncode
        sh("losetup", "-d", device)  # goes with the mount
        assert mounted == 0
        while_read_only()
        assert sh("mount", "-o", "remount,rw", self.place).returncode == 0

    def looked_at(self) -> None:
        """It was tried to take a volume since now."""
        since = self.tries
        until(lambda: self.tries > since + 1, 60, "the volume is looked at")

    def end(self) -> None:
        self.track.put(RunEnd())
        until(self.has_all, 60, "nothing is lost")

    def close(self) -> None:
        self.office.writer.stop()
        self.office.thread.join(30)
        self.office.shelf.close()


@pytest.fixture
def recording(image: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setattr(writer, "_HEALTH_EVERY_NS", 300_000_000)
    return Recording(image, tmp_path / "data")


def test_a_volume_that_turns_read_only_is_left_for_the_emergency_volume_and_taken_again_when_it_can_be_written(
    recording: Recording,
) -> None:
    office, emergency = recording.office, recording.data / "emergency"
    recording.begin()
    recording.break_down()
    recording.go_on()
    until(lambda: (office.recorder.round(), office.states().get("archive") == FAILING)[1], 60, "the volume is left")
    for _ in range(3):
        recording.go_on()
    until(lambda: (office.recorder.round(), list(emergency.rglob("*.mp4")))[1], 60, "what comes goes elsewhere")
    assert recording.of_camera()["recording"]

    def still_left() -> None:
        recording.looked_at()
        assert office.states() == {"archive": FAILING, "emergency": GOOD}

    recording.mend(while_read_only=still_left)
    until(lambda: office.states().get("archive") == GOOD, 60, "it can be written, and is taken again")
    recording.end()
    recording.clock.ahead_ns += 2 * RECORDING_WITHIN_NS  # a file failed there: it is doubted for ten seconds
    until(lambda: not list(emergency.rglob("*.mp4")), 60, "what was recorded elsewhere goes home")
    assert recording.has_all()
    recording.close()
    for name in ("archive", "emergency"):
        assert check_volume(recording.data / name, key=KEY) == []


def test_where_there_is_no_other_volume_the_badge_is_red_while_it_is_read_only_and_memory_holds_what_comes(
    recording: Recording,
) -> None:
    office = recording.office
    office.shelf.slots.remove(office.emergency)
    office.emergency.close()
    recording.begin()
    assert recording.of_camera()["recording"]
    recording.break_down()
    for _ in range(5):
        recording.go_on()
    recording.clock.ahead_ns += RECORDING_WITHIN_NS
    found = recording.of_camera()
    assert not found["recording"], "packets flow, and nothing of them is durable"
    assert seconds(recording.data, recording.base) == [0, 1, 2], "what was acknowledged can still be read"

    def still_red() -> None:
        recording.looked_at()
        assert office.states()["archive"] != GOOD
        recording.go_on()
        assert not recording.of_camera()["recording"]

    recording.mend(while_read_only=still_red)
    until(lambda: (office.recorder.round(), recording.of_camera()["recording"])[1], 60, "green again")
    recording.end()
    recording.close()
    assert check_volume(recording.data / "archive", key=KEY) == []
