"""The shipped recorder in processes of its own, on a data folder of the test's own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.control import WriterControl
from beffroi.media.core.secrets import seal_secret
from beffroi.media.core.settings import CameraSettings, RecorderSettings, StreamSettings, sign_settings
from beffroi.media.core.words import StreamName
from tests.waiting import until

OFFICE = SigningKey(bytes(range(32)))
SECRETS = bytes(range(32, 64))


def camera(
    name: str, url: str, *, number: int = 1, user: str = "", password: str = "", days: int = 30
) -> CameraSettings:
    """Settings of one camera with one stream."""
    sealed = seal_secret(SECRETS, password, camera=name) if password else ""
    stream = StreamSettings(StreamName.MAIN, url, days, user, sealed)
    return CameraSettings(CameraId(name), number, f"Camera {number}", "99123", (stream,))


class Recorder:
    """A running daemon."""

    def __init__(self, folder: Path) -> None:
        self.data, self.run = folder / "data", folder / "run"
        (self.data / "keys").mkdir(parents=True)
        (self.data / "keys" / "office.key").write_bytes(bytes(range(32)))
        (self.data / "keys" / "archive.key").write_bytes(bytes(range(64, 96)))
        (self.data / "keys" / "secrets.key").write_bytes(SECRETS)
        self.archive = self.data / "archive"
        self.log = folder / "recorder.log"
        self.control = WriterControl(self.run / "writer.sock", timeout_s=3.0)
        self.process: subprocess.Popen[bytes] | None = None
        self.version = 0

    def start(self, *, workers: int = 1) -> None:
        """Start it and wait until the writer answers."""
        code = (
            "import sys; from pathlib import Path; from beffroi.media.daemon import run_recorder; "
            "run_recorder(Path(sys.argv[1]), Path(sys.argv[2]), workers=int(sys.argv[3]))"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, str(self.data), str(self.run), str(workers)], stdout=log, stderr=log
            )
        until(lambda: self.status() is not None, 20, "the writer answers")

    def put(self, *cameras: CameraSettings, networks: tuple[str, ...] = ("127.0.0.0/8",)) -> None:
        """Send signed settings."""
        self.version += 1
        settings = RecorderSettings(self.version, SystemClock().now_us(), networks, cameras)
        self.control.put_cameras(sign_settings(settings, OFFICE))

    def status(self) -> dict[str, Any] | None:
        """The writer's status; ``None`` when it does not answer."""
        try:
            return self.control.status()
        except BeffroiError:
            return None

    def of(self, name: str) -> dict[str, Any]:
        """One camera's status; empty when there is none."""
        status = self.status() or {"cameras": []}
        return next((each for each in status["cameras"] if each["camera"] == name), {})

    def wait_recording(self, name: str, timeout: float = 30) -> None:
        """Until durable bytes come."""
        until(lambda: self.of(name).get("recording") and not self.of(name).get("gap"), timeout, f"{name} records")

    def pids(self, module: str) -> list[int]:
        """Children that run this module."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # ended meanwhile, or a zombie
                if module in " ".join(child.cmdline()):
                    found.append(child.pid)
        return found

    def kill_part(self, module: str) -> None:
        """kill -9 one part."""
        pids = self.pids(module)
        assert pids, f"no {module} runs"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(30) == 0
            self.process = None
        self.control.close()


@contextmanager
def running(folder: Path, *, workers: int = 1) -> Iterator[Recorder]:
    """A recorder for the length of a test."""
    recorder = Recorder(folder)
    try:
        recorder.start(workers=workers)
        yield recorder
    finally:
        if recorder.process is not None:
            recorder.process.terminate()
            try:
                recorder.process.wait(30)
            except subprocess.TimeoutExpired:
                recorder.process.kill()
        recorder.control.close()
