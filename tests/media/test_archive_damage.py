"""Damage that is found by whoever starts next: the writer goes on, what is lost is told, nothing is deleted."""

import json
import shutil
from pathlib import Path

import pytest

from beffroi.config.cli import run
from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue, repair_volume
from beffroi.media.archive.recovery import adopt_orphans, recover_open
from beffroi.media.archive.store import Store
from beffroi.media.archive.volume import CATALOGUE
from beffroi.media.core.words import GapCause, StreamName
from tests.media.feeding import HALL, KEY, NOW, past

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
ALL = Span.of_us(0, 2**52)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of 130 s with a hold, a gap and a destruction, at rest."""
    place = tmp_path / "data" / "archive"
    clock = past(place, seconds=190)
    end = to_us(NOW)
    opened = Store(place, clock, key=KEY)
    opened.hold_set(hold="h", camera=HALL, span=Span.of_us(end - 9, end), reference="req", judicial=True)
    opened.commit()
    opened.gap(HALL, MAIN, start_us=end, cause=GapCause.NETWORK, detail="refused")
    opened.commit()
    opened.destroy([opened.db.execute("SELECT segment, camera FROM segment ORDER BY id").fetchone()], rule="test")
    opened.close()
    (tmp_path / "data" / "keys").mkdir()
    (tmp_path / "data" / "keys" / "archive.key").write_bytes(bytes(range(64, 96)))
    return place


def forget_catalogue(folder: Path) -> None:
    for name in (CATALOGUE, f"{CATALOGUE}-wal", f"{CATALOGUE}-shm"):
        (folder / name).unlink(missing_ok=True)


def started(folder: Path) -> Store:
    """As the writer starts."""
    store = Store(folder, ManualClock(NOW), key=KEY, clock_trusted=lambda: True)
    if store.rebuilt:
        adopt_orphans(store)
    recover_open(store)
    return store


def facts(folder: Path) -> tuple[int, list[str], list[GapCause], int]:
    """Fragments, holds, gaps and destructions."""
    reader = CatalogueReader(folder)
    try:
        line = reader.timeline(HALL, MAIN, Span.of_us(to_us(NOW) - 190_000_000, to_us(NOW) + 1_000_000))
        fragments = reader.fragments(HALL, MAIN, ALL)
        assert all(len(reader.read(each)) == each.length for each in fragments)
        holds = [hold.id for hold in reader.holds(HALL)]
        return len(fragments), holds, [gap.cause for gap in line.gaps], len(list((folder / "media").rglob("*.mp4")))
    finally:
        reader.close()


def spoil(folder: Path, do: str, how: str) -> None:
    """Damage the last line that does ``do``."""
    path = next((folder / "journal").glob("*.jsonl"))
    lines = path.read_bytes().split(b"\n")
    at = max(n for n, raw in enumerate(lines) if f'"do":"{do}"'.encode() in raw)
    lines[at] = {"zeros": b"\0" * len(lines[at]), "changed": lines[at].replace(b'"n":', b'"m":'), "cut": b""}[how]
    path.write_bytes(b"\n".join(lines))


WHOLE = (130, ["h"], [GapCause.RETENTION, GapCause.NETWORK], 3)


@pytest.mark.parametrize("do", ["run", "intent", "seal", "hold", "gap", "destroy"])
@pytest.mark.parametrize("how", ["zeros", "cut"])
def test_a_lost_line_stops_nobody_is_told_and_costs_nothing_while_the_catalogue_knows(
    folder: Path, do: str, how: str
) -> None:
    assert facts(folder) == WHOLE
    spoil(folder, do, how)
    found = check_volume(folder, key=KEY)
    assert [(each.invariant, each.told) for each in found][:1] == [("A1", False)]
    done = repair_volume(folder, ManualClock(NOW), key=KEY)
    assert "lost" in done[0]
    assert facts(folder)[1:] == WHOLE[1:]
    assert facts(folder)[0] == WHOLE[0]
    left = check_volume(folder, key=KEY)
    assert [(each.invariant, each.told) for each in left] == [("A1", True)]
    forget_catalogue(folder)
    rebuild_catalogue(folder, ManualClock(NOW), key=KEY)
    assert facts(folder) == WHOLE, "what was said again outlives the catalogue too"
    assert check_volume(folder, key=KEY) == left


@pytest.mark.parametrize("do", ["run", "intent", "seal", "gap", "destroy", "start"])
def test_the_writer_starts_without_catalogue_over_a_lost_line_and_destroys_nothing_until_somebody_looked(
    folder: Path, do: str
) -> None:
    spoil(folder, do, "zeros")
    if do != "run":
        spoil(folder, "run", "changed")
    forget_catalogue(folder)
    media = sorted((folder / "media").rglob("*.mp4"))
    store = started(folder)
    assert store.ledger.lost
    assert purge(store, {(HALL, MAIN): 0}).refused == "holds-unknown"
    store.close()
    assert sorted((folder / "media").rglob("*.mp4")) == media
    assert facts(folder)[0] == 130
    assert facts(folder)[1] == ["h"]
    assert [each for each in check_volume(folder, key=KEY) if not each.told and each.invariant != "A5"] == []
    repair_volume(folder, ManualClock(NOW), key=KEY, seen=True)
    store = started(folder)
    assert purge(store, {(HALL, MAIN): 0}).refused == ""
    store.close()


def test_a_torn_end_is_passed_over_and_not_one_byte_of_it_is_changed(tmp_path: Path) -> None:
    past(tmp_path / "whole", seconds=70)
    name = next((tmp_path / "whole" / "journal").glob("*.jsonl")).relative_to(tmp_path / "whole")
    data = (tmp_path / "whole" / name).read_bytes()
    for at, torn in enumerate((data + b'{"at_us":17', data[:-1], data[:-40], data + b"\0" * 4096, data[:-400])):
        for with_catalogue in (True, False):
            folder = tmp_path / f"{at}{with_catalogue}"
            shutil.copytree(tmp_path / "whole", folder)
            (folder / name).write_bytes(torn)
            if not with_catalogue:
                forget_catalogue(folder)
            started(folder).close()
            assert (folder / name).read_bytes() == torn
            assert [each for each in check_volume(folder, key=KEY) if not each.told] == []
            reader = CatalogueReader(folder)
            assert len(reader.fragments(HALL, MAIN, ALL)) == 70
            reader.close()


def test_a_journal_file_that_is_gone_is_told_and_the_pictures_are_taken_in(folder: Path) -> None:
    next((folder / "journal").glob("*.jsonl")).unlink()
    store = started(folder)
    assert [(each.first, each.last > 1) for each in store.ledger.lost] == [(1, True)]
    store.close()
    assert facts(folder) == WHOLE


def test_the_command_mends_says_what_it_did_and_then_finds_the_archive_good(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder, "seal", "zeros")
    assert run(["archive", "check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["good"] is False
    assert run(["archive", "check", str(folder), "--repair", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["good"], said["findings"][0]["told"]) == (True, True)
    assert "lost" in said["mended"][0]
    assert run(["archive", "check", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("The archive is good.\n")
    lines = (folder / "journal").glob("*.jsonl")
    told = [json.loads(raw) for path in lines for raw in path.read_text("latin-1").split("\n") if '"break"' in raw]
    assert [bool(line["sig"]) for line in told] == [True]


def test_what_stands_behind_a_hole_in_an_open_file_is_kept_aside(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=30)
    path = next((folder / "media").rglob("*.mp4"))
    journal = next((folder / "journal").glob("*.jsonl"))
    lines = journal.read_bytes().split(b"\n")
    journal.write_bytes(b"\n".join(raw for raw in lines[:-1] if b'"seal"' not in raw) + b"\n")
    forget_catalogue(folder)
    data = path.read_bytes()
    hole = data.index(b"moof", len(data) // 2) - 150
    spoilt = data[:hole] + b"\0" * 200 + data[hole + 200 :]
    path.write_bytes(spoilt)
    started(folder).close()
    (kept,) = (folder / "set-aside").iterdir()
    assert path.read_bytes() + kept.read_bytes() == spoilt
    assert check_volume(folder, key=KEY) == []
