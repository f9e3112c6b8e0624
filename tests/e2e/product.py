"""The product as it is delivered: ``beffroi up`` on a data folder of its own, watching cameras that are not ours."""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.archive.control import WriterControl
from beffroi.media.client import RecorderClient
from beffroi.media.core.words import Timeline
from tests.e2e.gateway import Gateway
from tests.mailbox import Mailbox, serving
from tests.media.rtsp import RtspCameras, footage
from tests.process.test_up import Centre, answers
from tests.waiting import until

CLOCK = SystemClock()
CAR_PARK, HALL, SHOP, SQUARE, LOCKED, NOTHING = 2, 4, 8, 12, 21, 22
RECORDED = (CAR_PARK, HALL, SHOP, SQUARE)
NAMES = {
    CAR_PARK: "Parking de la gare", HALL: "Halle", SHOP: "Passage du Commerce", SQUARE: "Place du Beffroi",
    LOCKED: "Pont de la Voulzette", NOTHING: "Salle des fêtes",
}  # fmt: skip
CAMERA_PASSWORD = "mot-de-passe-camera"
WRONG_PASSWORD = "ce-n-est-pas-le-bon"
SIX_SECONDS = ("-c:v", "libx264", "-preset", "veryfast", "-g", "72", "-keyint_min", "72", "-sc_threshold", "0")
"""Twelve pictures a second, a key frame each 72."""


@dataclass
class Streets:
    """The cameras: two RTSP servers, one asks for a password."""

    open: RtspCameras
    locked: RtspCameras
    sent: dict[int, Path]

    @classmethod
    def built(cls, folder: Path) -> "Streets":
        """Clips made into endless cameras, not yet served."""
        (folder / "locked").mkdir(parents=True)
        served = RtspCameras(folder)
        sent = {
            CAR_PARK: served.add("parking", footage("02-carpark")),
            HALL: served.add("halle", footage("04-indoor")),
            SHOP: served.add("passage", footage("08-shop")),
            SQUARE: served.add("place", footage("02-carpark"), encode=SIX_SECONDS),
        }
        locked = RtspCameras(folder / "locked", user="beffroi", password=CAMERA_PASSWORD)
        locked.add("pont", footage("02-carpark"))
        return cls(served, locked, sent)

    def start(self) -> None:
        """Serve them."""
        self.open.start()
        self.locked.start()

    def stop(self) -> None:
        """Take all of them away."""
        self.open.kill()
        self.locked.kill()

    def entered(self, port: int) -> list[dict[str, Any]]:
        """What the technician types. The last address is the pages' own: it is no camera."""
        mounts = {CAR_PARK: "parking", HALL: "halle", SHOP: "passage", SQUARE: "place"}
        lines = [{"number": n, "name": NAMES[n], "url": self.open.url(mount)} for n, mount in mounts.items()]
        wrong = {"user": "beffroi", "password": WRONG_PASSWORD}
        lines.append({"number": LOCKED, "name": NAMES[LOCKED], "url": self.locked.url("pont"), **wrong})
        lines.append({"number": NOTHING, "name": NAMES[NOTHING], "url": f"rtsp://127.0.0.1:{port}/"})
        return lines


class Product(Centre):
    """``beffroi up`` with its commune entered; what a test may ask of it from outside."""

    def __init__(self, folder: Path, *, moved_by: str = "") -> None:
        super().__init__(folder)
        self.folder = folder
        self._moved_by = moved_by  # the device that moves the camera of the car park
        self.streets = Streets.built(folder / "streets")
        self.mailbox = Mailbox()
        self._mail = serving(self.mailbox)
        self.gateway = Gateway()
        self.environment |= {"BEFFROI_SMTP_URL": f"smtp://127.0.0.1:{self._mail.port}"}
        self.environment |= {"BEFFROI_SMS_URL": self.gateway.url}
        self.cameras: dict[int, CameraId] = {}
        self.persons: dict[str, str] = {}
        self.control = WriterControl(self.run / "writer.sock", timeout_s=5.0)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://localhost:{self.port}"

    def found(self) -> None:
        """Enter people, places, law and cameras in a process of its own."""
        cameras = self.streets.entered(self.port)
        if self._moved_by:
            cameras[0] |= {"moved_by": self._moved_by, "user": "service", "password": CAMERA_PASSWORD}
        entered = json.dumps(cameras)
        command = [sys.executable, "-m", "tests.e2e.found", str(self.data), str(self.port), entered]
        done = subprocess.run(
            command, env=self.environment, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        ids = json.loads(done.stdout.splitlines()[-1])
        self.cameras = {int(number): CameraId(one) for number, one in ids["cameras"].items()}
        self.persons = ids["persons"]

    def open_for_business(self) -> None:
        """Cameras on, commune entered, all processes up, four cameras recorded."""
        self.streets.start()
        self.found()
        self.start()
        until(lambda: "Beffroi is ready" in self.said(), 240, f"ready line; said: {self.said()}")
        self.goes_on(0, 120)

    def goes_on(self, since_us: int, timeout: float) -> None:
        """Wait until each camera has durable bytes later than ``since_us``."""
        for number in RECORDED:
            past = partial(self._past, number, since_us)
            until(past, timeout, f"camera {number} is recorded after {since_us}; {self.state(number)}")

    def _past(self, number: int, since_us: int) -> bool:
        return self.durable_us(number) > since_us

    def state(self, number: int) -> dict[str, Any]:
        """What the writer says of a camera's main stream; empty when it says nothing."""
        try:
            found = self.control.status()["cameras"]
        except BeffroiError:
            return {}
        return next((one for one in found if one["camera"] == self.cameras[number]), {})

    def durable_us(self, number: int) -> int:
        """How far this camera is acknowledged; 0 before anything is."""
        return int(self.state(number).get("durable_until_us") or 0)

    def recorder(self) -> RecorderClient:
        """The office's own way to the recorder."""
        key = SigningKey((self.data / "keys" / "office.key").read_bytes())
        return RecorderClient(f"unix:{self.run / 'recorder.sock'}", key, CLOCK)

    def timeline(self, number: int, seconds: int = 3_600) -> Timeline:
        """The last ``seconds`` of a camera as the recorder tells them."""
        now_us = CLOCK.now_us()
        return self.recorder().timeline(self.cameras[number], Span.of_us(now_us - seconds * 1_000_000, now_us))

    def recorded_s(self, number: int) -> float:
        """How many seconds of a camera are recorded."""
        return sum(one.end_us - one.start_us for one in self.timeline(number).pieces) / 1e6

    def pids(self, module: str) -> list[int]:
        """Processes of this product whose command names ``module``."""
        found = []
        for one in self.family():
            with suppress(psutil.NoSuchProcess):  # ended meanwhile, or a zombie
                if module in " ".join(one.cmdline()):
                    found.append(one.pid)
        return found

    def answers(self) -> bool:
        """Whether the office answers through the front."""
        return answers(self.port)

    def close(self) -> None:
        """End all that was started."""
        self.kill_all()
        self.control.close()
        self.streets.stop()
        self._mail.stop()
        self.gateway.stop()
