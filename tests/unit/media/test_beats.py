"""What the door keeps open by the office's word, and by its last word when it is silent (I12, I14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import ManualClock
from beffroi.media.core.tickets import Basis, Mode
from beffroi.media.door.beats import Beats
from tests.unit.media.test_tickets import TICKET

START = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def clock():
    return ManualClock(START)


def duty(clock, grant="duty-1"):
    basis = Basis("CSI R253-3", "duty", "shift-1", "patrol")
    return replace(TICKET, grant=grant, mode=Mode.LIVE, span=None, basis=basis, issued_us=clock.now_us())


def relay(clock, grant="relay-1"):
    return replace(duty(clock, grant), mode=Mode.RELAY, heartbeat=True)


def beat(beats, clock, *grants, duty=()):
    beats.hear(grants, duty=duty, sent_us=clock.now_us())


def after(clock, seconds):
    clock.advance(timedelta(seconds=seconds))


def test_a_look_on_duty_goes_on_while_the_beat_names_it_and_ends_with_the_first_that_does_not(clock):
    beats, ticket = Beats(clock), duty(clock)
    assert beats.keeps(ticket), "no beat was ever heard: the office is down, the wall is not"
    after(clock, 1)
    beat(beats, clock, duty=["duty-1"])
    assert beats.keeps(ticket)
    after(clock, 1)
    beat(beats, clock, duty=[])
    assert not beats.keeps(ticket)


def test_silence_ends_relays_and_no_look_on_duty(clock):
    beats, own, other = Beats(clock), duty(clock), relay(clock)
    after(clock, 1)
    beat(beats, clock, "relay-1", duty=["duty-1"])
    assert (beats.keeps(own), beats.keeps(other)) == (True, True)
    after(clock, 3_600)
    assert (beats.keeps(own), beats.keeps(other)) == (True, False)


def test_what_was_stopped_stays_stopped_when_the_office_falls_silent(clock):
    beats, ticket = Beats(clock), duty(clock)
    after(clock, 1)
    beat(beats, clock, duty=[])
    after(clock, 600)
    assert not beats.keeps(ticket)
    assert not beats.keeps_duty("duty-1", ticket.issued_us), "nor does its lease open"
    assert beats.keeps_duty("duty-2", clock.now_us()), "a ticket newer than the last word does"
    assert not beats.keeps_lease("duty-2"), "a lease lives for hours: the word has to name it"


def test_a_ticket_younger_than_the_beat_is_let_in_until_the_next_one(clock):
    beats = Beats(clock)
    beat(beats, clock, duty=[])
    after(clock, 0.5)
    ticket = duty(clock)
    assert beats.keeps(ticket)
    after(clock, 0.5)
    beat(beats, clock, duty=[])
    assert not beats.keeps(ticket)


def test_a_beat_that_says_nothing_of_duty_leaves_it_alone(clock):
    beats, ticket = Beats(clock), duty(clock)
    after(clock, 1)
    beat(beats, clock, duty=None)
    assert beats.keeps(ticket)


def test_a_beat_that_was_overtaken_reopens_nothing(clock):
    beats, ticket = Beats(clock), duty(clock)
    old = clock.now_us()
    after(clock, 1)
    beat(beats, clock, duty=[])
    beats.hear([], duty=["duty-1"], sent_us=old)
    assert not beats.keeps(ticket)


@given(st.sampled_from([mode for mode in Mode if mode not in {Mode.LIVE, Mode.RELAY}]))
def test_what_hangs_on_neither_is_not_asked(mode):
    clock = ManualClock(START)
    beats, ticket = Beats(clock), replace(duty(clock), mode=mode)
    after(clock, 1)
    beat(beats, clock, duty=[])
    assert beats.keeps(ticket)


def test_a_word_said_on_purpose_is_kept_though_nothing_changed_and_ends_what_was_younger_than_the_last(clock):
    beats = Beats(clock)
    first = beats.hear([], duty=[], sent_us=clock.now_us())
    after(clock, 1)
    brief = duty(clock)  # sealed between two beats, its shift ended in between too
    after(clock, 1)
    assert beats.hear([], duty=[], sent_us=clock.now_us()) is None, "an ordinary beat that changes nothing is not kept"
    said = beats.hear([], duty=[], sent_us=clock.now_us(), kept=True)
    again = Beats(clock)
    again.recall(first)
    assert again.keeps(brief), "what the door would have believed without it"
    again.recall(said)
    assert not again.keeps(brief)
    assert not again.keeps_lease(brief.grant)


def test_no_lease_opens_at_a_door_that_never_heard_of_its_look(clock):
    beats = Beats(clock)
    assert not beats.keeps_lease("duty-1")
    beat(beats, clock, duty=["duty-1"])
    assert beats.keeps_lease("duty-1")


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1_500)])
def test_an_office_whose_clock_was_set_back_is_heard_at_its_next_beat(clock, back):
    beats, other = Beats(clock), relay(clock)
    beat(beats, clock, "relay-1")
    clock.step(-back)
    after(clock, 1)
    beat(beats, clock, "relay-1")
    assert beats.keeps(other)
    after(clock, 1)
    beat(beats, clock)
    assert not beats.keeps(replace(other, issued_us=clock.now_us() - 1_000_000)), "and its word counts"


def test_a_silent_offices_time_goes_on_whatever_is_done_to_the_clock(clock):
    beats = Beats(clock)
    beat(beats, clock, duty=["duty-1"])
    said_us = clock.now_us()
    after(clock, 1_800)
    clock.step(timedelta(hours=-5))
    after(clock, 1_800)
    assert beats.least_now_us() == said_us + 3_600_000_000
