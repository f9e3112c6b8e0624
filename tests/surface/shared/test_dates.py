"""Moments as people type them, in the nights in which clocks are set."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from beffroi.web.public.views.rights import _span
from beffroi.web.shared.dates import MomentField, instants

WALLS = st.one_of(
    *(
        st.integers(0, 6 * 60).map(lambda minute, day=day: datetime.combine(day, time()) + timedelta(minutes=minute))
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 23))
    )
)


def typed(text: str, *, end: bool = False) -> datetime:
    found = MomentField(end=end).clean(text)
    assert found is not None
    return found.astimezone(UTC)


def test_in_the_hour_that_comes_twice_a_span_holds_both():
    assert typed("2026-10-25T02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert typed("2026-10-25T02:30", end=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert typed("2026-10-25T03:00") == typed("2026-10-25T03:00", end=True) == datetime(2026, 10, 25, 2, tzinfo=UTC)


@pytest.mark.parametrize("end", [False, True])
def test_the_hour_that_spring_leaves_out_is_refused_with_words(end):
    with pytest.raises(ValidationError) as refused:
        typed("2026-03-29T02:30", end=end)
    assert refused.value.code == "skipped"
    assert typed("2026-03-29T03:00", end=end) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_what_is_no_moment_is_refused_as_before():
    with pytest.raises(ValidationError) as refused:
        typed("yesterday")
    assert refused.value.code == "invalid"


@given(WALLS, st.integers(1, 170))
def test_the_span_of_a_request_is_never_shorter_than_what_was_typed_may_mean(since, minutes):
    until = since + timedelta(minutes=minutes)
    found = _span({"day": since.date(), "since": since.time(), "until": until.time()})
    assert found is not None
    assert found.start <= instants(since)[0]
    assert found.end >= instants(until)[1]
    assert found.end - found.start <= timedelta(minutes=minutes) + timedelta(hours=2)
