"""What ``beffroi doctor`` looks at: one small check each, that says what it found and what to do next."""

import json
import ssl
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import django
import psutil
from django.conf import settings

from beffroi import __version__
from beffroi.config.options import Options
from beffroi.config.ports import listener
from beffroi.config.recorder import recorder_client
from beffroi.config.setup import KEYS
from beffroi.governance.jobs.mail import try_mailbox
from beffroi.governance.queries import mail
from beffroi.kernel.clock import parse_utc
from beffroi.kernel.errors import BeffroiError
from beffroi.safety import queries as safety
from beffroi.sites import queries as sites
from beffroi.web.shared.office_disk import office_disk
from beffroi.web.shared.served import served

MAIL_LATE = timedelta(minutes=15)
BOX_LATE = timedelta(minutes=5)
"""It is read each minute; the longest pause after a fault is ten."""
_MAIL_SAID = {
    "inbox_unreachable": (
        "its server does not answer",
        "Check server and port on the page Mailbox, and the way there.",
    ),
    "inbox_certificate": ("the certificate of its server is not trusted", "Ask whoever keeps that server."),
    "inbox_refused": ("its server refuses the user or the password", "Enter both anew on the page Mailbox."),
    "inbox_folder": ("there is no such folder in it", "Name another folder on the page Mailbox."),
    "inbox_answer": ("its server answers what cannot be understood", "Is it an IMAP server on that port?"),
    "inbox_secret": ("its password cannot be read with the key of this folder", "Enter it anew on the page Mailbox."),
}
_CLOCK_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


class State(StrEnum):
    """What a check found. An unknown is never shown as good (I9)."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    state: State
    found: str
    hint: str = ""


def examine(options: Options, run: Path, now: datetime) -> list[Finding]:
    """All checks of this machine, in the order in which one would look."""
    checks: Sequence[Callable[[], list[Finding]]] = (
        lambda: [versions()],
        lambda: [disk(options.data)],
        lambda: [clock_synchronised()],
        lambda: key_modes(options.data),
        lambda: [port(options, run)],
        lambda: certificates(run, now),
        lambda: processes(run),
        lambda: reconcilers(run, now),
        lambda: cameras(now),
        lambda: mailbox(now),
        lambda: boxes(now),
    )
    return [finding for check in checks for finding in check()]


def versions() -> Finding:
    """What runs here."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(
        "versions",
        State.GOOD,
        f"Beffroi {__version__}, Python {python}, Django {django.__version__}, {ssl.OPENSSL_VERSION}",
    )


def disk(data: Path) -> Finding:
    """Room for the archive and the database."""
    room = office_disk(data)
    if room is None:
        return Finding("disk", State.UNKNOWN, f"{data}: cannot be asked", "Check the path after --data.")
    free = f"{room.free_bytes / 1e9:.1f} GB free of {room.total_bytes / 1e9:.1f} GB in {data}"
    if room.low:
        return Finding("disk", State.BAD, free, "Make room, or give the archive a volume of its own.")
    return Finding("disk", State.GOOD, free)


def clock_synchronised() -> Finding:
    """Whether the kernel says that its clock follows a time source (``adjtimex``; else systemd's mark)."""
    import ctypes

    buffer = (ctypes.c_byte * 512)()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(buffer))
    except (OSError, AttributeError):
        answer = -1
    if answer < 0:
        return Finding("clock", State.UNKNOWN, "the kernel does not say", "Look with: timedatectl")
    if answer == 5 and not _CLOCK_SYNCHRONISED.exists():  # TIME_ERROR: not synchronised
        return Finding(
            "clock",
            State.BAD,
            "the clock follows no time source",
            "Start chrony or systemd-timesyncd: evidence carries this time.",
        )
    return Finding("clock", State.GOOD, "synchronised")


def key_modes(data: Path) -> list[Finding]:
    """Keys are there, whole, and readable by their owner alone."""
    wrong = []
    for name in (*KEYS, "session"):
        path = data / "keys" / f"{name}.key"
        try:
            state = path.stat()
        except OSError:
            wrong.append(f"{path.name} is missing")
            continue
        if stat.S_IMODE(state.st_mode) & 0o077:
            wrong.append(f"{path.name} can be read by others")
        if name != "session" and state.st_size != 32:
            wrong.append(f"{path.name} has {state.st_size} bytes instead of 32")
    if wrong:
        hint = "Bring missing keys back from the backup; else: chmod 600 keys/*.key"
        return [Finding("keys", State.BAD, "; ".join(wrong), hint)]
    return [Finding("keys", State.GOOD, f"{len(KEYS) + 1} keys, readable by their owner alone")]


def port(options: Options, run: Path) -> Finding:
    """Who listens on the port of the pages."""
    owner = listener(options.port)
    mine = _state(run, "supervisor.json") is not None
    if mine and owner:
        return Finding("port", State.GOOD, f"{options.port}: {owner}")
    if owner:
        return Finding("port", State.BAD, f"{options.port} is taken by {owner}", "Choose another with --port.")
    if mine:
        return Finding("port", State.BAD, f"nobody listens on {options.port}", "Look at logs/front.log.")
    return Finding("port", State.GOOD, f"{options.port} is free")


