"""Hears the cameras' events: a process of the recorder, one thread a camera.

``python -m beffroi.media.onvif.listener`` follows the signed camera settings, subscribes, pulls, renews, and subscribes
anew after a loss with growing pauses. What holds now is written to ``DATA/recorder/heard.json``. What cameras send is
parsed here and not beside the door or the archive.
"""

import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.settings_file import SettingsFile, office_keys
from beffroi.media.core.device_events import Hearing, Standing, after, renewed
from beffroi.media.onvif.events import TERM_S, PullPoint
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.heard_file import FILE, keep
from beffroi.media.onvif.steered import SteeredCameras

LOOK_S = 2.0
PACE_S = 0.2
"""Between pulls: a camera that answers at once, always, costs no more than five questions a second."""
FIRST_PAUSE_S, MOST_PAUSE_S, UNABLE_PAUSE_S = 2.0, 120.0, 6 * 3_600.0
_MEMORY_BYTES = 4 * 1024**3


class Ear:
    """One camera's events."""

    def __init__(self, camera: str, devices: Callable[[], SteeredCameras], clock: Clock) -> None:
        self.hearing = Hearing("opening", 0, ())
        self._camera, self._devices, self._clock = camera, devices, clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"ear-{camera}", daemon=True)

    def start(self) -> None:
        """Listen until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        """Let the subscription go; ``join`` waits for that."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = self._clock.monotonic_ns()
            try:
                self._listen()
            except OnvifFailed as failure:
                self._say(failure.code)
                unable = failure.refused or failure.code in {"onvif_unsupported", "onvif_absent"}
            except BeffroiError as error:
                self._say(error.code)
                unable = False
            else:
                return
            lasted = self._clock.monotonic_ns() - began > TERM_S * 1_000_000_000
            pause = UNABLE_PAUSE_S if unable else FIRST_PAUSE_S if lasted else min(pause * 2, MOST_PAUSE_S)
            self._stopping.wait(pause)

    def _listen(self) -> None:
        """Until ``stop``, or until the subscription is lost."""
        point = PullPoint.open(self._devices().device(self._camera))
        try:
            told, at_us = point.pull(), self._clock.now_us()
            self.hearing = Hearing("", at_us, renewed(self.hearing.standing, told, at_us))
            renewed_ns = self._clock.monotonic_ns()
            while not self._stopping.wait(PACE_S):
                if self._clock.monotonic_ns() - renewed_ns > TERM_S * 500_000_000:
                    point.renew()
                    renewed_ns = self._clock.monotonic_ns()
                told, at_us = point.pull(), self._clock.now_us()
                self.hearing = Hearing("", self.hearing.since_us, after(self.hearing.standing, told, at_us))
        finally:
            with suppress(OnvifFailed):
                point.close()

    def _say(self, failure: str) -> None:
        kept: tuple[Standing, ...] = self.hearing.standing
        self.hearing = Hearing(failure or "unknown", self._clock.now_us(), kept)


class Listener:
    """The ears of one recorder."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._path = data / "recorder" / "cameras.json"
        self._file = SettingsFile(self._path, lambda: office_keys(data / "keys"), Disk())
        self._seen: tuple[int, int] | None = None
        self._ears: dict[str, Ear] = {}
        self._written: dict[str, Hearing] = {}

    def look(self) -> None:
        """Follow the settings where they changed, and write down what holds."""
        with suppress(OSError):
            facts = self._path.stat()
            if (facts.st_mtime_ns, facts.st_ino) != self._seen:
                self._seen = (facts.st_mtime_ns, facts.st_ino)
                self._follow()
        now = {camera: ear.hearing for camera, ear in self._ears.items()}
        if now != self._written:
            keep(self._data / "recorder" / FILE, now)
            self._written = now

    def _follow(self) -> None:
        settings = self._file.read()
        wanted = {one.id for one in settings.cameras if one.enabled and one.device} if settings else set()
        for ear in self._ears.values():
            ear.stop()  # addresses and passwords may have changed: each listens anew
        self._ears = {camera: Ear(camera, self._devices, self._clock) for camera in sorted(wanted)}
        for ear in self._ears.values():
            ear.start()

    def _devices(self) -> SteeredCameras:
        keys = self._data / "keys"
        return SteeredCameras(self._path, lambda: office_keys(keys), keys, self._clock)

    def stop(self) -> None:
        """End all ears."""
        for ear in self._ears.values():
            ear.stop()
        for ear in self._ears.values():
            ear.join(1.0)


def main(argv: list[str] | None = None) -> int:
    """Listen until SIGTERM or SIGINT."""
    arguments = begin(arguments_of("beffroi-listener"), argv)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    listener = Listener(arguments.data, SystemClock())
    while not stopping.wait(LOOK_S):
        listener.look()
    listener.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
