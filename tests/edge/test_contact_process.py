"""A real box with contacts, simulated or missing, and no centre: what is pressed sounds, what is wrong is told."""

import http.client
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from beffroi.edge.contact_settings import ContactSettings
from beffroi.edge.lines import simulate
from beffroi.edge.settings import EdgeSettings, code_digest, load, save
from beffroi.edge.sounds import tone
from beffroi.kernel.clock import SystemClock
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import Hazard, Nature, Posture
from tests.ports import free_port
from tests.unit.edge.test_engine import PLAN
from tests.waiting import until

BEFFROI = Path(sys.executable).with_name("beffroi")
SHELTER = tone(Posture.SHELTER, Nature.REAL)
STORM = {"hazard": Hazard.STORM, "place": "Hall"}
CONTACTS = (
    ContactSettings("hall", simulated=True, **STORM),
    ContactSettings("loge", simulated=True, normally="closed", **STORM),
    ContactSettings("aide", simulated=True, kind="help", place="Salle des maîtres"),
    ContactSettings("absent", chip="/dev/gpiochip-none", line=4),
    ContactSettings("rien", chip="/dev/null", line=4),
)
DIES = """
import os, signal, sys
from pathlib import Path
from beffroi.edge import daemon, sounder
sounder.CommandSounder.play = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
daemon.serve(Path(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]))
"""


class Box:
    """The folder of a box, and its processes."""

    def __init__(self, folder):
        self.data, self.port, self.sounds = folder, free_port(), folder / "sounds"
        command = ("sh", "-c", f"cat >> '{self.sounds}'; sleep 1")
        settings = EdgeSettings(
            "b", "ecole", folder, key_code=code_digest("4711"), sounder_command=command, contacts=CONTACTS
        )
        save(settings, folder / "edge.toml")
        assert load(folder / "edge.toml") == settings
        (folder / "plan.json").write_text(json.dumps(plan_to_json(PLAN)))
        for one in CONTACTS:
            if one.simulated:
                self.turn(one.name, closed=one.normally == "closed")

    @contextmanager
    def running(self, *command):
        arguments = command or (BEFFROI, "edge", "run", "--data", self.data, "--port", self.port)
        process = subprocess.Popen([str(one) for one in arguments], stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def command(self, *words):
        subprocess.run([BEFFROI, "edge", "contact", *words, "--data", self.data], check=True, capture_output=True)

    def turn(self, name, *, closed):
        simulate(self.data / "contacts" / name, closed, SystemClock())

    def get(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def health(self):
        with suppress(OSError, http.client.HTTPException):
            return json.loads(self.get("/healthz")[1])
        return None

    def faults(self):
        said = self.health()
        return said and {one["name"]: one["fault"] for one in said["contacts"]}

    def triggers(self):
        with closing(sqlite3.connect(f"file:{self.data / 'edge.sqlite3'}?mode=ro", uri=True)) as database:
            documents = [json.loads(one) for (one,) in database.execute("SELECT document FROM event ORDER BY arrived")]
        return [one for one in documents if one["kind"] == "trigger"]

    def heard(self):
        return self.sounds.read_bytes() if self.sounds.exists() else b""

    def cell(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        cookie = self.get("/cell/enter", "POST", "code=4711", **form)[0].headers["Set-Cookie"].split(";")[0]
        return self.get("/cell", Cookie=cookie)[1]


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


WELL = {"hall": "", "loge": "", "aide": "", "absent": "unreachable", "rien": "unreachable"}


def test_a_contact_sounds_without_centre_and_what_is_missing_stops_nothing(box):
    with box.running():
        until(lambda: box.faults() == WELL, what="all that can be read is")
        reasons = {one["name"]: one["reason"] for one in box.health()["contacts"]}
        assert "/dev/gpiochip-none line 4: " in reasons["absent"]
        page = box.cell()
        assert re.search(r"hall \(Hall\) SIMULÉ[^<]*en état", page), "it says what it is"
        assert "absent DÉFAUT : ne se lit pas" in page
        box.command("press", "aide", "--seconds", "0.1")
        until(lambda: "Salle des maîtres (simulated contact)" in box.cell(), what="a quiet call")
        assert box.triggers() == [], "nobody takes shelter"
        box.command("press", "hall", "--seconds", "0.1")
        until(lambda: SHELTER in box.heard(), what="the loudspeaker plays")
        (trigger,) = box.triggers()
        assert (trigger["body"]["device"], trigger["body"]["place"]) == ("hall", "Hall (simulated contact)")
        assert trigger["alert"].startswith("REEL-")


def test_chatter_and_a_cut_loop_are_one_alert_however_often(box):
    with box.running():
        until(lambda: box.faults() == WELL)
        for number in range(101):  # as fast as they can be made; the last one stays
            box.turn("hall", closed=number % 2 == 0)
        until(lambda: box.faults() == {**WELL, "hall": "chatter"}, what="chatter is a fault")
        until(lambda: len(box.triggers()) == 1, what="closed at last, it is a press")
        box.turn("loge", closed=False)
        until(lambda: len(box.triggers()) == 2, what="a cut loop alerts")
        for _ in range(3):
            box.turn("loge", closed=True)
            box.turn("loge", closed=False)
        box.turn("loge", closed=True)
        box.command("press", "aide", "--seconds", "0.1")
        until(lambda: "Salle des maîtres" in box.cell(), what="what came later was taken too")
        assert len(box.triggers()) == 2
        assert len({one["alert"] for one in box.triggers()}) == 1, "one alert"


def test_closed_at_the_start_is_told_and_alerts_nobody(box):
    box.turn("hall", closed=True)
    box.turn("loge", closed=False)
    with box.running():
        until(lambda: box.faults() == {**WELL, "hall": "at_start", "loge": "at_start"}, what="both are told")
        assert "aucune alerte n’a été donnée" in box.cell()
        box.turn("hall", closed=False)
        until(lambda: box.faults() == {**WELL, "loge": "at_start"}, what="released, it is well")
        assert box.triggers() == []
        assert box.heard() == b""
        box.turn("hall", closed=True)
        until(lambda: SHELTER in box.heard(), what="and alerts")


def test_killed_between_the_journal_and_the_sound_it_sounds_at_the_next_start(box):
    with box.running(sys.executable, "-c", DIES, box.data, box.port) as process:
        until(lambda: box.faults() == WELL)
        box.turn("hall", closed=True)
        assert process.wait(30) == -9
    (written,) = box.triggers()
    assert box.heard() == b"", "it died before the sound"
    with box.running():
        until(lambda: SHELTER in box.heard(), what="the next life sounds")
        until(lambda: box.faults() == {**WELL, "hall": "at_start"}, what="still closed: no second press")
        assert box.triggers() == [written]
