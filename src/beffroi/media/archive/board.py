"""What the writer knows of each stream, for whoever asks, even while a disk hangs.

"Recording" is derived from bytes that are on the disk and from nothing else (DESIGN §5): a stream records when durable
footage was announced in the last six seconds, by the monotonic clock.
"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beffroi.kernel.clock import Clock
from beffroi.media.archive.outlook import NOTHING_TO_FREE, Outlook
from beffroi.media.archive.store import Store
from beffroi.media.core.forecast import Forecast

RECORDING_WITHIN_NS = 6_000_000_000


@dataclass(slots=True)
class _Stream:
    durable_until_us: int
    durable_ns: int | None = None  # monotonic time of the last announcement in this life of the writer
    bytes_on_disk: int = 0
    oldest_us: int | None = None
    gap: tuple[int, str, str] | None = None
    camera_offset_us: int | None = None
    codec: str = ""  # of the newest run


class Board:
    """Kept by the store's thread, read by any."""

    def __init__(self, clock: Clock, volume: Path, uuid: str) -> None:
        self._clock, self._path, self._uuid = clock, volume, uuid
        self._lock = threading.Lock()
        self._streams: dict[tuple[str, str], _Stream] = {}
        self._trusted = False
        self._trouble = ""
        self._outlook = Outlook(Forecast())

    def load(self, store: Store) -> None:
        """Read everything anew: at the start, and after a purge."""
        sizes = {
            (camera, stream): (size, oldest)
            for camera, stream, size, oldest in store.db.execute(
                "SELECT t.camera, t.stream, "
                "(SELECT coalesce(sum(bytes), 0) FROM day d WHERE d.camera = t.camera AND d.stream = t.stream) + "
                "(SELECT coalesce(sum(bytes), 0) FROM segment s WHERE s.state = 'open' AND s.camera = t.camera "
                "AND s.stream = t.stream), "
                "(SELECT min(start_us) FROM piece p WHERE p.camera = t.camera AND p.stream = t.stream) FROM stream t"
            )
        }
        rows = store.db.execute("SELECT camera, stream, durable_until_us FROM stream").fetchall()
        gaps = store.db.execute("SELECT camera, stream FROM gap WHERE end_us IS NULL").fetchall()
        codecs = store.db.execute("SELECT camera, stream, codec FROM run ORDER BY id").fetchall()
        with self._lock:
            for camera, stream, until in rows:
                known = self._streams.setdefault((camera, stream), _Stream(until))
                known.durable_until_us = until
                known.bytes_on_disk, known.oldest_us = sizes.get((camera, stream), (0, None))
        for camera, stream, codec in codecs:
            self.see_codec(camera, stream, codec)
        self.see_gaps(store, gaps)

    def see_codec(self, camera: str, stream: str, codec: str) -> None:
        """A run of this codec began."""
        with self._lock:
            self._streams.setdefault((camera, stream), _Stream(0)).codec = codec

    def see_gaps(self, store: Store, streams: list[tuple[str, str]]) -> None:
        """The gaps that are open on these streams, as the catalogue has them."""
        for camera, stream in streams:
            row = store.db.execute(
                "SELECT start_us, cause, detail FROM gap WHERE camera = ? AND stream = ? AND end_us IS NULL",
                (camera, stream),
            ).fetchone()
            with self._lock:
                known = self._streams.setdefault((camera, stream), _Stream(0))
                known.gap = None if row is None else tuple(row)

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

    def look_ahead(self, outlook: Outlook) -> None:
        """How long the disk lasts, and what needs a person."""
        with self._lock:
            self._outlook = outlook

    def health(self, *, trusted: bool, trouble: str) -> None:
        """Whether the clock is trusted; what is wrong with the disk (empty: nothing)."""
        with self._lock:
            self._trusted, self._trouble = trusted, trouble

    def status(self) -> dict[str, Any]:
        """The answer to ``status``; touches no file but the volume's free space."""
        now_us, now_ns = self._clock.now_us(), self._clock.monotonic_ns()
        with self._lock:
            streams = [self._one(camera, stream, known, now_ns) for (camera, stream), known in self._streams.items()]
            trusted, trouble = self._trusted, self._trouble
            ahead = self._outlook
        volume = self._volume(trouble or ("full" if NOTHING_TO_FREE in ahead.notes else ""))
        volume |= {"full_on_us": ahead.forecast.full_on_us, "enough": ahead.forecast.enough, "notes": list(ahead.notes)}
        return {"now_us": now_us, "clock_trusted": trusted, "cameras": streams, "volumes": [volume]}

    def _one(self, camera: str, stream: str, known: _Stream, now_ns: int) -> dict[str, Any]:
        gap = None
        if known.gap is not None:
            gap = {"since_us": known.gap[0], "cause": known.gap[1], "detail": known.gap[2]}
        return {
            "camera": camera,
            "stream": stream,
            "recording": known.durable_ns is not None and now_ns - known.durable_ns < RECORDING_WITHIN_NS,
            "durable_until_us": known.durable_until_us or None,
            "gap": gap,
            "bytes": known.bytes_on_disk,
            "oldest_us": known.oldest_us,
            "clock_offset_us": known.camera_offset_us,
            "codec": known.codec,
        }

    def _volume(self, trouble: str) -> dict[str, Any]:
        facts: dict[str, Any] = {"uuid": self._uuid, "path": str(self._path)}
        try:
            room = os.statvfs(self._path)
        except OSError as error:
            return facts | {"state": trouble or str(error.strerror), "free_bytes": None, "total_bytes": None}
        free, total = room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize
        return facts | {"state": trouble or "good", "free_bytes": free, "total_bytes": total}
