"""The office's worker that dies at each named point of what it does for the bell (``boundaries``): alerts nobody takes,
people to be told of them by a real mail server, and what must hold when it has come to the end all the same.

``python -m tests.edge.worker_lives`` enters the buildings and raises their alerts, in the database of its environment.
"""

import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from beffroi.safety.core.events import Kind
from tests.edge import boundaries, centre_process
from tests.edge.lives import FOREVER, ROOT, Mortal
from tests.edge.office_database import OfficeDatabase
from tests.mailbox import Mailbox, serving
from tests.waiting import until

ALERTS = 4
RUNGS = [2, 3, 4]
MINUTE_AND_MORE_US = 70_000_000
"""By then every rung is due."""
TOLD = "SELECT id, state FROM safety_notice"


class WorkerLives:
    """The worker, its database, and the mail server it hands over to."""

    def __init__(self, folder: Path, url: str = "") -> None:
        data = folder / "office"
        self.office = OfficeDatabase(data, url)
        centre_process.tables(data, url)
        subprocess.run(
            [sys.executable, "-m", "tests.edge.worker_lives"], env=self.office.environment, cwd=ROOT, check=True
        )
        self.box, self._open = Mailbox(), ExitStack()
        server = serving(self.box)
        self._open.callback(server.stop)
        told = {"BEFFROI_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "BEFFROI_RUN": str(data)}
        self.worker = Mortal("worker", data, 0, self.office, told)
        self._open.callback(self.worker.close)
        self.deaths: Counter[str] = Counter()

    def through(self, place: str) -> None:
        """Let it die there; what its disk amounts to does not change by the next life's beginning."""
        off_us = MINUTE_AND_MORE_US if "rung" in place or place.startswith("worker") else 0
        self.worker.live(place, 1, off_us)
        until(self.worker.dead, 60, f"{place} is reached")
        self.deaths[place] += 1

    def check(self) -> None:
        """Every rung of every alert once, each with one fact; every message that is owed arrives, under one name."""
        self.worker.live(FOREVER, 1, MINUTE_AND_MORE_US)
        until(self._all_told, 120, "everybody is told")
        rungs: dict[str, list[int]] = {}
        for event in sorted(self.worker.events(), key=lambda one: one.order_us):
            if event.kind is Kind.ESCALATED:
                rungs.setdefault(event.alert, []).append(json.loads(json.dumps(event.body))["rung"])
        assert rungs == {f"REEL-{number}": RUNGS for number in range(ALERTS)}, "each rung once, in order"
        ((facts,),) = self.office.rows("SELECT COUNT(*) FROM audit_fact WHERE name = 'alert:event'")
        assert facts == len(self.worker.events()), "one fact in the log for each event, never two"
        owed = {name for name, _state in self.office.rows(TOLD)}
        came = Counter(str(message["Message-ID"]).strip("<>").partition("@")[0] for _, message in self.box.taken)
        assert set(came) == owed, "what arrived is what was owed"
        again = sum(came.values()) - len(came)
        assert again <= sum(self.deaths.values()), "a message comes again only where a death left its end unknown"

    def _all_told(self) -> bool:
        states = [state for _name, state in self.office.rows(TOLD)]
        rungs = self.office.rows("SELECT COUNT(*) FROM safety_event WHERE kind = 'escalated'")
        enough = rungs == [(ALERTS * len(RUNGS),)] and len(states) >= ALERTS * 2
        return enough and set(states) == {"unknown"}

    def close(self) -> None:
        """End all."""
        self._open.close()


def each_place(lives: WorkerLives) -> None:
    """Each place once."""
    for place in boundaries.WORKER:
        lives.through(place)


def _main() -> None:
    import django

    django.setup()
    from django.db import transaction

    from beffroi.audit.core.facts import SYSTEM
    from beffroi.kernel.clock import SystemClock
    from beffroi.kernel.signing import SigningKey
    from beffroi.safety import actions
    from beffroi.safety.actions.events import append

    now, key = SystemClock().now(), SigningKey(centre_process.KEY)
    for number in range(ALERTS):
        school = actions.enter_building(actor=SYSTEM, insee="99123", name=f"École {number}", kind="school", now=now)
        for tier in (1, 3):
            address = f"{number}-{tier}@saint-aubin.example"
            actions.add_contact(
                actor=SYSTEM, building=school, name=address, channel="email", address=address, tier=tier, now=now
            )
        body = {"device": "b", "hazard": "flood", "site": school, "zones": ["z1"], "posture": "shelter"}
        with transaction.atomic():
            append(Kind.TRIGGER, alert=f"REEL-{number}", building=school, body=body, key=key, actor=SYSTEM, now=now)


if __name__ == "__main__":
    _main()
