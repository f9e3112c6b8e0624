"""Hears the cameras' events, one thread a camera. A task of ``media.supervision``.

It follows the signed camera settings, subscribes, pulls, renews, and subscribes anew after a loss with growing pauses.
What holds now is written to ``DATA/recorder/heard.json``.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.media.archive.kept import KeptThread
from beffroi.media.archive.settings_file import FollowedSettings, office_keys
from beffroi.media.core.device_events import Hearing, Standing, after, renewed
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.events import TERM_S, PullPoint
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.heard_file import FILE, keep
from beffroi.media.onvif.steered import SteeredCameras

LOOK_S = 2.0
PACE_S = 0.2
"""Between pulls: a camera that answers at once, always, costs no more than five questions a second."""
FELL = "fault"
"""How a camera whose thread fell is told; taken up again after a pause."""
FIRST_PAUSE_S, MOST_PAUSE_S, UNABLE_PAUSE_S = 2.0, 120.0, 6 * 3_600.0


class Ear:
    """One camera's events."""

    def __init__(self, camera: str, device: Callable[[], OnvifDevice], clock: Clock) -> None:
        self.hearing = Hearing("opening", 0, ())
        self._device, self._clock = device, clock
        self._stopping = threading.Event()
        self._thread = KeptThread(f"ear-{camera}", self._run, clock)

    def look(self) -> Hearing:
        """What holds; a thread that fell over what the camera sent is taken up again."""
        if not self._thread.look() and self.hearing.failure != FELL:
            self._say(FELL)
        return self.hearing

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
        point = PullPoint.open(self._device())
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
        self._settings = FollowedSettings(data)
        self._ears: dict[str, tuple[Ear, OnvifDevice | None]] = {}
        self._written: dict[str, Hearing] = {}

    def look(self) -> None:
        """Follow the settings where they changed, take up again what fell, and write down what holds."""
        if self._settings.look():
            self._follow()
        now = {camera: ear.look() for camera, (ear, _) in self._ears.items()}
        if now != self._written:
            keep(self._data / "recorder" / FILE, now)
            self._written = now

    def _follow(self) -> None:
        """Whose address, name or password changed listens anew; a camera that did not change hears nothing of it."""
        settings, devices = self._settings.now, self._devices()
        wanted = sorted({one.id for one in settings.cameras if one.enabled and one.device} if settings else ())
        before, self._ears = self._ears, {}
        for camera in wanted:
            matters = _device_or_none(devices, camera)
            ear, mattered = before.pop(camera, (None, None))
            if ear is not None and matters != mattered:
                ear.stop()
                ear = None
            self._ears[camera] = ear or Ear(camera, partial(self._device, camera), self._clock), matters
        for ear, _ in before.values():
            ear.stop()

    def _device(self, camera: str) -> OnvifDevice:
        return self._devices().device(camera)

    def _devices(self) -> SteeredCameras:
        keys = self._data / "keys"
        return SteeredCameras(self._data / "recorder" / "cameras.json", lambda: office_keys(keys), keys, self._clock)

    def stop(self) -> None:
        """End all ears."""
        for ear, _ in self._ears.values():
            ear.stop()
        for ear, _ in self._ears.values():
            ear.join(1.0)


def _device_or_none(devices: SteeredCameras, camera: str) -> OnvifDevice | None:
    try:
        return devices.device(camera)
    except BeffroiError:
        return None  # its ear tells why


def listen(data: Path, clock: Clock, stopping: threading.Event) -> None:
    """Until ``stopping``."""
    listener = Listener(data, clock)
    while not stopping.wait(LOOK_S):
        listener.look()
    listener.stop()
