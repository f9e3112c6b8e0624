"""A real front in a process of its own, with keys and folders, and tickets as the office would seal them."""

import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.client import RecorderClient
from beffroi.media.core.tickets import Basis, Mode, Ticket, seal
from tests.shifted import Hands
from tests.waiting import until

CLOCK = SystemClock()
_PROGRAM = """
import sys
from pathlib import Path
from beffroi.config import front
from beffroi.config.tls.store import serving_of
from tests.shifted import MovedClock, ShiftedClock
data, run, certificate = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if int(sys.argv[4]):
    front.SystemClock = lambda: ShiftedClock(int(sys.argv[4]))
else:
    front.SystemClock = lambda: MovedClock(run / "clock.json")
front.run_front(data, run, host="127.0.0.1", port=0, tls=serving_of(data, certificate, None))
"""


@dataclass
class Front:
    """A running front and what the office's side needs to speak to it."""

    data: Path
    run: Path
    office_key: SigningKey
    door_key: SigningKey
    process: subprocess.Popen[bytes]
    port: int
    name: str = ""  # host name of its certificate: HTTPS
    closed: bool = field(default=False)

    @property
    def url(self) -> str:
        return f"https://{self.name}:{self.port}" if self.name else f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> dict[str, str]:
        return {"Origin": self.url}

    @property
    def clocks(self) -> Hands:
        """Moves this front's clocks (not of one that was started with ``shift_us``)."""
        return Hands(self.run / "clock.json")

    def client(self, key: SigningKey | None = None) -> RecorderClient:
        return RecorderClient(f"unix:{self.run / 'recorder.sock'}", key or self.office_key, CLOCK)

    def ticket(self, mode: Mode, binding: str, **changes: object) -> str:
        return seal(ticket_of(mode, binding, **changes), self.office_key)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if not self.closed:
            self.closed = True
            self.process.send_signal(number)
        return self.process.wait(timeout=10)


def ticket_of(mode: Mode, binding: str, **changes: object) -> Ticket:
    """A good ticket; ``changes`` replace single fields. ``age_us`` moves its life into the past."""
    now_us = CLOCK.now_us() - int(changes.pop("age_us", 0))  # type: ignore[call-overload]
    values: dict[str, object] = {
        "id": secrets.token_hex(8),
        "grant": "grant-1",
        "person": "person-1",
        "person_name": "Camille Roux",
        "force": "PM",
        "mode": mode,
        "cameras": (CameraId("cam-1"),),
        "span": None,
        "basis": Basis("CSI L251-3", "duty", "shift-1", "patrol"),
        "binding": binding,
        "issued_us": now_us,
        "expires_us": now_us + 60_000_000,
    }
    return Ticket(**{**values, **changes})  # type: ignore[arg-type]


def data_folder(base: Path) -> tuple[Path, SigningKey, SigningKey]:
    """A data folder with fresh keys."""
    data = base / "data"
    for name in ("keys", "vault", "recorder", "archive"):
        (data / name).mkdir(parents=True, exist_ok=True)
    seeds = {name: secrets.token_bytes(32) for name in ("office", "door", "archive", "secrets")}
    for name, seed in seeds.items():
        path = data / "keys" / f"{name}.key"
        if not path.exists():
            path.write_bytes(seed)
    return (
        data,
        SigningKey((data / "keys" / "office.key").read_bytes()),
        SigningKey((data / "keys" / "door.key").read_bytes()),
    )


@contextmanager
def running_front(base: Path, run: Path | None = None, *, name: str = "", shift_us: int = 0) -> Iterator[Front]:
    """Start a front over ``base/data`` and stop it afterwards; ``name``: HTTPS with the data folder's own authority;
    ``shift_us``: its clock goes so much later than the machine's."""
    data, office_key, door_key = data_folder(base)
    own = run is None
    folder = run or Path(tempfile.mkdtemp(prefix="bf-"))
    given = (str(data), str(folder), "own" if name else "", str(shift_us))
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *given])
    state = folder / "front.json"

    def listening() -> int | None:
        assert process.poll() is None, "the front ended at once"
        try:
            return int(json.loads(state.read_text())["port"])
        except (OSError, ValueError):
            return None

    try:
        port = until(listening, timeout=60)
        front = Front(data, folder, office_key, door_key, process, int(port or 0), name)
        yield front
        front.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if own:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="bf-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def browser(front: Front) -> tuple[aiohttp.ClientSession, str]:
    """A session with the door's cookie, as a browser has it, and its binding. Close it."""
    session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    async with session.get(f"{front.url}/door/session") as answer:
        return session, (await answer.json())["binding"]


def hours(front_from_us: int, count: int = 1) -> Span:
    """A span of ``count`` hours from a moment."""
    return Span.of_us(front_from_us, front_from_us + count * 3_600_000_000)
