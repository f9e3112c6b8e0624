"""The journal's files: ``journal/<first line number>.jsonl``, appended and flushed before anything else is told.

A torn last line is what a power cut leaves: it was never acknowledged, and is cut off. When a flush fails, what the
kernel still holds cannot be trusted any more: the lines are written again to a new file. A file therefore ends where
the next one begins, whatever stands in it beyond.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.core.journal import Line, make_line, read_line

ROTATE_BYTES = 32 * 1024 * 1024


def journal_files(folder: Path) -> list[tuple[int, Path]]:
    """First line number and path of each journal file, in order."""
    found = [(int(path.stem), path) for path in folder.glob("*.jsonl") if path.stem.isdigit()]
    return sorted(found)


def read_journal(folder: Path) -> Iterator[tuple[Line, bytes]]:
    """Every line with the head after it, verified; ``Corrupt`` at the first that does not follow the one before.

    A torn last line of the last file is passed over: it was never acknowledged.
    """
    n, head = 1, GENESIS
    files = journal_files(folder)
    for at, (first, path) in enumerate(files):
        if first != n:
            raise Corrupt(f"Lines {n} to {first - 1} of the journal are missing.", code="journal_broken")
        until = files[at + 1][0] if at + 1 < len(files) else None
        with path.open("rb") as file:
            for raw in file:
                if until is not None and n >= until:
                    break
                if not raw.endswith(b"\n"):
                    break
                line = read_line(raw[:-1], n=n, previous=head)
                head = sha256(raw[:-1])
                n += 1
                yield line, head


class Journal:
    """The open journal of a volume; one process at a time (the writer, which holds the volume's lock)."""

    def __init__(self, folder: Path, disk: Disk, key: SigningKey | None = None) -> None:
        self._folder, self._disk, self._key = folder, disk, key
        self._handle: int | None = None
        self._size = 0
        self._waiting: list[bytes] = []
        self.torn_bytes = 0
        self.n, self.head = 0, GENESIS  # the last line, written or waiting
        self._synced = (0, GENESIS)
        self._open_last()

    def _open_last(self) -> None:
        """Find the last line, cutting a torn one off."""
        files = journal_files(self._folder)
        if not files:
            return
        first, path = files[-1]
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        raws = data[:whole].splitlines()
        self.n = first - 1
        if raws:
            # The chain of older files is proved by ``archive check``; here the last line is enough to go on.
            self.n, self.head = first + len(raws) - 1, sha256(raws[-1])
        else:
            self.head = self._head_before(files)
        if whole < len(data):
            self.torn_bytes = len(data) - whole
            self._disk.truncate(path, whole)
        self._synced = (self.n, self.head)
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._size = whole

    def _head_before(self, files: list[tuple[int, Path]]) -> bytes:
        if len(files) < 2:
            return GENESIS
        (start, path), (until, _) = files[-2], files[-1]
        raws = path.read_bytes().split(b"\n")[: until - start]
        return sha256(raws[-1]) if raws else GENESIS

    def append(self, do: str, at_us: int, fields: Mapping[str, Json], *, signed: bool = False) -> Line:
        """Add a line; it is durable only after ``sync``."""
        key = self._key if signed else None
        raw = make_line(n=self.n + 1, at_us=at_us, previous=self.head, do=do, fields=fields, key=key)
        line = read_line(raw, n=self.n + 1, previous=self.head)
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
            path.unlink()  # left by a flush that failed: nothing in it was acknowledged
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
