"""The review is computed from the log alone; what nobody heard is unknown, never zero."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from beffroi.kernel.clock import to_us
from beffroi.safety.core.events import Event, Kind, fold
from beffroi.safety.core.plans import Group
from beffroi.safety.core.report import review
from tests.unit.safety.test_plans import PLAN

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GROUPS = tuple(Group(f"g{n}", f"Classe {n}", "r1", 20) for n in range(1, 6))
PLAN5 = replace(PLAN, groups=GROUPS)
TRIGGER = {"device": "b", "hazard": "intrusion", "site": "ecole", "posture": "escape_or_hide", "zones": ["z1"]}


def story(*happened):
    events = []
    for number, (seconds, kind, body) in enumerate(happened, start=1):
        at = to_us(T0 + timedelta(seconds=seconds))
        events.append(Event("edge", "b", number, "REEL-1", kind, at, at, body))
    return fold(events)["REEL-1"]


def answer(seconds, group, present=20, missing=0):
    return (seconds, Kind.ROLL_CALL, {"group": group, "present": present, "missing": missing})


def test_what_never_happened_is_unknown():
    found = review(story((0, Kind.TRIGGER, TRIGGER)), PLAN5, now=T0 + timedelta(hours=1))
    assert set(vars_of(found.times)) == {None}
    assert (found.classes, found.answered, len(found.silent)) == (5, 0, 5)


def vars_of(times):
    return [getattr(times, name) for name in times.__slots__]


def test_times_are_differences_between_events():
    file = story(
        (0, Kind.TRIGGER, TRIGGER),
        (1, Kind.SOUND_STARTED, {}),
        (9, Kind.ACKNOWLEDGE, {"person": "op", "party": "operator"}),
        (40, Kind.CALL_MADE, {"number": "17"}),
        answer(60, "g1"),
        answer(61, "g2", present=19, missing=1),
        answer(70, "g3"),
        answer(80, "g1", present=20),
        answer(90, "g4"),
    )
    found = review(file, PLAN5, now=T0 + timedelta(minutes=10))
    seconds = [one.total_seconds() if one is not None else None for one in vars_of(found.times)]
    assert seconds == [1, 9, 40, 90, None, None]
    assert (found.answered, found.present, found.missing) == (4, 79, 1)
    assert found.silent == ("Classe 5",)


def test_a_clock_that_is_behind_gives_no_negative_delay():
    at = to_us(T0)
    events = [
        Event("edge", "b", 1, "REEL-1", Kind.TRIGGER, at, at, TRIGGER),
        Event("centre", "1", 1, "REEL-1", Kind.ACKNOWLEDGE, at - 5, at + 1, {"person": "o", "party": "operator"}),
    ]
    found = review(fold(events)["REEL-1"], None, now=T0)
    assert found.times.to_acknowledge == timedelta(0)
    assert found.classes == 0
