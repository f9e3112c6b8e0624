"""One stream on its way to the disk: what its camera thread hands over, and the file it goes to.

The camera thread only puts things in (``put``), under a bound: when the disk hangs, memory does not grow for ever;
whole groups of pictures are left out, oldest first, and the loss is told by a gap and by a flag in the next stamp.
"""

import base64
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beffroi.media.core.cutter import Cut
from beffroi.media.core.index import Entry, pack_entry
from beffroi.media.core.stamp import UNITS_LOST, RunFacts, run_json
from beffroi.media.core.words import GapCause
from beffroi.media.ingest.open_segment import Batch, Extent, OpenSegment

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

    def put_back(self, batch: Batch) -> None:
        """Fragments whose file failed: they go first into the next."""
        with self._lock:
            self._waiting.extendleft(reversed(batch.cuts))
            self._waiting_bytes += sum(_weight(cut) for cut in batch.cuts)
            self._lost = self._lost or bool(batch.flags & UNITS_LOST)

    def take_batch(self) -> Batch | None:
        """What waits for the open file, and whether it is the last of it; ``None``: nothing does."""
        file, cuts, closing = self.file, [], False
        if file is None:
            return None
        planned = _Planned(file)
        with self._lock:
            while self._waiting and not closing:
                item = self._waiting[0]
                closing = not isinstance(item, Cut) or planned.is_full_for(item)
                if isinstance(item, Cut) and not closing:
                    planned.add(item)
                    cuts.append(item)
                    self._waiting.popleft()
                    self._waiting_bytes -= _weight(item)
            lost = bool(cuts) and self._lost
            self._lost = self._lost and not cuts
        return Batch(tuple(cuts), UNITS_LOST if lost else 0, closing) if cuts or closing else None

    def begin_request(self) -> dict[str, Any]:
        """The intent for the next file, as JSON."""
        assert self.run is not None, "a fragment came before its run"
        init = base64.b64encode(self.run.init).decode()
        first = self.previous is None  # whoever wrote this stream before is gone: its file is recovered first
        return {"segment": self.next_segment, "facts": run_json(self.run.facts), "init": init, "first": first}

    def open_file(self, path: Path) -> None:
        """The next file; it is made when the first batch is brought to it."""
        assert self.run is not None, "a file without a run"
        segment, self.next_segment = self.next_segment, ""
        empty = Extent(len(self.run.init), 0, 0, 0, self.sequence, self.previous or b"")
        self.file = OpenSegment(segment, path, self.run.init, empty)
        self.told.append(Told(segment))

    def not_opened(self) -> None:
        """No file is made where the writer said."""
        self.told.append(Told(self.next_segment, void=True))
        self.next_segment = ""

    def brought(self, batch: Batch, entries: list[Entry]) -> None:
        """A batch is on the disk: it is to be told."""
        file, told = self.file, self.told[-1]
        assert file is not None, "a batch goes to an open file"
        told.entries += entries
        if entries:
            self.durable_until_us = file.written.end_us
        file.durable = file.written
        self.sequence, self.previous = file.durable.sequence, file.durable.head
        if batch.closing:
            self._end(file, told, state="sealed")

    def failed(self, batch: Batch) -> None:
        """The file of a batch failed, or hangs: leave it for ever, and write what it lost again in the next."""
        file = self.file
        assert file is not None, "a batch goes to an open file"
        self.put_back(batch)
        self.sequence, self.previous = file.durable.sequence, file.durable.head
        self._end(file, self.told[-1], state="recovered")

    def heard(self) -> None:
        """The writer has all that was told: only the open file is still of interest."""
        for told in self.told:
            told.entries.clear()
        self.told = [told for told in self.told if self.file is not None and told.segment == self.file.segment]

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


class _Planned:
    """How far an open file will go with what is taken for it."""

    def __init__(self, file: OpenSegment) -> None:
        self._start_us, self._fragments, self._bytes = file.start_us, file.written.fragments, file.written.size_bytes

    def is_full_for(self, cut: Cut) -> bool:
        """Whether ``cut`` belongs into a new file: at a key frame each minute, anywhere after five."""
        if not self._fragments:
            return False
        age = cut.start_us - self._start_us
        return (
            (cut.random_access and (age >= SEGMENT_US or age < 0))
            or age >= LONGEST_US
            or self._bytes > MOST_SEGMENT_BYTES
        )

    def add(self, cut: Cut) -> None:
        """It goes there."""
        if not self._fragments:
            self._start_us = cut.start_us
        self._fragments += 1
        self._bytes += _weight(cut)


def _weight(cut: Cut) -> int:
    return sum(len(each.data) for each in cut.samples)
