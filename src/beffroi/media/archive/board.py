"""What the writer knows of each stream, for whoever asks, even while a disk hangs.

"Recording" is derived from bytes that are on the disk and from nothing else (DESIGN §5): a stream records when durable
footage was announced in the last six seconds, by the monotonic clock.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from beffroi.kernel.clock import Clock
from beffroi.media.archive.disk_watch import Beneath
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.slot import GOOD, Slot
from beffroi.media.archive.store import Store
from beffroi.media.core.answers import CLOCK_NOT_TRUSTED
from beffroi.media.core.disk_health import disk_to_json
from beffroi.media.core.forecast import Forecast
from beffroi.media.core.words import GapCause

RECORDING_WITHIN_NS = 6_000_000_000
HANGING = "volume-hanging"
HANGING_AFTER_NS = 5_000_000_000
CLOCK_OFF_US = 1_000_000
"""A camera's clock that is further off than this is an alarm (R-31)."""


@dataclass(slots=True)
class _Stream:
    durable_until_us: int
    durable_ns: int | None = None  # monotonic time of the last announcement in this life of the writer
    bytes_on_disk: int = 0
    oldest_us: int | None = None
    gap: tuple[int, str, str] | None = None
    camera_offset_us: int | None = None
    off_since_us: int | None = None  # its clock is off by more than CLOCK_OFF_US
    codec: str = ""  # of the newest run


@dataclass(frozen=True, slots=True)
class _Volume:
    uuid: str
    path: Path
    state: str
    forecast: Forecast
    notes: tuple[str, ...]
    emergency: bool
    room: tuple[int, int] | None


_STREAMS = (
    "SELECT t.camera, t.stream, t.durable_until_us, "
    "(SELECT coalesce(sum(bytes), 0) FROM day d WHERE d.camera = t.camera AND d.stream = t.stream) + "
    "(SELECT coalesce(sum(bytes), 0) FROM segment s WHERE s.state = 'open' AND s.camera = t.camera "
    "AND s.stream = t.stream), "
    "(SELECT min(start_us) FROM piece p WHERE p.camera = t.camera AND p.stream = t.stream) FROM stream t"
)


