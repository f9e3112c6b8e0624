"""What one viewer gets, and the bounded queue in front of him: a slow one drops to the next key frame, and is told."""

import asyncio
from collections import deque
from dataclasses import dataclass

from beffroi.media.core.words import Run
from beffroi.media.ingest.tap import LiveState

MAX_QUEUED_BYTES = 8 * 1024 * 1024
MAX_QUEUED_US = 2_000_000


@dataclass(frozen=True, slots=True)
class LivePart:
    """One access unit as a one-frame fragment (``moof`` + ``mdat``); the same bytes go to every viewer."""

    data: bytes
    key: bool
    decode_time_90k: int
    composition_offset_90k: int
    duration_90k: int
    start_us: int
    received_ns: int
    cached: bool = False  # from before the subscription: sent at once, and no sign of a slow viewer


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run begins; ``converted`` when it was re-encoded for screens that cannot show the camera's codec."""

    run: Run
    converted: bool


@dataclass(frozen=True, slots=True)
class LiveSkipped:
    """So many pictures were left out for this viewer; the next one is a key frame."""

    pictures: int


LiveItem = LiveRun | LivePart | LiveState | LiveSkipped


class Viewer:
    """The queue of one viewer. ``offer`` never waits; ``next`` waits for something to send."""

    def __init__(self) -> None:
        self._items: deque[LiveItem] = deque()
        self._bytes = 0
        self._backlog = 0  # parts at the head of the queue that he missed before he came
        self._live_ns: deque[int] = deque()  # when each part behind them was received
        self._skipped = 0
        self._waits_for_key = True
        self._ready = asyncio.Event()

    @property
    def queued_bytes(self) -> int:
        """How much waits to be sent."""
        return self._bytes

    def begin(self, items: list[LiveItem]) -> None:
        """Fill a fresh queue with run, last key frame and what followed it, whatever its length."""
        for item in items:
            self._put(item, backlog=True)

    def offer(self, item: LiveItem) -> None:
        """Queue ``item``, or drop up to the next key frame when the viewer is too slow."""
        if isinstance(item, LivePart):
            if self._waits_for_key and not item.key:
                self._skipped += 1
                return
            if self._too_slow(item):
                self._drop(item)
                return
        elif isinstance(item, LiveRun):
            self._waits_for_key = True
        self._put(item)

    async def next(self) -> LiveItem:
        """The next thing to send."""
        while not self._items:
            self._ready.clear()
            await self._ready.wait()
        item = self._items.popleft()
        if isinstance(item, LivePart):
            self._bytes -= len(item.data)
            if self._backlog:
                self._backlog -= 1
            else:
                self._live_ns.popleft()
        return item

    def _put(self, item: LiveItem, *, backlog: bool = False) -> None:
        if isinstance(item, LivePart):
            if self._waits_for_key and self._skipped:
                self._items.append(LiveSkipped(self._skipped))
            self._skipped = 0
            self._waits_for_key = False
            self._bytes += len(item.data)
            if backlog or (item.cached and not self._live_ns):
                self._backlog += 1
            else:
                self._live_ns.append(item.received_ns)
        self._items.append(item)
        self._ready.set()

    def _too_slow(self, item: LivePart) -> bool:
        if self._bytes + len(item.data) > MAX_QUEUED_BYTES and self._bytes:
            return True
        return bool(self._live_ns) and item.received_ns - self._live_ns[0] > MAX_QUEUED_US * 1_000

    def _drop(self, item: LivePart) -> None:
        kept: deque[LiveItem] = deque()
        for one in self._items:
            if isinstance(one, LivePart):
                self._skipped += 1
            elif isinstance(one, LiveSkipped):
                self._skipped += one.pictures
            else:
                kept.append(one)
        self._items, self._bytes, self._waits_for_key = kept, 0, True
        self._backlog, self._live_ns = 0, deque()
        if item.key:
            self._put(item)
        else:
            self._skipped += 1
