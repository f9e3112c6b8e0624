"""A real file system that takes nothing any more: each write, new name and removal waits in the kernel, as on a network
disk whose server is away. ``fsfreeze`` does it; the shipped recorder and writer are under it."""

import shutil
import threading
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.archive import board, slot
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.slot import FAILING, GOOD
from beffroi.media.ingest import recorder as rounds
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, run_start
from tests.media.test_archive_loop import image, sh
from tests.media.test_archive_volumes import YARD, Office, seconds
from tests.media.test_faults import MAIN
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.root]
__all__ = ["image"]


class Serving(Office):
    """The two volumes under the writer's own thread, its housekeeping included."""

    def start(self) -> None:
        self.recorder = Recorder(self, SystemClock())
        self.thread = threading.Thread(target=self.writer.run, daemon=True)
        self.thread.start()

    def call(self, do: str, **arguments: object) -> dict[str, object]:
        return self.writer.ask({"do": do, **arguments}).result(60)

    def states(self) -> dict[str, str]:
        return {Path(each["path"]).name: each["state"] for each in self.board.status()["volumes"]}


def test_a_disk_that_takes_nothing_any_more_and_is_the_only_one_is_named_as_the_cause(
    image: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("fsfreeze") is None:
        pytest.skip("needs fsfreeze")
    monkeypatch.setattr(rounds, "HANG_S", 2.0)
    monkeypatch.setattr(rounds, "_ROUND_S", 0.3)
    monkeypatch.setattr(board, "HANGING_AFTER_NS", 1_000_000_000)
    monkeypatch.setattr(board, "RECORDING_WITHIN_NS", 2_000_000_000)
    data, place = tmp_path / "data", image[1]
    (place / "archive").mkdir()
    data.mkdir()
    (data / "archive").symlink_to(place / "archive")
    office = Serving(data)
    office.shelf.slots.pop().close()  # there is no other
    office.start()
    base = SystemClock().now_us()
    track = office.recorder.track(HALL, MAIN.value)
    track.put(run_start(HALL))
    for number in range(2):
        track.put(cut(number, base_us=base))
        office.recorder.round()
    until(lambda: (office.recorder.round(), seconds(data, base) == [0, 1])[1], 60, "it records")
    assert {each["gap"] for each in office.board.status()["cameras"]} == {None}
    track.put(cut(2, base_us=base))
    assert sh("fsfreeze", "--freeze", place).returncode == 0
    mended = threading.Event()

    def go_round() -> None:
        while not mended.is_set():
            office.recorder.round()

    rounding = threading.Thread(target=go_round, daemon=True)
    try:
        rounding.start()
        until(lambda: office.states() == {"archive": board.HANGING}, 60, "the disk is named")
        until(lambda: office.board.status()["cameras"][0]["gap"], 60, "the camera does not record")
        (camera,), (volume,) = office.board.status()["cameras"], office.board.status()["volumes"]
        assert not camera["recording"]
        assert camera["gap"] == {"since_us": base + 2_000_000, "cause": "storage", "detail": board.HANGING}
        assert volume["notes"] == [board.HANGING]
    finally:
        sh("fsfreeze", "--unfreeze", place)
        mended.set()
    rounding.join(60)
    until(lambda: (office.recorder.round(), seconds(data, base) == [0, 1, 2])[1], 60, "what waited is written")
    until(lambda: office.states() == {"archive": GOOD}, 60, "it is good again")
    assert office.board.status()["cameras"][0]["gap"] is None
    track.put(RunEnd())
    office.recorder.round()
    office.writer.stop()
    office.thread.join(30)
    office.shelf.close()
    assert check_volume(data / "archive", key=KEY) == []


def test_a_disk_that_takes_nothing_any_more_is_left_for_the_emergency_volume_and_taken_again_when_it_answers(
    image: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("fsfreeze") is None:
        pytest.skip("needs fsfreeze")
    monkeypatch.setattr(rounds, "HANG_S", 2.0)
    monkeypatch.setattr(slot, "HANG_S", 2.0)
    data, place = tmp_path / "data", image[1]
    (place / "archive").mkdir()
    data.mkdir()
    (data / "archive").symlink_to(place / "archive")
    office = Serving(data)
    office.start()
    base, number = SystemClock().now_us(), 0
    tracks = {each: office.recorder.track(each, MAIN.value) for each in (HALL, YARD)}
    for camera, track in tracks.items():
        track.put(run_start(camera))

    def go_on() -> None:
        nonlocal number
        for track in tracks.values():
            track.put(cut(number, base_us=base))
        number += 1
        office.recorder.round()

    def recorded() -> bool:
        office.recorder.round()
        return all(seconds(data, base, each) == list(range(number)) for each in tracks)

    for _ in range(3):
        go_on()
    assert recorded()
    go_on()  # what nobody has read since: the next look into the catalogue writes to a page it shares with its readers
    assert sh("fsfreeze", "--freeze", place).returncode == 0
    try:
        go_on()
        until(lambda: office.states().get("archive") == FAILING, 60, "the volume is left")
        emergency = data / "emergency"
        until(lambda: (office.recorder.round(), len(list(emergency.rglob("*.mp4"))) == 2)[1], 60, "both go elsewhere")
        for _ in range(5):
            go_on()
        assert office.states() == {"archive": FAILING, "emergency": GOOD}, "nobody waits for the frozen disk"
    finally:
        sh("fsfreeze", "--unfreeze", place)
    until(lambda: office.states().get("archive") == GOOD, 60, "it answers, and is taken again")
    for track in tracks.values():
        track.put(RunEnd())
    until(recorded, 60, "nothing is lost")
    until(lambda: not list(emergency.rglob("*.mp4")), 60, "what was recorded elsewhere goes home")
    assert recorded()
    office.writer.stop()
    office.thread.join(30)
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(data / name, key=KEY) == []
