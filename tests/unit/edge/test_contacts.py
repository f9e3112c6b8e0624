"""A dry contact: chatter raises one alert, a true press is never lost, and what is wrong is a fault, never an alert."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from gpiod import EdgeEvent
from hypothesis import given
from hypothesis import strategies as st

from beffroi.edge.assistance import Assistance
from beffroi.edge.contact_settings import ContactSettings, read_contacts
from beffroi.edge.contact_watch import Watches
from beffroi.edge.contacts import Change, Contact, ContactFault, Happening, Rules, Said
from beffroi.edge.engine import Edge
from beffroi.edge.lines import GpioLine, SimulatedLine, changes_of, simulate
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.safety.core.events import Kind
from tests.unit.edge.test_engine import PLAN, box  # noqa: F401  box is a fixture
from tests.waiting import until

RULES = Rules()
MS, S = 1_000, 1_000_000
WIRINGS = st.sampled_from([RULES, Rules(normally_closed=True), Rules(normally_closed=True, cut_alerts=False)])


def play(rules, lengths, *, looked=None):
    """A contact at rest, then speaking and resting in turn for so long each; what came of it. ``looked`` is how often
    somebody looks, if not at every change and at the end alone."""
    contact = Contact(rules, Change(rules.normally_closed, 0))
    said, at_us, speaks = contact.start(), 0, False
    for length_us in lengths:
        until_us = at_us + length_us
        if looked:
            for now_us in range(at_us + looked, until_us, looked):
                said += contact.take([], now_us)
        at_us, speaks = until_us, not speaks
        said += contact.take([Change(speaks is not rules.normally_closed, at_us)], at_us)
    return said, contact, at_us


def presses(said):
    return [one.at_us for one in said if one.said is Said.PRESS]


def faults(said):
    return [one.fault for one in said if one.said is Said.FAULT]


@given(WIRINGS, st.lists(st.integers(1, RULES.rest_us - 1), min_size=1, max_size=200))
def test_chatter_never_yields_two_alerts(rules, lengths):
    said, contact, at_us = play(rules, [RULES.rest_us, *lengths])
    said += contact.take([], at_us + 20 * S)
    assert len(presses(said)) <= 1


@given(
    WIRINGS,
    st.lists(
        st.tuples(st.integers(1, 200 * MS), st.one_of(st.integers(1, 4 * S), st.just(RULES.rest_us))),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([None, 7 * MS]),
)
def test_no_true_closure_is_lost_and_each_is_one_press(rules, pairs, looked):
    said, contact, at_us = play(rules, [S, *[length for pair in pairs for length in pair][:-1]], looked=looked)
    said += contact.take([], at_us + 20 * S)
    pressed = presses(said)
    begins, last_rest_us, wanted, open_press = S, S, 0, False
    for spoke_us, rested_us in pairs:
        open_press = open_press and last_rest_us < rules.rest_us
        if spoke_us >= rules.debounce_us and not open_press:
            wanted, open_press = wanted + 1, True
            assert begins in pressed, "the press says when it began"
        begins, last_rest_us = begins + spoke_us + rested_us, rested_us
    assert len(pressed) == wanted


@given(WIRINGS, st.lists(st.integers(1, 5 * S), max_size=40))
def test_looking_often_or_seldom_finds_the_same(rules, lengths):
    often, first, at_us = play(rules, lengths, looked=11 * MS)
    seldom, second, _ = play(rules, lengths)
    assert often + first.take([], at_us + 100 * S) == seldom + second.take([], at_us + 100 * S)


@given(WIRINGS, st.lists(st.integers(1, 70 * S), max_size=30))
def test_it_says_itself_when_it_must_be_looked_at_again(rules, lengths):
    _, contact, at_us = play(rules, lengths)
    while (due_us := contact.next_us()) is not None:
        assert due_us > at_us
        assert contact.take([], due_us - 1) == []
        contact.take([], due_us)
        at_us = due_us
    assert contact.take([], at_us + 1000 * S) == []


def test_closed_at_start_is_a_fault_never_an_alert():
    contact = Contact(RULES, Change(True, 0))
    assert contact.start() == [Happening(Said.FAULT, 0, ContactFault.AT_START)]
    assert contact.take([], 3600 * S) == []
    assert contact.take([Change(False, 3600 * S)], 3603 * S) == [
        Happening(Said.RESTORED, 3602 * S, ContactFault.AT_START)
    ]
    assert presses(contact.take([Change(True, 3700 * S)], 3701 * S)) == [3700 * S]


def test_a_press_soon_after_a_fault_at_start_is_taken():
    contact = Contact(RULES, Change(True, 0))
    said = contact.take([Change(False, S), Change(True, S + 40 * MS)], 2 * S)
    assert presses(said) == [S + 40 * MS]


def test_a_wire_cut_alerts_or_is_a_fault_as_it_was_set():
    loud = Contact(Rules(normally_closed=True), Change(True, 0))
    said = loud.take([Change(False, S)], 120 * S)
    assert (presses(said), faults(said)) == ([S], [ContactFault.HELD])
    quiet = Contact(Rules(normally_closed=True, cut_alerts=False), Change(True, 0))
    said = quiet.take([Change(False, S)], 120 * S)
    assert (presses(said), faults(said)) == ([], [ContactFault.CUT])
    said = quiet.take([Change(True, 120 * S), Change(False, 130 * S), Change(True, 131 * S)], 132 * S)
    assert presses(said) == [130 * S], "mended, a press that is let go of is one"


def test_a_contact_that_stays_pressed_is_one_alert_then_a_fault_then_well():
    contact = Contact(RULES, Change(False, 0))
    said = contact.take([Change(True, S)], 600 * S)
    assert (presses(said), faults(said)) == ([S], [ContactFault.HELD])
    assert contact.take([Change(False, 600 * S)], 610 * S)[-1].said is Said.RESTORED
    assert contact.fault is None


def test_chatter_without_end_is_told_once_and_over_when_it_rests():
    said, contact, at_us = play(RULES, [S, *[5 * MS] * 401])
    assert (presses(said), faults(said)) == ([], [ContactFault.CHATTER])
    assert [one.said for one in contact.take([], at_us + 3 * S)] == [Said.RESTORED]


@pytest.mark.parametrize("length_us", [1, RULES.debounce_us - 1])
def test_what_is_shorter_than_the_debounce_is_nothing(length_us):
    said, contact, at_us = play(RULES, [S, length_us])
    assert said + contact.take([], at_us + 60 * S) == []


def test_a_time_that_runs_backwards_or_ahead_is_held_to_what_is_known():
    contact = Contact(RULES, Change(False, 10 * S))
    said = contact.take([Change(True, S), Change(False, 999 * S)], 11 * S)
    assert presses(said) == [10 * S]
    assert contact.take([], 12 * S) == []


def test_the_kernels_events_are_changes_and_a_missing_chip_is_said():
    changes = changes_of([EdgeEvent(1, 5_000_999, 4, 1, 1), EdgeEvent(2, 7_000_000, 4, 2, 2)])
    assert changes == [Change(True, 5_000), Change(False, 7_000)]
    for chip in ("/dev/gpiochip-none", "/dev/null"):
        with pytest.raises(Unavailable, match=f"{chip} line 3: .*Check the chip"):
            GpioLine(chip, 3, "pull-up", SystemClock())


def test_a_simulated_contact_keeps_its_state_and_reads_only_whole_lines(tmp_path):
    path, clock = tmp_path / "contacts" / "hall", SystemClock()
    simulate(path, True, clock)
    line = SimulatedLine(path, clock)
    assert line.first().closed
    with path.open("ab") as file:
        file.write(b"open 17\nnonsense\nclosed")
        file.flush()
        assert line.wait(0.0) == [Change(False, 17)]
        file.write(b" 19\n")
    assert line.wait(0.0) == [Change(True, 19)]
    path.unlink()
    with pytest.raises(Unavailable, match="is gone"):
        line.wait(0.0)
    line.close()


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"chip": "/dev/gpiochip0"}, "chip and line"),
        ({"simulated": True, "normally": "shut"}, "normally"),
        ({"simulated": True, "colour": "red"}, "colour"),
        ({"simulated": True, "hazard": "dragon"}, "dragon"),
        ({"simulated": True, "debounce_ms": 0}, "debounce_ms"),
        ({"simulated": True, "line": "4"}, "whole numbers"),
        ({"chip": "/dev/gpiochip0", "line": 4, "bias": "up"}, "bias"),
    ],
)
def test_a_contact_that_is_declared_wrongly_is_named(table, named):
    with pytest.raises((ValueError, Invalid), match=named):
        read_contacts({"hall": table})


def test_a_contact_waits_for_the_disk_and_its_press_stays_one_alert(box):  # noqa: F811
    contact = ContactSettings("hall", simulated=True)
    settings = replace(box.settings, contacts=(contact,))
    clock = SystemClock()
    edge = Edge(settings, box.journal, clock, box.sounder, PLAN)
    path = contact.path(settings.data)
    simulate(path, False, clock)
    watches = Watches(edge, Assistance(box.journal, clock))
    assert watches.standings()[0].fault == "unreachable", "until it is listened to nothing is known of it"
    watches.start()
    try:
        until(lambda: not watches.standings()[0].fault)
        with closing(sqlite3.connect(settings.data / "edge.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            simulate(path, True, clock)
            until(lambda: box.sounder.playing, what="it sounds from memory")
            assert box.journal.held(), "and no disk has it"
            other.rollback()
        until(lambda: not box.journal.held(), what="the press is given again until it is written")
        until(lambda: edge.settle() is None and len(box.journal.events()) >= 2)
    finally:
        watches.stop()
    assert [one.kind for one in box.journal.events()].count(Kind.TRIGGER) == 1
    assert len(edge.files()) == 1
