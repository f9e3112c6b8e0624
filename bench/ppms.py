"""How fast the bell is: trigger → durable in the box, → sound command, → durable at the centre, → every open console.

``.venv/bin/python bench/ppms.py [--rounds 30] [--consoles 500] [--json]``. Real processes on loopback: an office under
uvicorn with its SQLite, a box with its journal, its exchange and a sounder that is a program, and one process that
holds the consoles' event streams open. A round is one press over HTTP and the end of its alert. Targets: sound ≤ 1 s,
centre ≤ 300 ms, 500 consoles ≤ 1 s, each as p99 (research of the field, and Parkland's 70 seconds).
"""

import argparse
import asyncio
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import uvicorn  # noqa: E402
from tests.ports import free_port  # noqa: E402

from beffroi.kernel.clock import SystemClock  # noqa: E402

SECRET = b"s" * 32
CLOCK = SystemClock()
ALERT = re.compile(rb"REEL-[0-9a-f-]{36}")
TARGET_MS = {"sound": 1_000.0, "centre": 300.0, "consoles": 1_000.0}
SOUNDER = '#!/bin/sh\ndate +%s%N >> "$1"\ncat > /dev/null\nsleep 1\n'


def office(data: Path) -> tuple[int, str, str, str, subprocess.Popen[bytes]]:
    """An office with one building and one chief; its port, the building, the session's cookie and the process."""
    (data / "keys").mkdir(parents=True)
    (data / "keys" / "office.key").write_bytes(bytes(range(32)))
    port = free_port()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "beffroi.config.settings", "BEFFROI_DATA": str(data)}
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from beffroi.audit.core.facts import SYSTEM
    from beffroi.people import actions as people
    from beffroi.people.core.roles import Force, Role
    from beffroi.safety import actions

    call_command("migrate", verbosity=0)
    now = CLOCK.now()
    given: dict[str, Any] = {"actor": SYSTEM, "now": now}
    body = people.create_organisation(name="Police municipale", force=Force.PM, insee="99123", **given)
    unit = people.create_unit(organisation=body, name="Poste", **given)
    chief = people.create_person(name="Chef", unit=unit, matricule="PM-1", **given)
    people.grant_role(person=chief, role=Role.CHIEF, **given)
    people.grant_clearance(person=chief, reference="H1", issuer="Maire", territory=["99123"], **given)
    people.open_account(person=chief, username="chef", password="la cloche sonne a midi", **given)
    school = actions.enter_building(insee="99123", name="École", kind="school", **given)
    client = Client()
    client.post("/account/sign-in/", {"username": "chef", "password": "la cloche sonne a midi"})
    cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    command = [sys.executable, "-m", "uvicorn", "beffroi.config.asgi:application", "--port", str(port), "--ws", "none"]
    running = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT / "src")
    return port, school, cookie, str(chief), running


class Box:
    """A box of the building, paired with that office."""

    def __init__(self, folder: Path, school: str, port: int) -> None:
        from beffroi.audit.core.facts import SYSTEM
        from beffroi.edge.daemon import assemble
        from beffroi.edge.settings import EdgeSettings, save, signing_key
        from beffroi.kernel.canonical import b64
        from beffroi.kernel.signing import SigningKey
        from beffroi.safety import actions

        folder.mkdir()
        self.heard = folder / "heard"
        script = folder / "sounder.sh"
        script.write_text(SOUNDER)
        settings = EdgeSettings(
            "edge-1",
            school,
            folder,
            centre_url=f"http://127.0.0.1:{port}",
            centre_key=SigningKey(bytes(range(32))).public_bytes,
            devices={"button-1": SECRET},
            sounder_command=("sh", str(script), str(self.heard)),
        )
        save(settings, folder / "edge.toml")
        public = b64(signing_key(folder).public_bytes)
        actions.pair_edge(actor=SYSTEM, building=school, edge="edge-1", public_key=public, now=CLOCK.now())
        self.box = assemble(folder)
        self.port = free_port()
        config = uvicorn.Config(self.box.app.asgi, host="127.0.0.1", port=self.port, log_level="error", ws="none")
        self.server = uvicorn.Server(config)
        threading.Thread(target=self.server.run, daemon=True).start()
        wait(lambda: self.server.started)
        self.box.sync.start()

    def press(self, number: int) -> tuple[str, int, int]:
        """One press over HTTP: the alert, when it left the button, when it was acknowledged (both in µs)."""
        from beffroi.edge.engine import Press
        from beffroi.safety.core.words import Hazard

        press = Press("button-1", "d1", number, Hazard.INTRUSION, "hall", CLOCK.now_us())
        body = json.dumps({**json.loads(press.signed_bytes()), "signature": press.signature(SECRET)})
        began = CLOCK.now_us()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/trigger", body)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["alert"], began, CLOCK.now_us()

    def end(self, alert: str) -> None:
        """Cancel it by two keys, so that the next press is a new alert."""
        from beffroi.safety.core.events import Kind

        for person, party in (("h", "head"), ("c", "chief")):
            body = {"person": person, "party": party, "act": "cancel", "call_back": "bench"}
            self.box.edge.act(Kind.KEY, alert, body)


