"""The worker: one reconciler that fails slows itself down and disturbs no other; what it says can be read elsewhere."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beffroi.config.worker import MAX_PAUSE_S, WAIT_S, Reconciler, Worker
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Unavailable
from tests.waiting import until

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def worker(folder: Path, *table: Reconciler) -> Worker:
    return Worker(list(table), ManualClock(NOW), folder / "worker.json", lambda: None)


def broken(_now: datetime) -> None:
    raise ZeroDivisionError("by nobody")


def absent(_now: datetime) -> None:
    raise Unavailable("The recorder does not answer.")


def test_the_same_reconciler_twice_is_refused(tmp_path: Path) -> None:
    line = Reconciler("copies", absent, 1)
    with pytest.raises(ValueError, match="twice: copies"):
        worker(tmp_path, line, Reconciler("other", absent, 1), line)


def test_pauses_grow_and_are_forgiven_after_one_good_turn(tmp_path: Path) -> None:
    answers = iter([broken] * 9 + [lambda _now: None])
    line = Reconciler("moody", lambda now: next(answers)(now), 0.5)
    one = worker(tmp_path, line)
    pauses = [one.once(line) for _ in range(9)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert max(pauses) == MAX_PAUSE_S
    assert one.standings["moody"].error == "ZeroDivisionError: by nobody"
    assert one.once(line) == 0.5
    assert one.standings["moody"].failures == 0
    assert one.standings["moody"].error == ""


def test_a_part_that_merely_does_not_answer_is_asked_again_soon(tmp_path: Path) -> None:
    line = Reconciler("patient", absent, 1)
    one = worker(tmp_path, line)
    assert max(one.once(line) for _ in range(8)) == WAIT_S


def test_one_that_fails_or_hangs_disturbs_no_other_and_shows_in_the_file(tmp_path: Path) -> None:
    turns, gate = [], threading.Event()
    one = worker(
        tmp_path,
        Reconciler("hanging", lambda _now: gate.wait(30), 0.01),
        Reconciler("broken", broken, 0.01),
        Reconciler("good", turns.append, 0.01),
    )
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        until(lambda: len(turns) > 20, 30)

        def shown() -> bool:
            path = tmp_path / "worker.json"
            return path.exists() and json.loads(path.read_text()).get("broken", {}).get("failures", 0) > 0

        until(shown, 30)
        assert json.loads((tmp_path / "worker.json").read_text())["good"]["failures"] == 0
    finally:
        one.stopping.set()
        gate.set()
        thread.join(10)
    assert not thread.is_alive()
    assert turns[0] == NOW
