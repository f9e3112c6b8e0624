"""Destruction, in this order: what has outlived its term, what is over a quota, what a full disk asks for.

By age: refused under a clock that is not trusted. For room: the oldest that nothing holds, in the order in which it was
recorded, which no clock can turn round. Each run is bounded; each file leaves a signed line (I6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from beffroi.kernel.spans import Span
from beffroi.media.archive.cutting import Closed, closed, cut_out, what_stays
from beffroi.media.archive.store import Store
from beffroi.media.core.retention import (
    MOST_PER_RUN,
    RULE_CAMERA_QUOTA,
    RULE_PRESSURE,
    RULE_TERM,
    RULE_VOLUME_QUOTA,
    Aged,
    cutoffs,
    expired,
    make_room,
)
from beffroi.media.core.storage import Storage, short_of
from beffroi.media.core.words import StreamName

MOST_CUTS = 50  # each copies up to a minute of footage


@dataclass(slots=True)
class Purged:
    """What a run of the purge did. ``refused`` says why nothing was destroyed by age; ``more``: the bound was reached;
    ``stuck``: the disk is too full and there is nothing that may go."""

    segments: int = 0
    freed_bytes: int = 0
    more: bool = False
    refused: str = ""
    stuck: bool = False
    cut: int = 0  # of these, files of which a hold kept a part
    by_rule: dict[str, int] = field(default_factory=dict)

    def plus(self, other: "Purged") -> "Purged":
        """Of two volumes."""
        return Purged(
            segments=self.segments + other.segments,
            freed_bytes=self.freed_bytes + other.freed_bytes,
            more=self.more or other.more,
            refused=self.refused or other.refused,
            stuck=self.stuck or other.stuck,
            cut=self.cut + other.cut,
            by_rule={rule: self.by_rule.get(rule, 0) + number for rule, number in other.by_rule.items()}
            | {rule: number for rule, number in self.by_rule.items() if rule not in other.by_rule},
        )


def purge(
    store: Store,
    retention: Mapping[tuple[str, StreamName], int],
    storage: Storage | None = None,
    *,
    quotas: Mapping[str, int] | None = None,
    most: int = MOST_PER_RUN,
) -> Purged:
    """Destroy what is due. Streams without a known retention are left alone by age (unknown is not zero).
    ``quotas``: of cameras that have one of their own, in bytes."""
    done = Purged()
    if store.holds_unknown():
        done.refused = "holds-unknown"
        return done
    if store.clock_trusted():
        _by_age(store, retention, done, most)
    else:
        done.refused = "clock-not-trusted"
    if storage is not None:
        _by_quota(store, storage, quotas or {}, done, most)
        _by_room(store, storage, done, most)
    done.more = done.segments >= most
    return done


def _destroy(store: Store, gone: list[Aged], rule: str, done: Purged) -> int:
    freed = store.destroy(((each.segment, each.camera) for each in gone), rule=rule)
    done.segments += len(gone)
    done.freed_bytes += freed
    if gone:
        done.by_rule[rule] = done.by_rule.get(rule, 0) + len(gone)
    return freed


def _by_age(store: Store, retention: Mapping[tuple[str, StreamName], int], done: Purged, most: int) -> None:
    now_us = store.clock.now_us()
    for (camera, stream), days in sorted(retention.items()):
        left = most - done.segments
        if left <= 0:
            return
        old = _aged(store, camera, stream, cutoffs(now_us, days)[0], left)
        gone: list[Aged] = []
        cuts: list[tuple[Closed, list[bool]]] = []
        for each, held in expired(old, store.holds_in_force(camera), now_us=now_us, retention_days=days):
            if len(gone) + len(cuts) >= left or len(cuts) >= MOST_CUTS:
                break
            if any(span.covers(each.span) for span in held):
                continue
            file = closed(store, each.segment) if held else None
            keep = what_stays(store, file, held) if file is not None else []
            if not any(keep):
                gone.append(each)
            elif file is not None and not all(keep):
                cuts.append((file, keep))
        _destroy(store, gone, RULE_TERM, done)
        for file, keep in cuts:
            if cut_out(store, file, keep, rule=RULE_TERM):
                done.segments += 1
                done.cut += 1


def _by_quota(store: Store, storage: Storage, quotas: Mapping[str, int], done: Purged, most: int) -> None:
    """Each camera that has more than its share, its own or that of all, by its own oldest."""
    if not (storage.camera_quota_bytes or quotas):
        return
    for camera, used in store.db.execute("SELECT camera, sum(bytes) FROM day GROUP BY camera").fetchall():
        share = quotas.get(camera) or storage.camera_quota_bytes
        need = used - share if share else 0
        if need > 0 and done.segments < most:
            _free(store, need, RULE_CAMERA_QUOTA, done, most, camera=camera)


def _by_room(store: Store, storage: Storage, done: Purged, most: int) -> None:
    """The volume's share, then the disk itself, by the oldest of all cameras."""
    (used,) = store.db.execute("SELECT coalesce(sum(bytes), 0) FROM day").fetchone()
    free, total = store.disk.room(store.volume.path)
    over, short = short_of(storage, used_bytes=used, free_bytes=free, total_bytes=total)
    if over:
        short -= min(short, _free(store, over, RULE_VOLUME_QUOTA, done, most))
    if short and done.segments < most:
        done.stuck = not _free(store, short, RULE_PRESSURE, done, most)


def _free(store: Store, need: int, rule: str, done: Purged, most: int, *, camera: str = "") -> int:
    left = most - done.segments
    if left <= 0:
        return 0
    which = "AND camera = ?" if camera else ""
    rows = store.db.execute(
        f"SELECT segment, camera, start_us, end_us, bytes FROM segment WHERE state NOT IN ('open', 'missing') {which} "  # noqa: S608
        "ORDER BY id LIMIT ?",
        (*([camera] if camera else []), left + _held_segments(store, camera)),
    )
    old = (Aged(each[0], each[1], Span.of_us(each[2], max(each[3], each[2] + 1)), each[4]) for each in rows.fetchall())
    return _destroy(store, make_room(old, store.holds_in_force(camera), need_bytes=need, most=left), rule, done)


def _aged(store: Store, camera: str, stream: StreamName, before_us: int, most: int) -> list[Aged]:
    rows = store.db.execute(
        "SELECT segment, start_us, end_us, bytes FROM segment WHERE camera = ? AND stream = ? AND start_us < ? "
        "AND state <> 'open' ORDER BY start_us LIMIT ?",
        (camera, stream.value, before_us, most + _held_segments(store, camera)),
    )
    return [Aged(segment, camera, Span.of_us(start, max(end, start + 1)), size) for segment, start, end, size in rows]


def _held_segments(store: Store, camera: str) -> int:
    """How many segments may stand in front of those that can go, because a hold meets them."""
    row = store.db.execute(
        "SELECT count(*) FROM hold h JOIN segment s ON s.camera = h.camera AND s.end_us > h.start_us "
        "AND s.start_us < h.end_us WHERE h.released_us IS NULL AND ? IN ('', h.camera)",
        (camera,),
    ).fetchone()
    return int(row[0])
