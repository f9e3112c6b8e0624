"""The live tap: how pictures leave an ingest worker as they arrive (docs/design/archive.md, "Live tap").

Each worker listens on ``RUN/live-N.sock``; ``RUN/taps.json`` says how many workers there are, ``worker_of`` which of
them has a camera. A subscriber sends one line of JSON, ``{"tap": 1, "camera": "…", "stream": "main"}``, and gets
frames: 4 bytes of length (big-endian, of what follows), 1 byte of kind, payload. First the run, then the access units
since the last key frame, then each one as it arrives. The worker never waits for a subscriber: one that is slow loses
units up to the next key frame, and is told.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from beffroi.kernel.errors import Corrupt, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, RunId
from beffroi.media.core.run_folder import TAPS_FILE, socket_name, worker_of
from beffroi.media.core.words import GapCause, Run, StreamName

VERSION = 1
MAX_FRAME = 32 * 1024 * 1024
_HEAD = struct.Struct(">IB")
_UNIT = struct.Struct(">BQiIqQ")
_KEY, _CACHED = 1, 2


class Kind(IntEnum):
    """What a frame of the tap is."""

    RUN = 1
    UNIT = 2
    DROPPED = 3
    STATE = 4
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class LiveUnit:
    """One access unit as it is stored: NAL units with 4-byte lengths, or a whole JPEG."""

    decode_time_90k: int  # on the run's own time line, the one of the files
    composition_offset_90k: int  # presentation minus decode time
    duration_90k: int  # expected; the true one is known when the next unit comes
    key: bool
    cached: bool  # older than the subscription: sent so that the picture starts at once
    start_us: int  # UTC of presentation
    received_ns: int  # monotonic, when it came from the camera
    data: bytes


@dataclass(frozen=True, slots=True)
class LiveDropped:
    """So many units were left out because this subscriber was slow; the next unit is a key frame."""

    units: int


@dataclass(frozen=True, slots=True)
class LiveState:
    """Whether there are pictures: ``cause`` is ``None`` while they come, else why they do not (I5)."""

    cause: GapCause | None
    detail: str = ""


LiveEvent = Run | LiveUnit | LiveDropped | LiveState


class LiveTap:
    """A subscription to one stream of one camera. Iterate it; ``close`` it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, run_folder: Path, camera: CameraId, stream: StreamName = StreamName.MAIN) -> "LiveTap":
        """Subscribe. ``Unavailable`` when the camera's worker does not answer."""
        socket = _socket_of(run_folder, camera)
        try:
            reader, writer = await asyncio.open_unix_connection(str(socket), limit=1 << 20)
        except OSError as error:
            raise Unavailable(
                f"The recorder of camera {camera} does not answer.", hint="It is restarted by itself; try again."
            ) from error
        line = json.dumps({"tap": VERSION, "camera": camera, "stream": stream.value})
        writer.write(line.encode() + b"\n")
        return cls(reader, writer)

    async def __aiter__(self) -> AsyncIterator[LiveEvent]:
        """The events, until the worker goes away (then it just ends) or refuses (``NotFound``)."""
        while True:
            try:
                length, kind = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
                if not 1 <= length <= MAX_FRAME:
                    raise Corrupt("The live tap sent a frame of an impossible length.")
                payload = await self._reader.readexactly(length - 1)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            yield decode(kind, payload)

    async def close(self) -> None:
        """Leave; the worker notices."""
        self._writer.close()


def _socket_of(run_folder: Path, camera: CameraId) -> Path:
    try:
        workers = int(json.loads((run_folder / TAPS_FILE).read_bytes())["workers"])
    except (OSError, ValueError, KeyError, TypeError):
        workers = 1
    return run_folder / socket_name(worker_of(camera, workers))


def _frame(kind: Kind, *parts: bytes) -> bytes:
    return b"".join((_HEAD.pack(1 + sum(map(len, parts)), kind), *parts))


def encode_unit(unit: LiveUnit) -> bytes:
    """The frame of an access unit."""
    flags = (_KEY if unit.key else 0) | (_CACHED if unit.cached else 0)
    head = _UNIT.pack(
        flags, unit.decode_time_90k, unit.composition_offset_90k, unit.duration_90k, unit.start_us, unit.received_ns
    )
    return _frame(Kind.UNIT, head, unit.data)


def encode_run(run: Run) -> bytes:
    """The frame that begins a run: a line of JSON, then the init section."""
    head = {
        "run": run.id,
        "camera": run.camera,
        "stream": run.stream.value,
        "codec": run.codec,
        "width": run.width,
        "height": run.height,
        "synthetic": run.synthetic,
        "mask_version": run.mask_version,
    }
    return _frame(Kind.RUN, json.dumps(head).encode() + b"\n", run.init)


def encode_dropped(units: int) -> bytes:
    """The frame that owns up to ``units`` lost units."""
    return _frame(Kind.DROPPED, struct.pack(">I", units))


def encode_state(state: LiveState) -> bytes:
    """The frame that says whether there are pictures."""
    return _frame(Kind.STATE, json.dumps({"cause": state.cause, "detail": state.detail}).encode())


def encode_refused(message: str) -> bytes:
    """The frame before the worker closes on a subscriber it cannot serve."""
    return _frame(Kind.REFUSED, message.encode())


def decode(kind: int, payload: bytes) -> LiveEvent:
    """The event in one frame; ``NotFound`` for a refusal, ``Corrupt`` for anything that is no frame of this version."""
    try:
        if kind == Kind.UNIT:
            flags, decode_time, offset, duration, start_us, received = _UNIT.unpack_from(payload)
            key, cached = bool(flags & _KEY), bool(flags & _CACHED)
            return LiveUnit(decode_time, offset, duration, key, cached, start_us, received, payload[_UNIT.size :])
        if kind == Kind.RUN:
            return _decode_run(payload)
        if kind == Kind.DROPPED:
            return LiveDropped(struct.unpack(">I", payload)[0])
        if kind == Kind.STATE:
            data = json.loads(payload)
            return LiveState(GapCause(data["cause"]) if data["cause"] else None, str(data["detail"]))
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise Corrupt("The live tap sent something that is no frame of its kind.") from error
    if kind == Kind.REFUSED:
        raise NotFound(payload.decode("utf-8", "replace"))
    raise Corrupt(f"The live tap sent a frame of unknown kind {kind}.")


def _decode_run(payload: bytes) -> Run:
    line, _, init = payload.partition(b"\n")
    data: dict[str, Any] = json.loads(line)
    return Run(
        id=RunId(data["run"]),
        camera=CameraId(data["camera"]),
        stream=StreamName(data["stream"]),
        codec=data["codec"],
        width=data["width"],
        height=data["height"],
        init=init,
        synthetic=data["synthetic"],
        mask_version=data["mask_version"],
    )