class Board:
    """Kept by the store's thread, read by any."""

    def __init__(self, clock: Clock, *, trusted: Callable[[], bool] = lambda: True) -> None:
        self._clock, self._clock_trusted = clock, trusted
        self._lock = threading.Lock()
        self._streams: dict[tuple[str, str], _Stream] = {}
        self._volumes: list[_Volume] = []
        self._beneath: Mapping[Path, Beneath] = {}
        self._waiting_for: Callable[[], Store | None] | None = None
        self._answers, self._answered_ns = 0, 0

    def load(self, shelf: Shelf) -> None:
        """Read everything anew: at the start, after a purge, and when a volume came or went."""
        known: dict[tuple[str, str], tuple[int, int, int | None]] = {}
        gaps: list[tuple[str, str]] = []
        codecs: list[tuple[str, str, str]] = []
        for _, (streams, open_gaps, runs) in shelf.ask(_read):
            for camera, stream, until, size, oldest in streams:
                was = known.get((camera, stream), (0, 0, None))
                both = [at for at in (was[2], oldest) if at is not None]
                known[camera, stream] = (max(was[0], until), was[1] + size, min(both, default=None))
            gaps += open_gaps
            codecs += runs
        with self._lock:
            for key, (until, size, oldest) in known.items():
                one = self._streams.setdefault(key, _Stream(until))
                one.durable_until_us = until
                one.bytes_on_disk, one.oldest_us = size, oldest
        for camera, stream, codec in codecs:
            self.see_codec(camera, stream, codec)
        self.see_gaps(shelf, gaps)

    def see_codec(self, camera: str, stream: str, codec: str) -> None:
        """A run of this codec began."""
        with self._lock:
            self._streams.setdefault((camera, stream), _Stream(0)).codec = codec

    def see_gaps(self, shelf: Shelf, streams: list[tuple[str, str]]) -> None:
        """The gaps that are open on these streams, as the catalogue has them."""
        for camera, stream in streams:
            gap = shelf.open_gap(camera, stream)
            with self._lock:
                self._streams.setdefault((camera, stream), _Stream(0)).gap = gap

    def see_volumes(self, shelf: Shelf, trouble: str) -> None:
        """Which volumes are good, and how long they last."""
        seen = [
            _Volume(
                slot.uuid,
                slot.path,
                (trouble or ("full" if slot.stuck else GOOD)) if slot.state == GOOD else slot.state,
                slot.outlook.forecast,
                _notes(slot, shelf),
                slot.emergency,
                slot.room,
            )
            for slot in shelf.slots
        ]
        with self._lock:
            self._volumes = seen

    def begins(self, alone: Callable[[], Store | None]) -> None:
        """The store's thread begins something; ``alone`` is the volume it would wait for however long that takes."""
        store = alone()
        with self._lock:
            self._waiting_for, self._answers = alone, store.disk.answers if store is not None else 0
            self._answered_ns = self._clock.monotonic_ns()

    def rests(self) -> None:
        """It is done."""
        with self._lock:
            self._waiting_for = None

    def _hangs(self, now_ns: int) -> Path | None:
        """The one volume there is, while it has answered nothing for a while and the store's thread waits for it."""
        store = self._waiting_for() if self._waiting_for is not None else None
        if store is None:
            return None
        if store.disk.answers != self._answers:
            self._answers, self._answered_ns = store.disk.answers, now_ns
        return store.volume.path if now_ns - self._answered_ns > HANGING_AFTER_NS else None

    def see_disks(self, beneath: Mapping[Path, Beneath]) -> None:
        """What the volumes stand on."""
        with self._lock:
            self._beneath = beneath

    def durable(
        self, camera: str, stream: str, *, until_us: int, size_bytes: int, start_us: int, offset_us: int | None
    ) -> None:
        """Footage of a stream is on the disk up to ``until_us``."""
        with self._lock:
            known = self._streams.setdefault((camera, stream), _Stream(until_us))
            known.durable_until_us, known.durable_ns = until_us, self._clock.monotonic_ns()
            known.bytes_on_disk += size_bytes
            known.oldest_us = start_us if known.oldest_us is None else known.oldest_us
            known.camera_offset_us = offset_us
            is_off = offset_us is not None and abs(offset_us) > CLOCK_OFF_US
            known.off_since_us = (known.off_since_us or until_us) if is_off else None

    def status(self) -> dict[str, Any]:
        """The answer to ``status``; touches no disk."""
        now_us, now_ns = self._clock.now_us(), self._clock.monotonic_ns()
        with self._lock:
            hangs = self._hangs(now_ns)
            streams = [
                self._one(camera, stream, known, now_ns, hangs=hangs is not None)
                for (camera, stream), known in self._streams.items()
            ]
            volumes = [(each, self._beneath.get(each.path)) for each in self._volumes]
        trusted = self._clock_trusted()
        return {
            "now_us": now_us,
            "clock_trusted": trusted,
            "cameras": streams,
            "volumes": [
                _volume(
                    replace(each, state=HANGING, notes=(HANGING,)) if each.path == hangs else each,
                    beneath,
                    trusted=trusted,
                )
                for each, beneath in volumes
            ],
        }

    def _one(self, camera: str, stream: str, known: _Stream, now_ns: int, *, hangs: bool) -> dict[str, Any]:
        recording = known.durable_ns is not None and now_ns - known.durable_ns < RECORDING_WITHIN_NS
        gap = None
        if known.gap is not None:
            gap = {"since_us": known.gap[0], "cause": known.gap[1], "detail": known.gap[2]}
        elif hangs and not recording and known.durable_ns is not None:
            # The gap cannot be written down yet; what waits in memory may still fill it.
            gap = {"since_us": known.durable_until_us, "cause": GapCause.STORAGE.value, "detail": HANGING}
        return {
            "camera": camera,
            "stream": stream,
            "recording": recording,
            "durable_until_us": known.durable_until_us or None,
            "gap": gap,
            "bytes": known.bytes_on_disk,
            "oldest_us": known.oldest_us,
            "clock_offset_us": known.camera_offset_us,
            "clock_off_since_us": known.off_since_us,
            "codec": known.codec,
        }


def _read(store: Store) -> tuple[list[Any], list[Any], list[Any]]:
    """What stands in one catalogue of streams, open gaps and runs."""
    return (
        store.db.execute(_STREAMS).fetchall(),
        store.db.execute("SELECT camera, stream FROM gap WHERE end_us IS NULL").fetchall(),
        store.db.execute("SELECT camera, stream, codec FROM run ORDER BY id").fetchall(),
    )


def _notes(slot: Slot, shelf: Shelf) -> tuple[str, ...]:
    found = list(slot.outlook.notes) if slot.state == GOOD else [slot.state]
    if slot.emergency and slot.state == GOOD and all(other.emergency for other, _ in shelf.good()):
        found.append("emergency-in-use")
    return tuple(found)


def _volume(known: _Volume, beneath: Beneath | None, *, trusted: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "uuid": known.uuid,
        "path": str(known.path),
        "state": known.state,
        "emergency": known.emergency,
        "full_on_us": known.forecast.full_on_us,
        "enough": known.forecast.enough,
        "notes": [*known.notes, *(beneath or Beneath()).notes, *([] if trusted else [CLOCK_NOT_TRUSTED])],
        "disks": None if beneath is None else [disk_to_json(each) for each in beneath.disks],
    }
    free, total = known.room or (None, None)
    return facts | {"free_bytes": free, "total_bytes": total}
