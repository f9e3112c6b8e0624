"""Half-open spans: what is in, what meets, what is left (I10)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import from_us, iso, parse_utc, to_us
from beffroi.kernel.spans import Span, subtract, union

INSTANTS = st.integers(min_value=0, max_value=4_000_000_000_000_000)


@st.composite
def spans(draw):
    start = draw(st.integers(min_value=0, max_value=1_000))
    return Span.of_us(start, start + draw(st.integers(min_value=1, max_value=300)))


def test_the_end_is_not_in_the_span():
    span = Span.of_us(10, 20)
    assert from_us(10) in span
    assert from_us(19) in span
    assert from_us(20) not in span


def test_an_empty_or_backward_span_is_refused():
    with pytest.raises(ValueError):
        Span.of_us(20, 20)
    with pytest.raises(ValueError):
        Span.of_us(21, 20)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001  the point of the test
    with pytest.raises(ValueError):
        parse_utc("2026-10-25T02:30:00")


def test_half_past_two_twice_is_told_apart():
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=0).astimezone(UTC)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=1).astimezone(UTC)
    assert to_us(second) - to_us(first) == 3_600_000_000


@given(INSTANTS)
def test_microseconds_go_there_and_back(at_us):
    assert to_us(from_us(at_us)) == at_us
    assert parse_utc(iso(from_us(at_us))) == from_us(at_us)


@given(spans(), spans())
def test_meeting_is_having_something_in_common(a, b):
    assert a.meets(b) == (a.cut(b) is not None) == b.meets(a)
    assert a.covers(b) == (a.cut(b) == b)


@given(st.lists(spans(), max_size=8))
def test_union_keeps_every_instant_and_never_overlaps(some):
    merged = union(some)
    assert all(a.end < b.start for a, b in pairwise(merged))
    for at in range(1_301):
        assert any(from_us(at) in s for s in some) == any(from_us(at) in s for s in merged)


@given(spans(), st.lists(spans(), max_size=6))
def test_what_is_left_and_what_was_taken_make_the_whole(whole, taken):
    left = subtract(whole, taken)
    for at in range(whole.start_us, whole.end_us):
        in_taken = any(from_us(at) in span for span in taken)
        assert in_taken != any(from_us(at) in span for span in left)
    assert sum((s.duration for s in left), timedelta()) <= whole.duration
