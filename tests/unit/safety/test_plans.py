"""Plans: who is responsible now, what a version changes, what the year owes, and sheets with faulty cells."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.errors import Invalid
from beffroi.safety.core import headcounts, plan_changes, plans
from beffroi.safety.core.alerts import ALL_ZONES, Alert, PostureOrder, Who
from beffroi.safety.core.plan_json import plan_from_json, plan_to_json
from beffroi.safety.core.plan_views import zones_told
from beffroi.safety.core.plans import Group, Holder, Instruction, MissionKind, Plan, Regime, Room, Zone, ZoneKind
from beffroi.safety.core.words import Hazard, Nature, Party, Posture

WEEKDAYS = frozenset(range(5))
ALL_MISSIONS = tuple(Holder(mission, f"{mission.value}-a", (f"{mission.value}-b",)) for mission in MissionKind)
SCHOOL_TIME = Regime("school", "Temps scolaire", WEEKDAYS, time(8, 20), time(11, 30), ALL_MISSIONS)
CANTEEN = Regime("canteen", "Cantine", WEEKDAYS, time(11, 30), time(13, 20), (Holder(MissionKind.HEAD, "cook"),))
PLAN = Plan(
    site="ecole",
    version=1,
    zone_info="Europe/Paris",
    zones=(Zone("z1", "Salle polyvalente", ZoneKind.SAFETY, 60), Zone("p1", "Place", ZoneKind.ASSEMBLY)),
    rooms=(Room("r1", "Salle 1", "rdc", "z1"),),
    groups=(Group("cp", "CP", "r1", 24, 1),),
    regimes=(SCHOOL_TIME, CANTEEN),
    instructions=(
        Instruction(None, Posture.SEAL_IN, "teacher", ("Fermez les fenêtres",)),
        Instruction(Hazard.NUCLEAR, Posture.SEAL_IN, "teacher", ("Fermez les fenêtres", "Attendez l'ordre du préfet")),
    ),
    validated_by=plans.VALIDATORS,
)


def at(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_whole_plan_has_nothing_blocking():
    assert [one for one in plans.check(PLAN) if one.blocking] == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"zones": PLAN.zones[1:]}, "no_safety_zone"),
        ({"rooms": (Room("r1", "Salle 1", "rdc", "attic"),)}, "unknown_zone"),
        ({"groups": (Group("cp", "CP", "r9", 24),)}, "unknown_room"),
        ({"groups": PLAN.groups * 2}, "named_twice"),
        ({"validated_by": ("commune",)}, "not_validated_by_security"),
        ({"regimes": (replace(SCHOOL_TIME, end=time(8, 0)),)}, "ends_before_it_starts"),
        ({"groups": (Group("cp", "CP", "r1", 99),)}, "over_capacity"),
    ],
)
def test_each_fault_is_found_by_name(change, what):
    assert what in {finding.what for finding in plans.check(replace(PLAN, **change))}


def test_who_is_responsible_changes_with_the_hour():
    # 23 November 2026 is a Monday; Paris is one hour ahead of UTC.
    assert plans.holders_at(PLAN, at(8))[MissionKind.HEAD] == "head-a"
    assert plans.holders_at(PLAN, at(11))[MissionKind.HEAD] == "cook"
    assert MissionKind.CUT_OFFS in plans.missions_without_holder(PLAN, at(11))
    assert plans.regime_at(PLAN, at(8, day=22)) is None, "Sunday"
    assert plans.missions_without_holder(PLAN, at(8, day=22)) == list(MissionKind)


def test_a_substitute_stands_in_for_the_absent():
    assert plans.holders_at(PLAN, at(8), frozenset({"head-a"}))[MissionKind.HEAD] == "head-b"
    assert MissionKind.HEAD in plans.missions_without_holder(PLAN, at(8), frozenset({"head-a", "head-b"}))


@given(st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at(0, 0, day=1) + timedelta(minutes=minutes)))
def test_every_mission_is_held_or_missing_at_every_instant(instant):
    held = set(plans.holders_at(PLAN, instant))
    assert held.isdisjoint(plans.missions_without_holder(PLAN, instant))
    assert held | set(plans.missions_without_holder(PLAN, instant)) == set(MissionKind)


def test_the_hazard_s_own_instruction_comes_first():
    steps = plans.instructions_for(PLAN, hazard=Hazard.NUCLEAR, posture=Posture.SEAL_IN, role="teacher")
    assert len(steps) == 2
    assert plans.instructions_for(PLAN, hazard=Hazard.FLOOD, posture=Posture.SEAL_IN, role="teacher") == (
        "Fermez les fenêtres",
    )
    assert plans.instructions_for(PLAN, hazard=Hazard.FLOOD, posture=Posture.EVACUATE, role="teacher") == ()


def test_a_version_says_what_it_changes():
    new = replace(PLAN, version=2, groups=(Group("cp", "CP", "r1", 25, 1),), postures={Hazard.FLOOD: Posture.EVACUATE})
    assert {(one.kind, one.where) for one in plan_changes.compare(PLAN, new)} == {
        ("changed", "groups/cp"),
        ("changed", "postures/flood"),
    }
    assert plan_changes.compare(PLAN, PLAN) == []


def test_what_the_school_year_owes():
    today, winter = date(2026, 11, 23), date(2027, 2, 13)
    none = plans.dues([], sent=[], today=today, winter_holidays=winter)
    assert [due.done for due in none] == [False, False, False]
    one = plans.dues([date(2026, 10, 6)], sent=[date(2027, 7, 1)], today=today, winter_holidays=winter)
    assert [due.done for due in one] == [True, False, True]
    two = plans.dues([date(2026, 9, 20), date(2026, 10, 6)], sent=[], today=today, winter_holidays=winter)
    assert [due.done for due in two] == [True, True, False]
    assert none[2].by == date(2027, 7, 15)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_school_s_sheet_is_read(separator, encoding):
    text = "Classe;Salle;Élèves;Adultes\nCP Mme Été;Salle 1;24;1\n\nCE1;Salle 2;22;\n".replace(";", separator)
    read = headcounts.preview(text.encode(encoding))
    assert read.faults == ()
    assert [(row.group, row.size, row.adults) for row in read.rows] == [("CP Mme Été", 24, 1), ("CE1", 22, 0)]


@pytest.mark.parametrize(
    ("row", "cell", "why"),
    [
        ("CP;S1;vingt", "C2", "not_a_number"),
        ("CP;S1;0", "C2", "out_of_range"),
        ("CP;S1;-3", "C2", "not_a_number"),
        ("CP;S1;999", "C2", "out_of_range"),
        (";S1;20", "A2", "name_missing"),
        ("CP;S1;20\nCP;S2;21", "A3", "named_twice"),
    ],
)
def test_the_faulty_cell_is_named(row, cell, why):
    read = headcounts.preview(f"classe;salle;effectif\n{row}\n".encode())
    assert [(fault.cell, fault.why) for fault in read.faults] == [(cell, why)]


@pytest.mark.parametrize(
    "data", [b"", b"nom;prenom\nA;B", b"PK\x03\x04\x00\x00", b"classe;effectif\n" + b"x" * 600_000]
)
def test_what_is_no_sheet_is_refused(data):
    with pytest.raises(Invalid):
        headcounts.preview(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_import(data):
    with suppress(Invalid):
        assert all(fault.cell for fault in headcounts.preview(data).faults)


def test_a_plan_travels_as_a_document():
    document = plan_to_json(replace(PLAN, postures={Hazard.FLOOD: Posture.EVACUATE}))
    assert plan_from_json(json.loads(canonical_bytes(document))) == replace(
        PLAN, postures={Hazard.FLOOD: Posture.EVACUATE}
    )


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("format",), "beffroi-plan-9", "format"),
        (("zones",), {"a": 1}, "zones"),
        (("zones", 0, "kind"), "attic", "zones[0]"),
        (("regimes", 1, "from"), "25:99", "regimes[1]"),
        (("groups", 0, "size"), -1, "groups[0]: size"),
        (("groups", 0, "size"), True, "groups[0]: size"),
        (("regimes", 0, "holders", 2, "mission"), "cook", "regimes[0]: holders[2]"),
        (("postures",), {"zombies": "shelter"}, "postures"),
    ],
)
def test_a_faulty_document_names_the_place(path, value, place):
    document = json.loads(canonical_bytes(plan_to_json(PLAN)))
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(Invalid, match=re.escape(place)):
        plan_from_json(document)


def test_every_role_has_the_steps_of_its_posture_and_of_the_hazard_where_the_plan_has_them():
    rows = (
        plans.Instruction(None, Posture.SEAL_IN, "head", ("Réunir la cellule",)),
        plans.Instruction(Hazard.NUCLEAR, Posture.SEAL_IN, "head", ("Attendre le préfet",)),
        plans.Instruction(None, Posture.EVACUATE, "cut_offs", ("Couper le gaz",)),
    )
    plan = replace(PLAN, instructions=rows)
    assert plans.steps_by_role(plan, hazard=Hazard.FLOOD, posture=Posture.SEAL_IN) == [("head", ("Réunir la cellule",))]
    found = plans.steps_by_role(plan, hazard=Hazard.NUCLEAR, posture=Posture.SEAL_IN)
    assert found == [("head", ("Attendre le préfet",))]
    assert plans.steps_by_role(plan, hazard=Hazard.FLOOD, posture=Posture.SHELTER) == []


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        (((ALL_ZONES, Posture.SEAL_IN),), {"z1": Posture.SEAL_IN}),
        (((ALL_ZONES, Posture.EVACUATE),), {"z1": Posture.EVACUATE, "p1": Posture.EVACUATE}),
        (((ALL_ZONES, Posture.SEAL_IN), ("p1", Posture.SHELTER)), {"z1": Posture.SEAL_IN, "p1": Posture.SHELTER}),
        (((ALL_ZONES, Posture.TAKE_COVER), ("z1", Posture.EVACUATE)), {"z1": Posture.EVACUATE}),
    ],
)
def test_nobody_is_told_to_seal_himself_in_at_an_assembly_point(orders, told):
    head = Who("ana", Party.HEAD)
    given = tuple(PostureOrder(zone, posture, at(9), head) for zone, posture in orders)
    alert = Alert("a1", Nature.REAL, "ecole", Hazard.TOXIC_CLOUD, at(9), ("z1", "p1"), postures=given)
    assert {zone.id: posture for zone, posture in zones_told(PLAN, alert)} == told
    everywhere = replace(alert, released=frozenset({"z1", "p1"}))
    assert len(zones_told(PLAN, everywhere)) == 2, "the end is said of each"
