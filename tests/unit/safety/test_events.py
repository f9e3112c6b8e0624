"""Edge and centre: the same set of events gives the same state, whatever the order, the repetitions and the cuts."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid
from beffroi.safety.core import events
from beffroi.safety.core.authority import Act
from beffroi.safety.core.events import Event, Kind
from beffroi.safety.core.words import AlertState, Hazard, Nature, Party, Posture, Verdict

T0 = to_us(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
ALERTS = ["REEL-1", "REEL-2", "EXERCICE-3"]
BODIES = {
    Kind.TRIGGER: st.fixed_dictionaries(
        {
            "device": st.sampled_from(["button-1", "button-2"]),
            "hazard": st.sampled_from([one.value for one in Hazard]),
            "site": st.just("ecole"),
            "posture": st.just(Posture.SHELTER.value),
            "zones": st.just(["z1", "z2"]),
        }
    ),
    Kind.QUALIFY: st.fixed_dictionaries({"verdict": st.sampled_from([one.value for one in Verdict])}),
    Kind.ROLL_CALL: st.fixed_dictionaries({"group": st.sampled_from(["CP", "CE1"]), "present": st.integers(-3, 2_000)}),
    Kind.RELEASE: st.fixed_dictionaries({"zone": st.sampled_from(["z1", "z2", "*"])}),
    Kind.REQUALIFY: st.fixed_dictionaries({"what": st.just("false_alarm")}),
    Kind.INTERRUPTED: st.fixed_dictionaries({"by_alert": st.sampled_from(["REEL-9", "x"])}),
    Kind.ESCALATED: st.fixed_dictionaries({"rung": st.integers(2, 4)}),
    Kind.MISSION_DONE: st.fixed_dictionaries({"mission": st.just("cut_offs")}),
}
PERSON = {
    "person": st.sampled_from(["head", "chief", "operator"]),
    "party": st.sampled_from([one.value for one in Party]),
    "authority": st.sampled_from(["", "Préfet"]),
    "zone": st.sampled_from(["z1", "*"]),
    "posture": st.sampled_from([one.value for one in Posture]),
    "act": st.sampled_from([Act.LIFT.value, Act.CANCEL.value]),
}


@st.composite
def histories(draw):
    made = []
    for number in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(list(Kind)))
        made.append(
            Event(
                origin=draw(st.sampled_from(["edge-ecole", "centre"])),
                boot="b1",
                sequence=number,
                alert=draw(st.sampled_from(ALERTS)),
                kind=kind,
                at_us=T0 + draw(st.integers(0, 5)) * 1_000_000,
                order_us=T0 + draw(st.integers(0, 5)) * 1_000_000,
                body=draw(BODIES.get(kind, st.fixed_dictionaries(PERSON))),
            )
        )
    return made


def pictures(files):
    return {name: (file.alert, file.answers, [line.event.key for line in file.log]) for name, file in files.items()}


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(history, random):
    shuffled = history + history[: len(history) // 2]
    random.shuffle(shuffled)
    assert pictures(events.fold(shuffled)) == pictures(events.fold(history))


@given(histories(), st.data())
def test_two_places_that_exchanged_all_agree(history, data):
    at_edge = [one for one in history if data.draw(st.booleans())]
    at_centre = [one for one in history if one not in at_edge]
    merged = at_centre + at_edge
    assert pictures(events.fold(merged)) == pictures(events.fold(at_edge + at_centre))


@given(histories())
def test_no_event_of_a_known_alert_is_missing_from_its_log(history):
    files = events.fold(history)
    for name, file in files.items():
        assert {line.event.key for line in file.log} == {one.key for one in history if one.alert == name}
        assert file.alert.nature is events.nature_of(name)


@given(histories())
def test_what_travels_comes_back_the_same(history):
    for event in history:
        assert events.from_json(json.loads(canonical_bytes(events.to_json(event)))) == event


@pytest.mark.parametrize(
    "change",
    [
        {"alert": "ALERTE-1"},
        {"alert": "REEL-\x00"},
        {"kind": "shutdown"},
        {"at": "2026-11-23T09:00:00"},
        {"sequence": "x"},
        {"body": {"device": "b", "hazard": "zombies", "site": "e", "posture": "shelter"}},
        {"body": {"device": "b" * 3_000, "hazard": "flood", "site": "e", "posture": "shelter"}},
        {"body": []},
    ],
)
def test_a_hostile_event_never_enters(change):
    good = Event(
        "edge",
        "b1",
        1,
        "REEL-1",
        Kind.TRIGGER,
        T0,
        {"device": "b", "hazard": "flood", "site": "e", "posture": "shelter"},
    )
    with pytest.raises(Invalid):
        events.from_json({**events.to_json(good), **change})


def test_a_whole_alert_from_press_to_file():
    def event(number, kind, **body):
        return Event("edge", "b1", number, "REEL-1", kind, T0 + number * 1_000_000, T0 + number * 1_000_000, body)

    trigger = {"device": "b", "hazard": "intrusion", "site": "ecole", "posture": "escape_or_hide", "zones": ["z1"]}
    head, chief = {"person": "head", "party": "head"}, {"person": "chief", "party": "chief", "authority": "CORG"}
    story = [
        event(1, Kind.TRIGGER, **trigger),
        event(2, Kind.SOUND_STARTED),
        event(3, Kind.ACKNOWLEDGE, person="operator", party="operator"),
        event(4, Kind.ROLL_CALL, group="CP", present=24),
        event(5, Kind.REQUEST_LIFT, **head),
        event(6, Kind.KEY, **head, act="lift"),
        event(7, Kind.KEY, **chief, act="lift"),
        event(8, Kind.RELEASE, zone="*"),
        event(9, Kind.CLOSE),
    ]
    file = events.fold(story)["REEL-1"]
    assert file.alert.state is AlertState.CLOSED
    assert file.alert.nature is Nature.REAL
    assert [line.without_effect for line in file.log] == [""] * 9
    assert file.sound_started_at is not None


def test_clocks_an_hour_apart_cannot_lift_before_the_alarm():
    hour = 3_600_000_000
    trigger = {"device": "b", "hazard": "intrusion", "site": "ecole", "posture": "escape_or_hide", "zones": ["z1"]}
    pressed = Event("edge", "b1", 1, "REEL-1", Kind.TRIGGER, T0, T0, trigger)
    behind = T0 - hour
    order = events.next_order(behind, pressed.order_us)
    taken = {"person": "operator", "party": "operator"}
    acknowledged = Event("centre", "b9", 1, "REEL-1", Kind.ACKNOWLEDGE, behind, order, taken)
    file = events.fold([acknowledged, pressed])["REEL-1"]
    assert file.alert.state is AlertState.ACKNOWLEDGED
    assert [line.event.origin for line in file.log] == ["edge", "centre"]
