"""Rates show their denominator; a published percentage is held against the counts it could have been made of."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.insight.core.rates import Rate, median, numerators, percentile, read_percentage, whole_percent

counts = st.integers(0, 500)


def test_no_count_of_thirty_rounds_to_seventy_four_but_twenty_of_twenty_seven_does() -> None:
    assert numerators(74, 30) == []
    assert numerators(74, 27) == [20]
    reading = read_percentage(74, 30)
    assert (reading.fits, reading.known, reading.yes, reading.unknown) == ((), 27, (20,), 3)


def test_thirty_five_per_cent_of_ninety_one_is_thirty_two() -> None:
    reading = read_percentage(35, 91)
    assert (reading.fits, reading.unknown) == ((32,), 0)


@given(st.integers(0, 400), st.integers(1, 400))
def test_whole_percent_rounds_halves_up(part: int, whole: int) -> None:
    exact = (Decimal(100) * part / Decimal(whole)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert whole_percent(part, whole) == int(exact)


@given(st.integers(0, 100), st.integers(1, 200))
def test_a_reading_names_counts_that_do_round_to_it_and_no_larger_whole_would(percent: int, whole: int) -> None:
    reading = read_percentage(percent, whole)
    assert all(whole_percent(part, whole) == percent for part in reading.fits)
    known = reading.known or 0  # none where not even a smaller whole has a count that rounds to it
    assert bool(reading.yes) is (reading.known is not None)
    assert all(whole_percent(part, known) == percent for part in reading.yes)
    assert all(not numerators(percent, larger) for larger in range(known + 1, whole + 1))


@given(counts, counts, counts)
def test_an_unknown_is_in_no_share_and_bounds_it(yes: int, no: int, unknown: int) -> None:
    rate = Rate(yes, no, unknown)
    assert rate.known == yes + no
    assert rate.all == yes + no + unknown
    if rate.known == 0:
        assert rate.percent is None
        return
    assert rate.percent is not None
    assert rate.lowest_percent is not None
    assert rate.highest_percent is not None
    assert rate.lowest_percent <= rate.percent <= rate.highest_percent
    assert Rate(yes, no, 0).percent == rate.percent


def test_a_rate_of_nothing_is_unknown_not_zero() -> None:
    assert Rate(0, 0, 5).percent is None
    assert Rate(0, 5, 0).percent == 0


@pytest.mark.parametrize("wrong", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_counts_are_not_negative(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError):
        Rate(*wrong)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    middle = median(values)
    assert middle is not None
    assert min(values) <= middle <= max(values)


def test_median_and_percentile_of_nothing_are_unknown() -> None:
    assert median([]) is None
    assert percentile([], 90) is None
    assert median([1, 2, 3, 10]) == 2.5
    assert percentile(list(range(1, 11)), 90) == 9
