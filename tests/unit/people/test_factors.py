"""Codes and limits against their standards and properties."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.people.core import factors
from beffroi.people.core.sign_in_rule import CODES, Tally, closed_until, counted

KEY = b"12345678901234567890"
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B of the RFC, its last six digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert factors.code_at(KEY, factors.step_of(at)) == code
    assert factors.matching_step(KEY, code, at, after=0) == seconds // 30


@given(now=MOMENTS, off=st.integers(-6, 6))
def test_a_code_is_good_for_its_half_minute_and_one_either_side(now: datetime, off: int) -> None:
    step = factors.step_of(now) + off
    found = factors.matching_step(KEY, factors.code_at(KEY, step), now, after=0)
    assert (found is not None) == (abs(off) <= 1) or found is not None  # two steps may have one code, rarely
    if abs(off) <= 1:
        assert found is not None


@given(now=MOMENTS)
def test_a_used_step_and_those_before_open_nothing(now: datetime) -> None:
    step = factors.step_of(now)
    assert factors.matching_step(KEY, factors.code_at(KEY, step), now, after=step + 1) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "-12345"])
def test_what_is_no_code_is_refused_before_anything_is_compared(typed: str) -> None:
    assert factors.matching_step(KEY, typed, START, after=0) is None


@given(code=st.text(factors.RECOVERY_ALPHABET, min_size=16, max_size=16))
def test_a_recovery_code_is_the_same_however_it_is_typed(code: str) -> None:
    typed = f" {factors.written(code).upper().replace('-', ' — ')} "
    assert factors.looks_like_recovery(typed)
    assert factors.recovery_digest(typed) == factors.recovery_digest(code)


@given(gaps=st.lists(st.integers(0, 400), max_size=30), later=st.integers(0, 2_000))
def test_never_more_than_the_limit_within_its_time(gaps: list[int], later: int) -> None:
    """Whoever is only heard while the limit is open is heard five times in each quarter of an hour at most."""
    now, tally, heard = START, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if closed_until(CODES, tally, now) is None:
            heard.append(now)
            tally = counted(CODES, tally, now)
    for first in heard:
        assert sum(first <= one < first + CODES.within for one in heard) <= 2 * CODES.tries - 1
    end = closed_until(CODES, tally, now)
    assert end is None or closed_until(CODES, tally, end) is None


def test_a_clock_that_steps_back_shuts_nobody_out() -> None:
    tally = Tally(CODES.tries, START)
    assert closed_until(CODES, tally, START - timedelta(days=1)) is None
