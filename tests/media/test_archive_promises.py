"""Between the writer's yes to a new file and the file's first byte, nothing on the disk says that somebody lives."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.journal import read_journal
from beffroi.media.core.journal import Break
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.recorder import Recorder
from tests.media.feeding import HALL, NOW, LocalWriter, cut, kept, run_start, writing

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
BASE_US = to_us(NOW)


class SlowToMake(Disk):
    """A disk on which something happens just before a file is made."""

    def __init__(self) -> None:
        self.before: Callable[[], None] = lambda: None

    def create(self, path: Path) -> int:
        self.before()
        return super().create(path)


def look_for_the_dead(writer: LocalWriter, clock: ManualClock, whose: object) -> None:
    """A connection ends, and the writer looks after its files, three times."""
    writer.writer.worker_gone(whose)
    for _ in range(4):
        for _ in range(2):  # the second is answered after what follows the first
            writer.call("flush", segments=[], gaps=[])
        clock.advance(timedelta(seconds=20))


def lines(folder: Path) -> list[str]:
    return [each[0]["do"] for each in read_journal(folder / "journal") if not isinstance(each, Break)]


@pytest.mark.parametrize(
    ("whose", "said"), [("another worker", ["intent", "seal"]), (None, ["intent", "void", "intent", "seal"])]
)
def test_a_file_that_is_about_to_be_made_is_not_taken_for_a_dead_workers(
    tmp_path: Path, whose: object, said: list[str]
) -> None:
    """Another worker died: its promise stands. Its own connection broke: the file, once there, says what it is."""
    folder, clock, disk = tmp_path / "archive", ManualClock(NOW), SlowToMake()
    with writing(folder, clock=clock) as writer:
        recorder = Recorder(writer, clock, disk=disk)
        disk.before = lambda: look_for_the_dead(writer, clock, whose)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(3):
            track.put(cut(number, base_us=BASE_US))
            recorder.round()
        assert len(kept(folder)) == 3
        recorder.start()
        recorder.stop()
    assert [do for do in lines(folder) if do in ("intent", "void", "seal")] == said
    assert check_volume(folder) == []


def test_a_file_that_is_removed_while_it_is_written_costs_what_stood_in_it_and_no_more(tmp_path: Path) -> None:
    folder, clock = tmp_path / "archive", ManualClock(NOW)
    with writing(folder, clock=clock) as writer:
        recorder = Recorder(writer, clock)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        track.put(cut(0, base_us=BASE_US))
        recorder.round()
        (gone,) = (folder / "media").rglob("*.mp4")
        gone.unlink()
        for number in (1, 2):
            track.put(cut(number, base_us=BASE_US))
            recorder.round()
        recorder.start()
        recorder.stop()
    (left,) = (folder / "media").rglob("*.mp4")
    assert [each.start_us - BASE_US for each in kept(folder) if each.segment == left.stem] == [1_000_000, 2_000_000]
