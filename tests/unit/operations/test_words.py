"""Shifts, reasons, substitutes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.ids import PersonId
from beffroi.operations.core.words import (
    MAX_SHIFT,
    Shift,
    local_year,
    reason_given,
    shift_end,
)

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
SHIFT = Shift("s", PersonId("p"), "Brigadier", "L251-2:5", "nuit", NOW, NOW + timedelta(hours=8), None, "")


@given(st.timedeltas(timedelta(hours=-10), timedelta(hours=20)))
def test_a_shift_is_open_from_its_beginning_until_it_expires(after):
    assert SHIFT.open_at(NOW + after) == (timedelta(0) <= after < timedelta(hours=8))


@given(st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_no_shift_outlasts_twelve_hours_and_none_is_empty(asked):
    assert timedelta(0) < shift_end(NOW, asked) - NOW <= MAX_SHIFT


@pytest.mark.parametrize(
    "text", ["", "      ", "abc", "Surveillance", "vidéoprotection.", "aaaaaaaaaaaa", "  motif   "]
)
def test_boiler_plate_is_no_reason(text):
    assert not reason_given(text)


@pytest.mark.parametrize("text", ["Marché du samedi", "Appui à la patrouille de nuit", "Vol à la tire signalé"])
def test_words_of_ones_own_are(text):
    assert reason_given(text)


def test_the_year_of_an_incident_is_the_communes():
    assert local_year(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Paris")) == 2027
