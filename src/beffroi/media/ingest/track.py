"""One stream on its way to the disk: what its camera thread hands over, and the file it goes to.

The camera thread only puts things in (``put``), under a bound: when the disk hangs, memory does not grow for ever;
whole groups of pictures are left out, oldest first, and the loss is told by a gap and by a flag in the next stamp.
"""

import base64
import errno
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beffroi.media.archive.disk import Disk
from beffroi.media.core import index
from beffroi.media.core.cutter import Cut, Sealed, build
from beffroi.media.core.index import Entry, entry_of, pack_entry
from beffroi.media.core.stamp import UNITS_LOST, RunFacts, run_json
from beffroi.media.core.trailer import encode_trailer
from beffroi.media.core.words import GapCause

SEGMENT_US = 60_000_000
LONGEST_US = 300_000_000
MOST_SEGMENT_BYTES = 1 << 30
MOST_WAITING_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunStart:
    """From here on, another run."""

    facts: RunFacts
    init: bytes


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The run is over: close its file."""


Item = RunStart | RunEnd | Cut


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a file goes."""

    size_bytes: int
    end_us: int
    frames: int
    fragments: int
    sequence: int
    head: bytes  # of the chain, at that point


@dataclass(slots=True)
class OpenSegment:
    """A file that is being written."""

    segment: str
    path: Path
    handle: int
    init: bytes
    written: Extent
    durable: Extent
    start_us: int = 0
    unsynced: list[tuple[Cut, Entry]] = field(default_factory=list)  # written, not yet flushed
    index: bytearray = field(default_factory=lambda: bytearray(index.pack(())))  # of all that is written
    folder_synced: bool = False
    closing: bool = False


@dataclass(slots=True)
class Told:
    """What the writer of the catalogue has still to hear about a segment."""

    segment: str
    entries: list[Entry] = field(default_factory=list)
    seal: dict[str, Any] | None = None
    void: bool = False

    @property
    def is_news(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.entries) or self.seal is not None or self.void

    def message(self, camera: str, stream: str) -> dict[str, Any]:
        """As JSON."""
        return {
            "segment": self.segment,
            "camera": camera,
            "stream": stream,
            "entries": [base64.b64encode(pack_entry(each)).decode() for each in self.entries],
            "seal": None if self.seal is None else dict(self.seal),
            "void": self.void,
        }


