"""Feeds: one subscription per stream while somebody watches it, its last group of pictures, and all its viewers."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.errors import BeffroiError, NotFound, Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.media.core.fmp4 import Sample, fragment
from beffroi.media.core.words import GapCause, Run, StreamName
from beffroi.media.ingest.tap import LiveState, LiveTap, LiveUnit
from beffroi.media.live.viewers import LiveItem, LivePart, LiveRun, Viewer

MAX_GROUP_BYTES = 32 * 1024 * 1024
_RETRY_S = (0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class FeedKey:
    """Which stream, as the camera sends it or converted to H.264."""

    camera: CameraId
    stream: StreamName
    converted: bool


class Feed:
    """One stream and its viewers. Runs while ``run`` runs; comes back by itself when the recorder does."""

    def __init__(self, key: FeedKey, run_folder: Path) -> None:
        self.key = key
        self._run_folder = run_folder
        self._viewers: set[Viewer] = set()
        self._run: LiveRun | None = None
        self._group: list[LivePart] = []
        self._group_bytes = 0
        self._state: LiveState | None = None
        self._sequence = 0
        self._known = asyncio.Event()
        self.exists = True  # until the recorder says that the camera has no such stream

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return bool(self._viewers)

    def join(self) -> Viewer:
        """A viewer who starts with the last key frame, or with why there is no picture."""
        viewer = Viewer()
        first: list[LiveItem] = [self._run] if self._run else []
        if self._state is not None and self._state.cause is not None:
            first.append(self._state)
        viewer.begin([*first, *self._group])
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer goes."""
        self._viewers.discard(viewer)

    async def first_run(self, timeout_s: float) -> Run | None:
        """The stream's run as soon as it is known; ``None`` when there are no pictures, or none in time."""
        try:
            await asyncio.wait_for(self._known.wait(), timeout_s)
        except TimeoutError:
            return None
        return self._run.run if self._run else None

    async def run(self) -> None:
        """Follow the stream until cancelled."""
        attempt = 0
        while True:
            try:
                async with self._source() as tap:
                    async for event in tap:
                        attempt, self.exists = 0, True
                        if isinstance(event, Run):
                            self._begin_run(event)
                        elif isinstance(event, LiveUnit):
                            self._add(event)
                        elif isinstance(event, LiveState):
                            self._tell(event)
                detail = "the recorder went away"
            except NotFound as error:
                self.exists, detail = False, error.code
            except (BeffroiError, OSError) as error:
                detail = error.code if isinstance(error, BeffroiError) else "the recorder does not answer"
            self._forget_group()
            self._tell(LiveState(GapCause.RECORDER, detail))
            await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
            attempt += 1

    def _source(self) -> AbstractAsyncContextManager[LiveTap]:
        return _converted(self._run_folder, self.key) if self.key.converted else _direct(self._run_folder, self.key)

    def _begin_run(self, run: Run) -> None:
        self._forget_group()
        self._run = LiveRun(run, self.key.converted)
        self._known.set()
        self._offer(self._run)

    def _add(self, unit: LiveUnit) -> None:
        self._sequence += 1
        sample = Sample(unit.data, unit.duration_90k, unit.composition_offset_90k, unit.key)
        part = LivePart(
            fragment(sequence=self._sequence, decode_time_90k=unit.decode_time_90k, samples=(sample,)),
            unit.key,
            unit.decode_time_90k,
            unit.composition_offset_90k,
            unit.duration_90k,
            unit.start_us,
            unit.received_ns,
            unit.cached,
        )
        if unit.key:
            self._forget_group()
        if (unit.key or self._group) and self._group_bytes + len(part.data) <= MAX_GROUP_BYTES:
            self._group.append(part)
            self._group_bytes += len(part.data)
        else:
            self._forget_group()  # too long to keep: new viewers wait for the next key frame
        if self._state is not None and self._state.cause is not None:
            self._tell(LiveState(None))
        self._offer(part)

    def _tell(self, state: LiveState) -> None:
        if state != self._state:
            self._state = state
            self._known.set()
            self._offer(state)

    def _forget_group(self) -> None:
        self._group, self._group_bytes = [], 0

    def _offer(self, item: LiveItem) -> None:
        for viewer in self._viewers:
            viewer.offer(item)


@asynccontextmanager
async def _direct(run_folder: Path, key: FeedKey) -> AsyncIterator[LiveTap]:
    tap = await LiveTap.open(run_folder, key.camera, key.stream)
    try:
        yield tap
    finally:
        await tap.close()


@asynccontextmanager
async def _converted(run_folder: Path, key: FeedKey) -> AsyncIterator[LiveTap]:
    """A converter in a process of its own: what decodes hostile bytes may crash without the door."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "beffroi.media.live.convert", str(run_folder), key.camera, key.stream.value),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdout is not None  # asked for above
    assert process.stdin is not None
    try:
        yield LiveTap(process.stdout, process.stdin)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Feeds:
    """All feeds of one door. ``watch`` gives a viewer; a feed ends with its last viewer."""

    def __init__(self, run_folder: Path, *, max_conversions: int = 2) -> None:
        self._run_folder = run_folder
        self._max_conversions = max_conversions
        self._feeds: dict[FeedKey, tuple[Feed, asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def watch(self, key: FeedKey) -> AsyncIterator[tuple[Feed, Viewer]]:
        """A viewer of ``key``. ``Unavailable`` (``conversions_full``) when no more streams can be converted."""
        feed = self._feed(key)
        viewer = feed.join()
        try:
            yield feed, viewer
        finally:
            feed.leave(viewer)
            if not feed.watched and self._feeds.get(key, (None,))[0] is feed:
                _, task = self._feeds.pop(key)
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def open_count(self) -> int:
        """How many streams are followed now."""
        return len(self._feeds)

    def _feed(self, key: FeedKey) -> Feed:
        known = self._feeds.get(key)
        if known is not None:
            return known[0]
        if key.converted and sum(one.converted for one in self._feeds) >= self._max_conversions:
            raise Unavailable(
                "No more pictures can be converted for screens now.",
                code="conversions_full",
                hint="Close another converted picture, or give the camera an H.264 stream.",
            )
        feed = Feed(key, self._run_folder)
        self._feeds[key] = feed, asyncio.create_task(feed.run(), name=f"feed {key.camera}/{key.stream.value}")
        return feed
