"""Holds: caps, terms, what is beyond retention."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.holds import HoldCap, HoldLoad, over_cap, regularise_before

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_hold_waits_eight_days_for_its_requisition() -> None:
    assert regularise_before(NOW) == NOW + timedelta(days=8)


@given(st.integers(0, 60), st.integers(0, 100 * 3600), st.integers(1, 10 * 3600))
def test_the_cap_counts_holds_and_seconds(holds: int, seconds: int, asked: int) -> None:
    cap = HoldCap(holds=40, seconds=72 * 3600)
    over = over_cap(HoldLoad(holds, seconds), timedelta(seconds=asked), cap)
    assert over == (holds >= 40 or seconds + asked > 72 * 3600)
