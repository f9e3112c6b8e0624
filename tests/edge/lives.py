"""A box and its centre that die at each named point of their code (``boundaries``), a button that goes on pressing,
and what must hold afterwards."""

import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psycopg

from beffroi.edge.engine import Press
from beffroi.edge.settings import EdgeSettings, save, signing_key
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.signing import SigningKey
from beffroi.safety.core.alerts import Alert
from beffroi.safety.core.events import Event, fold, from_json
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import Hazard
from tests.edge import boundaries, centre_process
from tests.edge.office_database import HELD, OfficeDatabase
from tests.ports import free_port
from tests.unit.edge.test_engine import PLAN
from tests.waiting import until

SECRET = b"s" * 32
HOUR_US = 3_600_000_000
FOREVER = "-"
ANYWHERE = "at a random microsecond"
LONGEST_S = 0.06
"""The latest strike: a press and its exchange are over by then on a machine that is not busy."""
ROOT = Path(__file__).parents[2]


class Mortal:
    """A program that is started again by whoever finds it dead."""

    def __init__(
        self, what: str, data: Path, port: int, disk: OfficeDatabase | Path, told: Mapping[str, str] | None = None
    ) -> None:
        self.port, self._disk = port, disk
        environment = {**(disk.environment if isinstance(disk, OfficeDatabase) else os.environ), **(told or {})}
        with (data / f"{what}.log").open("wb") as log:
            self._mother = subprocess.Popen(
                [sys.executable, "-m", "tests.edge.boundaries", what, str(data), str(port)],
                cwd=ROOT, env={**environment, "PYTHONPATH": f"{ROOT}/src:{ROOT}"}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        self._said: list[str] = []
        threading.Thread(target=self._hear, daemon=True).start()
        until(lambda: "ready" in self._said, 60, f"{what} is loaded")
        self.pid, self._heard = 0, 1

    def _hear(self) -> None:
        assert self._mother.stdout is not None
        self._said.extend(line.strip() for line in self._mother.stdout)

    def live(self, place: str = FOREVER, times: int = 1, off_us: int = 0) -> None:
        """Begin a life that ends at that place."""
        assert self._mother.stdin is not None
        self._mother.stdin.write(json.dumps([place, times, off_us]) + "\n")
        self._mother.stdin.flush()
        self.pid = int(until(lambda: self._said[self._heard :], 30, "a life begins")[0])
        self._heard += 1

    def dead(self) -> bool:
        """Whether this life is over; each end is told once."""
        if not self.pid or not self._said[self._heard :]:
            return False
        ended = self._said[self._heard]
        assert ended == str(-signal.SIGKILL), f"it ended by itself: {ended}"
        self._heard, self.pid = self._heard + 1, 0
        return True

    def strike(self) -> None:
        """SIGKILL from outside, wherever it is."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End this life from outside."""
        self.strike()
        until(self.dead, 30, "it is killed")

    def answers(self) -> bool:
        """Whether it serves."""
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with closing(connection):
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
        return False

    def events(self) -> list[Event]:
        """What is on its disk."""
        if isinstance(self._disk, OfficeDatabase):
            rows = self._disk.rows("SELECT document FROM safety_event")
        else:
            with closing(sqlite3.connect(f"file:{self._disk}?mode=ro", uri=True, timeout=20)) as journal:
                rows = journal.execute("SELECT document FROM event").fetchall()
        return [from_json(json.loads(document)) for (document,) in rows]

    def state(self) -> dict[str, Alert]:
        """The alerts that its disk amounts to."""
        return {name: file.alert for name, file in fold(self.events()).items()}

    def close(self) -> None:
        """Away with it."""
        if self.pid:
            self.kill()
        assert self._mother.stdin is not None
        self._mother.stdin.close()
        self._mother.wait(20)


class Lives:
    """Both, and the button. The centre keeps its tables at ``url``, or in a file."""

    def __init__(self, folder: Path, url: str = "") -> None:
        data, centre_data = folder / "box", folder / "centre"
        data.mkdir(parents=True)
        self.office = OfficeDatabase(centre_data, url)
        school = centre_process.set_up(centre_data, b64(signing_key(data).public_bytes), url)
        box_port, centre_port = free_port(), free_port()
        settings = EdgeSettings(
            "edge-ecole",
            school,
            data,
            centre_url=f"http://127.0.0.1:{centre_port}",
            centre_key=SigningKey(centre_process.KEY).public_bytes,
            devices={"button-1": SECRET},
        )
        save(settings, data / "edge.toml")
        (data / "plan.json").write_text(json.dumps(plan_to_json(PLAN)))
        self.box = Mortal("box", data, box_port, data / "edge.sqlite3")
        self.centre = Mortal("centre", centre_data, centre_port, self.office)
        self.pressed = self.repeated = self.restarts = 0
        self.deaths: Counter[str] = Counter()
        for one in (self.box, self.centre):
            one.live()
            until(one.answers, 60, "it serves")

    def through(self, mortal: Mortal, place: str, *, times: int, off_us: int = 0, presses: int = 4) -> None:
        """Let it die at that place while the button is pressed, and at least so many times."""
        mortal.kill()
        mortal.live(place, times, off_us)
        deaths, begun = self.deaths[place], self.pressed
        while self.pressed < begun + presses:
            self.press(place, mortal)

        pause = threading.Event()

        def died() -> bool:
            if self.deaths[place] == deaths:
                pause.wait(0.1)  # an exchange has its own pace
                self.press(place, mortal)
            return self.deaths[place] > deaths

        until(died, 120, f"{place} is reached")

    def anywhere(self, mortal: Mortal, *, seed: int, times: int) -> None:
        """Let it die at random microseconds of a press and its exchange: inside a commit of its database, too."""
        chance, pause = random.Random(seed), threading.Event()  # a seed can be tried again
        for _ in range(times):
            deaths, wait_s = self.deaths[ANYWHERE], chance.uniform(0, LONGEST_S)
            with ThreadPoolExecutor(1) as other:
                other.submit(lambda wait_s=wait_s: (pause.wait(wait_s), mortal.strike()))
                self.press(ANYWHERE, mortal)
            until(lambda deaths=deaths: self._revive(ANYWHERE, mortal) or self.deaths[ANYWHERE] > deaths, 60, "it died")

    def held(self, what: str, *, crash: bool, presses: int) -> None:
        """Another transaction holds what an exchange needs, until it lets go or the server crashes under both."""
        met = False
        with suppress(psycopg.OperationalError), self.office.held(what):  # whoever holds it dies with the server
            for _ in range(presses):
                self.press(FOREVER, self.box)
            until(self.office.waits, 60, f"an exchange meets {what}")
            if crash:
                self.office.crash()
            met = True
        assert met, what
        self.deaths[f"{what}, {'then the server crashed' if crash else 'then free'}"] += 1

    def press(self, place: str, mortal: Mortal) -> None:
        """One press, repeated until it is acknowledged, as a button does; who is found dead is started again."""
        self.pressed += 1
        press = Press("button-1", "d1", self.pressed, Hazard.INTRUSION, f"p{self.pressed}", SystemClock().now_us())
        body = json.dumps({**json.loads(press.signed_bytes()), "signature": press.signature(SECRET)})

        def acknowledged() -> bool:
            self._revive(place, mortal)
            with suppress(OSError, http.client.HTTPException, ValueError):
                connection = http.client.HTTPConnection("127.0.0.1", self.box.port, timeout=5)
                with closing(connection):
                    connection.request("POST", "/trigger", body)
                    answer = connection.getresponse()
                    if answer.status == 201 and json.loads(answer.read())["alert"]:
                        return True
            self.repeated += 1
            return False

        until(acknowledged, 60, f"press {self.pressed} is acknowledged")
        self._revive(place, mortal)

    def _revive(self, place: str, mortal: Mortal) -> None:
        if not mortal.dead():
            return
        self.deaths[place] += 1
        left = mortal.state()
        mortal.live()
        until(mortal.answers, 60, f"it serves again after: {place}")
        found = mortal.state()
        self.restarts += 1
        for name, alert in left.items():
            after = found[name]
            assert alert.state == after.state, place
            assert alert.postures == after.postures, place
            assert set(alert.triggers) <= set(after.triggers), place

    def check(self) -> None:
        """Nothing acknowledged is lost, nothing is doubled, both hold the same facts, tables agree with events."""
        wanted = sorted(f"p{number}" for number in range(1, self.pressed + 1))
        held = self.box.events()
        places = [(one.alert, one.body["place"]) for one in held if one.kind.value == "trigger"]
        assert sorted(place for _, place in places) == wanted, "each acknowledged press is there, once"
        until(lambda: {one.key for one in self.centre.events()} >= {one.key for one in held}, 120, "the same facts")
        assert sorted(centre_process.triggers(self.office.data, self.office.url)) == sorted(places), (
            "two places, one set of facts"
        )
        assert len({alert for alert, _ in places}) == 1, "a restart opened no second alert"
        assert self.box.state() == {name: self.centre.state()[name] for name in self.box.state()}
        rows = dict(self.office.rows("SELECT id, state FROM safety_alert"))
        ((facts,),) = self.office.rows("SELECT COUNT(*) FROM audit_fact WHERE name = 'alert:event'")
        assert rows == {name: alert.state.value for name, alert in self.centre.state().items()}
        assert facts == len(self.centre.events()), "one fact in the log for each event, never two"

    def close(self) -> None:
        """End both."""
        self.box.close()
        self.centre.close()


def each_place(lives: Lives, number: int, *, presses: int) -> None:
    """Each place of both once; every other life of the box an hour ahead, or an hour behind."""
    for index, place in enumerate(boundaries.BOX):
        off_us = (0, HOUR_US, -HOUR_US)[(number + index) % 3]
        times = 1 if "start" in place or "exchange" in place else 1 + (number + index) % 3
        lives.through(lives.box, place, times=times, off_us=off_us, presses=presses)
    for place in boundaries.CENTRE:
        lives.through(lives.centre, place, times=1, presses=presses)


def each_lock(lives: Lives, *, presses: int) -> None:
    """Each thing that another transaction may hold: until it lets go, and until the server crashes under the centre."""
    for what in HELD:
        for crash in (False, True):
            lives.held(what, crash=crash, presses=presses)
