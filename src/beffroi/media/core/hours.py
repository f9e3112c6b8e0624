"""At which hours of the week a camera inside a building is recorded, by the centre's local time. Pure.

Hours are read off the clock on the wall: in the night that has an hour twice both are inside or both are not, and a
period within the hour that spring leaves out does not take place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from beffroi.kernel.clock import from_us, to_us

DAY_MINUTES = 24 * 60
_DAYS_AHEAD = 15  # a week, and one more for hours that the night of the change leaves out
_MINUTE = timedelta(minutes=1)

HOURS = "hours"
CLOCK_UNSURE = "clock_not_trusted"
"""Why a camera is not recorded now, in the recorder's codes."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Minutes of one day of the week (0: Monday), half open; ``until`` may be 1440."""

    day: int
    since: int
    until: int

    def __post_init__(self) -> None:
        if not (0 <= self.day <= 6 and 0 <= self.since < self.until <= DAY_MINUTES):
            raise ValueError("not a period of a day")


@dataclass(frozen=True, slots=True)
class Hours:
    """When a camera is recorded: in these periods, and before ``lifted_until_us`` whatever they say (a real alert).

    Without a period it is never recorded but in an alert.
    """

    zone: str
    periods: tuple[Period, ...] = ()
    lifted_until_us: int = 0

    def recorded(self, at_us: int) -> bool:
        """Whether the camera is recorded at this moment."""
        return at_us < self.lifted_until_us or self._by_week(from_us(at_us))

    def next_change_us(self, at_us: int) -> int | None:
        """When that changes next; ``None``: not within the days looked at."""
        now = self.recorded(at_us)
        moments = sorted({*map(to_us, self._moments(from_us(at_us))), self.lifted_until_us})
        return next((one for one in moments if one > at_us and self.recorded(one) != now), None)

    def why_resting(self, at_us: int, *, trusted: bool, lift_left_us: int) -> str:
        """Why the recorder does not record the camera now; empty: it does.

        While the clock is not to be trusted nobody can say that it is the hour, and whom a camera inside a building
        would show without right stands in front of it: it rests. An alert does not wait for a clock: its lift lasts
        for ``lift_left_us``, which the recorder counts without one.
        """
        if trusted:
            return "" if self.recorded(at_us) else HOURS
        if lift_left_us > 0:
            return ""
        return CLOCK_UNSURE if self.periods else HOURS

    def _by_week(self, at: datetime) -> bool:
        here = at.astimezone(ZoneInfo(self.zone))
        minute = here.hour * 60 + here.minute
        return any(one.day == here.weekday() and one.since <= minute < one.until for one in self.periods)

    def _moments(self, at: datetime) -> Iterator[datetime]:
        """Every moment at which a period may begin or end, the changes of summer time among them."""
        zone = ZoneInfo(self.zone)
        first = at.astimezone(zone).date() - timedelta(days=1)
        minutes = {edge for one in self.periods for edge in (one.since, one.until)}
        for ahead in range(_DAYS_AHEAD + 2):
            midnight = datetime.combine(first + timedelta(days=ahead), time())
            for edge in minutes:
                local = midnight + edge * _MINUTE
                for fold in (0, 1):
                    yield local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            yield from _turn(midnight.replace(tzinfo=zone).astimezone(UTC), zone)


def of_day(day: int, since: int, until: int) -> tuple[Period, ...]:
    """A range as somebody says it of a day: one that ends before it begins goes on into the next day."""
    if since < until:
        return (Period(day, since, until),)
    evening = (Period(day, since, DAY_MINUTES),)
    return evening if until == 0 else (*evening, Period((day + 1) % 7, 0, until))


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same hours, in order, without overlap."""
    found: list[Period] = []
    for one in sorted(periods):
        if found and found[-1].day == one.day and one.since <= found[-1].until:
            found[-1] = Period(one.day, found[-1].since, max(found[-1].until, one.until))
        else:
            found.append(one)
    return tuple(found)


def _turn(since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The minute within a day of ``since`` at which the clocks are set, if they are."""
    low, high = 0, DAY_MINUTES
    offset = since.astimezone(zone).utcoffset()
    if (since + high * _MINUTE).astimezone(zone).utcoffset() == offset:
        return
    while high - low > 1:
        middle = (low + high) // 2
        if (since + middle * _MINUTE).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    yield since + high * _MINUTE
