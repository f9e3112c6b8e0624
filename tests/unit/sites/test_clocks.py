"""Whose clock is wrong, the cameras' or the recorder's (R-31)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.sites.core.clocks import OFF_US, recorder_off_us

_HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("offsets", "off"),
    [
        ([], None),
        ([_HOUR, _HOUR], None),  # two may have been set by the same wrong hand
        ([_HOUR, _HOUR + 400_000, _HOUR - 300_000], -_HOUR),
        ([_HOUR] * 3 + [20_000] * 3, None),
        ([_HOUR] * 4 + [20_000] * 3, -_HOUR),
        ([-_HOUR] * 3 + [86_400_000_000], _HOUR),
        ([900_000] * 8, None),
        ([_HOUR, 2 * _HOUR, 3 * _HOUR, 4 * _HOUR], None),
    ],
)
def test_most_clocks_that_agree_are_right(offsets, off):
    assert recorder_off_us(offsets) == off


@given(st.lists(st.integers(-OFF_US, OFF_US), max_size=20))
def test_clocks_within_a_second_accuse_nobody(offsets):
    assert recorder_off_us(offsets) is None
