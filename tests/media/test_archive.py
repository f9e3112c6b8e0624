"""The archive without cameras: rebuilt it is equal, checked it is proved; a purge destroys what it must and no more."""

import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import COMPARED, check_volume
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.store import Store
from beffroi.media.archive.volume import CATALOGUE
from beffroi.media.core.words import GapCause, StreamName
from tests.media.feeding import HALL, KEY, NOW, past

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
YARD = CameraId("yard")


def rows(folder: Path) -> dict[str, set[tuple[object, ...]]]:
    """Every row of the catalogue."""
    with sqlite3.connect(folder / CATALOGUE) as database:
        found = {name: set(database.execute(f"SELECT * FROM {name}").fetchall()) for name in COMPARED}
    database.close()
    return found


def store(folder: Path, clock: ManualClock, *, trusted: bool = True) -> Store:
    return Store(folder, clock, key=KEY, clock_trusted=lambda: trusted)


def test_a_rebuilt_catalogue_is_equal_row_by_row(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = past(folder, seconds=200, cameras=(HALL, YARD))
    opened = store(folder, clock)
    begin = to_us(NOW)
    opened.gap(HALL, MAIN, start_us=begin, cause=GapCause.NETWORK, detail="refused")
    opened.end_gap(HALL, MAIN, end_us=begin + 5_000_000)
    opened.gap(YARD, MAIN, start_us=begin, cause=GapCause.CAMERA, detail="ended")
    opened.hold_set(hold="h", camera=HALL, span=Span.of_us(begin - 9, begin), reference="req", judicial=True)
    opened.hold_set(hold="g", camera=YARD, span=Span.of_us(begin - 9, begin), reference="req", judicial=False)
    opened.commit()
    opened.hold_release(hold="g", reason="done")
    first = opened.db.execute("SELECT segment, camera FROM segment WHERE camera = 'yard' ORDER BY id").fetchone()
    opened.destroy([first], rule="test")
    opened.close()
    assert check_volume(folder, key=KEY) == []
    before = rows(folder)
    assert [name for name, found in before.items() if not found] == ["cutting", "moved", "broken"]
    for name in (CATALOGUE, f"{CATALOGUE}-wal", f"{CATALOGUE}-shm"):
        (folder / name).unlink(missing_ok=True)
    rebuild_catalogue(folder, clock, key=KEY)
    assert rows(folder) == before
    assert check_volume(folder, key=KEY) == []


def test_a_reader_gets_the_key_frame_before_and_explains_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=130)
    reader = CatalogueReader(folder)
    end = to_us(NOW)
    found = reader.fragments(HALL, MAIN, Span.of_us(end - 70_500_000, end - 65_000_000))
    assert [each.start_us for each in found] == [end - at * 1_000_000 for at in range(71, 65, -1)]
    assert all(len(reader.read(each)) == each.length for each in found)
    line = reader.timeline(HALL, MAIN, Span.of_us(end - 200_000_000, end + 10_000_000))
    assert [(piece.start_us, piece.end_us) for piece in line.pieces] == [(end - 130_000_000, end)]
    assert [(gap.cause, gap.detail) for gap in line.gaps] == [
        (GapCause.UNKNOWN, "not-recorded"),
        (GapCause.UNKNOWN, "not-yet"),
    ]
    latest = reader.latest(HALL, MAIN)
    assert latest is not None
    assert latest.end_us == end
    with pytest.raises(NotFound):
        reader.run(found[0].run.__class__("nosuch"))
    reader.close()


def test_files_nothing_names_are_taken_in_and_missing_ones_are_told(tmp_path: Path) -> None:
    folder, other = tmp_path / "archive", tmp_path / "other"
    past(folder, seconds=120)
    past(other, seconds=70, cameras=(YARD,))
    shutil.copytree(other / "media" / "yard", folder / "media" / "yard")
    assert {finding.invariant for finding in check_volume(folder)} == {"A6"}
    made = rebuild_catalogue(folder, ManualClock(NOW), key=KEY)
    assert made.adopted == len(list((folder / "media" / "yard").glob("*/*.mp4")))
    assert [each for each in check_volume(folder) if each.invariant != "A5"] == []

    lost = next((folder / "media" / "hall").glob("*/*.mp4"))
    lost.unlink()
    assert "A4" in {finding.invariant for finding in check_volume(folder)}
    rebuild_catalogue(folder, ManualClock(NOW), key=KEY)
    reader = CatalogueReader(folder)
    line = reader.timeline(HALL, MAIN, Span.of_us(to_us(NOW) - 120_000_000, to_us(NOW)))
    assert GapCause.STORAGE in {gap.cause for gap in line.gaps}
    reader.close()


