"""When footage must go (I6; Code de la sécurité intérieure L252-5: one month at most). Pure."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.spans import Span
from beffroi.media.core.words import Hold

RULE_TERM = "R-04 term"
RULE_CAMERA_QUOTA = "quota of the camera"
RULE_VOLUME_QUOTA = "quota of the volume"
RULE_PRESSURE = "disk pressure"
MOST_PER_RUN = 500


@dataclass(frozen=True, slots=True)
class Aged:
    """A closed segment, as purge sees it."""

    segment: str
    camera: str
    span: Span
    bytes_on_disk: int


def month_before(now: datetime) -> datetime:
    """The same hour one calendar month ago. On a day that the month before lacks, that whole month is over: what was
    recorded on 28 February at noon ended on 28 March, and does not wait for 31 March at noon."""
    year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    if now.day > monthrange(year, month)[1]:
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return now.replace(year=year, month=month)


def month_after(recorded: datetime) -> datetime:
    """When ``month_before`` reaches ``recorded``: the same day and hour of the next month; where that month lacks the
    day, the end of its last one (the civil rule of terms in months, CPC 641 and 642). Counted in UTC, as the purge is.
    """
    months = recorded.year * 12 + recorded.month
    year, month = divmod(months, 12)
    if recorded.day <= monthrange(year, month + 1)[1]:
        return recorded.replace(year=year, month=month + 1)
    year, month = divmod(months + 1, 12)
    return recorded.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def cutoffs(now_us: int, retention_days: int) -> tuple[int, int]:
    """What begins before the first must go unless held; before the second only a judicial hold keeps it."""
    now = from_us(now_us)
    legal = month_before(now)
    return to_us(max(legal, now - timedelta(days=max(0, retention_days)))), to_us(legal)


def expired(
    segments: Iterable[Aged], holds: Iterable[Hold], *, now_us: int, retention_days: int
) -> Iterator[tuple[Aged, list[Span]]]:
    """Of ``segments`` of one camera, oldest first, those whose term has come, each with the spans of the camera that
    are still held against it: past the legal maximum, by a judicial reference alone (I6)."""
    term_us, legal_us = cutoffs(now_us, retention_days)
    kept = list(holds)
    for each in segments:
        if each.span.start_us >= term_us:
            return
        past_legal = each.span.start_us < legal_us
        yield each, [hold.span for hold in kept if hold.judicial or not past_legal]


def make_room(
    segments: Iterable[Aged], holds: Iterable[Hold], *, need_bytes: int, most: int = MOST_PER_RUN
) -> list[Aged]:
    """Of ``segments``, in the order in which they were recorded, those that go so that ``need_bytes`` become free: the
    oldest that nothing holds. A hold of any kind beats a quota and a full disk."""
    kept: dict[str, list[Span]] = {}
    for hold in holds:
        kept.setdefault(hold.camera, []).append(hold.span)
    found: list[Aged] = []
    freed = 0
    for each in segments:
        if freed >= need_bytes or len(found) >= most:
            break
        if any(span.meets(each.span) for span in kept.get(each.camera, ())):
            continue
        found.append(each)
        freed += each.bytes_on_disk
    return found
