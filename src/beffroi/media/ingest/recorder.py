"""The recorder of a worker: one thread that brings the fragments of all its cameras to the disk, once a second.

Each round: ask the writer for the new files that are needed (one message), bring what waits to the files and flush them
(a few threads, so that a slow disk costs its delay once and not once a camera), tell the writer what is durable (one
message). When the writer does not answer, recording goes on into the open files, and the telling waits. A file that
cannot be made, written, flushed or closed because its disk hangs holds up no other stream: this thread touches no disk,
each volume has threads of its own, the round goes on without that stream, and after ``HANG_S`` its file is left and
what it lost is written again to another, on the volume that the writer gives. A volume with such a thread gets no new
file until that thread is back.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError, Conflict
from beffroi.kernel.ids import new_id
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.volume import volume_of
from beffroi.media.core.cutter import Cut
from beffroi.media.core.words import GapCause
from beffroi.media.ingest.open_segment import Bringing
from beffroi.media.ingest.track import RunEnd, RunStart, Track

FLUSH_S = 1.0
LATE_S = 3.0
HANG_S = 5.0
_ROUND_S = 2.0  # as long as a round waits for its flushes
_THREADS = 8  # a volume
_TROUBLE_ROUNDS = 3  # what waits in memory for a moment is no gap
_LOG = logging.getLogger("beffroi.recorder")


class Link(Protocol):
    """How the recorder reaches the writer: ``WriterControl``, or a call in the same process."""

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        """One request; ``BeffroiError`` when refused or not answered."""


@dataclass(frozen=True, slots=True)
class _Flush:
    """A batch that is on its way."""

    done: "Future[None]"
    bringing: Bringing
    volume: Path
    since_ns: int


class Recorder:
    """All streams of one worker."""

    def __init__(
        self, link: Link, clock: Clock, *, disk: Disk | None = None, idle: Callable[[], None] | None = None
    ) -> None:
        self._link, self._clock, self._disk = link, clock, disk or Disk()
        self._idle = idle or (lambda: None)
        self._tracks: list[Track] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._pools: dict[Path, ThreadPoolExecutor] = {}  # by volume
        self._flushing: dict[Track, _Flush] = {}
        self._hung: dict[Path, set[Future[None]]] = {}  # left, and not back yet
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.worst_flush_ns = 0

    def track(self, camera: str, stream: str) -> Track:
        """The way of a stream to the disk; the same one for a stream that comes back."""
        with self._lock:
            for known in self._tracks:
                if (known.camera, known.stream) == (camera, stream):
                    return known
            fresh = Track(camera, stream)
            self._tracks.append(fresh)
            return fresh

    def start(self) -> None:
        """Begin the rounds."""
        self._thread.start()

    def stop(self) -> bool:
        """One last round, every file closed; False when a thread still waits for its disk."""
        self._stopping.set()
        self._thread.join()
        for pool in self._pools.values():
            pool.shutdown(wait=False)
        return not self._flushing and not any(self._hangs_still(each) for each in self._hung)

    def _run(self) -> None:
        while not self._stopping.wait(FLUSH_S):
            self._idle()
            self.round()
        for track in self._all():
            track.put(RunEnd())
        self.round()

    def _all(self) -> list[Track]:
        with self._lock:
            return list(self._tracks)

    def round(self) -> None:
        """Bring all that waits to the disk, and tell it."""
        began = self._clock.monotonic_ns()
        tracks = self._all()
        busy = tracks
        while busy:
            # A stream that needs another file in this round goes round again: its last one is flushed and closed first.
            busy = [track for track in busy if track not in self._flushing]
            self._open_files(busy)
            self._send(busy)
            closed = self._take_back()
            busy = [track for track in busy if track in closed]
        self._tell(tracks)
        took = self._clock.monotonic_ns() - began
        self.worst_flush_ns = max(self.worst_flush_ns, took)
        if took > LATE_S * 1e9:
            _LOG.warning("a flush took %.1f s: is the disk slow?", took / 1e9)

    # --- files -------------------------------------------------------------------------------------------------

    def _open_files(self, tracks: Iterable[Track]) -> None:
        """Intents for every stream whose next fragment has no file."""
        wanting = [track for track in tracks if track.file is None and self._next_needs_file(track)]
        if not wanting:
            return
        for track in wanting:
            track.next_segment = track.next_segment or new_id(self._clock.now_us())
        try:
            places = self._link.call("begin", segments=[track.begin_request() for track in wanting])["places"]
        except BeffroiError as error:
            _LOG.warning("no new file: %s", error)
            for track in wanting:
                if isinstance(error, Conflict):
                    track.next_segment = ""  # that one is closed already: ask for another
                self._storage_gap(track, error.code)
            return
        for track, place in zip(wanting, places, strict=True):
            if track.previous is None:
                track.previous = bytes.fromhex(place["previous"])
            path = Path(place["path"])
            if self._hangs_still(volume_of(path)):
                track.not_opened()
                self._storage_gap(track, "hangs")
            else:
                track.open_file(path)

    def _next_needs_file(self, track: Track) -> bool:
        """Take run changes off the queue; whether a fragment waits."""
        while True:
            item = track.peek()
            if isinstance(item, Cut):
                return track.run is not None
            if item is None or not track.pop(item):
                return False
            self._turn(track, item)

    @staticmethod
    def _turn(track: Track, item: RunStart | RunEnd) -> None:
        track.run, track.sequence = (item if isinstance(item, RunStart) else None), 0

    def _send(self, tracks: Iterable[Track]) -> None:
        """Bring what waits to the open files, side by side, and wait for it a while."""
        now = self._clock.monotonic_ns()
        begun: list[Future[None]] = []
        for track in tracks:
            batch = track.take_batch()
            if batch is not None and track.file is not None:
                volume, bringing = volume_of(track.file.path), Bringing(track.file, batch)
                begun.append(self._pool_of(volume).submit(bringing.run, self._disk))
                self._flushing[track] = _Flush(begun[-1], bringing, volume, now)
        wait(begun, timeout=_ROUND_S)

    def _take_back(self) -> set[Track]:
        """What came back, and what is waited for no longer; the streams whose file is closed now."""
        now = self._clock.monotonic_ns()
        closed: set[Track] = set()
        for track, flush in list(self._flushing.items()):
            if flush.done.done():
                flush.done.result()  # whatever else went wrong there is raised here
                outcome = flush.bringing.outcome
            elif now - flush.since_ns > HANG_S * 1e9:
                outcome = flush.bringing.leave()
            else:
                continue
            del self._flushing[track]
            batch = flush.bringing.batch
            if isinstance(outcome, list):
                track.brought(batch, outcome)
                self._storage_good(track)
                closed |= {track} if batch.closing else set()
            else:
                self._failed(track, flush, outcome)
        return closed

    def _failed(self, track: Track, flush: _Flush, error: OSError | None) -> None:
        """Its file failed, or hangs: then the volume's threads are left to their disk."""
        if error is not None:
            _LOG.warning("camera %s: cannot write: %s", track.camera, error.strerror)
        else:
            _LOG.warning("camera %s: its disk does not answer: its file is left", track.camera)
            self._hung.setdefault(flush.volume, set()).add(flush.done)
            pool = self._pools.pop(flush.volume, None)
            if pool is not None:
                pool.shutdown(wait=False)
        track.failed(flush.bringing.batch)
        self._storage_gap(track, "hangs" if error is None else str(error.strerror))

    def _hangs_still(self, volume: Path) -> bool:
        left = {each for each in self._hung.get(volume, ()) if not each.done()}
        self._hung[volume] = left
        return bool(left)

    def _pool_of(self, volume: Path) -> ThreadPoolExecutor:
        if volume not in self._pools:
            self._pools[volume] = ThreadPoolExecutor(_THREADS, thread_name_prefix="flush")
        return self._pools[volume]

    # --- the writer --------------------------------------------------------------------------------------------

    def _storage_gap(self, track: Track, detail: str) -> None:
        track.troubled += 1
        if not track.storage_gap and track.troubled >= _TROUBLE_ROUNDS:
            track.storage_gap = True
            track.gap(GapCause.STORAGE, at_us=track.durable_until_us or self._clock.now_us(), detail=detail)

    def _storage_good(self, track: Track) -> None:
        track.troubled = 0
        if track.storage_gap and track.told and track.told[-1].entries:
            track.storage_gap = False
            track.gap(None, at_us=track.told[-1].entries[0].start_us)

    def _tell(self, tracks: Iterable[Track]) -> None:
        gaps = {id(track): track.take_gaps() for track in tracks}
        news = [(track, told) for track in tracks for told in track.told if told.is_news]
        if not news and not any(gaps.values()):
            return
        segments = [told.message(track.camera, track.stream) for track, told in news]
        try:
            self._link.call("flush", segments=segments, gaps=[gap for each in gaps.values() for gap in each])
        except BeffroiError as error:
            _LOG.warning("not told yet: %s", error)
            for track in tracks:
                track.give_back_gaps(gaps[id(track)])
            return
        for track in tracks:
            track.heard()
