"""What a technician should know of a volume beside how full it is: until when it lasts, and what needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from beffroi.media.archive.purge import Purged
from beffroi.media.archive.store import Store
from beffroi.media.core.forecast import Forecast, Stock, forecast
from beffroi.media.core.retention import RULE_TERM
from beffroi.media.core.words import StreamName

JOURNAL_BROKEN = "journal-broken"
HOLDS_UNKNOWN = "holds-unknown"
DESTROYED_EARLY = "destroyed-early"
NOTHING_TO_FREE = "nothing-to-free"
_EARLY_WITHIN_US = 86_400_000_000
_STILL_WITHIN_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """``notes`` are codes that pages put into words."""

    forecast: Forecast
    notes: tuple[str, ...] = ()


def outlook(store: Store, kept_days: Mapping[tuple[str, StreamName], int], done: Purged) -> Outlook:
    """After a run of the purge."""
    now_us = store.clock.now_us()
    free, _ = store.disk.room(store.volume.path)
    return Outlook(
        forecast(_stocks(store, kept_days, now_us), now_us=now_us, free_bytes=free), _notes(store, done, now_us)
    )


def _stocks(store: Store, kept_days: Mapping[tuple[str, StreamName], int], now_us: int) -> list[Stock]:
    days: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for camera, stream, day, size in store.db.execute("SELECT camera, stream, day, bytes FROM day ORDER BY day"):
        days.setdefault((camera, stream), []).append((day, size))
    rows = store.db.execute(
        "SELECT t.camera, t.stream, t.durable_until_us, (SELECT min(start_us) FROM piece p WHERE p.camera = t.camera "
        "AND p.stream = t.stream) FROM stream t"
    )
    return [
        Stock(
            by_day=tuple(days.get((camera, stream), ())),
            kept_days=kept_days[camera, StreamName(stream)],
            since_us=oldest,
            still=now_us - until < _STILL_WITHIN_US,
        )
        for camera, stream, until, oldest in rows
        if oldest is not None and (camera, StreamName(stream)) in kept_days
    ]


def _notes(store: Store, done: Purged, now_us: int) -> tuple[str, ...]:
    early = store.db.execute(
        "SELECT 1 FROM (SELECT rule, at_us FROM destruction ORDER BY id DESC LIMIT 1000) WHERE rule <> ? AND at_us > ?",
        (RULE_TERM, now_us - _EARLY_WITHIN_US),
    ).fetchone()
    broken = store.db.execute("SELECT 1 FROM broken").fetchone()
    found = {
        JOURNAL_BROKEN: broken is not None,
        HOLDS_UNKNOWN: store.holds_unknown(),
        DESTROYED_EARLY: early is not None,
        NOTHING_TO_FREE: done.stuck,
    }
    return tuple(name for name, holds in found.items() if holds)
