"""The day the disk is full, from what each stream wrote of late and what its term will free (DESIGN §5). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

DAY_US = 86_400_000_000
_LEAST_US = 3_600_000_000  # less than an hour of recording says nothing about a month
_AHEAD_DAYS = 62


@dataclass(frozen=True, slots=True)
class Stock:
    """One stream: the bytes it has, by the day of UTC on which they begin, and the days it is kept."""

    by_day: tuple[tuple[int, int], ...]  # (days since 1970, bytes), in order
    kept_days: int
    since_us: int  # its oldest picture
    still: bool = True  # it goes on


@dataclass(frozen=True, slots=True)
class Forecast:
    """``full_on_us`` is ``None`` when nothing is known, or when the disk holds all that will be kept: ``enough`` tells
    the two apart (I9)."""

    full_on_us: int | None = None
    enough: bool | None = None


def forecast(stocks: Iterable[Stock], *, now_us: int, free_bytes: int) -> Forecast:
    """Day by day: what is written at the rate of the last day and the present one, less what comes to its term."""
    known = list(stocks)
    rates = [_rate(each, now_us) for each in known]
    if not known or any(rate is None for rate in rates):
        return Forecast()
    per_day = sum(rate for rate in rates if rate is not None)
    left = free_bytes
    for ahead in range(_AHEAD_DAYS):
        since, until = now_us + ahead * DAY_US, now_us + (ahead + 1) * DAY_US
        freed = sum(_freed(each, rate or 0, now_us, since, until) for each, rate in zip(known, rates, strict=True))
        after = left - per_day + freed
        if after < 0:
            return Forecast(since + DAY_US * left // max(1, left - after), enough=False)
        left = after
    return Forecast(None, enough=True)


def _rate(stock: Stock, now_us: int) -> int | None:
    """Bytes a day; ``None`` while there is too little to tell."""
    if not stock.still:
        return 0
    today = now_us // DAY_US
    since_us = max(stock.since_us, (today - 1) * DAY_US)
    if now_us - since_us < _LEAST_US:
        return None
    return sum(size for day, size in stock.by_day if day >= today - 1) * DAY_US // (now_us - since_us)


def _freed(stock: Stock, rate: int, now_us: int, since_us: int, until_us: int) -> int:
    """What comes to its term from ``since_us`` to ``until_us``: of what is there, and of what will be."""
    term_us = stock.kept_days * DAY_US
    there = sum(size for day, size in stock.by_day if since_us <= (day + 1) * DAY_US + term_us < until_us)
    overdue = sum(size for day, size in stock.by_day if (day + 1) * DAY_US + term_us < now_us)
    return there + (overdue if since_us == now_us else 0) + (rate if since_us - term_us >= now_us else 0)
