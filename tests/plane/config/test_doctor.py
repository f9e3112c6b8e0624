"""The doctor: what is missing, open to others or failing is bad; what cannot be seen is unknown, never good."""

import json
from datetime import UTC, datetime
from pathlib import Path

import psutil

from beffroi.config import health
from beffroi.config.health import State
from beffroi.config.options import load_options
from beffroi.config.setup import prepare

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_keys_that_others_can_read_are_bad_and_so_are_missing_or_short_ones(tmp_path: Path) -> None:
    prepare(load_options(None, data=tmp_path / "data", run=tmp_path / "run"))
    (good,) = health.key_modes(tmp_path / "data")
    assert good.state is State.GOOD
    keys = tmp_path / "data" / "keys"
    (keys / "office.key").chmod(0o644)
    (keys / "door.key").unlink()
    (keys / "archive.key").write_bytes(b"short")
    (bad,) = health.key_modes(tmp_path / "data")
    assert bad.state is State.BAD
    assert "office.key can be read by others" in bad.found
    assert "door.key is missing" in bad.found
    assert "archive.key has 5 bytes" in bad.found


def test_keys_are_never_made_twice(tmp_path: Path) -> None:
    options = load_options(None, data=tmp_path / "data", run=tmp_path / "run")
    prepare(options)
    before = {path.name: path.read_bytes() for path in (tmp_path / "data" / "keys").iterdir()}
    prepare(options)
    assert {path.name: path.read_bytes() for path in (tmp_path / "data" / "keys").iterdir()} == before
    assert len(set(before.values())) == len(before)


def test_without_state_files_processes_and_worker_are_unknown(tmp_path: Path) -> None:
    assert [one.state for one in health.processes(tmp_path)] == [State.UNKNOWN]
    assert [one.state for one in health.reconcilers(tmp_path, NOW)] == [State.UNKNOWN]


def test_a_dead_part_and_a_failing_reconciler_are_bad_and_named(tmp_path: Path) -> None:
    mine = psutil.Process().pid
    parts = {
        "front": {"pid": mine, "restarts": 2, "last_exit": 1},
        "office": {"pid": None, "restarts": 0, "last_exit": 1},
        "birth": {"pid": None, "restarts": 0, "last_exit": 0},
    }
    (tmp_path / "supervisor.json").write_text(json.dumps({"pid": mine, "url": "", "parts": parts}))
    found = {one.name: one for one in health.processes(tmp_path)}
    assert found["process front"].state is State.GOOD
    assert "started again 2 times" in found["process front"].found
    assert found["process office"].state is State.BAD
    assert found["process birth"].state is State.GOOD
    standing = {"last_good": "2026-11-23T09:00:00.000000Z", "failures": 3, "error": "Unavailable: no", "runs": 9}
    (tmp_path / "worker.json").write_text(json.dumps({"sites.push_cameras": standing}))
    (bad,) = health.reconcilers(tmp_path, NOW)
    assert bad.state is State.BAD
    assert "sites.push_cameras" in bad.name
    assert "Unavailable: no, last good 2026-11-23T09:00" in bad.found


def test_a_full_disk_is_bad_and_an_absent_one_unknown(tmp_path: Path) -> None:
    assert health.disk(tmp_path / "absent").state is State.UNKNOWN
    assert health.disk(tmp_path).state in (State.GOOD, State.BAD)
