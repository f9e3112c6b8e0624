"""``beffroi up`` as people meet it: real processes on the loopback, started, refused, killed, stopped."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from beffroi.config.setup import KEYS
from tests.ports import free_port
from tests.waiting import until

COMMAND = [sys.executable, "-m", "beffroi.config.cli"]
PARTS = {"recorder", "office", "front", "worker"}


class Centre:
    """One ``beffroi up`` on its own data folder."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.data, self.run, self.port = folder / "data", folder / "run", free_port()
        self.output = folder / "output.txt"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("BEFFROI_", "DJANGO_"))}
        self.environment = {**kept, "BEFFROI_RUN": str(self.run), "PYTHONUNBUFFERED": "1", **options}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            arguments = ["up", "--data", str(self.data), "--port", str(self.port)]
            self.process = subprocess.Popen(
                [*COMMAND, *arguments], stdout=output, stderr=output, env=self.environment, start_new_session=True
            )
        return self.process

    def said(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    def parts(self) -> dict[str, int]:
        try:
            state = json.loads((self.run / "supervisor.json").read_text())
        except (OSError, ValueError):
            return {}
        return {name: part["pid"] for name, part in state["parts"].items() if part["pid"]}

    def family(self) -> list[psutil.Process]:
        """The supervisor's children and theirs, while they live."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def ready(self) -> None:
        until(lambda: "Beffroi is ready" in self.said(), 90, f"ready line; said: {self.said()}")

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, env=self.environment, timeout=60, check=False
        )

    def kill_all(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        for process in [*self.family(), psutil.Process(self.process.pid)]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(10)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    made = Centre(tmp_path_factory.mktemp("up"))
    made.start()
    try:
        made.ready()
        yield made
    finally:
        made.kill_all()


def gone(processes: list[psutil.Process], within: float) -> None:
    until(
        lambda: not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE],
        within,
        "all ended",
    )


def test_one_ready_line_names_the_address_and_it_answers(centre: Centre) -> None:
    assert centre.said().count("Beffroi is ready") == 1
    assert f"http://localhost:{centre.port}" in centre.said()
    with urllib.request.urlopen(f"http://127.0.0.1:{centre.port}/", timeout=10) as page:
        assert page.status == 200
        assert b"<html" in page.read()
    assert set(centre.parts()) == PARTS


def test_keys_are_readable_by_their_owner_alone(centre: Centre) -> None:
    for name in (*KEYS, "session"):
        assert stat.S_IMODE((centre.data / "keys" / f"{name}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(centre.run.stat().st_mode) == 0o700


def test_no_key_and_no_secret_stands_in_a_process_list(centre: Centre) -> None:
    secret = (centre.data / "keys" / "session.key").read_text()
    assert all(secret not in " ".join(process.cmdline()) for process in centre.family())


def test_a_second_instance_on_the_same_data_is_refused(centre: Centre) -> None:
    assert centre.process is not None
    answer = centre.call("up", "--data", str(centre.data), "--port", str(free_port()))
    assert answer.returncode == 2
    assert f"already runs on {centre.data} (process {centre.process.pid})" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert centre.process.poll() is None


def test_a_busy_port_is_named_and_who_has_it(centre: Centre, tmp_path: Path) -> None:
    answer = centre.call("up", "--data", str(tmp_path / "other"), "--port", str(centre.port))
    assert answer.returncode == 2
    assert f"Port {centre.port} is taken by python" in answer.stderr
    assert f"--port {centre.port + 1}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_doctor_sees_every_part(centre: Centre) -> None:
    answer = centre.call("doctor", "--json", "--data", str(centre.data), "--port", str(centre.port))
    found = {finding["name"]: finding for finding in json.loads(answer.stdout)}
    assert {f"process {name}" for name in PARTS} <= set(found)
    assert all(found[f"process {name}"]["state"] == "good" for name in PARTS)
    assert found["keys"]["state"] == "good"
    assert str(centre.port) in found["port"]["found"]
    states = {finding["state"] for finding in found.values()}
    assert answer.returncode == (1 if "bad" in states else 2 if "unknown" in states else 0)


def test_metrics_tell_of_parts_and_of_no_person(centre: Centre) -> None:
    token = (centre.data / "keys" / "metrics.token").read_text()
    url = f"http://127.0.0.1:{centre.port}/metrics"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=10) as page:
        text = page.read().decode()
    assert 'beffroi_part_running{part="recorder"} 1.0' in text
    assert "beffroi_recorder_answers" in text


@pytest.mark.parametrize("part", ["worker", "office"])
def test_a_part_that_is_killed_is_started_again(centre: Centre, part: str) -> None:
    before = centre.parts()[part]
    os.kill(before, signal.SIGKILL)
    until(lambda: centre.parts().get(part, before) != before, 20, f"{part} again")
    assert f"{part} ended (killed by SIGKILL)" in centre.said()
    until(lambda: answers(centre.port), 40, "pages answer again")


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def test_sigterm_stops_everything_within_seconds_and_a_second_start_is_quick(centre: Centre) -> None:
    assert centre.process is not None
    family = centre.family()
    assert len(family) >= len(PARTS)
    centre.process.send_signal(signal.SIGTERM)
    assert centre.process.wait(20) == 0
    gone(family, 2)
    assert "Beffroi has stopped." in centre.said()
    assert not (centre.run / "supervisor.json").exists()

    centre.output.unlink()
    centre.start()
    centre.ready()


def test_a_killed_supervisor_leaves_no_orphan(centre: Centre) -> None:
    """Runs last: it ends the centre of this module."""
    assert centre.process is not None
    family = centre.family()
    assert len(family) >= len(PARTS)
    os.kill(centre.process.pid, signal.SIGKILL)
    centre.process.wait(10)
    gone(family, 20)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", centre.port))
