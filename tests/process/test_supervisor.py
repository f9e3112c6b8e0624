"""The supervisor by itself: order, back-off, parts that run once, and what it says when one cannot do its work."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from beffroi.config.supervisor import Part, Supervisor, back_off_s
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable
from tests.waiting import until_async


def supervisor(folder: Path, parts: list[Part], told: list[str]) -> Supervisor:
    return Supervisor(
        parts,
        environment={"MARK": "set"},
        run=folder,
        logs=folder,
        clock=SystemClock(),
        url="http://127.0.0.1:1",  # nobody answers there: these tests wait for other signs
        ready=lambda: None,
        told=told.append,
    )


def python(name: str, code: str, **how: object) -> Part:
    return Part(name, [sys.executable, "-c", code], **how)  # type: ignore[arg-type]


def test_back_off_doubles_up_to_half_a_minute() -> None:
    assert [back_off_s(n) for n in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert back_off_s(10_000) == 30


async def test_a_part_waits_for_the_one_time_part_before_it(tmp_path: Path) -> None:
    trail = tmp_path / "trail"
    first = python("first", f"open({str(trail)!r}, 'a').write('first ')", once=True)
    second = python(
        "second", f"import time; open({str(trail)!r}, 'a').write('second'); time.sleep(60)", after=("first",)
    )
    watched = supervisor(tmp_path, [second, first], [])
    running = asyncio.create_task(watched.run())
    await until_async(lambda: trail.exists() and trail.read_text() == "first second", 20, "both parts ran")
    state = json.loads((tmp_path / "supervisor.json").read_text())
    assert state["parts"]["first"]["last_exit"] == 0
    watched.stop()
    await asyncio.wait_for(running, 10)
    assert trail.read_text() == "first second", "a one-time part that ended well is not started again"


async def test_a_one_time_part_that_fails_three_times_stops_all_and_names_its_log(tmp_path: Path) -> None:
    told: list[str] = []
    parts = [python("birth", "raise SystemExit(3)", once=True), python("other", "import time; time.sleep(60)")]
    with pytest.raises(Unavailable, match=r"birth could not do its work.*birth\.log"):
        await asyncio.wait_for(supervisor(tmp_path, parts, told).run(), 30)
    assert told == [
        "birth ended (exit status 3); starting it again in 0.5 s.",
        "birth ended (exit status 3); starting it again in 1 s.",
    ]


async def test_a_part_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open({str(mark)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    watched = supervisor(tmp_path, [python("deaf", code)], [])
    running = asyncio.create_task(watched.run())
    await until_async(lambda: mark.exists() and mark.read_text(), 20, "the child runs")
    watched.stop()
    await asyncio.wait_for(running, 15)
    child = Path("/proc") / mark.read_text() / "status"
    assert not child.exists() or "Z (zombie)" in child.read_text()


async def test_the_output_of_a_part_goes_to_its_log_with_the_environment_given(tmp_path: Path) -> None:
    part = python("speaker", "import os; print(os.environ['MARK'])", once=True)
    watched = supervisor(tmp_path, [part], [])
    running = asyncio.create_task(watched.run())
    log = tmp_path / "speaker.log"
    await until_async(lambda: log.exists() and log.read_text() == "set\n", 20, "the log has the output")
    watched.stop()
    await asyncio.wait_for(running, 10)
