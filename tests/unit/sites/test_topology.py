"""One cause is one alarm: each silent camera stands in exactly one, under its highest cause."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.ids import CameraId
from beffroi.sites.core.topology import Equipment, EquipmentKind, alarms, makes_a_ring

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
TREE = [
    Equipment("ups", "Onduleur", EquipmentKind.POWER),
    Equipment("box", "Coffret", EquipmentKind.CABINET, "ups"),
    Equipment("air", "Pont radio", EquipmentKind.BRIDGE, "box"),
    Equipment("ring-a", "A", EquipmentKind.SWITCH, "ring-b"),
    Equipment("ring-b", "B", EquipmentKind.SWITCH, "ring-a"),
]
ON = {"c1": "air", "c2": "air", "c3": "box", "c4": "ups", "c5": "", "c6": "ring-a", "c7": "gone"}
HUNG = {CameraId(name): equipment for name, equipment in ON.items()}


def told(*silent: str) -> dict[str, set[str]]:
    return {one.key: set(one.cameras) for one in alarms({CameraId(each): AT for each in silent}, HUNG, TREE)}


def test_a_dead_bridge_is_one_alarm_and_a_dead_battery_too() -> None:
    assert told("c1", "c2") == {"equipment:air": {"c1", "c2"}}
    assert told("c1", "c2", "c3") == {"equipment:box": {"c1", "c2", "c3"}}
    assert told("c1", "c2", "c3", "c4") == {"equipment:ups": {"c1", "c2", "c3", "c4"}}


def test_one_camera_that_still_comes_clears_what_it_hangs_on() -> None:
    assert told("c1", "c3", "c4") == {f"camera:{one}": {one} for one in ("c1", "c3", "c4")}


def test_a_camera_alone_on_its_equipment_is_named_itself() -> None:
    assert told("c6", "c7", "c5") == {f"camera:{one}": {one} for one in ("c6", "c7", "c5")}


def test_what_the_recorder_does_not_keep_is_one_alarm_and_accuses_no_cabinet() -> None:
    silent: dict[CameraId, datetime | None] = {CameraId(one): AT for one in ("c1", "c2", "c3")}
    found = alarms(silent, HUNG, TREE, {CameraId("c1"): "storage", CameraId("c2"): "storage"})
    assert {one.key: set(one.cameras) for one in found} == {"recorder:storage": {"c1", "c2"}, "camera:c3": {"c3"}}
    alone = alarms({CameraId("c1"): AT}, HUNG, TREE, {CameraId("c1"): "storage"})
    assert [one.key for one in alone] == ["camera:c1"]


@given(st.sets(st.sampled_from(sorted(HUNG))), st.sets(st.sampled_from(sorted(HUNG))))
def test_each_silent_camera_stands_in_one_alarm_and_no_other_does(silent: set[CameraId], own: set[CameraId]) -> None:
    told = alarms(dict.fromkeys(silent), HUNG, TREE, dict.fromkeys(own, "storage"))
    found = [camera for alarm in told for camera in alarm.cameras]
    assert sorted(found) == sorted(silent)


def test_nothing_hangs_on_itself() -> None:
    assert makes_a_ring("ups", "air", TREE)
    assert makes_a_ring("ups", "ups", TREE)
    assert not makes_a_ring("air", "ups", TREE)
