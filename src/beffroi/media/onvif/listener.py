"""Hears the cameras' events, one thread a camera. A task of ``media.supervision``.

It follows the signed camera settings, subscribes, pulls, renews, and subscribes anew after a loss with growing pauses.
What holds now, and
what began and ended, is written to ``DATA/recorder/heard.json``.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.media.archive.kept import KeptThread
from beffroi.media.archive.settings_file import FollowedSettings
from beffroi.media.core.chatter import Chatter, Said, changes, said_to_json
from beffroi.media.core.device_events import Hearing, Standing, Told, after, renewed
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.events import TERM_S, PullPoint
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.heard_file import FILE, MOST_SAID, keep, kept, said
from beffroi.media.onvif.steered import SteeredCameras

LOOK_S = 2.0
PACE_S = 0.2
"""Between pulls: a camera that answers at once, always, costs no more than five questions a second."""
FELL = "fault"
"""How a camera whose thread fell is told; taken up again after a pause."""
FIRST_PAUSE_S, MOST_PAUSE_S, UNABLE_PAUSE_S = 2.0, 120.0, 6 * 3_600.0


class Ear:
    """One camera's events."""

    def __init__(
        self, camera: str, device: Callable[[], OnvifDevice], clock: Clock, standing: tuple[Standing, ...] = ()
    ) -> None:
        self.hearing = Hearing("opening", 0, standing)
        self._device, self._clock = device, clock
        self._chatter, self._said, self._lock = Chatter(), deque[Said](maxlen=MOST_SAID), threading.Lock()
        self._stopping = threading.Event()
        self._thread = KeptThread(f"ear-{camera}", self._run, clock)

    def look(self) -> Hearing:
        """What holds; a thread that fell over what the camera sent is taken up again."""
        if not self._thread.look() and self.hearing.failure != FELL:
            self._say(FELL)
        return self.hearing

    def said(self) -> list[Said]:
        """What is to be written of it since this was last asked."""
        with self._lock:
            self._said.extend(self._chatter.due(self._clock.monotonic_ns()))
            found = list(self._said)
            self._said.clear()
        return found

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
            holds = renewed(self.hearing.standing, told, at_us)
            self._changed(changes(self.hearing.standing, holds), at_us)
            self.hearing = Hearing("", at_us, holds)
            renewed_ns = self._clock.monotonic_ns()
            while not self._stopping.wait(PACE_S):
                if self._clock.monotonic_ns() - renewed_ns > TERM_S * 500_000_000:
                    point.renew()
                    renewed_ns = self._clock.monotonic_ns()
                told, at_us = point.pull(), self._clock.now_us()
                for one in told:  # one by one: what began and ended between two pulls did both
                    holds = after(self.hearing.standing, [one], at_us)
                    self._changed(changes(self.hearing.standing, holds), at_us)
                    self.hearing = Hearing("", self.hearing.since_us, holds)
        finally:
            with suppress(OnvifFailed):
                point.close()

    def _changed(self, told: list[Told], at_us: int) -> None:
        with self._lock:
            self._said.extend(self._chatter.heard(told, at_us, self._clock.monotonic_ns()))

    def _say(self, failure: str) -> None:
        kept: tuple[Standing, ...] = self.hearing.standing
        self.hearing = Hearing(failure or "unknown", self._clock.now_us(), kept)


class Listener:
    """The ears of one recorder."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._settings = FollowedSettings(data)
        self._ears: dict[str, tuple[Ear, OnvifDevice | None]] = {}
        self._path = data / "recorder" / FILE
        self._before = kept(self._path)  # what held when this process last ran
        self._written: dict[str, Hearing] | None = {}
        self._said = said(self._path)

    def look(self) -> None:
        """Follow the settings where they changed, take up again what fell, and write down what holds."""
        if self._settings.look():
            self._follow()
        now = {camera: ear.look() for camera, (ear, _) in self._ears.items()}
        fresh = [(camera, one) for camera, (ear, _) in self._ears.items() for one in ear.said()]
        for camera, one in fresh:
            last = self._said[-1]["event"] if self._said else 0
            assert isinstance(last, int), "numbers are written so"
            self._said.append(said_to_json(max(last + 1, self._clock.now_us()), camera, one))
        del self._said[:-MOST_SAID]
        if fresh or now != self._written:
            self._written = None
            with suppress(OSError):  # a full disk: again at the next look
                keep(self._path, now, self._said)
                self._written = now

    def _follow(self) -> None:
        """Whose address, name or password changed listens anew; a camera that did not change hears nothing of it."""
        settings, devices = self._settings.now, SteeredCameras.of(self._data, self._clock)
        wanted = sorted({one.id for one in settings.cameras if one.enabled and one.device} if settings else ())
        before, self._ears = self._ears, {}
        for camera in wanted:
            matters = devices.device_or_none(camera)
            known = before.pop(camera, None)
            if known is not None and known[1] == matters:
                self._ears[camera] = known
                continue
            if known is not None:
                known[0].stop()
            stood = known[0].hearing if known is not None else self._before.pop(camera, None)
            ear = Ear(camera, partial(self._device, camera), self._clock, stood.standing if stood else ())
            self._ears[camera] = ear, matters
        for ear, _ in before.values():
            ear.stop()

    def _device(self, camera: str) -> OnvifDevice:
        return SteeredCameras.of(self._data, self._clock).device(camera)

    def stop(self) -> None:
        """End all ears."""
        for ear, _ in self._ears.values():
            ear.stop()
        for ear, _ in self._ears.values():
            ear.join(1.0)


def listen(data: Path, clock: Clock, stopping: threading.Event) -> None:
    """Until ``stopping``."""
    listener = Listener(data, clock)
    while not stopping.wait(LOOK_S):
        listener.look()
    listener.stop()
