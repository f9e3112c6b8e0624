"""What ``smartctl --json`` says is read, and nothing is made of what it does not say. The samples are made here by the
documented form of smartmontools 7, as short as the reader needs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core.disk_health import (
    MOST_BYTES,
    DiskHealth,
    Sign,
    Unreadable,
    disk_to_json,
    disks_from_json,
    read_smart,
)

_HEAD = {"json_format_version": [1, 0], "smartctl": {"version": [7, 3], "exit_status": 0}}


def _ata(passed: bool = True, celsius: int = 34, **raw: str) -> dict[str, Any]:
    ids = {"reallocated": 5, "reported": 187, "pending": 197, "uncorrectable": 198}
    table = [
        {"id": ids[name], "name": name, "raw": {"value": 1 << 40, "string": raw.get(name, "0")}} for name in ids
    ] + [{"id": 1, "name": "Raw_Read_Error_Rate", "raw": {"value": 199781349, "string": "199781349"}}]
    return _HEAD | {
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "model_name": "MADE UP 4000",
        "serial_number": "X1",
        "smart_status": {"passed": passed},
        "ata_smart_attributes": {"revision": 16, "table": table},
        "power_on_time": {"hours": 8760},
        "temperature": {"current": celsius},
    }


def _nvme(passed: bool = True, **log: int) -> dict[str, Any]:
    well = {
        "critical_warning": 0, "temperature": 41, "available_spare": 100, "available_spare_threshold": 10,
        "percentage_used": 3, "media_errors": 0, "power_on_hours": 12,
    }  # fmt: skip
    return _HEAD | {
        "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
        "smart_status": {"passed": passed},
        "nvme_smart_health_information_log": well | log,
        "power_on_time": {"hours": 12},
        "temperature": {"current": 41},
    }


def _read(found: object) -> DiskHealth:
    return read_smart("sda", json.dumps(found).encode(), asked_us=5)


@pytest.mark.parametrize(
    ("found", "signs", "state"),
    [
        (_ata(), [], "good"),
        (_ata(reallocated="8 (0 3)"), [Sign.MOVED], "warn"),
        (_ata(celsius=61), [Sign.HOT], "warn"),
        (_ata(pending="1"), [Sign.LOST], "bad"),
        (_ata(uncorrectable="2"), [Sign.LOST], "bad"),
        (_ata(reported="3"), [Sign.LOST], "bad"),
        (_ata(passed=False, reallocated="900"), [Sign.FAILING, Sign.MOVED], "bad"),
        (_nvme(), [], "good"),
        (_nvme(critical_warning=1), [Sign.SPARE], "bad"),
        (_nvme(critical_warning=2), [Sign.HOT], "warn"),
        (_nvme(critical_warning=4), [Sign.FAILING], "bad"),
        (_nvme(critical_warning=8), [Sign.READ_ONLY], "bad"),
        (_nvme(critical_warning=16), [Sign.FAILING], "bad"),
        (_nvme(critical_warning=32), [], "good"),  # of its persistent memory region, which nothing here uses
        (_nvme(available_spare=9), [Sign.SPARE], "bad"),
        (_nvme(media_errors=1), [Sign.LOST], "bad"),
        (_nvme(percentage_used=90), [Sign.WORN], "warn"),
        (_nvme(percentage_used=255, media_errors=1), [Sign.LOST, Sign.WORN], "bad"),
        (_HEAD | {"smart_status": {"passed": True}, "scsi_grown_defect_list": 4}, [Sign.MOVED], "warn"),
    ],
)
def test_a_disk_is_as_well_as_it_says(found, signs, state):
    disk = _read(found)
    assert (list(disk.signs), disk.state, disk.unreadable) == (signs, state, "")


def test_its_figures_and_names_are_told():
    disk = _read(_ata(reallocated="8 (0 3)"))
    assert dict(disk.figures) == {
        "reallocated": 8, "reported": 0, "pending": 0, "uncorrectable": 0, "hours": 8760, "celsius": 34,
    }  # fmt: skip
    assert (disk.model, disk.serial, disk.asked_us) == ("MADE UP 4000", "X1", 5)
    assert disks_from_json(json.loads(json.dumps([disk_to_json(disk)]))) == (disk,)
    assert disks_from_json(None) is None


@pytest.mark.parametrize(
    ("exit_status", "message", "why"),
    [
        (2, "Smartctl open device: /dev/sda failed: Permission denied", Unreadable.NOT_PERMITTED),
        (2, "Smartctl open device: /dev/sda failed: Operation not permitted", Unreadable.NOT_PERMITTED),
        (2, "Smartctl open device: /dev/sda failed: No such device", Unreadable.GONE),
        (2, "Device is in STANDBY mode, exit(2)", Unreadable.ASLEEP),
        (1, "/dev/sda: Unable to detect device type", Unreadable.NOT_TOLD),
        (2, "", Unreadable.NO_ANSWER),
        (0, "", Unreadable.NOT_TOLD),
    ],
)
def test_a_disk_that_says_nothing_is_unknown_with_the_reason(exit_status, message, why):
    said = {"exit_status": exit_status, "messages": [{"string": message, "severity": "error"}]}
    disk = _read(_HEAD | {"smartctl": said})
    assert (disk.unreadable, disk.state, disk.signs) == (why, "unknown", ())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4),
    max_leaves=12,
)
_KEYS = (
    "smartctl", "smart_status", "ata_smart_attributes", "nvme_smart_health_information_log", "power_on_time",
    "temperature", "model_name", "serial_number", "scsi_grown_defect_list",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON) | _JSON)
def test_no_answer_whatever_is_taken_for_a_well_disk(found):
    disk = _read(found)
    says_well = isinstance(found, dict) and isinstance(found.get("smart_status"), dict)
    assert disk.unreadable or says_well or disk.figures
    assert disk.state in {"good", "warn", "bad", "unknown"}


@given(st.binary(max_size=200))
def test_bytes_that_are_no_json_are_no_answer(data):
    assert read_smart("sda", data, asked_us=0).unreadable == Unreadable.NO_ANSWER or data.strip().isdigit()


def test_more_than_any_disk_says_is_no_answer():
    assert read_smart("sda", b" " * MOST_BYTES + b"{}", asked_us=0).unreadable == Unreadable.NO_ANSWER
    assert read_smart("sda", b"[" * 100_000, asked_us=0).unreadable == Unreadable.NO_ANSWER
