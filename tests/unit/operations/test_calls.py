"""Who is called when nobody answers: one at a time, in order, nobody twice, and it ends with an alarm."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Corrupt
from beffroi.kernel.spans import Span
from beffroi.operations.core.calls import (
    Call,
    Next,
    PeriodKind,
    RotaPeriod,
    Waits,
    call_due_at,
    next_call,
    order_of_call,
    parse_staffing,
)
from beffroi.operations.core.words import RotaLine
from beffroi.operations.files import DEFAULT, presets

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = 5 * MINUTE
ROTA = [RotaLine(rank, name, name.title(), "") for rank, name in enumerate(("ana", "ben", "cleo"), 1)]
people = st.lists(st.sampled_from(["ana", "ben", "cleo", "dan"]), unique=True)


def period(person, kind, start=NOW - MINUTE, end=NOW + MINUTE):
    return RotaPeriod(f"{person}-{kind}", person, person, kind, Span(start, end))


def names(order):
    return [line.person for line in order]


def test_the_order_is_by_rank_turns_first_without_who_is_away():
    assert names(order_of_call(reversed(ROTA), [], NOW)) == ["ana", "ben", "cleo"]
    turn = period("cleo", PeriodKind.TURN)
    assert names(order_of_call(ROTA, [turn], NOW)) == ["cleo", "ana", "ben"]
    away = [period("cleo", PeriodKind.AWAY), period("ana", PeriodKind.AWAY)]
    assert names(order_of_call(ROTA, [turn, *away], NOW)) == ["ben"], "who is away is not called, turn or not"


def test_a_period_is_half_open():
    turn = period("cleo", PeriodKind.TURN, NOW, NOW + MINUTE)
    assert names(order_of_call(ROTA, [turn], NOW))[0] == "cleo"
    assert names(order_of_call(ROTA, [turn], NOW + MINUTE))[0] == "ana"
    assert names(order_of_call(ROTA, [turn], NOW - timedelta(microseconds=1)))[0] == "ana"


def follow(order, patience=PATIENCE, until=timedelta(hours=2)):
    """Everything that is done about something nobody ever answers."""
    calls, done, now = [], [], NOW
    while now <= NOW + until:
        due = next_call(order, calls, asked_at=NOW, patience=patience, now=now)
        if due is not None:
            done.append((due.person, now))
            if due.person is None:
                break
            calls.append(Call(due.person, now))
        now += timedelta(seconds=30)
    return done


def test_one_at_a_time_each_with_her_time_then_the_alarm():
    assert follow(["ana", "ben"]) == [("ana", NOW), ("ben", NOW + PATIENCE), (None, NOW + 2 * PATIENCE)]


def test_with_nobody_to_call_the_alarm_comes_after_one_patience():
    assert follow([]) == [(None, NOW + PATIENCE)]


@given(people, st.integers(1, 30))
def test_nobody_is_called_twice_and_it_always_ends(order, minutes):
    done = follow(order, patience=minutes * MINUTE, until=timedelta(hours=4))
    assert [person for person, _ in done] == [*order, None]
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(done)]
    assert all(gap >= minutes * MINUTE for gap in gaps)


@given(people, people)
def test_who_was_called_counts_even_after_leaving_the_order(before, after):
    calls = [Call(person, NOW + number * PATIENCE) for number, person in enumerate(before)]
    due = next_call(after, calls, asked_at=NOW, patience=PATIENCE, now=NOW + 100 * PATIENCE)
    left = [person for person in after if person not in before]
    assert due == Next(left[0] if left else None)


def test_it_says_when_the_next_call_is_made():
    assert call_due_at([], asked_at=NOW, patience=PATIENCE) == NOW + PATIENCE
    assert call_due_at([Call("ana", NOW + MINUTE)], asked_at=NOW, patience=PATIENCE) == NOW + MINUTE + PATIENCE


def test_the_presets_ship_and_the_smaller_staff_is_given_more_time():
    found = presets()
    assert set(found) == {"solo", "small", "staffed"}
    assert DEFAULT in found
    for waits in Waits:
        times = [found[name].patience(waits, urgent=False) for name in ("solo", "small", "staffed")]
        assert times == sorted(times, reverse=True)
        assert all(found[name].patience(waits, urgent=True) <= timedelta(minutes=5) for name in found)


@pytest.mark.parametrize(
    "change",
    [{"access": "5 minutes"}, {"access": "PT"}, {"access": 5}, {"last": []}, {"last": ["room"]}, {"more": 1}],
)
def test_a_preset_that_cannot_be_right_is_refused(change):
    good = {"access": "PT5M", "requisition": "PT1H", "urgent": "PT2M", "last": ["chief"]}
    assert parse_staffing({"staffing": {"solo": good}})["solo"].requisition == timedelta(hours=1)
    with pytest.raises(Corrupt):
        parse_staffing({"staffing": {"solo": good | change}})
    with pytest.raises(Corrupt):
        parse_staffing({"staffing": {"solo": good | {"access": None}} | {"x": None}} if "access" in change else [])
