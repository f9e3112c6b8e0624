"""Reads a backup: every byte is checked against the manifest before the folder appears under its name."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from beffroi.config.backup import postgres
from beffroi.config.backup.packing import FORMAT, KEYS, MANIFEST, SEALED_FOLDERS
from beffroi.config.backup.sealing import unseal
from beffroi.kernel.errors import Conflict, Corrupt, Unavailable

_LONGEST_MANIFEST = 64 << 20


def unpack(file: Path, data: Path, passphrase: str, *, database_url: str = "") -> dict[str, Any]:
    """Put the backup into ``data``, and its PostgreSQL database, if it holds one, into ``database_url``; returns its
    manifest.

    ``Conflict`` where a centre is there already, ``Corrupt`` names the file that is not what was saved, ``Forbidden``
    for another passphrase. ``data`` changes only when all is well; an ``archive`` that is there stays untouched.
    """
    taken = [name for name in ("office.sqlite3", "keys", "recorder") if (data / name).exists()]
    if taken:
        raise Conflict(
            f"There is a centre already in {data} ({', '.join(taken)}).", hint="Name an empty folder with --data."
        )
    beside = data.with_name(f".{data.name}.restore-{os.getpid()}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        manifest = _read(file, beside)
        _open_keys(beside, passphrase)
        for path in beside.rglob("*.sqlite3"):
            _whole(path)
        _restore_database(beside / postgres.DUMP, database_url)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(beside.iterdir()):
            path.rename(data / path.name)
    except OSError as error:
        raise Unavailable(
            f"The backup cannot be restored: {error.filename or file}: {error.strerror}.",
            hint="Look at room and rights.",
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


def _restore_database(dump: Path, database_url: str) -> None:
    if dump.exists() != bool(database_url):
        raise Conflict(
            "The backup holds a PostgreSQL database, and the configuration names none."
            if dump.exists()
            else "The backup holds a SQLite database, and the configuration names PostgreSQL.",
            hint="Set database_url as it was when the backup was made.",
        )
    if dump.exists():
        postgres.restore(database_url, dump)
        dump.unlink()


def _read(file: Path, to: Path) -> dict[str, Any]:
    seen: dict[str, dict[str, object]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _is_plain(member.name):
                    raise Corrupt(f"{file} holds {member.name!r}, which no backup does.", hint="Take another backup.")
                if member.name == MANIFEST:
                    manifest = json.loads(content.read(_LONGEST_MANIFEST))
                    continue
                path = to / member.name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                seen[member.name] = _place(content, path)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Corrupt(f"{file} is no whole backup: {error}.", hint="Take another backup.") from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise Corrupt(f"{file} is not whole, or of another version.", hint="Take another backup.")
    wanted = manifest["files"]
    for name in sorted({*wanted, *seen}):
        if wanted.get(name) != seen.get(name):
            raise Corrupt(f"{name} is not what was saved.", hint="Take another backup.")
    return manifest


def _place(content: Any, path: Path) -> dict[str, object]:
    tally, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while part := content.read(1 << 20):
            tally.update(part)
            size += out.write(part)
        out.flush()
        os.fsync(out.fileno())
    return {"bytes": size, "sha256": tally.hexdigest()}


def _open_keys(folder: Path, passphrase: str) -> None:
    sealed = folder / KEYS
    plain = unseal(sealed.read_bytes(), passphrase)
    sealed.unlink()
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if (
                content is None
                or not _is_plain(member.name)
                or PurePosixPath(member.name).parts[0] not in SEALED_FOLDERS
            ):
                raise Corrupt("The sealed keys hold something else.", hint="Take another backup.")
            path = folder / member.name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _place(content, path)


def _whole(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            said = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise Corrupt(f"{path.name} is not whole: {said}.", hint="Take another backup.")


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
