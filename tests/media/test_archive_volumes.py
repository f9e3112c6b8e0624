"""Several volumes as one archive: disks that go, come back, are others; the emergency volume; footage that moves."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from beffroi.config.cli import run
from beffroi.kernel.clock import Clock, ManualClock, SystemClock, to_us
from beffroi.kernel.errors import Conflict, NotFound, Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.board import Board
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.cutting import closed
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.moving import bring_home, move
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.requests import Requests
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.slot import ABSENT, FAILING, GOOD, Slot
from beffroi.media.archive.store import Store
from beffroi.media.archive.writer import Writer
from beffroi.media.core.words import GapCause, StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd, Track
from tests.media.feeding import HALL, KEY, NOW, cut, past, run_start
from tests.media.test_archive_holds import DyingDisk, Killed

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
YARD = CameraId("yard")


class Office:
    """A recorder of two volumes, driven step by step: main, and one for emergencies."""

    def __init__(self, data: Path, clock: Clock | None = None, *, disk: Callable[[], Disk] = Disk) -> None:
        self.data, self.clock = data, clock or SystemClock()
        (data / "recorder").mkdir(parents=True, exist_ok=True)
        self.main, self.emergency = Slot(data / "archive"), Slot(data / "emergency", emergency=True)

        def opened(path: Path, expected: str | None) -> Store:
            return Store(path, self.clock, key=KEY, disk=disk(), expected=expected)

        self.shelf = Shelf(
            [self.main, self.emergency], self.clock, recorder=data / "recorder", open_store=opened
        )  # fmt: skip
        self.shelf.open()
        self.board = Board(self.clock)
        self.board.load(self.shelf)
        settings = SettingsFile(data / "recorder" / "cameras.json", tuple, Disk())
        self.requests = Requests(self.shelf, self.board, settings)
        self.writer = Writer(self.shelf, self.board, self.requests, self.clock)
        self.recorder = Recorder(self, self.clock)

    def call(self, do: str, **arguments: object) -> dict[str, object]:
        answer = self.requests.stage({"do": do, **arguments})
        self.shelf.commit()
        return answer()

    def track(self) -> Track:
        return self.recorder.track(HALL, MAIN.value)

    def notes(self) -> dict[str, tuple[str, list[str]]]:
        self.board.see_volumes(self.shelf, "")
        return {Path(each["path"]).name: (each["state"], each["notes"]) for each in self.board.status()["volumes"]}


def seconds(data: Path, base_us: int, camera: CameraId = HALL) -> list[int]:
    """Which seconds can be read, in order, from whichever volumes are there."""
    reader = VolumesReader(data)
    try:
        found = reader.fragments(camera, MAIN, Span.of_us(0, 2**52))
        assert all(len(reader.read(each)) == each.length for each in found)
        return [(each.start_us - base_us) // 1_000_000 for each in found]
    finally:
        reader.close()


def test_the_emergency_volume_takes_over_within_a_round_and_its_footage_goes_home(tmp_path: Path) -> None:
    office = Office(tmp_path)
    base = office.clock.now_us()
    track = office.track()
    track.put(run_start())
    for number in range(4):
        track.put(cut(number, base_us=base))
    office.recorder.round()
    away = tmp_path / "unplugged"
    (tmp_path / "archive").rename(away)
    (tmp_path / "archive").mkdir()  # what an unmounted disk leaves
    assert [slot.state for slot in office.shelf.look()] == [ABSENT]
    track.put(RunEnd())
    track.put(run_start())
    for number in range(4, 9):
        track.put(cut(number, base_us=base))
    office.recorder.round()
    assert list((tmp_path / "archive").iterdir()) == [], "nothing is written where the disk is not"
    assert seconds(tmp_path, base) == [4, 5, 6, 7, 8]
    assert office.notes() == {"archive": (ABSENT, [ABSENT]), "emergency": (GOOD, ["emergency-in-use"])}
    reader = VolumesReader(tmp_path)
    line = reader.timeline(HALL, MAIN, Span.of_us(base, base + 9_000_000))
    assert [(gap.cause, gap.detail) for gap in line.gaps] == [(GapCause.STORAGE, "volume-absent")]
    reader.close()

    (tmp_path / "archive").rmdir()
    away.rename(tmp_path / "archive")
    assert [slot.state for slot in office.shelf.look()] == [GOOD]
    assert seconds(tmp_path, base) == list(range(9))
    track.put(RunEnd())
    office.recorder.round()
    moved = 0
    while bring_home(office.shelf):
        moved += 1
    assert moved == 1
    assert seconds(tmp_path, base) == list(range(9))
    assert list((tmp_path / "emergency" / "media").rglob("*.mp4")) == []
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(tmp_path / name, key=KEY) == []
        rebuild_catalogue(tmp_path / name, SystemClock(), key=KEY)
        assert check_volume(tmp_path / name, key=KEY) == []
    assert seconds(tmp_path, base) == list(range(9))


def test_a_journal_that_cannot_be_written_sends_the_next_files_to_the_other_volume(tmp_path: Path) -> None:
    disks: list[DyingDisk] = []

    def disk() -> Disk:
        disks.append(DyingDisk())
        return disks[-1]

    office = Office(tmp_path, disk=disk)
    base = office.clock.now_us()
    track = office.track()
    track.put(run_start())
    track.put(cut(0, base_us=base))
    office.recorder.round()

    class Full(DyingDisk):
        def write(self, handle: int, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    assert office.main.store is not None
    office.main.store.ledger._journal._disk = Full()
    track.put(cut(1, base_us=base))
    track.put(RunEnd())
    for number in range(3):
        office.recorder.round()
        if not number:
            track.put(run_start())
            track.put(cut(2, base_us=base))
    assert office.main.state == FAILING
    assert seconds(tmp_path, base) == [0, 2], "the second that its file has is not in a catalogue yet"
    track.put(RunEnd())
    office.recorder.round()
    assert [slot.state for slot in office.shelf.look()] == [GOOD], "it is tried again, and is good"
    assert seconds(tmp_path, base) == [0, 1, 2]
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(tmp_path / name, key=KEY) == []


def test_a_disk_that_goes_with_a_file_open_is_not_taken_for_one_without_files(tmp_path: Path) -> None:
    folder, base = tmp_path / "archive", SystemClock().now_us()
    store = Store(folder, SystemClock(), key=KEY)
    shelf = Shelf.of(store)
    office = Requests(shelf, Board(SystemClock()), SettingsFile(tmp_path / "none.json", tuple, Disk()))

    class Link:
        def call(self, do: str, **arguments: object) -> dict[str, object]:
            answer = office.stage({"do": do, **arguments})
            shelf.commit()
            return answer()

    recorder = Recorder(Link(), SystemClock())
    track = recorder.track(HALL, MAIN.value)
    track.put(run_start())
    track.put(cut(0, base_us=base))
    recorder.round()
    assert track.file is not None
    os.close(track.file.handle)  # its worker is dead
    folder.rename(tmp_path / "away")
    folder.mkdir()
    assert recover_open(store) == 0
    with pytest.raises(Unavailable, match="not there"):
        store.begin_segment(segment="s", facts=run_start().facts, init=b"x")
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert recover_open(store) == 1
    store.close()
    assert check_volume(folder, key=KEY) == []
    assert seconds(tmp_path, base) == [0]


def test_another_disk_an_old_copy_and_an_empty_folder_are_refused_and_the_right_one_is_taken(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "data" / "archive"
    past(archive, seconds=3)
    office = Office(data)
    office.shelf.close()
    shutil.copytree(archive, tmp_path / "copy")
    office = Office(data)
    office.shelf.close()
    archive.rename(tmp_path / "right")
    past(tmp_path / "other", seconds=3)
    for place, state in (("other", "volume-foreign"), ("copy", "volume-old"), ("", ABSENT)):
        if place:
            shutil.copytree(tmp_path / place, archive)
        else:
            archive.mkdir()
        before = sorted(path.name for path in archive.rglob("*"))
        office = Office(data)
        assert office.main.state == state
        assert office.notes()["archive"] == (state, [state])
        assert sorted(path.name for path in archive.rglob("*")) == before, "nothing is written to it"
        office.shelf.close()
        shutil.rmtree(archive)
    (tmp_path / "right").rename(archive)
    office = Office(data)
    assert office.main.state == GOOD
    office.shelf.close()


def test_where_no_volume_is_right_the_writer_does_not_start(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.shelf.close()
    shutil.rmtree(tmp_path / "emergency")
    shutil.rmtree(tmp_path / "archive")
    with pytest.raises(NotFound):
        Office(tmp_path)
    past(tmp_path / "archive", seconds=3)
    with pytest.raises(Conflict, match="is not the volume"):
        Office(tmp_path)


def test_a_hold_is_on_every_volume_and_one_that_was_away_hears_of_it_when_it_returns(tmp_path: Path) -> None:
    clock = past(tmp_path / "archive", seconds=130)
    office = Office(tmp_path, clock)
    end = to_us(NOW)
    asked = {"camera": HALL, "reference": "req", "judicial": True}
    answer = office.call("hold_set", hold="h1", from_us=end - 30_000_000, to_us=end, **asked)
    assert answer["covered"] == [[end - 30_000_000, end]]
    (tmp_path / "archive").rename(tmp_path / "away")
    office.shelf.look()
    office.call("hold_set", hold="h2", from_us=end - 90_000_000, to_us=end, **asked)
    office.call("hold_release", hold="h1", reason="answered")
    (tmp_path / "away").rename(tmp_path / "archive")
    office.shelf.look()
    assert [store.has_hold("h2") for store in office.shelf.stores] == [True, True]
    assert [[hold.id for hold in store.holds_in_force()] for store in office.shelf.stores] == [["h2"], ["h2"]]
    office.shelf.close()


def test_a_hold_is_not_refused_while_no_disk_is_there_but_asked_for_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for name in ("archive", "emergency"):
        (tmp_path / name).rename(tmp_path / f"{name}-away")
    office.shelf.look()
    with pytest.raises(Unavailable):
        office.call("hold_set", hold="h", camera=HALL, from_us=1, to_us=2, reference="req", judicial=True)
    with pytest.raises(Unavailable):
        office.call("hold_release", hold="h", reason="answered")
    office.shelf.close()


def test_killed_at_each_step_of_a_move_a_whole_copy_stands_and_the_next_move_ends_it(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    clock = past(whole / "emergency", seconds=100)
    Store(whole / "archive", clock, key=KEY).close()
    steps = moved_at(shutil.copytree(whole, tmp_path / "counted"), clock, step=1000)
    assert steps > 12
    base = to_us(NOW) - 100_000_000
    for step in range(1, steps + 1):
        data = shutil.copytree(whole, tmp_path / "killed")
        moved_at(data, clock, step=step)
        office = Office(data, clock)
        assert set(seconds(data, base)) == set(range(100))
        while bring_home(office.shelf):
            pass
        office.shelf.close()
        assert seconds(data, base) == list(range(100))
        assert len(list(data.rglob("*.mp4"))) == 2
        for name in ("archive", "emergency"):
            assert check_volume(data / name, key=KEY) == []
        shutil.rmtree(data)


def moved_at(data: Path, clock: ManualClock, *, step: int) -> int:
    """A move of one file whose process dies at its ``step``-th call of a disk; how many there were."""
    disk = DyingDisk()
    source = Store(data / "emergency", clock, key=KEY, disk=disk)
    target = Store(data / "archive", clock, key=KEY, disk=disk)
    (segment,) = source.db.execute("SELECT segment FROM segment ORDER BY id LIMIT 1").fetchone()
    file = closed(source, segment)
    assert file is not None
    disk.left = step
    with suppress(Killed):
        move(file, source, target, Shelf.of(source, target))
    done = step - disk.left
    source.close()
    target.close()
    return done


def test_what_is_not_as_it_was_recorded_is_not_moved_and_not_deleted(tmp_path: Path) -> None:
    clock = past(tmp_path / "emergency", seconds=30)
    (path,) = (tmp_path / "emergency").rglob("*.mp4")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    office = Office(tmp_path, clock)
    assert not bring_home(office.shelf)
    office.shelf.close()
    assert path.read_bytes() == bytes(data)
    assert list((tmp_path / "archive" / "media").rglob("*.mp4")) == []


def test_cameras_keep_to_a_volume_and_are_spread_by_size() -> None:
    from beffroi.media.core.storage import preferred

    sizes = {"a": 1_000, "b": 3_000}
    names = [f"camera-{number}" for number in range(400)]
    chosen = {name: preferred(name, sizes) for name in names}
    assert 60 <= sum(volume == "a" for volume in chosen.values()) <= 140
    more = {name: preferred(name, {**sizes, "c": 1_000}) for name in names}
    assert all(more[name] in (chosen[name], "c") for name in names), "only what goes to the new one moves"


def test_the_command_moves_a_whole_archive_with_its_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = past(tmp_path / "data" / "archive", seconds=100)
    (tmp_path / "data" / "keys").mkdir()
    (tmp_path / "data" / "keys" / "archive.key").write_bytes(bytes(range(64, 96)))
    old = Store(tmp_path / "data" / "archive", clock, key=KEY)
    old.hold_set(hold="h", camera=HALL, span=Span.of_us(0, to_us(NOW)), reference="req", judicial=True)
    old.commit()
    old.close()
    keys = str(tmp_path / "data" / "keys")
    assert run(["archive", "move", str(tmp_path / "data" / "archive"), str(tmp_path / "new"), "--keys", keys]) == 0
    assert capsys.readouterr().out == "2 files moved, 0 left where they are.\n"
    new = Store(tmp_path / "new", clock, key=KEY)
    assert [hold.id for hold in new.holds_in_force()] == ["h"]
    assert new.db.execute("SELECT sum(frames) FROM segment").fetchone() == (1000,)
    new.close()
    for folder in (tmp_path / "new", tmp_path / "data" / "archive"):
        assert check_volume(folder, key=KEY) == []
