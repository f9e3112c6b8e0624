"""Makes the file: a tar of the data folder without footage, whose last member names every other with its digest.

Databases are copied by SQLite's own backup or by ``pg_dump``, each as of one moment, and before the files that their
rows name: what a row points at was written before the row, and is therefore there. Footage is not in it: the archive is
its own record.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from beffroi import __version__
from beffroi.config.backup import postgres
from beffroi.config.backup.sealing import seal
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Conflict, Invalid, Unavailable

FORMAT = 1
MANIFEST, KEYS = "manifest.json", "keys.sealed"
SEALED_FOLDERS = ("keys", "tls")
LEFT_OUT = frozenset({"archive", "logs", "demo", "lock", "tls", "keys", "uploads"})
"""Footage, what is made anew, halves of uploads, what only this machine needs; keys and certificates go sealed."""
BEFORE = ("audit-checkpoint.txt",)
"""What vouches for the database is taken before it: a later witness would call the copy cut short."""
_CHUNK = 1 << 20


def pack(
    data: Path, to: Path, passphrase: str, *, packages: bool, now: datetime, database_url: str = ""
) -> dict[str, Any]:
    """Write the backup of ``data`` to ``to``, which appears whole or not at all; returns its manifest.

    ``database_url``: where the office's database is, when it is not the SQLite file in ``data``.
    """
    if to.exists():
        raise Conflict(f"There is already {to}.", hint="Name another file with --to.")
    if not (database_url or (data / "office.sqlite3").exists()):
        raise Unavailable(
            f"There is no office.sqlite3 in {data}.",
            hint="Name the data folder with --data; a PostgreSQL database with database_url in the configuration.",
        )
    sealed = seal(_keys(data), passphrase)
    beside = to.with_name(f".{to.name}.{os.getpid()}")
    files: dict[str, dict[str, object]] = {}
    try:
        with (
            os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
            tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            for path in (data / name for name in BEFORE if (data / name).exists()):
                _add(tar, path.read_bytes(), path.name, files)
            if database_url:
                with tempfile.TemporaryDirectory(dir=to.parent) as folder:
                    postgres.dump(database_url, Path(folder) / postgres.DUMP)
                    _add_file(tar, Path(folder) / postgres.DUMP, postgres.DUMP, files)
            for path in _databases(data):
                with tempfile.TemporaryDirectory(dir=to.parent) as folder:
                    copy = Path(folder) / "copy.sqlite3"
                    copy_database(path, copy)
                    _add(tar, copy.read_bytes(), str(path.relative_to(data)), files)
            for path in _plain_files(data, packages):
                _add_file(tar, path, str(path.relative_to(data)), files)
            _add(tar, sealed, KEYS, files)
            manifest = {
                "format": FORMAT,
                "version": __version__,
                "made_at": iso(now),
                "packages": packages,
                "files": files,
            }
            _add(tar, json.dumps(manifest, indent=1, sort_keys=True).encode(), MANIFEST, {})
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(to)
    except OSError as error:
        raise Unavailable(
            f"The backup cannot be written: {error.filename or to}: {error.strerror}.", hint="Look at room and rights."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def copy_database(source: Path, to: Path) -> None:
    """A copy of a SQLite database as of one moment, while others write; nothing of its journal is needed with it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)) as present,
            closing(sqlite3.connect(to)) as copy,
        ):
            present.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Unavailable(f"{source} cannot be copied: {error}.", hint="Try again; look at: beffroi doctor") from error


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _databases(data: Path) -> list[Path]:
    found = [path for path in _all(data) if path.suffix == ".sqlite3"]
    return sorted(found, key=lambda path: (path.name != "office.sqlite3", path))


def _plain_files(data: Path, packages: bool) -> Iterator[Path]:
    for path in _all(data):
        if path.suffix == ".sqlite3" or path.name.endswith(("-wal", "-shm", "-journal")):
            continue
        if path.name in BEFORE:
            continue
        if packages or path.relative_to(data).parts[0] != "vault":
            yield path


def _all(data: Path) -> Iterator[Path]:
    for top in sorted(data.iterdir()):
        if top.name in LEFT_OUT:
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _keys(data: Path) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in SEALED_FOLDERS:
            for path in sorted((data / folder).glob("*")):
                if path.is_file():
                    _add(tar, path.read_bytes(), f"{folder}/{path.name}", {})
    if len(held.getvalue()) > 16 * _CHUNK:
        raise Invalid("The folders of keys hold more than keys.", hint="Look into keys/ and tls/.")
    return held.getvalue()


def _add_file(tar: tarfile.TarFile, path: Path, name: str, files: dict[str, dict[str, object]]) -> None:
    """Journals grow while they are read: what is there when the file is opened is taken, to its last whole line."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if path.suffix == ".jsonl":
            whole = file.read(size)
            _add(tar, whole[: whole.rfind(b"\n") + 1], name, files)
            return
        tally = hashlib.sha256()
        info = _info(name, size)
        tar.addfile(info, _Tallied(file, size, tally))
        files[name] = {"bytes": size, "sha256": tally.hexdigest()}


def _add(tar: tarfile.TarFile, content: bytes, name: str, files: dict[str, dict[str, object]]) -> None:
    tar.addfile(_info(name, len(content)), io.BytesIO(content))
    files[name] = {"bytes": len(content), "sha256": digest_of(content)}


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


class _Tallied(io.RawIOBase):
    """A file read once: into the tar and into its digest."""

    def __init__(self, file: Any, size: int, tally: Any) -> None:
        self._file, self._left, self._tally = file, size, tally

    def read(self, size: int = -1) -> bytes:
        """The next bytes, never beyond the size that the tar was told."""
        wanted = self._left if size < 0 else min(size, self._left)
        part: bytes = self._file.read(wanted)
        self._left -= len(part)
        self._tally.update(part)
        return part
