"""A backup is of one moment, whole or not at all, and every altered byte of it is found before anything is placed."""

import json
import sqlite3
import tarfile
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beffroi.config.backup import sealing
from beffroi.config.backup.packing import MANIFEST, copy_database, pack
from beffroi.config.backup.unpacking import unpack
from beffroi.kernel.errors import Conflict, Corrupt, Forbidden, Invalid
from tests.waiting import until

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WORDS = "la cloche sonne a midi"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name in ("keys", "tls", "recorder", "vault/P-1", "archive/2026", "logs", "documents/ab"):
        (folder / name).mkdir(parents=True)
    with closing(sqlite3.connect(folder / "office.sqlite3")) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE a(n); CREATE TABLE b(n);")
    (folder / "keys" / "office.key").write_bytes(b"k" * 32)
    (folder / "tls" / "server.pem").write_text("PRIVATE")
    (folder / "vault" / "P-1" / "package.zip").write_bytes(b"PK" * 1_000_000)
    (folder / "documents" / "ab" / "paper").write_bytes(b"sealed paper")
    (folder / "recorder" / "door-journal.jsonl").write_bytes(b'{"n":1}\n{"n":2}\n{"half')
    (folder / "archive" / "2026" / "1.mp4").write_bytes(b"moof")
    (folder / "logs" / "front.log").write_text("words")
    return folder


def test_everything_but_footage_comes_back_and_no_key_lies_open(data: Path, tmp_path: Path) -> None:
    file, back = tmp_path / "b.tar", tmp_path / "back"
    manifest = pack(data, file, WORDS, packages=True, now=NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    raw = file.read_bytes()
    assert b"k" * 32 not in raw
    assert b"PRIVATE" not in raw
    assert b"moof" not in raw
    assert unpack(file, back, WORDS) == manifest
    for name in ("keys/office.key", "tls/server.pem", "vault/P-1/package.zip", "documents/ab/paper"):
        assert (back / name).read_bytes() == (data / name).read_bytes(), name
    assert (back / "recorder/door-journal.jsonl").read_bytes() == b'{"n":1}\n{"n":2}\n', "cut to its last whole line"
    assert not (back / "archive").exists()
    assert not list(tmp_path.glob(".*")), "nothing is left beside"


def test_a_copy_is_of_one_moment_while_somebody_writes(data: Path, tmp_path: Path) -> None:
    over, written = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "office.sqlite3", isolation_level=None, timeout=20)) as database:
            number = 0
            while not over.is_set():
                number += 1
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO a VALUES (?)", (number,))
                database.execute("INSERT INTO b VALUES (?)", (number,))
                database.execute("COMMIT")
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(10)
        counts = []
        for turn in range(8):
            copy = tmp_path / f"copy-{turn}.sqlite3"
            copy_database(data / "office.sqlite3", copy)
            with closing(sqlite3.connect(copy)) as database:
                first, second = (database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in "ab")
            assert first == second
            counts.append(first)
            until(lambda: rows(data) > counts[-1], what="somebody goes on writing")
        assert counts == sorted(counts)
        assert counts[-1] > counts[0]
    finally:
        over.set()
        writer.join(10)


def rows(data: Path) -> int:
    with closing(sqlite3.connect(data / "office.sqlite3", timeout=20)) as database:
        return int(database.execute("SELECT count(*) FROM a").fetchone()[0])


def test_any_altered_byte_is_found_and_nothing_is_placed(data: Path, tmp_path: Path) -> None:
    file, back = tmp_path / "b.tar", tmp_path / "back"
    pack(data, file, WORDS, packages=False, now=NOW)
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        places = {one.name: (one.offset_data, one.size) for one in tar}
    for name, (offset, size) in places.items():
        altered = bytearray(whole)
        altered[offset + size // 2] ^= 1
        file.write_bytes(altered)
        with pytest.raises((Corrupt, Forbidden)) as found:
            unpack(file, back, WORDS)
        assert name in str(found.value) or name == MANIFEST
        assert not back.exists()
    for cut in (len(whole) // 3, len(whole) - 20_000, 10):
        file.write_bytes(whole[:cut])
        with pytest.raises(Corrupt):
            unpack(file, back, WORDS)
        assert not back.exists()


def test_names_that_leave_the_folder_are_refused(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    with tarfile.open(file, "w") as tar:
        info = tarfile.TarInfo("../outside")
        tar.addfile(info)
    with pytest.raises(Corrupt, match="outside"):
        unpack(file, tmp_path / "back", WORDS)
    assert not (tmp_path / "outside").exists()


def test_a_centre_that_is_there_is_never_written_over(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    pack(data, file, WORDS, packages=True, now=NOW)
    with pytest.raises(Conflict, match="a centre already"):
        unpack(file, data, WORDS)
    with pytest.raises(Conflict, match="already"):
        pack(data, file, WORDS, packages=True, now=NOW)
    survivor = tmp_path / "disk"
    (survivor / "archive").mkdir(parents=True)
    (survivor / "archive" / "1.mp4").write_bytes(b"moof")
    unpack(file, survivor, WORDS)
    assert (survivor / "archive" / "1.mp4").read_bytes() == b"moof", "a disk of footage that survived is kept"


def test_passphrases(data: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="12 characters"):
        pack(data, tmp_path / "b.tar", "short", packages=True, now=NOW)
    assert not (tmp_path / "b.tar").exists()
    sealed = sealing.seal(b"keys", WORDS)
    assert sealing.unseal(sealed, WORDS) == b"keys"
    assert sealing.seal(b"keys", WORDS) != sealed
    with pytest.raises(Forbidden):
        sealing.unseal(sealed, WORDS + "!")
    with pytest.raises(Corrupt):
        sealing.unseal(b"something else", WORDS)


def test_the_manifest_names_every_file(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    manifest = pack(data, file, WORDS, packages=True, now=NOW)
    with tarfile.open(file) as tar:
        assert {one.name for one in tar} == {*manifest["files"], MANIFEST}
        stored = tar.extractfile(MANIFEST)
        assert stored is not None
        assert json.load(stored) == manifest
