"""The journal's files: ``journal/<first line number>.jsonl``, appended and flushed before anything else is told.

A torn last flush is what a power cut leaves: it was never acknowledged, and is passed over. When a flush fails, what
the kernel still holds cannot be trusted any more: the lines are written again to a new file. A file therefore ends
where the next one begins, whatever stands in it beyond; no byte of a journal is ever changed or deleted.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.core.journal import Break, Line, follow, make_line, well_formed

ROTATE_BYTES = 32 * 1024 * 1024
_N = re.compile(rb'"n":(\d{1,18})')


def journal_files(folder: Path) -> list[tuple[int, Path]]:
    """First line number and path of each journal file, in order."""
    found = [(int(path.stem), path) for path in folder.glob("*.jsonl") if path.stem.isdigit()]
    return sorted(found)


def read_journal(folder: Path) -> Iterator[tuple[Line, bytes] | Break]:
    """Every line that can be proved, with the head after it, and a ``Break`` where some are missing between."""
    return follow(_raws(folder))


def read_after(folder: Path, n: int, head: bytes) -> Iterator[tuple[Line, bytes] | Break] | None:
    """The same from after line ``n``, without reading what stands before; ``None`` when that line has another head."""
    if n == 0:
        return read_journal(folder)
    files = journal_files(folder)
    since = max((first for first, _ in files if first <= n), default=0)
    raws = _raws(folder, since=since)
    for raw in islice(raws, n - since, n - since + 1):
        if sha256(raw) == head:
            return follow(raws, n=n + 1, previous=head)
    return None


def _raws(folder: Path, *, since: int = 0) -> Iterator[bytes]:
    """The bytes of each whole line. Lines that the next file writes again were never acknowledged in this one."""
    files = [each for each in journal_files(folder) if each[0] >= since]
    for at, (_, path) in enumerate(files):
        until = files[at + 1][0] if at + 1 < len(files) else None
        with path.open("rb") as file:
            for raw in file:
                if until is None or _number(raw) < until:
                    yield raw.rstrip(b"\n")


def _number(raw: bytes) -> int:
    found = _N.findall(raw)
    return int(found[0]) if found else 0


def last_flush(data: bytes, until: int | None) -> tuple[int, int, bytes] | None:
    """Where in a journal file the last flush ends that came through whole, the number of its last line, and its head.

    A power cut may leave the end of a flush without its beginning: then none of it was acknowledged.
    """
    raws = data.split(b"\n")
    limit = until or sys.maxsize
    for at in range(len(raws) - 2, -1, -1):
        line = well_formed(raws[at])
        if line is None or line["n"] >= limit:
            continue
        begun = int(line["of"]) if "of" in line else int(line["n"])
        flush = raws[max(0, at - line["n"] + begun) : at + 1]
        if _is_chain(flush, begun):
            return sum(len(raw) + 1 for raw in raws[: at + 1]), int(line["n"]), sha256(raws[at])
        limit = min(begun, line["n"])
    return None


def _is_chain(raws: list[bytes], n: int) -> bool:
    lines = [well_formed(raw) for raw in raws]
    return all(line is not None and line["n"] == n + at for at, line in enumerate(lines)) and all(
        after is not None and after["prev"] == sha256(raw).hex() for raw, after in zip(raws, lines[1:], strict=False)
    )


class Journal:
    """The open journal of a volume; one process at a time (the writer, which holds the volume's lock)."""

    def __init__(self, folder: Path, disk: Disk, key: SigningKey | None = None) -> None:
        self._folder, self._disk, self._key = folder, disk, key
        self._handle: int | None = None
        self._size = 0
        self._waiting: list[bytes] = []
        self.n, self.head = 0, GENESIS  # the last line, written or waiting
        self._synced = (0, GENESIS)
        self._open_last()

    def _open_last(self) -> None:
        """Find the last line of the last flush that came through whole. Nothing is cut: the next line goes to another
        file where anything stands behind it."""
        files = journal_files(self._folder)
        for at in range(len(files) - 1, -1, -1):
            data = files[at][1].read_bytes()
            found = last_flush(data, files[at + 1][0] if at + 1 < len(files) else None)
            if found is None:
                continue
            whole, self.n, self.head = found
            if whole == len(data) and at == len(files) - 1:
                self._handle = os.open(files[at][1], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
                self._size = whole
            break
        self._synced = (self.n, self.head)

    def skip_to(self, n: int, head: bytes) -> None:
        """Go on after line ``n``, which is known to have been written and is not there any more."""
        self._leave()
        self.n, self.head = self._synced = (n, head)

    def append(self, do: str, at_us: int, fields: Mapping[str, Json], *, signed: bool = False) -> Line:
        """Add a line; it is durable only after ``sync``."""
        key = self._key if signed else None
        if self._waiting:
            fields = {**fields, "of": self._synced[0] + 1}
        raw = make_line(n=self.n + 1, at_us=at_us, previous=self.head, do=do, fields=fields, key=key)
        line: Line = json.loads(raw)
        self._waiting.append(raw)
        self.n, self.head = self.n + 1, sha256(raw)
        return line

    def sync(self) -> None:
        """Make every added line durable, or none: on ``Unavailable`` they are taken back and may be added again."""
        if not self._waiting:
            return
        data = b"".join(raw + b"\n" for raw in self._waiting)
        try:
            if self._handle is None or self._size > ROTATE_BYTES:
                self._next_file()
            assert self._handle is not None
            self._disk.write(self._handle, data)
            self._disk.sync(self._handle)
        except OSError as error:
            self._leave()
            raise Unavailable(
                f"The archive's journal cannot be written: {error.strerror}.",
                code="journal_unwritable",
                hint="Look at the disk of the archive: is it full, read-only or failing?",
            ) from error
        self._size += len(data)
        self._waiting.clear()
        self._synced = (self.n, self.head)

    def _next_file(self) -> None:
        path = self._folder / f"{self._synced[0] + 1:010d}.jsonl"
        if path.exists():
            path.replace(path.with_suffix(".left"))  # by a flush that failed: nothing in it was acknowledged
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self._handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o640)
        self._size = 0
        self._disk.sync_folder(self._folder)

    def take_back(self) -> None:
        """Forget the lines that were added and not flushed."""
        self._waiting.clear()
        self.n, self.head = self._synced

    def _leave(self) -> None:
        """After a failed write or flush: nothing more goes to this file."""
        self.take_back()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def close(self) -> None:
        """Close the file; waiting lines are lost."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
