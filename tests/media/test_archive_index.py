"""A closed file ends with its own index: a catalogue that was lost is there again without the pictures being read."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import ManualClock, SystemClock
from beffroi.media.archive import files
from beffroi.media.archive.check import COMPARED, check_volume
from beffroi.media.archive.files import read_file, scan_file
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Store
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.archive.volume import CATALOGUE
from beffroi.media.core.scan import read_sealed, scan
from beffroi.media.core.trailer import read_trailer, trailer_size
from tests.media.feeding import FORM, HALL, KEY, NOW, past, second

Spoil = Callable[[bytes], bytes]
NO_INDEX: Spoil = lambda data: data[: -int.from_bytes(data[-4:], "big")]  # noqa: E731


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / CATALOGUE) as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in COMPARED}


def media(folder: Path) -> list[Path]:
    return sorted((folder / "media").rglob("*.mp4"))


class Counted(files.FileBytes):
    """A file that says how much of it was read."""

    read = 0

    def read_at(self, offset: int, length: int) -> bytes:
        data = super().read_at(offset, length)
        Counted.read += len(data)
        return data


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[Counted]:
    monkeypatch.setattr(files, "FileBytes", Counted)
    Counted.read = 0
    return Counted


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data,
        NO_INDEX,  # as files of before
        lambda data: data[:-7],  # torn
        lambda data: data[:-60] + bytes((data[-60] ^ 1,)) + data[-59:],
    ],
    ids=["whole", "none", "torn", "flipped"],
)
def test_a_lost_catalogue_is_the_same_again_with_or_without_the_index(tmp_path: Path, spoil: Spoil) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=150)
    before = rows(folder)
    for path in media(folder):
        path.write_bytes(spoil(path.read_bytes()))
    for path in folder.glob(f"{CATALOGUE}*"):
        path.unlink()
    Store(folder, SystemClock(), key=KEY).close()
    assert rows(folder) == before


def test_with_the_index_a_hundredth_of_the_archive_is_read(tmp_path: Path, counted: type[Counted]) -> None:
    folder = tmp_path / "archive"
    recorder = SyntheticRecorder(folder, ManualClock(NOW), key=KEY)
    track = recorder.track(HALL, FORM)
    for at in range(65):
        track.add(second(at, size=100_000), start_us=at * 1_000_000)
    recorder.close()
    for path in folder.glob(f"{CATALOGUE}*"):
        path.unlink()
    Store(folder, SystemClock(), key=KEY).close()
    assert 0 < counted.read < sum(path.stat().st_size for path in media(folder)) / 100


def test_what_is_known_to_be_flushed_is_not_read_again_after_a_crash(tmp_path: Path, counted: type[Counted]) -> None:
    folder = tmp_path / "archive"
    recorder = SyntheticRecorder(folder, ManualClock(NOW), key=KEY)
    track = recorder.track(HALL, FORM)
    for at in range(40):
        track.add(second(at, size=100_000), start_us=at * 1_000_000)
    assert track._file is not None
    flushed = track._file.entries[:38]
    recorder.store.durable(track._file.segment, flushed)
    recorder.store.commit()
    recorder.store.close()
    (path,) = media(folder)
    path.write_bytes(path.read_bytes()[:-1000])  # the 40th is torn
    crashed = tmp_path / "crashed"
    shutil.copytree(folder, crashed)
    store = Store(crashed, SystemClock(), key=KEY)
    assert recover_open(store) == 1
    store.close()
    assert counted.read < path.stat().st_size / 8, "the stamps, and the last two fragments"
    assert len(scan_file(media(crashed)[0]).entries) == 39
    assert check_volume(crashed) == []


def test_a_file_whose_flushed_fragments_are_not_what_the_catalogue_says_is_read_whole(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=10)
    (path,) = media(folder)
    found = scan_file(path)
    wrong = [found.entries[4]]
    path.write_bytes(path.read_bytes()[: wrong[0].offset + 40])
    assert scan_file(path, strict=True, flushed=found.entries).entries == found.entries[:4]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sealed") / "archive"
    past(folder, seconds=5)
    return media(folder)[0].read_bytes()


class InMemory:
    """Bytes as a file."""

    def __init__(self, data: bytes) -> None:
        self._data, self.size = data, len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


@given(data=st.data())
def test_an_index_is_whole_or_none(sealed: bytes, data: st.DataObject) -> None:
    """No byte of it can be another, and nothing that is not one is taken for one."""
    whole = scan(InMemory(sealed))
    size = trailer_size(InMemory(sealed))
    at = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(1, 255))
    place = len(sealed) - size + at
    spoilt = sealed[:place] + bytes((sealed[place] ^ other,)) + sealed[place + 1 :]
    assert read_sealed(InMemory(spoilt)) is None
    assert scan(InMemory(spoilt)).entries == whole.entries
    assert read_trailer(InMemory(data.draw(st.binary(max_size=200))), b"") is None


def test_reading_by_the_index_says_what_reading_all_says(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    past(folder, seconds=70)
    for path in media(folder):
        quick, whole = read_file(path), scan_file(path)
        assert (quick.entries, quick.init, quick.facts, quick.whole_bytes) == (
            whole.entries,
            whole.init,
            whole.facts,
            whole.whole_bytes,
        )
        assert not quick.torn
        assert not whole.torn
        assert whole.index == whole.entries