def wait(condition: Any, seconds: float = 30.0) -> int:
    """When the condition first held, in µs."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("Something did not happen in time.")
        pause.wait(0.002)
    return CLOCK.now_us()


async def watch(port: int, cookie: str, consoles: int, out: Path) -> None:
    """Hold the consoles open; write one line for each console and alert it was first shown, until killed."""
    file = out.open("a", buffering=1)
    started = 0

    async def one(number: int) -> None:
        nonlocal started
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
                continue
            break
        head = f"GET /alarm/stream HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
        writer.write(head.encode())
        seen: set[bytes] = set()
        first = True
        while line := await reader.readline():
            if first and line.startswith(b"event: "):
                first, started = False, started + 1
                if started == consoles:
                    file.write(json.dumps(["ready", started, 0]) + "\n")
            for alert in set(ALERT.findall(line)) - seen:
                seen.add(alert)
                file.write(json.dumps([alert.decode(), number, CLOCK.now_us()]) + "\n")

    await asyncio.gather(*(one(number) for number in range(consoles)))


class Told:
    """What the watching process writes, read as it grows, so that reading costs the measured processes little."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._file = path.open()
        self._rest = ""
        self.at: dict[str, list[int]] = {}

    def shown(self, alert: str) -> list[int]:
        """When each console showed this alert, as far as they have."""
        *whole, self._rest = (self._rest + self._file.read()).split("\n")
        for name, _console, at in map(json.loads, whole):
            self.at.setdefault(name, []).append(at)
        return self.at.get(alert, [])


def measure(rounds: int, consoles: int) -> dict[str, list[float]]:
    """Delays in milliseconds, by what was waited for."""
    found: dict[str, list[float]] = {"acknowledged": [], "sound": [], "centre": [], "consoles": []}
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder:
        base = Path(folder)
        port, school, cookie, _chief, running = office(base / "office")
        out = base / "consoles"
        me = [sys.executable, __file__, "--watch", str(port), "--cookie", cookie, "--consoles", str(consoles)]
        watching = subprocess.Popen([*me, "--out", str(out)])
        try:
            told = Told(out)
            wait(lambda: bool(told.shown("ready")), 120)
            box = Box(base / "edge", school, port)
            for number in range(1, rounds + 1):
                one_round(box, number, told, consoles, found)
            box.box.close()
        finally:
            for process in (watching, running):
                process.terminate()
                process.wait(20)
    return found


def one_round(box: Box, number: int, told: Told, consoles: int, found: dict[str, list[float]]) -> None:
    """One press, everything it brings about, and its end."""
    boot = box.box.edge.journal.boot
    before = len(box.heard.read_text().split()) if box.heard.exists() else 0
    alert, began, acknowledged = box.press(number)
    mine = next(line.event.sequence for line in box.box.edge.files()[alert].log if line.event.kind.value == "trigger")

    def at_centre() -> bool:
        has = json.loads(box.box.edge.journal.setting("centre-has", "{}"))
        return bool(has.get(f"edge-1/{boot}", 0) >= mine)

    centre = wait(at_centre)
    wait(lambda: box.heard.exists() and len(box.heard.read_text().split()) > before)
    sounded = int(box.heard.read_text().split()[before]) // 1_000
    wait(lambda: len(told.shown(alert)) >= consoles, 60)
    found["acknowledged"].append((acknowledged - began) / 1e3)
    found["sound"].append((sounded - began) / 1e3)
    found["centre"].append((centre - began) / 1e3)
    found["consoles"] += [(at - began) / 1e3 for at in told.shown(alert)]
    box.end(alert)
    wait(lambda: not box.box.edge.active())
    threading.Event().wait(1.2)  # the exchange and the consoles come to rest


def share(values: list[float], part: float) -> float:
    """The value below which this part lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main() -> int:
    """Measure and print; exit code 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--consoles", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--watch", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--cookie", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.watch:
        asyncio.run(watch(given.watch, given.cookie, given.consoles, given.out))
        return 0
    found = measure(given.rounds, given.consoles)
    result = {
        name: {"p50_ms": round(share(values, 0.5), 1), "p99_ms": round(share(values, 0.99), 1), "n": len(values)}
        for name, values in found.items()
    }
    missed = [name for name, target in TARGET_MS.items() if result[name]["p99_ms"] > target]
    if given.json:
        print(json.dumps({"found": result, "targets_ms": TARGET_MS, "missed": missed}, indent=2))
    else:
        for name, one in result.items():
            goal = f", wanted p99 ≤ {TARGET_MS[name]:.0f}" if name in TARGET_MS else ""
            print(f"{name:13} p50 {one['p50_ms']:8.1f} ms   p99 {one['p99_ms']:8.1f} ms   ({one['n']} measured{goal})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