def certificates(run: Path, now: datetime) -> list[Finding]:
    """What HTTPS serves and for how many days; nothing where pages are plain HTTP."""
    found = []
    for one in served(run):
        said = f"{', '.join(one.names)}: {one.days_left(now)} days left" + (f"; {one.trouble}" if one.trouble else "")
        hint = "It renews itself: look at logs/front.log." if one.own else "Put a new one in its file."
        found.append(Finding(f"certificate {one.face}", State.GOOD if one.well(now) else State.BAD, said, hint))
    return found


def processes(run: Path) -> list[Finding]:
    """The parts that the supervisor keeps."""
    state = _state(run, "supervisor.json")
    if state is None or not psutil.pid_exists(int(state["pid"])):
        return [Finding("processes", State.UNKNOWN, "Beffroi does not run here", "Start it with: beffroi up")]
    found = []
    for name, part in state["parts"].items():
        if part["pid"] and psutil.pid_exists(int(part["pid"])):
            times = f", started again {part['restarts']} times" if part["restarts"] else ""
            found.append(Finding(f"process {name}", State.GOOD, f"runs (process {part['pid']}){times}"))
        elif part["last_exit"] == 0:
            found.append(Finding(f"process {name}", State.GOOD, "has done its work"))
        else:
            found.append(Finding(f"process {name}", State.BAD, "does not run", f"Look at logs/{name}.log."))
    return found


def reconcilers(run: Path, now: datetime) -> list[Finding]:
    """The worker's table: what fails, and since when."""
    state = _state(run, "worker.json")
    if state is None:
        return [Finding("worker", State.UNKNOWN, "the worker says nothing", "Look at logs/worker.log.")]
    found = []
    for name, standing in state.items():
        good = parse_utc(standing["last_good"]) if standing["last_good"] else None
        if standing["failures"]:
            since = f", last good {standing['last_good']}" if good else ", never good yet"
            said = f"failed {standing['failures']} times: {standing['error']}{since}"
            found.append(Finding(f"worker {name}", State.BAD, said, "Look at logs/worker.log."))
    if not found:
        found.append(Finding("worker", State.GOOD, f"{len(state)} reconcilers, none fails"))
    return found


def cameras(now: datetime) -> list[Finding]:
    """Which camera records, from durable bytes and never from configuration."""
    if not settings.BEFFROI_RECORDING:
        return [Finding("recorder", State.GOOD, "none, by the key recording: the chest alone")]
    try:
        status = recorder_client().status()
    except BeffroiError as error:
        return [Finding("cameras", State.UNKNOWN, error.message, error.hint)]
    records = {str(camera.camera): camera.recording for camera in status.cameras}
    wanted = [camera for camera in sites.cameras() if camera.in_service(now) and not camera.suspended_reason]
    silent = [f"{camera.number} {camera.name}" for camera in wanted if not records.get(str(camera.id))]
    if silent:
        hint = "Look at its page: the gap says why."
        return [Finding("cameras", State.BAD, f"no picture reaches the disk from {', '.join(silent)}", hint)]
    return [Finding("cameras", State.GOOD, f"{len(wanted)} of {len(wanted)} record")]


def mailbox(now: datetime) -> list[Finding]:
    """The mailbox that is read: opened now as the worker does, and when that last did. Its password is in no line."""
    box = mail.mailbox()
    if box is None:
        return [Finding("mailbox", State.GOOD, "none is read")]
    where = f"{box.user} on {box.host}:{box.port}, {box.folder}"
    trouble = try_mailbox()
    if trouble:
        said, hint = _MAIL_SAID.get(trouble, (trouble, ""))
        return [Finding("mailbox", State.BAD, f"{where}: {said}", hint)]
    if box.read_at is None:
        return [Finding("mailbox", State.UNKNOWN, f"{where}: opens, not read yet", "The worker reads it each minute.")]
    minutes = int((now - box.read_at).total_seconds() // 60)
    found = f"{where}: opens, last read {minutes} min ago"
    if now - box.read_at > MAIL_LATE:
        return [Finding("mailbox", State.BAD, found, "The worker reads it: look at logs/worker.log.")]
    return [Finding("mailbox", State.GOOD, found)]


def boxes(now: datetime) -> list[Finding]:
    """The boxes of the buildings: heard of late, and the contacts wired to them."""
    found = [_box(edge, now) for edge in safety.edges()]
    return found or [Finding("boxes", State.GOOD, "none is paired")]


def _box(edge: safety.EdgeFacts, now: datetime) -> Finding:
    name = f"box {edge.id}"
    if edge.heard_at is None:
        return Finding(
            name, State.BAD, "never heard", "Start it, and see that it reaches the centre: beffroi edge run."
        )
    minutes = int((now - edge.heard_at).total_seconds() // 60)
    if now - edge.heard_at > BOX_LATE:
        hint = "It sounds alone; until it is heard nothing is known of it. Look at its power and its network."
        return Finding(name, State.BAD, f"last heard {minutes} min ago", hint)
    if edge.faulty:
        said = ", ".join(f"{one.name} {one.fault}" for one in edge.faulty)
        return Finding(name, State.BAD, f"contacts at fault: {said}", "Its tablet /cell says what to do about each.")
    return Finding(name, State.GOOD, f"heard; {len(edge.contacts)} contacts, all well")


def _state(run: Path, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((run / name).read_text())
    except (OSError, ValueError):
        return None
    return found
