"""A file that is being written, and all that touches its disk: done by a thread of its volume, so that a disk that
hangs holds up nobody else.

While a batch is on its way the file belongs to that thread; before and after, to the recorder's. A recorder that waited
long enough leaves both: whenever the disk answers, the file is cut to what was durable, and closed.
"""

import errno
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from beffroi.media.archive.disk import Disk
from beffroi.media.core import index
from beffroi.media.core.cutter import Cut, build
from beffroi.media.core.index import Entry, entry_of, pack_entry
from beffroi.media.core.trailer import encode_trailer


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a file goes."""

    size_bytes: int
    end_us: int
    frames: int
    fragments: int
    sequence: int
    head: bytes  # of the chain, at that point


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes to a file in one round."""

    cuts: tuple[Cut, ...]
    flags: int  # of the first of them
    closing: bool  # nothing more goes there


@dataclass(slots=True)
class OpenSegment:
    """The file of a segment. It is made with the first batch."""

    segment: str
    path: Path
    init: bytes
    durable: Extent
    written: Extent = field(init=False)
    start_us: int = 0
    handle: int | None = None
    _index: bytearray = field(default_factory=lambda: bytearray(index.pack(())))  # of all that is written
    _folder_synced: bool = False

    def __post_init__(self) -> None:
        self.written = self.durable

    def bring(self, disk: Disk, batch: Batch) -> list[Entry]:
        """Write a batch and flush it; what is on the disk from now on. ``OSError``: nothing that was not flushed before
        may be believed."""
        if self.handle is None:
            if not batch.cuts:
                return []
            self.handle = disk.create(self.path)
            disk.write(self.handle, self.init)
        handle = self.handle
        flags, entries = batch.flags, list[Entry]()
        for cut in batch.cuts:
            entries.append(self._append(disk, handle, cut, flags))
            flags = 0
        if batch.closing and self.written.fragments:
            disk.write(handle, encode_trailer(self.init, bytes(self._index)))
        elif not entries:
            return entries
        if not self._folder_synced:
            disk.sync_folder(self.path.parent)
            self._folder_synced = True
        disk.sync(handle)
        if not disk.is_named(handle):
            raise FileNotFoundError(errno.ENOENT, "the file was removed while it was written")
        return entries

    def _append(self, disk: Disk, handle: int, cut: Cut, flags: int) -> Entry:
        was = self.written
        sealed = build(cut, sequence=was.sequence + 1, previous=was.head, flags=flags)
        disk.write(handle, sealed.data)
        size = len(sealed.data)
        entry = entry_of(
            sealed.stamp,
            offset=was.size_bytes,
            length=size,
            decode_time_90k=cut.decode_time_90k,
            sha256=sealed.sha256,
        )
        if not was.fragments:
            self.start_us = cut.start_us
        self._index += pack_entry(entry)
        self.written = Extent(
            was.size_bytes + size,
            cut.end_us,
            was.frames + len(cut.samples),
            was.fragments + 1,
            was.sequence + 1,
            sealed.sha256,
        )
        return entry

    def let_go(self, disk: Disk, *, cut: bool) -> None:
        """Close the file; ``cut``: at its durable length. One in which nothing is kept goes."""
        kept = self.durable if cut else self.written
        handle, self.handle = self.handle, None
        if handle is None:
            return
        with suppress(OSError):  # the disk is failing; readers stop at the durable length anyway
            if cut and kept.fragments:
                disk.cut(handle, kept.size_bytes)
        with suppress(OSError):
            disk.close(handle)
        if not kept.fragments:
            with suppress(OSError):
                disk.remove(self.path)


class Bringing:
    """A batch on its way to the disk."""

    def __init__(self, file: OpenSegment, batch: Batch) -> None:
        self.file, self.batch = file, batch
        self._lock = threading.Lock()
        self._left = False
        self.outcome: list[Entry] | OSError | None = None  # none yet, or nobody waits for it any more

    def run(self, disk: Disk) -> None:
        """On a thread of the volume."""
        outcome: list[Entry] | OSError = []
        if not self._left:
            try:
                outcome = self.file.bring(disk, self.batch)
            except OSError as error:
                outcome = error
        with self._lock:
            left = self._left
            self.outcome = None if left else outcome
        if left or isinstance(outcome, OSError):
            self.file.let_go(disk, cut=True)
        elif self.batch.closing:
            self.file.let_go(disk, cut=False)

    def leave(self) -> list[Entry] | OSError | None:
        """Wait no longer, unless the outcome has just come: that."""
        with self._lock:
            self._left = self.outcome is None
            return self.outcome
