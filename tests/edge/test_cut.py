"""The centre's database locked by another process, the network going and coming: what was acknowledged comes, once."""

import http.client
import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from beffroi.edge import sync as exchange
from beffroi.edge.settings import EdgeSettings, save, signing_key
from beffroi.kernel.canonical import b64
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.safety.core.plan_json import plan_to_json
from tests.e2e.elsewhere import HERE, namespace, possible
from tests.edge import centre_process
from tests.edge.test_edge_server import SECRET, Server
from tests.edge.test_killed import BOX
from tests.ports import free_port
from tests.unit.edge.test_engine import PLAN
from tests.waiting import until

PRESSES = 60
BUTTON = """
import http.client, json, sys, threading
from beffroi.edge.engine import Press
from beffroi.kernel.clock import SystemClock
from beffroi.safety.core.words import Hazard
pause = threading.Event()
for number in range(1, int(sys.argv[2]) + 1):
    press = Press("button-1", "d1", number, Hazard.INTRUSION, f"p{number}", SystemClock().now_us())
    body = json.dumps({**json.loads(press.signed_bytes()), "signature": press.signature(b"s" * 32)})
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
            connection.request("POST", "/trigger", body)
            if connection.getresponse().status == 201:
                break
        except OSError:
            pass
        pause.wait(0.05)
    pause.wait(0.05)
print("pressed", flush=True)
"""


def answers(port):
    """Whether the centre serves."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        with closing(connection):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


@pytest.fixture
def centre(tmp_path, monkeypatch):
    """A centre with one building, and the folder of the box it knows."""
    monkeypatch.setenv("BEFFROI_HOSTS", HERE)
    box, data, port = tmp_path / "box", tmp_path / "centre", free_port()
    box.mkdir()
    school = centre_process.set_up(data, b64(signing_key(box).public_bytes))
    process = centre_process.serve(data, port)
    until(lambda: answers(port), 60, "the centre serves")
    yield box, data, port, school
    process.kill()
    process.wait()


def settings_of(centre, url):
    """The settings of the box, as it was paired."""
    box, _, _, school = centre
    key = SigningKey(centre_process.KEY).public_bytes
    devices = {"button-1": SECRET}
    return EdgeSettings("edge-ecole", school, box, centre_url=url, centre_key=key, devices=devices)


def test_a_locked_database_takes_the_press_once_when_it_is_free(centre, monkeypatch):
    box, data, port, _ = centre
    server = Server(box, settings=settings_of(centre, f"http://127.0.0.1:{port}"))
    monkeypatch.setattr(exchange, "TIMEOUT_SECONDS", 0.3)
    try:
        server.box.sync.exchange()
        with closing(sqlite3.connect(data / "office.sqlite3", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            assert server.press(1)[0].status == 201, "the box sounds and acknowledges without its centre"
            for _ in range(3):
                with pytest.raises(Unavailable):
                    server.box.sync.exchange()
            assert centre_process.triggers(data) == []
            holder.execute("ROLLBACK")
        until(lambda: centre_process.triggers(data), 30, "the centre takes it")
        monkeypatch.setattr(exchange, "TIMEOUT_SECONDS", 30.0)
        server.box.sync.exchange()  # behind whatever still waited
        assert [place for _, place in centre_process.triggers(data)] == ["hall"], "four requests brought it, one counts"
    finally:
        server.stop()


@pytest.mark.root
@pytest.mark.skipif(not possible(), reason="needs root and ip")
def test_a_network_that_goes_and_comes_loses_and_doubles_nothing(centre):
    box, data, port, _ = centre
    inside = free_port()
    with namespace(port) as laid:
        subprocess.run(["ip", "-n", laid.name, "link", "set", "lo", "up"], check=True)
        save(settings_of(centre, laid.address), box / "edge.toml")
        (box / "plan.json").write_text(json.dumps(plan_to_json(PLAN)))
        enter = ["ip", "netns", "exec", laid.name, sys.executable, "-c"]
        edge = subprocess.Popen([*enter, BOX.format(data=str(box), port=inside)], stderr=subprocess.DEVNULL)
        button = subprocess.Popen([*enter, BUTTON, str(inside), str(PRESSES)], stdout=subprocess.PIPE, text=True)
        try:
            cable, pause, cuts = f"bf{os.getpid()}", threading.Event(), 0
            while button.poll() is None:
                subprocess.run(["ip", "link", "set", cable, "down"], check=True)
                pause.wait(0.1 + 0.1 * (cuts % 4))
                subprocess.run(["ip", "link", "set", cable, "up"], check=True)
                pause.wait(0.1)
                cuts += 1
            assert button.stdout.read() == "pressed\n", "every press was acknowledged in the building"
            until(lambda: len(centre_process.triggers(data)) >= PRESSES, 60, "the centre catches up")
        finally:
            for one in (button, edge):
                one.kill()
                one.wait()
            button.stdout.close()
    with closing(sqlite3.connect(box / "edge.sqlite3")) as journal:
        held = centre_process.places(one for (one,) in journal.execute("SELECT document FROM event"))
    assert sorted(centre_process.triggers(data)) == sorted(held), "both hold the same facts"
    assert sorted(place for _, place in held) == sorted(f"p{number}" for number in range(1, PRESSES + 1))
    assert cuts >= 5, "the network hardly went: this tried nothing"
