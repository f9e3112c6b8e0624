"""Keeps the dwelling masks in the cameras: put there by ONVIF, read back every five minutes. A task of supervision.

One thread a camera. What is not covered is told at once (``masks.json``, from where the door journals it) and put back;
where that does not help, it is tried again each hour. Masks that somebody made at the camera are never touched: they
hide more, not less. Nothing is taken away before what replaces it was read back.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.media.archive.kept import KeptThread
from beffroi.media.archive.masks_file import FILE, MOST_SAID, Masked, keep, line, masked, said
from beffroi.media.archive.settings_file import FollowedSettings
from beffroi.media.core.masking import Burnt, MaskState, Wanted, covers, fitted
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.masks import CameraMasks
from beffroi.media.onvif.steered import SteeredCameras

LOOK_S = 2.0
EVERY_S, PUSH_AGAIN_S = 300.0, 3_600.0
_UNABLE = frozenset({"onvif_unsupported", "onvif_absent"})


@dataclass(frozen=True, slots=True)
class Task:
    """What one camera is to burn in."""

    wanted: Wanted
    profile: str


class MaskKeeper:
    """One camera's masks."""

    def __init__(
        self, camera: str, task: Task, device: Callable[[], OnvifDevice], clock: Clock, before: Masked
    ) -> None:
        self.task, self._device, self._clock = task, device, clock
        fresh = before.state.version != task.wanted.version
        unknown = MaskState(task.wanted.version, Burnt.UNKNOWN, "opening", clock.now_us())
        self.masked = replace(before, state=unknown, told=Burnt.UNKNOWN) if fresh else before
        self._news, self._lock = deque[MaskState](maxlen=MOST_SAID), threading.Lock()
        self._pushed_ns: int | None = None
        self._stopping = threading.Event()
        self._thread = KeptThread(f"mask-{camera}", self._run, clock)

    def look(self) -> Masked:
        """How it stands; a thread that fell over what the camera sent is taken up again."""
        if not self._thread.look():
            self._stands(Burnt.UNKNOWN, "fault")
        return self.masked

    def news(self) -> list[MaskState]:
        """How it came to stand since this was last asked; a camera that does not answer says nothing of its masks."""
        with self._lock:
            found = list(self._news)
            self._news.clear()
        return found

    def stop(self) -> None:
        """No more questions."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except OnvifFailed as failure:
                self._stands(Burnt.CANNOT if failure.code in _UNABLE else Burnt.UNKNOWN, failure.code)
            except BeffroiError as error:
                self._stands(Burnt.UNKNOWN, error.code)
            self._stopping.wait(EVERY_S)

    def _turn(self) -> None:
        shapes = self.task.wanted.shapes
        if not shapes and not self.masked.tokens:
            self.masked = replace(self.masked, state=replace(self.masked.state, burnt=Burnt.SAME, why=""))
            return  # nothing to hide, and nothing of ours to take away
        device = self._device()
        if self.masked.at != device.endpoint.authority:  # another device may have masks of its own by the same tokens
            self.masked = replace(self.masked, tokens=(), at=device.endpoint.authority)
        camera = CameraMasks.open(device, self.task.profile)
        if self._is_covered(camera):
            self._tidy(camera)
            self._stands(Burnt.SAME)
            return
        simple = fitted(shapes, camera.room)
        if simple is None:
            self._stands(Burnt.CANNOT, "mask_too_many")
            return
        if self.masked.told is Burnt.SAME:
            self._stands(Burnt.DIFFERS)  # it was there and is not: told before it is put back
            self._pushed_ns = None
        now_ns = self._clock.monotonic_ns()
        if self._pushed_ns is None or now_ns - self._pushed_ns > PUSH_AGAIN_S * 1e9:
            self._pushed_ns = now_ns
            self._push(camera, simple)
        if self._is_covered(camera):
            self._tidy(camera)
            self._stands(Burnt.SAME)
        else:
            self._stands(Burnt.DIFFERS)

    def _is_covered(self, camera: CameraMasks) -> bool:
        return covers([one.shape for one in camera.read()], self.task.wanted.shapes)

    def _push(self, camera: CameraMasks, shapes: list[tuple[tuple[int, int], ...]]) -> None:
        """Each shape into a mask of ours where one is left, else into a new one."""
        there = {one.token for one in camera.read()}
        own = [token for token in self.masked.tokens if token in there]
        used = []
        for shape in shapes:
            token = own.pop(0) if own else ""
            if token:
                camera.change(token, shape)
            else:
                token = camera.create(shape)
            used.append(token)
            self.masked = replace(self.masked, tokens=(*used, *own))

    def _tidy(self, camera: CameraMasks) -> None:
        """Masks of ours that nothing needs any more."""
        needed = len(self.task.wanted.shapes)
        for token in self.masked.tokens[needed:]:
            with suppress(OnvifFailed):
                camera.delete(token)
        self.masked = replace(self.masked, tokens=self.masked.tokens[:needed])

    def _stands(self, burnt: Burnt, why: str = "") -> None:
        now_us, known = self._clock.now_us(), self.masked.state
        asked_us = known.asked_us if burnt is Burnt.UNKNOWN else now_us
        if burnt is Burnt.UNKNOWN and self.masked.told is Burnt.DIFFERS:
            burnt = Burnt.DIFFERS  # a breach is over when the camera says so, not when it falls silent
        since_us = known.since_us if (known.burnt, known.why) == (burnt, why) else now_us
        state = MaskState(self.task.wanted.version, burnt, why, since_us, asked_us)
        if burnt not in {Burnt.UNKNOWN, self.masked.told}:
            with self._lock:
                self._news.append(state)
            self.masked = replace(self.masked, told=burnt)
        self.masked = replace(self.masked, state=state)


class Masking:
    """The masks of one recorder's cameras."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._settings = FollowedSettings(data)
        self._path = data / "recorder" / FILE
        self._known, self._said = masked(self._path), said(self._path)
        self._keepers: dict[str, tuple[MaskKeeper, OnvifDevice | None]] = {}
        self._written: dict[str, Masked] | None = None

    def look(self) -> None:
        """Follow the settings where they changed, and write down how it stands."""
        if self._settings.look():
            self._follow()
        now = {camera: keeper.look() for camera, (keeper, _) in self._keepers.items()}
        for camera, (keeper, _) in self._keepers.items():
            for state in keeper.news():
                last = self._said[-1]["event"] if self._said else 0
                assert isinstance(last, int), "numbers are written so"
                self._said.append(line(max(last + 1, self._clock.now_us()), camera, state))
        self._known |= now
        del self._said[:-MOST_SAID]
        if now != self._written:
            self._written = None
            with suppress(OSError):  # a full disk: again at the next look
                keep(self._path, self._known, self._said)
                self._written = now

    def _follow(self) -> None:
        settings = self._settings.now
        tasks = {
            one.id: Task(one.dwellings, one.device.profile)
            for one in (settings.cameras if settings else ())
            if one.device is not None and one.dwellings is not None
            if one.dwellings.shapes or one.id in self._known
        }
        devices = SteeredCameras.of(self._data, self._clock)
        before, self._keepers = self._keepers, {}
        for camera, task in tasks.items():
            matters = devices.device_or_none(camera)
            known = before.pop(camera, None)
            if known is not None and (known[0].task, known[1]) == (task, matters):
                self._keepers[camera] = known
                continue
            if known is not None:
                known[0].stop()
            stood = known[0].masked if known is not None else self._known.get(camera)
            nothing = Masked(MaskState(0, Burnt.UNKNOWN))
            keeper = MaskKeeper(camera, task, partial(self._device, camera), self._clock, stood or nothing)
            self._keepers[camera] = keeper, matters
        for keeper, _ in before.values():
            keeper.stop()
        self._known = {camera: one for camera, one in self._known.items() if camera in tasks}

    def _device(self, camera: str) -> OnvifDevice:
        return SteeredCameras.of(self._data, self._clock).device(camera)

    def stop(self) -> None:
        """End all."""
        for keeper, _ in self._keepers.values():
            keeper.stop()
        for keeper, _ in self._keepers.values():
            keeper.join(1.0)


def keep_masks(data: Path, clock: Clock, stopping: threading.Event) -> None:
    """Until ``stopping``."""
    masking = Masking(data, clock)
    while not stopping.wait(LOOK_S):
        masking.look()
    masking.stop()
