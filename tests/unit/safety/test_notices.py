"""Telling people: a drill's road never reaches the real one, nothing overtakes, nothing gives up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.spans import Span
from beffroi.safety.core import drills, notices, rollcall
from beffroi.safety.core.notices import EMERGENCY_NUMBERS, MOVES, Delivery, Notice, Recipient
from beffroi.safety.core.words import Hazard, Nature, Party

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RECIPIENT = Recipient("head", "sms", "0600000001", 1, drill_ok=True)


def notice(order=1, state=Delivery.PLANNED, nature=Nature.REAL):
    return Notice(f"n{order}", f"{nature.prefix}-1", nature, order, RECIPIENT, "Intrusion", state)


@given(
    st.sampled_from([Nature.DRILL, Nature.TEST]),
    st.sampled_from(sorted(EMERGENCY_NUMBERS)),
    st.booleans(),
)
def test_no_drill_ever_calls_an_emergency_number(nature, number, flagged):
    spaced = " ".join(number)
    for address in (number, spaced):
        assert notices.may_reach(Recipient("x", "sms", address, 1, drill_ok=flagged), nature)
    assert notices.may_reach(Recipient("x", "sms", number, 1), Nature.REAL) is None


def test_silence_is_no_consent_to_drills():
    assert notices.may_reach(Recipient("x", "sms", "0600000002", 1), Nature.DRILL)
    assert notices.may_reach(RECIPIENT, Nature.DRILL) is None


@given(st.text(max_size=60))
def test_a_drill_says_so_before_and_after(text):
    out = notices.framed(text, Nature.DRILL)
    assert out.startswith("EXERCICE EXERCICE EXERCICE")
    assert out.endswith("EXERCICE EXERCICE EXERCICE.")
    assert notices.framed(text, Nature.REAL) == text


@pytest.mark.parametrize("text", ["Ceci n’est pas un exercice !", "THIS IS NOT A DRILL"])
def test_the_sentence_of_hawaii_is_found(text):
    assert notices.banned_phrase(text)
    assert not notices.banned_phrase("Intrusion dans l'école : enfermez-vous.")


def test_an_update_waits_for_its_alert():
    first, second = notice(1, Delivery.RETRYING), notice(2)
    assert not notices.ready(second, [first, second], now=T0)
    handed = notices.moved(first, Delivery.HANDED_OVER)
    assert notices.ready(second, [handed, second], now=T0)


def test_two_hours_of_a_dead_peer_lose_nothing():
    one, now, attempts = notice(), T0, 0
    while now < T0 + timedelta(hours=2):
        if notices.ready(one, [one], now=now):
            one, attempts = notices.failed(one, now=now), attempts + 1
        now += timedelta(seconds=1)
    assert attempts > 200
    assert one.state is Delivery.RETRYING
    assert notices.ready(one, [one], now=now + notices.LONGEST_RETRY)


def test_unknown_is_neither_failed_nor_final():
    assert Delivery.SEEN in MOVES[Delivery.UNKNOWN]
    assert set(MOVES) == set(Delivery)
    with pytest.raises(ValueError):
        notices.moved(notice(state=Delivery.ANSWERED), Delivery.RETRYING)


def drill(state=drills.DrillState.ANNOUNCED):
    return drills.Drill("EXERCICE-1", "ecole", Hazard.EARTHQUAKE, Span(T0, T0 + timedelta(hours=1)), state)


def test_a_drill_is_armed_by_two_persons_inside_its_window():
    one = drills.arm(drill(), person="head", party=Party.HEAD, now=T0, shift_changes=[])
    assert drills.arm(one, person="head", party=Party.CHIEF, now=T0, shift_changes=[]).reason == "same_person"
    assert drills.arm(one, person="deputy", party=Party.HEAD, now=T0, shift_changes=[]).reason == "same_key"
    two = drills.arm(one, person="chief", party=Party.CHIEF, now=T0, shift_changes=[])
    assert two.state is drills.DrillState.ARMED
    assert drills.start(two, alert="EXERCICE-9", now=T0).state is drills.DrillState.RUNNING
    assert drills.disarmed_by_time(two, now=two.window.end).armed_by == ()


@pytest.mark.parametrize(
    ("now", "changes", "reason"),
    [
        (T0 - timedelta(seconds=1), [], "outside_the_window"),
        (T0, [T0 + timedelta(minutes=14)], "shift_change"),
    ],
)
def test_a_drill_is_not_armed_outside_its_conditions(now, changes, reason):
    assert drills.arm(drill(), person="h", party=Party.HEAD, now=now, shift_changes=changes).reason == reason


answers = st.builds(
    rollcall.Answer,
    group=st.sampled_from(["CP", "CE1", "CE2"]),
    zone=st.just("zone-1"),
    present=st.integers(0, 30),
    missing=st.integers(0, 5),
    injured=st.integers(0, 5),
    at=st.integers(0, 600).map(lambda s: T0 + timedelta(seconds=s)),
    by=st.just("teacher"),
)


@given(st.lists(answers, max_size=8), st.integers(0, 900))
def test_the_roll_call_never_takes_silence_for_zero(said, after):
    now = T0 + timedelta(seconds=after)
    lines = [rollcall.line(group, "zone-1", 25, said, opened_at=T0, now=now) for group in ("CP", "CE1", "CE2")]
    sums = rollcall.totals(lines)
    assert sums.answered == len({answer.group for answer in said})
    assert sums.answered + sums.silent == 3
    assert sums.expected == 75
    for one in lines:
        if one.present is None:
            assert one.state in (rollcall.LineState.NOT_RECEIVED, rollcall.LineState.NO_NEWS)
            assert (one.state is rollcall.LineState.NO_NEWS) == (now - T0 >= rollcall.NO_NEWS_AFTER)
        if one.state is rollcall.LineState.COMPLETE:
            assert one.present + one.missing + one.injured == 25


def test_an_unknown_class_size_makes_the_total_unknown():
    rows = [rollcall.line("CP", "z", None, [], opened_at=T0, now=T0)]
    assert rollcall.totals(rows).expected is None
