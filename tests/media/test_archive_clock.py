"""The recorder's clock is set an hour on or back, while a hold is being set and while one runs out: the hold stays,
over the same pictures, and nothing is destroyed by a clock that nobody vouches for (I6, T4)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.spans import Span
from beffroi.media.archive import trust
from beffroi.media.archive.board import Board
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.store import Store
from beffroi.media.archive.trust import ClockTrust
from beffroi.media.core.answers import CLOCK_NOT_TRUSTED
from beffroi.media.core.retention import RULE_TERM
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, NOW, cut, past, run_start
from tests.media.test_archive import rows
from tests.media.test_archive_volumes import MAIN, Office, seconds

pytestmark = pytest.mark.media
HOUR = timedelta(hours=1)
STEPS = pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["an hour on", "an hour back"])
Kernel = Callable[[bool], None]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """What the kernel says of its clock; at first, that a time service keeps it."""
    said = [True]
    monkeypatch.setattr(trust, "kernel_synchronised", lambda: said[0])

    def say(synchronised: bool) -> None:
        said[0] = synchronised

    return say


class Clocked(Office):
    """A recorder whose clock is trusted as the shipped one's is."""

    def __init__(self, data: Path, clock: ManualClock) -> None:
        (data / "recorder").mkdir(parents=True, exist_ok=True)
        self.trust = ClockTrust(clock, data / "recorder" / "clock")
        super().__init__(data, clock)
        self.board = Board(clock, trusted=self.trust.trusted)
        self.board.load(self.shelf)
        for store in self.shelf.stores:
            store.clock_trusted = self.trust.trusted

    def purge(self) -> list[str]:
        """Why nothing was destroyed by age, volume by volume; empty where it was allowed."""
        done = [purge(store, {(HALL, MAIN): 15}) for store in self.shelf.stores]
        return sorted({each.refused for each in done} - {""})

    def warns(self) -> bool:
        self.board.see_volumes(self.shelf, "")
        return all(CLOCK_NOT_TRUSTED in volume["notes"] for volume in self.board.status()["volumes"])

    def hold(self, name: str, span: Span, *, judicial: bool) -> object:
        asked = {"camera": HALL, "from_us": span.start_us, "to_us": span.end_us, "reference": "req"}
        return self.call("hold_set", hold=name, judicial=judicial, **asked)["covered"]


def recorded(office: Office, *, lasts: int) -> int:
    """So many seconds from now on; when they began."""
    base, clock = office.clock.now_us(), office.clock
    assert isinstance(clock, ManualClock)
    recorder = Recorder(office, clock)
    track = recorder.track(HALL, MAIN.value)
    track.put(run_start())
    for number in range(lasts):
        track.put(cut(number, base_us=base))
    track.put(RunEnd())
    recorder.round()
    clock.advance(timedelta(seconds=lasts))
    return base


@STEPS
def test_a_hold_that_is_being_set_while_the_clock_is_set_covers_what_it_was_asked_for(
    tmp_path: Path, kernel: Kernel, step: timedelta
) -> None:
    clock = ManualClock(NOW)
    office = Clocked(tmp_path, clock)
    base = recorded(office, lasts=30)
    assert office.trust.trusted()
    office.trust.keep()
    kernel(False)
    span = Span.of_us(base + 10_000_000, base + 20_000_000)
    asked = {"camera": HALL, "from_us": span.start_us, "to_us": span.end_us, "reference": "req"}
    answer = office.requests.stage({"do": "hold_set", "hold": "h", "judicial": True, **asked})
    clock.step(step)
    office.shelf.commit()
    assert answer()["covered"] == [[span.start_us, span.end_us]]
    after = recorded(office, lasts=30)  # the camera goes on, at another time of day
    assert after - base == (step // timedelta(microseconds=1)) + 30_000_000
    assert office.warns()
    assert office.purge() == [CLOCK_NOT_TRUSTED]
    assert len(seconds(tmp_path, base)) == 60
    office.shelf.close()

    office = Clocked(tmp_path, clock)  # started anew, in the same boot
    assert office.warns()
    for store in office.shelf.stores:
        assert [(hold.id, hold.span) for hold in store.holds_in_force()] == [("h", span)]
    clock.step(-step)
    assert not office.warns(), "both clocks agree with what the kernel said last"
    clock.advance(timedelta(days=40))
    kernel(True)
    assert office.purge() == []
    assert seconds(tmp_path, base) == list(range(10, 20)), "what is held, and nothing else"
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(tmp_path / name, key=KEY) == []
        was = rows(tmp_path / name)
        rebuild_catalogue(tmp_path / name, clock, key=KEY)
        assert rows(tmp_path / name) == was


@STEPS
def test_a_hold_that_runs_out_while_the_clock_is_set_ends_when_it_is_right_again_and_a_judicial_one_does_not(
    tmp_path: Path, kernel: Kernel, step: timedelta
) -> None:
    began = NOW - timedelta(seconds=60)
    clock = past(tmp_path / "archive", seconds=60)
    office = Clocked(tmp_path, clock)
    first, second = (Span(began + timedelta(seconds=at), began + timedelta(seconds=at + 5)) for at in (10, 40))
    office.hold("officer", first, judicial=False)
    office.hold("judge", second, judicial=True)
    clock.advance(datetime(2026, 12, 23, 9, 40, tzinfo=NOW.tzinfo) - NOW)  # a month, less twenty minutes
    assert office.purge() == []
    assert seconds(tmp_path, to_us(began)) == [*range(10, 15), *range(40, 45)]
    kernel(False)
    clock.step(step)
    for _ in range(4):
        assert office.purge() == [CLOCK_NOT_TRUSTED]
        assert seconds(tmp_path, to_us(began)) == [*range(10, 15), *range(40, 45)], "it has not run out, or not so"
        clock.advance(timedelta(minutes=6))  # meanwhile it does
    assert office.warns()
    clock.step(-step)
    assert office.purge() == []
    assert seconds(tmp_path, to_us(began)) == list(range(40, 45))
    office.shelf.close()
    assert check_volume(tmp_path / "archive", key=KEY) == []


@STEPS
def test_what_was_destroyed_before_a_hold_and_what_under_it_is_told_apart_whatever_the_clock_said(
    tmp_path: Path, step: timedelta
) -> None:
    for under_it in (False, True):
        folder = tmp_path / str(under_it) / "archive"
        clock = past(folder, seconds=60)
        store = Store(folder, clock, key=KEY)
        for act in ("hold", "destroy") if under_it else ("destroy", "hold"):
            if act == "hold":
                store.hold_set(hold="h", camera=HALL, span=Span.of_us(0, 2**52), reference="req", judicial=True)
                store.commit()
            else:
                store.destroy(store.db.execute("SELECT segment, camera FROM segment").fetchall(), rule=RULE_TERM)
            clock.step(step)
        store.close()
        assert [each.invariant for each in check_volume(folder, key=KEY)] == (["A8"] if under_it else [])
