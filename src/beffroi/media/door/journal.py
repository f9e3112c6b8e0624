"""The door's journal on disk: lines of ``media.core.looks``, flushed before anything is shown (I2).

One thread writes; lines that wait together share one flush. A line whose writer died half-way was never acknowledged
and is cut at the next start. When the disk refuses, the journal stays closed and with it the door.
"""

import asyncio
import fcntl
import mmap
import os
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError, Conflict, Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.looks import JournalLine, LineName, check_lines, next_line, parse_line

_TAIL_BYTES = 1 << 18
_INDEX_STEP = 1_000
_MAX_BATCH = 256


@dataclass(slots=True)
class _Wanted:
    name: str
    body: Mapping[str, Json]
    done: Callable[[BeffroiError | None], None] | None


class DoorJournal:
    """The one writer of ``door-journal.jsonl``. Opening it twice is refused with ``Conflict``."""

    def __init__(self, path: Path, key: SigningKey, clock: Clock) -> None:
        self._path, self._key, self._clock = path, key, clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise Conflict("Another door writes this journal.", code="journal_locked", hint="Stop it first.") from None
        try:
            self._last = self._recover()
        except BeffroiError:
            os.close(self._fd)
            raise
        self._index: list[int] = [0]  # offset of line 1, 1001, 2001 …
        self._broken: BeffroiError | None = None
        self._queue: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="door-journal", daemon=True)
        self._thread.start()
        self.note(LineName.START, {})

    @property
    def last_number(self) -> int:
        """The number of the newest durable line."""
        return self._last.number if self._last else 0

    async def append(self, name: str, body: Mapping[str, Json]) -> None:
        """Write a line; returns when it is on disk. ``Unavailable`` when the disk refuses."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()

        def settle(error: BeffroiError | None) -> None:
            if waiting.done():
                return
            if error is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(error)

        self._queue.put(_Wanted(name, body, lambda error: _call_in(loop, settle, error)))
        await waiting

    def note(self, name: str, body: Mapping[str, Json]) -> None:
        """Write a line soon, without waiting: for what follows a look, never for what must precede it."""
        self._queue.put(_Wanted(name, body, None))

    def lines(self, after: int, limit: int) -> list[JournalLine]:
        """Durable lines numbered above ``after``, ``limit`` at most. Blocking."""
        found: list[JournalLine] = []
        last = self.last_number
        with self._path.open("rb") as file:
            step = min(after // _INDEX_STEP, len(self._index) - 1)
            file.seek(self._index[step])
            number = step * _INDEX_STEP
            while number < last and len(found) < limit:
                offset = file.tell()
                if number % _INDEX_STEP == 0 and number // _INDEX_STEP == len(self._index):
                    self._index.append(offset)
                raw = file.readline()
                number += 1
                if number > after:
                    found.append(parse_line(raw))
        return found

    def newest(self, name: str) -> JournalLine | None:
        """The newest durable line of this name, checked against the one before it. ``Corrupt``. Blocking, at a start.

        Quotes inside a text are escaped: the bytes looked for stand nowhere but in the name of a line.
        """
        size = os.fstat(self._fd).st_size
        if not size:
            return None
        with mmap.mmap(self._fd, size, access=mmap.ACCESS_READ) as whole:
            at = whole.rfind(b'"name":"' + name.encode() + b'"')
            if at < 0:
                return None
            start = whole.rfind(b"\n", 0, at) + 1
            line = parse_line(whole[start : whole.find(b"\n", at)])
            before = parse_line(whole[whole.rfind(b"\n", 0, start - 1) + 1 : start]) if start else None
        if before is not None or line.number == 1:
            check_lines([line], before, VerifyKey(self._key.public_bytes))
        return line

    def close(self) -> None:
        """Write what waits, then let the file go."""
        self._queue.put(None)
        self._thread.join()
        os.close(self._fd)

    def _recover(self) -> JournalLine | None:
        size = os.fstat(self._fd).st_size
        tail = os.pread(self._fd, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            if whole == 0 and size > _TAIL_BYTES:
                raise Corrupt(f"{self._path.name} ends in something that is no line.", code="journal_line")
            os.ftruncate(self._fd, size - (len(tail) - whole))
            os.fsync(self._fd)
        if whole == 0:
            return None
        start = tail.rfind(b"\n", 0, whole - 1) + 1
        last = parse_line(tail[start:whole])
        before = parse_line(tail[tail.rfind(b"\n", 0, start - 1) + 1 : start]) if start else None
        if before is not None or last.number == 1:
            check_lines([last], before, VerifyKey(self._key.public_bytes))
        return last

    def _write_all(self) -> None:
        running = True
        while running:
            batch = [self._queue.get()]
            while len(batch) < _MAX_BATCH and batch[-1] is not None:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            running = batch[-1] is not None
            wanted = [one for one in batch if one is not None]
            if wanted:
                self._write(wanted)

    def _write(self, batch: list[_Wanted]) -> None:
        if self._broken is None:
            lines: list[JournalLine] = []
            for one in batch:
                previous = lines[-1] if lines else self._last
                at_us = self._clock.now_us()
                lines.append(next_line(previous, at_us=at_us, name=one.name, body=one.body, key=self._key))
            raw = b"".join(canonical_bytes(line.to_json()) + b"\n" for line in lines)
            try:
                _write_whole(self._fd, raw)
                os.fdatasync(self._fd)
                self._last = lines[-1]
            except OSError as error:
                # After a failed flush nobody knows what is on disk: only a restart may look again.
                self._broken = Unavailable(
                    f"The door's journal cannot be written: {error.strerror}.",
                    code="journal_failed",
                    hint="Without it nothing is shown. Look at the disk, then restart the door.",
                )
        for one in batch:
            if one.done is not None:
                one.done(self._broken)


def _write_whole(fd: int, raw: bytes) -> None:
    left = memoryview(raw)
    while left:
        left = left[os.write(fd, left) :]


def _call_in(
    loop: asyncio.AbstractEventLoop, settle: Callable[[BeffroiError | None], None], error: BeffroiError | None
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle, error)