class Track:
    """The way of one stream. ``put`` is for the camera's thread, all else for the recorder's."""

    def __init__(self, camera: str, stream: str) -> None:
        self.camera, self.stream = camera, stream
        self._lock = threading.Lock()
        self._waiting: deque[Item] = deque()
        self._waiting_bytes = 0
        self._gaps: list[dict[str, Any]] = []
        self._lost = False
        self.run: RunStart | None = None
        self.sequence = 0
        self.previous: bytes | None = None  # head of the chain; None until the writer has said it
        self.file: OpenSegment | None = None
        self.told: list[Told] = []
        self.next_segment = ""  # asked for, not yet given: asked again under the same id
        self.storage_gap = False
        self.troubled = 0
        self.durable_until_us: int | None = None

    # --- the camera's thread -----------------------------------------------------------------------------------

    def put(self, item: Item) -> None:
        """Hand over the next thing, in order."""
        with self._lock:
            self._waiting.append(item)
            if isinstance(item, Cut):
                self._waiting_bytes += _weight(item)
                while self._waiting_bytes > MOST_WAITING_BYTES:
                    self._leave_out()

    def _leave_out(self) -> None:
        """Forget the oldest fragment, and those after it that need it."""
        kept: deque[Item] = deque()
        first = True
        while self._waiting:
            item = self._waiting[0]
            if isinstance(item, Cut):
                if not first and item.random_access:
                    break
                first = False
                self._waiting_bytes -= _weight(item)
                self._lost = True
            else:
                kept.append(item)
            self._waiting.popleft()
        self._waiting.extendleft(reversed(kept))

    def gap(self, cause: GapCause | None, *, at_us: int | None, detail: str = "", end_us: int | None = None) -> None:
        """Pictures stopped (or are back, with ``cause`` ``None``) at ``at_us``; ``None``: with the last durable one."""
        with self._lock:
            entry = {"camera": self.camera, "stream": self.stream, "at_us": at_us, "detail": detail}
            self._gaps.append(entry | {"cause": None if cause is None else cause.value, "end_us": end_us})

    # --- the recorder's thread ---------------------------------------------------------------------------------

    def take_gaps(self) -> list[dict[str, Any]]:
        """Gaps to tell; put them back when telling fails."""
        with self._lock:
            taken, self._gaps = self._gaps, []
        return taken

    def give_back_gaps(self, gaps: list[dict[str, Any]]) -> None:
        """Gaps that could not be told."""
        with self._lock:
            self._gaps = gaps + self._gaps

    def peek(self) -> Item | None:
        """The next thing that waits."""
        with self._lock:
            return self._waiting[0] if self._waiting else None

    def pop(self, item: Item) -> bool:
        """Take ``item`` off the queue; False when it was left out meanwhile."""
        with self._lock:
            if not self._waiting or self._waiting[0] is not item:
                return False
            self._waiting.popleft()
            if isinstance(item, Cut):
                self._waiting_bytes -= _weight(item)
            return True

    def put_back(self, cuts: list[Cut]) -> None:
        """Fragments whose file failed: they go first into the next."""
        with self._lock:
            self._waiting.extendleft(reversed(cuts))
            self._waiting_bytes += sum(_weight(cut) for cut in cuts)

    def take_lost(self) -> bool:
        """Whether fragments were left out since last asked."""
        with self._lock:
            lost, self._lost = self._lost, False
        return lost

    def wants_file(self, cut: Cut) -> bool:
        """Whether ``cut`` belongs into a new file: at a key frame each minute, anywhere after five."""
        file = self.file
        if file is None:
            return True
        if not file.written.fragments:
            return False
        age = cut.start_us - file.start_us
        return (
            (cut.random_access and (age >= SEGMENT_US or age < 0))
            or age >= LONGEST_US
            or (file.written.size_bytes > MOST_SEGMENT_BYTES)
        )

    def begin_request(self) -> dict[str, Any]:
        """The intent for the next file, as JSON."""
        assert self.run is not None, "a fragment came before its run"
        init = base64.b64encode(self.run.init).decode()
        first = self.previous is None  # whoever wrote this stream before is gone: its file is recovered first
        return {"segment": self.next_segment, "facts": run_json(self.run.facts), "init": init, "first": first}

    def open_file(self, disk: Disk, path: Path) -> None:
        """Make the file and write its init section. ``OSError``."""
        assert self.run is not None, "a file without a run"
        segment, self.next_segment = self.next_segment, ""
        handle = -1
        try:
            handle = disk.create(path)
            disk.write(handle, self.run.init)
        except OSError:
            self.told.append(Told(segment, void=True))
            if handle >= 0:
                os.close(handle)
                path.unlink(missing_ok=True)
            raise
        empty = Extent(len(self.run.init), 0, 0, 0, self.sequence, self.previous or b"")
        self.file = OpenSegment(segment, path, handle, self.run.init, empty, empty)
        self.told.append(Told(segment))

    def write(self, disk: Disk, cut: Cut) -> None:
        """Append a fragment to the open file. ``OSError``: the file is as it was before, or must be closed."""
        file, previous = self.file, self.previous
        assert file is not None, "no file is open"
        assert previous is not None, "the head of the chain is not known"
        flags = UNITS_LOST if self.take_lost() else 0
        sealed: Sealed = build(cut, sequence=self.sequence + 1, previous=previous, flags=flags)
        disk.write(file.handle, sealed.data)
        was = file.written
        entry = entry_of(
            sealed.stamp,
            offset=was.size_bytes,
            length=len(sealed.data),
            decode_time_90k=cut.decode_time_90k,
            sha256=sealed.sha256,
        )
        if not was.fragments:
            file.start_us = cut.start_us
        file.unsynced.append((cut, entry))
        file.index += pack_entry(entry)
        file.written = Extent(
            was.size_bytes + len(sealed.data),
            cut.end_us,
            was.frames + len(cut.samples),
            was.fragments + 1,
            self.sequence + 1,
            sealed.sha256,
        )
        self.sequence, self.previous = self.sequence + 1, sealed.sha256

    def finish(self, disk: Disk) -> None:
        """Nothing more goes to the open file: its index stands behind it. ``OSError`` as in ``write``."""
        file = self.file
        if file is None or file.closing:
            return
        file.closing = True
        if file.written.fragments:
            disk.write(file.handle, encode_trailer(file.init, bytes(file.index)))

    @property
    def needs_flush(self) -> bool:
        """Whether something of the open file is not on the disk yet, or it is to be closed."""
        return self.file is not None and bool(self.file.unsynced or self.file.closing)

    def sync(self, disk: Disk) -> None:
        """Bring the open file to the disk. ``OSError``: nothing that was not flushed before may be believed."""
        file = self.file
        if file is None or not (file.unsynced or (file.closing and file.written.fragments)):
            return
        if not file.folder_synced:
            disk.sync_folder(file.path.parent)
            file.folder_synced = True
        disk.sync(file.handle)
        if not disk.is_named(file.handle):
            raise FileNotFoundError(errno.ENOENT, "the file was removed while it was written")

    def synced(self) -> None:
        """After ``sync``: what was written is to be told."""
        file = self.file
        if file is None:
            return
        told = self.told[-1]
        told.entries += [entry for _, entry in file.unsynced]
        if file.unsynced:
            self.durable_until_us = file.written.end_us
        file.unsynced.clear()
        file.durable = file.written
        if file.closing:
            self._close(file, told, state="sealed")

    def heard(self) -> None:
        """The writer has all that was told: only the open file is still of interest."""
        for told in self.told:
            told.entries.clear()
        self.told = [told for told in self.told if self.file is not None and told.segment == self.file.segment]

    def failed(self) -> None:
        """After an error of write or flush: leave this file for ever, and write what it lost again in the next."""
        self.left()()

    def left(self) -> Callable[[], None]:
        """The same without touching the disk; to be called when that may be touched: cuts the file and closes it."""
        file = self.file
        if file is None:
            return lambda: None
        self.put_back([cut for cut, _ in file.unsynced])
        file.unsynced.clear()
        self.sequence, self.previous = file.durable.sequence, file.durable.head
        self._end(file, self.told[-1], state="recovered")
        return lambda: _let_go(file, cut=True)

    def _close(self, file: OpenSegment, told: Told, *, state: str) -> None:
        self._end(file, told, state=state)
        _let_go(file, cut=False)

    def _end(self, file: OpenSegment, told: Told, *, state: str) -> None:
        """Nothing more goes to this file."""
        self.file = None
        good = file.durable
        if not good.fragments:
            told.void = True
            return
        told.seal = {
            "state": state,
            "size_bytes": good.size_bytes,
            "frames": good.frames,
            "fragments": good.fragments,
            "start_us": file.start_us,
            "end_us": good.end_us,
            "head": good.head.hex(),
        }


def _let_go(file: OpenSegment, *, cut: bool) -> None:
    """Close a file; ``cut``: at its durable length. One in which nothing is durable goes."""
    try:
        if cut and file.durable.fragments:
            os.ftruncate(file.handle, file.durable.size_bytes)
    except OSError:
        pass  # the disk is failing; readers stop at the durable length anyway
    finally:
        os.close(file.handle)
    if not file.durable.fragments:
        file.path.unlink(missing_ok=True)


def _weight(cut: Cut) -> int:
    return sum(len(each.data) for each in cut.samples)
