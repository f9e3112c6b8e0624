"""Requests drawn at random for every route of the door that answers HTTP, with tickets good and bad: whatever shows a
picture or a package stands in the journal, and whatever does not is no footage (I1, I2).

Each request has a grant of its own, so that its lines are told from all others. Seeded: the same number and seed draw
the same requests. ``tools/fuzz_door.py`` sends ten thousand.
"""

import os
import re
import secrets
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.looks import JournalLine
from beffroi.media.core.tickets import Mode
from beffroi.media.door.routes import DOOR_ROUTES, Guard
from tests.media.door.clips import CARPARK, Past, archive
from tests.media.door.front import Front, data_folder, running_front

PICTURES = (b"\xff\xd8\xff", b"moof", b"mdat", b"PK\x03\x04")
START_US = 1_795_400_000_000_000
PACKAGE, CAMERA = "pkg-2026-1", "cam-1"
TICKETS = (*("good",) * 9, "other mode", "other camera", "other span", "expired", "forged", "elsewhere", "none")
ROUTES = [one for one in DOOR_ROUTES if one.method in {"GET", "POST"} and one.guard in {Guard.TICKET, Guard.OPENED}]


@dataclass
class Storm:
    """What came back, by route and status; ``shown`` counts what carried a picture or a package."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    bytes_by_grant: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Ground:
    """A front over an archive of one camera and a vault of one package, and one browser."""

    front: Front
    past: Past
    cookie: str
    binding: str
    segments: list[str]
    lines: list[JournalLine] = field(default_factory=list)

    def journal(self) -> list[JournalLine]:
        """Every line so far; only what is new is asked for."""
        client = self.front.client()
        while page := client.journal(self.lines[-1].number if self.lines else 0, limit=5_000):
            self.lines += page
        return self.lines


def blow(base: Path, count: int, number: int) -> Storm:
    """Draw and send ``count`` requests; then stop the door, and compare what it wrote with what came."""
    storm, random = Storm(), Random(number)
    data, _, _ = data_folder(base)
    past = archive(data / "archive", CARPARK, CAMERA, START_US)
    (data / "vault" / PACKAGE).mkdir()
    (data / "vault" / PACKAGE / "package.zip").write_bytes(b"PK\x03\x04" + os.urandom(300_000))
    with running_front(base) as front:
        ground = _ground(front, past)
        for turn in range(count):
            _one(ground, storm, random, f"grant-{turn}")
    with running_front(base) as front:  # the first door has written every total
        _compare(storm, Ground(front, past, "", "", []).journal())
    return storm


def _ground(front: Front, past: Past) -> Ground:
    with urllib.request.urlopen(f"{front.url}/door/session", timeout=20) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        binding = re.search(rb'"binding":\s*"(\w+)"', answer.read())
    assert binding
    ground = Ground(front, past, cookie, binding[1].decode(), [])
    query = f"?from_us={past.start_us}&to_us={past.end_us}"
    whole = front.ticket(Mode.REPLAY, ground.binding, grant="ground", span=Span.of_us(past.start_us, past.end_us))
    playlist = _send(ground, "GET", f"/door/replay/{CAMERA}/index.m3u8{query}", whole)[1].decode()
    ground.segments = re.findall(r"[\w-]+/\d+-\d+\.m4s\?\S+", playlist)
    assert ground.segments
    return ground


def _one(ground: Ground, storm: Storm, random: Random, grant: str) -> None:
    route, kind = random.choice(ROUTES), random.choice(TICKETS)
    path = _address(ground, random, route.path)
    ticket = _ticket(ground, random, kind, grant, max(route.modes))
    if route.guard is Guard.OPENED and kind != "none":  # what opens it leaves its line
        _send(ground, "POST", f"/door/packages/{PACKAGE}/open", ticket)
    status, body = _send(ground, route.method, path, ticket)
    label = f"{route.method} {route.path}"
    storm.statuses[label, status] += 1
    told = f"{label} as {path} with a ticket that is {kind}: {status}"
    if status >= 500:
        storm.faults.append(f"{told}: a fault of the door")
    if not any(mark in body for mark in PICTURES):
        return
    storm.shown[label] += 1
    if status not in {200, 206}:
        storm.faults.append(f"{told}: footage in a refusal")
    # A package that this browser has open may be of an earlier grant: its looks are counted together.
    opened = route.guard is Guard.OPENED
    storm.bytes_by_grant[PACKAGE if opened else grant] += len(body)
    begun = [one.body for one in ground.journal() if one.name == "look:begin"]
    if opened and not any(one["package"] == PACKAGE for one in begun):
        storm.faults.append(f"{told}: an unlogged download")
    if not opened and [one["camera"] for one in begun if one["grant"] == grant] != [CAMERA]:
        storm.faults.append(f"{told}: not one look of this grant at this camera")


def _compare(storm: Storm, lines: list[JournalLine]) -> None:
    """For each grant the bytes of its looks are the bytes that came."""
    said: Counter[str] = Counter()
    for one in lines:
        if one.name == "look:end":
            key = PACKAGE if one.body["mode"] == Mode.PACKAGE.value else str(one.body["grant"])
            said[key] += int(str(one.body["sent_bytes"]))
    for grant, came in storm.bytes_by_grant.items():
        if said[grant] != came:
            storm.faults.append(f"{grant}: {came} bytes came, the journal says {said[grant]}")


def _address(ground: Ground, random: Random, path: str) -> str:
    """The route's path with drawn names, most of which exist, and drawn times."""
    camera = random.choice([*[CAMERA] * 6, "cam-2", "..", "x" * 70])
    segment = random.choice(ground.segments)
    if path.endswith(".m4s") and random.random() < 0.8:
        return f"/door/replay/{camera}/{segment}"
    drawn = re.sub(r"<\w+:n>", lambda _: str(random.randint(0, 40)), path)
    drawn = drawn.replace("<camera>", camera).replace("<package>", random.choice([PACKAGE, PACKAGE, "pkg-none"]))
    drawn = re.sub(r"<\w+>", lambda _: random.choice([segment.split("/")[0], "none", "init"]), drawn)
    past = ground.past
    at = random.randint(past.start_us, past.end_us) if random.random() < 0.8 else random.randint(-9, 1 << 60)
    until = at + random.choice([1, 2_000_000, 30_000_000])
    name = random.choice([CAMERA, "cam-2"])
    return f"{drawn}?at_us={at}&from_us={at}&to_us={until}&camera={name}&zone=0,0,9999,9999"


def _ticket(ground: Ground, random: Random, kind: str, grant: str, mode: Mode) -> str:
    past = ground.past
    changes: dict[str, object] = {"grant": grant, "span": Span.of_us(past.start_us, past.end_us)}
    binding = ground.binding
    if mode is Mode.PACKAGE:
        changes |= {"package": PACKAGE, "cameras": (), "span": None}
    match kind:
        case "none":
            return ""
        case "other mode":
            mode = random.choice([one for one in Mode if one is not mode])
        case "other camera":
            changes["cameras"] = (CameraId("cam-2"),)
        case "other span":
            changes["span"] = Span.of_us(past.end_us, past.end_us + 9)
        case "expired":
            changes["age_us"] = 120_000_000
        case "elsewhere":
            binding = secrets.token_hex(32)
    sealed = ground.front.ticket(mode, binding, **changes)
    return sealed[:-4] + "AAAA" if kind == "forged" else sealed


def _send(ground: Ground, method: str, path: str, ticket: str) -> tuple[int, bytes]:
    """One request of the one browser; what was answered."""
    headers = {"Cookie": ground.cookie, **ground.front.origin, **({"Beffroi-Ticket": ticket} if ticket else {})}
    asked = urllib.request.Request(ground.front.url + path, headers=headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()
