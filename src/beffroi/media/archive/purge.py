"""Destruction by age: bounded, refused under a clock that is not trusted, never against a hold (I6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.spans import Span
from beffroi.media.archive.store import Store
from beffroi.media.core.retention import MOST_PER_RUN, RULE_TERM, Aged, cutoffs, expired
from beffroi.media.core.words import Hold, StreamName


@dataclass(frozen=True, slots=True)
class Purged:
    """What a run of the purge did. ``refused`` says why nothing was done; ``more``: the bound was reached."""

    segments: int = 0
    freed_bytes: int = 0
    more: bool = False
    refused: str = ""


def purge(store: Store, retention: Mapping[tuple[str, StreamName], int], *, most: int = MOST_PER_RUN) -> Purged:
    """Destroy what has outlived its term. Streams without a known retention are left alone (unknown is not zero)."""
    if not store.clock_trusted():
        return Purged(refused="clock-not-trusted")
    if store.holds_unknown():
        return Purged(refused="holds-unknown")
    now_us = store.clock.now_us()
    done, freed = 0, 0
    for (camera, stream), days in sorted(retention.items()):
        left = most - done
        if left <= 0:
            return Purged(done, freed, more=True)
        gone = expired(
            _aged(store, camera, stream, cutoffs(now_us, days)[0], left),
            _holds(store, camera),
            now_us=now_us,
            retention_days=days,
            most=left,
        )
        freed += store.destroy(((each.segment, each.camera) for each in gone), rule=RULE_TERM)
        done += len(gone)
    return Purged(done, freed, more=done >= most)


def _aged(store: Store, camera: str, stream: StreamName, before_us: int, most: int) -> list[Aged]:
    rows = store.db.execute(
        "SELECT segment, start_us, end_us, bytes FROM segment WHERE camera = ? AND stream = ? AND start_us < ? "
        "AND state <> 'open' ORDER BY start_us LIMIT ?",
        (camera, stream.value, before_us, most + _held_segments(store, camera)),
    )
    return [Aged(segment, camera, Span.of_us(start, max(end, start + 1)), size) for segment, start, end, size in rows]


def _held_segments(store: Store, camera: str) -> int:
    """How many old segments may stand in front of those that can go."""
    row = store.db.execute(
        "SELECT count(*) FROM hold h JOIN segment s ON s.camera = h.camera AND s.end_us > h.start_us "
        "AND s.start_us < h.end_us WHERE h.camera = ? AND h.released_us IS NULL",
        (camera,),
    ).fetchone()
    return int(row[0])


def _holds(store: Store, camera: str) -> list[Hold]:
    rows = store.db.execute(
        "SELECT hold, start_us, end_us, reference, judicial, set_us FROM hold WHERE camera = ? AND released_us IS NULL",
        (camera,),
    )
    return [
        Hold(HoldId(hold), CameraId(camera), Span.of_us(start, end), reference, bool(judicial), set_us)
        for hold, start, end, reference, judicial, set_us in rows
    ]
