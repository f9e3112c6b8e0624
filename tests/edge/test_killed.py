"""Box and centre killed (SIGKILL) again and again while a button is pressed: nothing acknowledged is lost, nothing is
doubled, and both end with the same facts (ppms.md §4.5, §8). ``BEFFROI_PRESSES=10000`` runs the long one."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from random import Random

from beffroi.edge.engine import Press
from beffroi.edge.settings import EdgeSettings, save, signing_key
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.signing import SigningKey
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import Hazard
from tests.edge import centre_process
from tests.ports import free_port
from tests.unit.edge.test_engine import PLAN
from tests.waiting import until

SECRET = b"s" * 32
PRESSES = int(os.environ.get("BEFFROI_PRESSES", "250"))
BOX = """
from pathlib import Path
from beffroi.edge.daemon import serve
serve(Path({data!r}), host="127.0.0.1", port={port})
"""


class Both:
    """A box and its centre, each a process that can be killed and started again."""

    def __init__(self, folder):
        self.box_data, self.centre_data = folder / "box", folder / "centre"
        self.box_data.mkdir()
        self.box_port, self.centre_port = free_port(), free_port()
        school = centre_process.set_up(self.centre_data, b64(signing_key(self.box_data).public_bytes))
        settings = EdgeSettings(
            "edge-ecole",
            school,
            self.box_data,
            centre_url=f"http://127.0.0.1:{self.centre_port}",
            centre_key=SigningKey(centre_process.KEY).public_bytes,
            devices={"button-1": SECRET},
        )
        save(settings, self.box_data / "edge.toml")
        (self.box_data / "plan.json").write_text(json.dumps(plan_to_json(PLAN)))
        self.box, self.centre = self.start_box(), self.start_centre()

    def start_box(self):
        code = BOX.format(data=str(self.box_data), port=self.box_port)
        return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)

    def start_centre(self):
        return centre_process.serve(self.centre_data, self.centre_port)

    def kill_box(self):
        self.box.kill()
        self.box.wait()
        self.box = self.start_box()

    def kill_centre(self):
        self.centre.kill()
        self.centre.wait()
        self.centre = self.start_centre()

    def press(self, number):
        """Repeat one press until it is acknowledged, as a button does; how often it took."""
        press = Press("button-1", "d1", number, Hazard.INTRUSION, f"p{number}", SystemClock().now_us())
        body = json.dumps({**json.loads(press.signed_bytes()), "signature": press.signature(SECRET)})
        pause = threading.Event()
        for attempt in range(1, 2_000):
            with suppress(OSError, http.client.HTTPException, ValueError):
                connection = http.client.HTTPConnection("127.0.0.1", self.box_port, timeout=2)
                connection.request("POST", "/trigger", body)
                answer = connection.getresponse()
                if answer.status == 201 and json.loads(answer.read())["alert"]:
                    return attempt
            pause.wait(0.02)
        raise AssertionError("the box did not come back")

    def in_box(self):
        with sqlite3.connect(f"file:{self.box_data / 'edge.sqlite3'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT document FROM event").fetchall()
        return centre_process.places(document for (document,) in rows)

    def stop(self):
        for process in (self.box, self.centre):
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_thousands_of_presses_through_kills_of_both(tmp_path):
    both, random = Both(tmp_path), Random(11)
    kills = sorted(random.sample(range(20, PRESSES - 20), max(4, PRESSES // 150)))
    repeated = 0
    try:
        for number in range(1, PRESSES + 1):
            if kills and number == kills[0]:
                kills.pop(0)
                # In the middle of a press: its request is under way when the process dies.
                timer = threading.Timer(
                    random.uniform(0, 0.01), both.kill_centre if len(kills) % 4 == 1 else both.kill_box
                )
                timer.start()
                repeated += both.press(number) - 1
                timer.join()
            else:
                repeated += both.press(number) - 1
        wanted = {f"p{number}" for number in range(1, PRESSES + 1)}
        held = both.in_box()
        assert sorted(place for _, place in held) == sorted(wanted), "each acknowledged press is there, once"
        until(lambda: len(centre_process.triggers(both.centre_data)) >= PRESSES, 60, "the centre catches up")
        assert sorted(centre_process.triggers(both.centre_data)) == sorted(held), "two places, one set of facts"
        assert len({alert for alert, _ in held}) == 1, "a restart opened no second alert"
    finally:
        both.stop()
    assert repeated, "no press ever met a dead box: this tried nothing"
