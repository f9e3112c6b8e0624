"""Footage that goes from one volume to another while it is held: whatever dies on the way, it is there, and once."""

import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.ids import HoldId
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.files import scan_file
from beffroi.media.archive.moving import bring_home, move_all
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.slot import Slot
from beffroi.media.archive.store import Store
from tests.media import dying_mover
from tests.media.dying_mover import ASKED, HELD, LASTS
from tests.media.feeding import HALL, KEY, NOW, past
from tests.media.test_archive import rows
from tests.media.test_archive_hangs import HangingDisk
from tests.media.test_archive_volumes import MAIN, Office, seconds

pytestmark = pytest.mark.media
BASE = to_us(NOW) - LASTS * 1_000_000
HELD_SECONDS = list(range(HELD[0], HELD[1] + 1))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An emergency volume with footage, and a main one that is back."""
    clock = past(tmp_path / "data" / "emergency", seconds=LASTS)
    Store(tmp_path / "data" / "archive", clock, key=KEY).close()
    return tmp_path / "data"


def on_disk(data: Path) -> Counter[int]:
    """How often each second stands in files, on all volumes together."""
    return Counter(
        (each.start_us - BASE) // 1_000_000 for path in data.rglob("*.mp4") for each in scan_file(path).entries
    )


def bring_all_home(office: Office) -> None:
    while bring_home(office.shelf):
        pass


def purge_all(office: Office) -> None:
    for store in office.shelf.stores:
        store.clock_trusted = lambda: True
        purge(store, {(HALL, MAIN): 15})


def hold_stands(office: Office) -> bool:
    return all([hold.id for hold in store.holds_in_force()] == [HoldId("h")] for store in office.shelf.stores)


@pytest.mark.parametrize("when", ["before", "during"])
def test_a_writer_killed_at_each_step_of_a_move_keeps_the_hold_that_came_with_it_and_its_footage_once(
    data: Path, when: str
) -> None:
    subprocess.run([sys.executable, "-m", dying_mover.__name__, data, when], check=True, timeout=300)
    copies = sorted(data.parent.glob(f"{when}-*"), key=lambda path: int(path.name.split("-")[1]))
    assert len(copies) > (18 if when == "during" else 9), "the file, and the hold on both volumes"
    acknowledged = [(copy / "acknowledged").exists() for copy in copies]
    assert acknowledged[-1]
    assert not acknowledged[0]
    for number, copy in enumerate(copies):
        clock = ManualClock(NOW)
        office = Office(copy, clock, disk=HangingDisk)  # that flushes nothing
        if acknowledged[number]:
            assert hold_stands(office), "what was acknowledged is there, on each volume"
        assert seconds(copy, BASE) == list(range(LASTS)), "once, whichever volumes have it"
        office.call(**ASKED)  # the office asks until it is told that the hold stands
        assert hold_stands(office)
        clock.advance(timedelta(days=20))
        for act in (bring_all_home, purge_all) if number % 2 else (purge_all, bring_all_home):
            act(office)
            assert set(HELD_SECONDS) <= set(seconds(copy, BASE))
        office.shelf.close()
        assert seconds(copy, BASE) == HELD_SECONDS
        assert on_disk(copy) == Counter(HELD_SECONDS)
        for name in ("archive", "emergency"):
            assert check_volume(copy / name, key=KEY) == []
            was = rows(copy / name)
            rebuild_catalogue(copy / name, clock, key=KEY)
            assert rows(copy / name) == was
        assert seconds(copy, BASE) == HELD_SECONDS


def test_a_file_that_cannot_be_moved_does_not_stand_in_the_way_of_the_others(tmp_path: Path) -> None:
    clock = past(tmp_path / "emergency", seconds=LASTS + 60)
    first, _ = sorted((tmp_path / "emergency").rglob("*.mp4"), key=lambda path: path.stem)
    whole = first.read_bytes()
    first.write_bytes(whole[:-5000] + bytes(100) + whole[-4900:])
    office = Office(tmp_path, clock)
    assert not bring_home(office.shelf), "it is not what was recorded"
    assert bring_home(office.shelf)
    assert not bring_home(office.shelf)
    assert list((tmp_path / "emergency").rglob("*.mp4")) == [first]
    assert list(tmp_path.rglob("*.part")) == []
    first.write_bytes(whole)
    clock.advance(timedelta(minutes=10))
    assert bring_home(office.shelf), "it is tried again later"
    office.shelf.close()
    for name in ("archive", "emergency"):
        assert check_volume(tmp_path / name, key=KEY) == []


def test_what_went_and_came_back_to_a_volume_stays_there(tmp_path: Path) -> None:
    clock = past(tmp_path / "one", seconds=30)
    for old, new in (("one", "two"), ("two", "one")):
        assert move_all(tmp_path / old, tmp_path / new, clock, key=KEY) == (1, 0)
    slot = Slot(tmp_path / "one")
    slot.adopt(Store(tmp_path / "one", clock, key=KEY))  # as the writer starts
    slot.close()
    assert len(list((tmp_path / "one").rglob("*.mp4"))) == 1
    assert check_volume(tmp_path / "one", key=KEY) == []


@pytest.mark.parametrize("copy", ["gone", "damaged"])
def test_what_is_not_whole_on_the_other_volume_is_not_deleted_here_whatever_its_catalogue_says(
    tmp_path: Path, copy: str
) -> None:
    clock = past(tmp_path / "emergency", seconds=30)
    shutil.copytree(tmp_path / "emergency", tmp_path / "kept")
    office = Office(tmp_path, clock)
    assert bring_home(office.shelf)
    office.shelf.close()
    shutil.rmtree(tmp_path / "emergency")
    (tmp_path / "kept").rename(tmp_path / "emergency")  # as after a power cut that took the line of the move with it
    (tmp_path / "recorder" / "volumes.json").unlink()
    (there,) = (tmp_path / "archive").rglob("*.mp4")
    if copy == "gone":
        there.unlink()
    else:
        there.write_bytes(there.read_bytes()[:-5000] + bytes(100) + there.read_bytes()[-4900:])
    office = Office(tmp_path, clock)
    assert not bring_home(office.shelf)
    office.shelf.close()
    assert len(list((tmp_path / "emergency").rglob("*.mp4"))) == 1
    assert check_volume(tmp_path / "emergency", key=KEY) == []
