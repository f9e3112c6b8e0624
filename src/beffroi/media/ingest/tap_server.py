"""The worker's end of the live tap: keeps the units since the last key frame, and sends to whoever subscribed.

Camera threads call ``publish``; an asyncio loop in a thread of its own does the sending. A subscriber that does not
read fast enough loses units up to the next key frame; it never makes a camera wait (docs/design/archive.md).
"""

import asyncio
import json
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from beffroi.media.core.cutter import Placed
from beffroi.media.core.words import Run
from beffroi.media.ingest.tap import (
    VERSION,
    LiveState,
    LiveUnit,
    encode_dropped,
    encode_refused,
    encode_run,
    encode_state,
    encode_unit,
)

MOST_CACHED_BYTES = 16 * 1024 * 1024
MOST_UNSENT_BYTES = 4 * 1024 * 1024
_HELLO_S = 5.0


@dataclass(eq=False, slots=True)
class _Subscriber:
    writer: asyncio.StreamWriter
    left_out: int = 0


@dataclass(slots=True)
class _Channel:
    """One stream."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    run: Run | None = None
    state: LiveState | None = None
    cache: list[LiveUnit] = field(default_factory=list)
    cached_bytes: int = 0
    subscribers: list[_Subscriber] = field(default_factory=list)


class TapServer:
    """Listens on ``path`` once started."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._channels: dict[str, _Channel] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tap", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns when it does."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Leave every subscriber."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._path.unlink(missing_ok=True)
        server = self._loop.run_until_complete(asyncio.start_unix_server(self._serve, str(self._path)))
        self._path.chmod(0o600)
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for channel in self._channels.values():
            for each in channel.subscribers:
                each.writer.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    # --- camera threads ----------------------------------------------------------------------------------------

    def add(self, key: str) -> None:
        """A stream that may be asked for."""
        self._channels.setdefault(key, _Channel())

    def remove(self, key: str) -> None:
        """A stream that is no longer recorded here."""
        channel = self._channels.pop(key, None)
        if channel is not None:
            self._loop.call_soon_threadsafe(self._drop_all, channel)

    def begin(self, key: str, run: Run) -> None:
        """Another run: what was cached is of the past."""
        channel = self._channels[key]
        with channel.lock:
            channel.run, channel.state = run, LiveState(None)
            channel.cache, channel.cached_bytes = [], 0
            if channel.subscribers:
                self._send(channel, encode_run(run) + encode_state(LiveState(None)), key=True, units=0)

    def publish(self, key: str, placed: Placed) -> None:
        """A unit, as soon as it has its place."""
        unit = placed.unit
        live = LiveUnit(
            placed.decode_time_90k,
            placed.composition_offset_90k,
            placed.duration_90k,
            unit.key,
            False,
            placed.start_us,
            unit.received_ns,
            unit.data,
        )
        channel = self._channels[key]
        with channel.lock:
            if unit.key:
                channel.cache, channel.cached_bytes = [live], len(unit.data)
            elif channel.cache:
                channel.cache.append(live)
                channel.cached_bytes += len(unit.data)
                if channel.cached_bytes > MOST_CACHED_BYTES:
                    channel.cache, channel.cached_bytes = [], 0
            if channel.subscribers:
                self._send(channel, encode_unit(live), key=unit.key, units=1)

    def state(self, key: str, state: LiveState) -> None:
        """Pictures stopped, and why."""
        channel = self._channels[key]
        with channel.lock:
            if channel.state == state:
                return
            channel.state = state
            if state.cause is not None:
                channel.cache, channel.cached_bytes = [], 0
            if channel.subscribers:
                self._send(channel, encode_state(state), key=True, units=0)

    def _send(self, channel: _Channel, data: bytes, *, key: bool, units: int) -> None:
        for each in channel.subscribers:
            self._loop.call_soon_threadsafe(_deliver, each, data, key, units)

    # --- the loop ----------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subscriber = _Subscriber(writer)
        channel: _Channel | None = None
        try:
            channel = await self._hello(reader)
            if channel is None:
                writer.write(encode_refused("No such stream is recorded here."))
                await writer.drain()
                return
            with channel.lock:
                writer.write(_welcome(channel))
                channel.subscribers.append(subscriber)
            await reader.read()  # until it leaves
        except OSError:
            return  # a subscriber that is gone is no event
        finally:
            if channel is not None:
                with channel.lock:
                    if subscriber in channel.subscribers:
                        channel.subscribers.remove(subscriber)
            writer.close()

    async def _hello(self, reader: asyncio.StreamReader) -> _Channel | None:
        line = await asyncio.wait_for(reader.readline(), _HELLO_S)
        try:
            asked = json.loads(line)
            if asked["tap"] != VERSION:
                return None
            return self._channels.get(f"{asked['camera']}/{asked['stream']}")
        except (ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def _drop_all(channel: _Channel) -> None:
        with channel.lock:
            for each in channel.subscribers:
                each.writer.close()


def _welcome(channel: _Channel) -> bytes:
    parts = [encode_state(channel.state)] if channel.state is not None else []
    if channel.run is not None and (channel.state is None or channel.state.cause is None):
        parts.insert(0, encode_run(channel.run))
        parts += [encode_unit(replace(unit, cached=True)) for unit in channel.cache]
    return b"".join(parts)


def _deliver(subscriber: _Subscriber, data: bytes, key: bool, units: int) -> None:
    writer = subscriber.writer
    if writer.is_closing():
        return
    if units and subscriber.left_out and not key:
        subscriber.left_out += units
        return
    if units and writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
        subscriber.left_out += units
        return
    if subscriber.left_out and units:
        writer.write(encode_dropped(subscriber.left_out))
        subscriber.left_out = 0
    writer.write(data)