@pytest.mark.parametrize("where", [200, 5000, -30])
def test_one_flipped_bit_is_found_and_placed(tmp_path: Path, where: int) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=70)
    path = min((folder / "media" / "hall").glob("*/*.mp4"))
    data = bytearray(path.read_bytes())
    data[where] ^= 4
    path.write_bytes(data)
    findings = check_volume(folder)
    assert {finding.invariant for finding in findings} == {"A4"}
    assert path.name in findings[0].where


def test_a_line_of_the_journal_changed_by_hand_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=70)
    path = next((folder / "journal").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b'"frames":600', b'"frames":601'))
    assert check_volume(folder)[0].invariant == "A1"


def test_a_catalogue_of_another_volume_never_costs_a_file(tmp_path: Path) -> None:
    folder, other = tmp_path / "archive", tmp_path / "other"
    clock = past(folder, seconds=70)
    past(other, seconds=10, cameras=(YARD,))
    files = sorted((folder / "media").rglob("*.mp4"))
    for bad in ((other / CATALOGUE).read_bytes(), b"", b"not a database at all" * 500):
        for name in (f"{CATALOGUE}-wal", f"{CATALOGUE}-shm"):
            (folder / name).unlink(missing_ok=True)
        (folder / CATALOGUE).write_bytes(bad)
        opened = store(folder, clock)
        assert opened.rebuilt
        purge(opened, {("yard", MAIN): 0})
        opened.close()
        assert sorted((folder / "media").rglob("*.mp4")) == files
        assert check_volume(folder) == []


def test_absent_and_foreign_volumes_are_refused_and_a_second_writer_too(tmp_path: Path) -> None:
    folder, other = tmp_path / "archive", tmp_path / "other"
    clock = past(folder, seconds=3)
    past(other, seconds=3)
    opened = store(folder, clock)
    uuid = opened.volume.uuid
    with pytest.raises(Conflict, match="Another process"):
        store(folder, clock)
    opened.close()
    with pytest.raises(Conflict, match="is not the volume"):
        Store(other, clock, expected=uuid)
    with pytest.raises(NotFound):
        Store(tmp_path / "unmounted", clock, expected=uuid)
    assert not (tmp_path / "unmounted" / "volume.json").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        Store(tmp_path / "full", clock)


def test_purge_refuses_without_a_trusted_clock_keeps_holds_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = past(folder, seconds=300)
    clock.advance(timedelta(days=20))
    opened = store(folder, clock, trusted=False)
    assert purge(opened, {(HALL, MAIN): 15}).refused == "clock-not-trusted"
    opened.close()
    opened = store(folder, clock)
    end = to_us(NOW)
    held = Span.of_us(end - 130_000_000, end - 125_000_000)
    opened.hold_set(hold="h", camera=HALL, span=held, reference="req", judicial=False)
    opened.commit()
    assert purge(opened, {(HALL, MAIN): 25}).segments == 0
    done = purge(opened, {(HALL, MAIN): 15}, most=2)
    assert (done.segments, done.more) == (2, True)
    done = purge(opened, {(HALL, MAIN): 15})
    assert (done.segments, done.cut) == (3, 1)
    left = opened.db.execute("SELECT start_us, end_us FROM segment").fetchall()
    assert len(left) == 1
    assert left == [(held.start_us, held.end_us)], "each second of it begins with a key frame"
    opened.close()
    assert len(list((folder / "media").rglob("*.mp4"))) == 1
    assert check_volume(folder, key=KEY) == []
    lines = [json.loads(line) for line in (folder / "journal" / "0000000001.jsonl").read_text().splitlines()]
    assert sum(line["do"] == "destroy" and bool(line["sig"]) for line in lines) == 5
    reader = CatalogueReader(folder)
    line = reader.timeline(HALL, MAIN, Span.of_us(end - 300_000_000, end))
    assert [gap.cause for gap in line.gaps] == [GapCause.RETENTION] * 2
    reader.close()


def test_a_destruction_cut_short_is_finished_and_nothing_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = past(folder, seconds=70)
    path = min((folder / "media").rglob("*.mp4"))
    kept = path.read_bytes()
    opened = store(folder, clock)
    opened.destroy([(path.stem, "hall")], rule="test")
    opened.close()
    path.write_bytes(kept)
    assert [finding.invariant for finding in check_volume(folder)] == ["A6"]
    made = rebuild_catalogue(folder, clock, key=KEY)
    assert made.adopted == 0
