"""Hours of recording: every change is found, none is made up, both nights of summer time included."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from beffroi.kernel.clock import to_us
from beffroi.media.core.hours import CLOCK_UNSURE, DAY_MINUTES, HOURS, Hours, Period, merged, of_day

PARIS = "Europe/Paris"
MINUTE_US = 60_000_000
PERIODS = st.builds(
    lambda day, edges: Period(day, min(edges), max(edges)),
    st.integers(0, 6),
    st.tuples(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES)).filter(lambda two: two[0] != two[1]),
)
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
MOMENTS = st.one_of(
    *(
        st.integers(-2 * DAY_MINUTES, DAY_MINUTES).map(lambda minute, day=day: to_us(day) + minute * MINUTE_US)
        for day in (SPRING, AUTUMN)
    )
)


@settings(max_examples=60)
@given(st.lists(PERIODS, max_size=4), MOMENTS, st.integers(0, 600))
@example([Period(6, 90, 150)], to_us(SPRING), 0)
@example([Period(6, 90, 150)], to_us(AUTUMN), 0)
def test_the_next_change_is_the_first_minute_that_differs(periods, at, lifted):
    hours = Hours(PARIS, tuple(periods), at + lifted * MINUTE_US if lifted else 0)
    walk = range(at, at + 3 * DAY_MINUTES * MINUTE_US, MINUTE_US)
    first = next((one for one in walk if hours.recorded(one) != hours.recorded(at)), None)
    told = hours.next_change_us(at)
    assert told == first if first is not None else told is None or told >= walk.stop


@given(st.lists(PERIODS, max_size=8), MOMENTS)
def test_merging_changes_no_moment(periods, at):
    whole = merged(periods)
    assert Hours(PARIS, tuple(periods)).recorded(at) == Hours(PARIS, whole).recorded(at)
    assert all(one.day < two.day or one.until < two.since for one, two in pairwise(whole))


@given(st.integers(0, 6), st.integers(0, DAY_MINUTES - 1), st.integers(0, DAY_MINUTES), MOMENTS)
def test_a_range_past_midnight_ends_on_the_next_day(day, since, until, at):
    """Against what the wall clock says: from its beginning on its own day, or before its end on the next."""
    if since == until:
        return
    here = datetime.fromtimestamp(at / 1_000_000, ZoneInfo(PARIS))
    minute = here.hour * 60 + here.minute
    if since < until:
        wanted = here.weekday() == day and since <= minute < until
    else:
        wanted = (here.weekday() == day and minute >= since) or (here.weekday() == (day + 1) % 7 and minute < until)
    assert Hours(PARIS, of_day(day, since, until)).recorded(at) == wanted


def test_a_night_is_as_long_as_it_is():
    """22:00 to 06:00 on Saturday: seven hours in spring, nine in autumn."""
    nights = Hours(PARIS, merged(of_day(5, 22 * 60, 6 * 60)))
    for sunday, lasts in ((SPRING, 7), (AUTUMN, 9), (AUTUMN + timedelta(days=7), 8)):
        evening = to_us(datetime.combine(sunday - timedelta(days=1), time(22), ZoneInfo(PARIS)))
        assert not nights.recorded(evening - 1)
        assert nights.next_change_us(evening) == evening + lasts * 60 * MINUTE_US, "midnight is no change"


def test_the_hour_that_comes_twice_is_inside_twice_and_the_one_left_out_is_not():
    sunday = Hours(PARIS, (Period(6, 120, 180),))
    assert sunday.next_change_us(to_us(AUTUMN)) == to_us(AUTUMN + timedelta(hours=2)), "from 0:00 to 2:00 UTC"
    assert not any(sunday.recorded(to_us(SPRING) + minute * MINUTE_US) for minute in range(-60, 180))


def test_an_alert_lifts_what_is_never_recorded_and_it_falls_back_at_its_end():
    end = to_us(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    hours = Hours(PARIS, lifted_until_us=end)
    assert hours.recorded(end - 1)
    assert not hours.recorded(end)
    assert (hours.next_change_us(end - 1), hours.next_change_us(end)) == (end, None)


@given(st.lists(PERIODS, max_size=4), MOMENTS, st.integers(-600, 600))
def test_a_clock_that_is_not_trusted_opens_no_hour_and_ends_no_alert(periods, at, left):
    """Whatever such a clock shows: the lift counts by its own length, and by nothing else."""
    hours = Hours(PARIS, tuple(periods), at)
    why = hours.why_resting(at, trusted=False, lift_left_us=left)
    assert why == ("" if left > 0 else CLOCK_UNSURE if periods else HOURS)
    told = hours.why_resting(at, trusted=True, lift_left_us=left)
    assert told == ("" if hours.recorded(at) else HOURS)
