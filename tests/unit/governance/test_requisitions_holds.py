"""Holds: caps, terms, what is beyond retention."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.holds import HoldCap, HoldLoad, must_release, over_cap, regularise_before

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(st.integers(0, 40 * 24 * 3600))
def test_a_hold_goes_at_eight_days_and_not_a_second_before(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    assert must_release(placed_at=NOW, regularised=False, now=now) == (seconds >= 8 * 24 * 3600)
    assert not must_release(placed_at=NOW, regularised=True, now=now)
    assert regularise_before(NOW) == NOW + timedelta(days=8)


@given(st.integers(0, 60), st.integers(0, 100 * 3600), st.integers(1, 10 * 3600))
def test_the_cap_counts_holds_and_seconds(holds: int, seconds: int, asked: int) -> None:
    cap = HoldCap(holds=40, seconds=72 * 3600)
    over = over_cap(HoldLoad(holds, seconds), timedelta(seconds=asked), cap)
    assert over == (holds >= 40 or seconds + asked > 72 * 3600)
