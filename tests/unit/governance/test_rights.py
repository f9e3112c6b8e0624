"""Rights of persons: the clock, the table of states for every pair, numbers that cannot be guessed or misread."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core import rights
from beffroi.governance.core.answers import expiry
from beffroi.governance.core.rights import TABLE, RightsAct, RightsState, one_month_after
from beffroi.kernel.errors import Conflict
from beffroi.kernel.spans import Span

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MOMENTS = st.integers(0, 52_000).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


@given(MOMENTS, st.integers(0, 40), st.integers(1, 31))
def test_the_answer_is_due_within_a_month_and_before_the_purge(received: datetime, ago: int, days: int) -> None:
    span = Span(received - timedelta(days=ago, hours=2), received - timedelta(days=ago, hours=1))
    clock = rights.clock_of(received, span, days)
    assert received <= clock.due_at <= one_month_after(received)
    assert clock.purge_at == expiry(span.start, days)
    if clock.purge_at - rights.BEFORE_PURGE >= received:
        assert clock.due_at <= clock.purge_at - rights.BEFORE_PURGE
    else:
        assert clock.due_at == received  # nothing is left to wait for


def test_without_a_camera_the_month_alone_counts() -> None:
    clock = rights.clock_of(NOW, Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1)), None)
    assert (clock.due_at, clock.purge_at, clock.by_purge) == (datetime(2026, 12, 23, 10, 0, tzinfo=UTC), None, False)


@pytest.mark.parametrize("state", RightsState)
@pytest.mark.parametrize("act", RightsAct)
def test_every_pair_of_state_and_act(state: RightsState, act: RightsAct) -> None:
    if (state, act) in TABLE:
        assert rights.next_state(state, act) is TABLE[state, act]
        assert act in rights.open_acts(state)
    else:
        with pytest.raises(Conflict) as told:
            rights.next_state(state, act)
        assert told.value.code == "rights-state"


def test_no_appointment_without_identity_and_no_way_out_of_the_end() -> None:
    assert [state for state, act in TABLE if act is RightsAct.APPOINT] == [
        RightsState.IDENTIFIED, RightsState.APPOINTED,
    ]  # fmt: skip
    assert not rights.open_acts(RightsState.CLOSED)
    assert not rights.open_acts(RightsState.WITHDRAWN)
    assert set(rights.ARTICLES) == set(rights.RefusalGround)


@given(st.integers(0, 2**50 - 1), st.integers(0, 2**50 - 1))
def test_numbers_differ_and_are_read_as_they_are_typed(one: int, other: int) -> None:
    number = rights.tracking_number(one)
    assert rights.read_number(number) == number
    assert rights.read_number(f"  {number.lower().replace('-', '–').replace('0', 'o').replace('1', 'l')} ") == number
    assert (number == rights.tracking_number(other)) == (one == other)


@given(st.text(max_size=60))
def test_anything_else_is_no_number(text: str) -> None:
    found = rights.read_number(text)
    assert found == "" or rights.NUMBER.fullmatch(found)


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (-3, -2, {}),
        (-2, 1, {"until": "in-the-future"}),
        (-9, -2, {"until": "too-long-span"}),
        (-24 * 32, -24 * 32 + 1, {"day": "destroyed"}),
    ],
)
def test_what_may_be_asked(start: int, end: int, wrong: dict[str, str]) -> None:
    assert rights.problems(Span(NOW + timedelta(hours=start), NOW + timedelta(hours=end)), NOW) == wrong
    assert rights.problems(None, NOW) == {"until": "ends-before-start"}
