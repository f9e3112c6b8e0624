"""An ingest worker: some tens of cameras, one recorder, one live tap. ``python -m beffroi.media.ingest.worker``.

It follows the signed camera settings (last good copy) within two seconds of a change, and never stops a camera whose
settings did not change.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.media.archive import masks_file
from beffroi.media.archive.control import WriterControl
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.masks_file import masked
from beffroi.media.archive.settings_file import FollowedSettings, camera_keys
from beffroi.media.archive.trust import ClockTrust
from beffroi.media.core.masking import Burnt
from beffroi.media.core.run_folder import WRITER_SOCKET, socket_name, worker_of
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.settings import CameraSettings, RecorderSettings, StreamSettings
from beffroi.media.core.words import GapCause, StreamName
from beffroi.media.ingest.gathering import Gathering
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.rtsp import RtspSource
from beffroi.media.ingest.sources import Source, SourceFailed, file_of
from beffroi.media.ingest.supervisor import STOPPED, Identity, Supervisor
from beffroi.media.ingest.tap_server import TapServer

LOOK_S = 0.5
_LOG = logging.getLogger("beffroi.worker")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One stream as the settings want it."""

    camera: CameraSettings
    stream: StreamSettings
    networks: tuple[str, ...]


class Worker:
    """The cameras of one worker."""

    def __init__(self, data: Path, run: Path, clock: Clock, *, index: int = 0, workers: int = 1) -> None:
        self._data, self._clock, self._index, self._workers = data, clock, index, workers
        self._settings = FollowedSettings(data)
        self._masks_path = data / "recorder" / masks_file.FILE
        self._masks_seen: tuple[int, int] | None = None
        self._trust = ClockTrust(clock, data / "recorder" / "clock")
        self._told_ns = 0  # when the settings of now were taken up
        self._resting: dict[CameraId, str] = {}  # not recorded at this hour, and why
        self._unmasked: dict[str, int] = {}  # the version that a camera shows not to have
        self._off: dict[tuple[CameraId, StreamName], str] = {}  # what was told of streams not recorded on purpose
        self._running: dict[tuple[str, StreamName], tuple[Wanted, Supervisor]] = {}
        self._lock = threading.Lock()
        self._tap = TapServer(run / socket_name(index))
        self._gathering = Gathering(clock)
        self._recorder = Recorder(WriterControl(run / WRITER_SOCKET, timeout_s=30.0), clock, idle=self._tick)

    def start(self) -> None:
        """Listen, and begin with what the settings say."""
        self._tap.start()
        self._gathering.start()
        self._recorder.start()
        self.look()

    def look(self) -> None:
        """Follow the settings where they changed."""
        told = self._settings.look()
        if told:
            self._told_ns = self._clock.monotonic_ns()
        changed = self._look_at_masks() or told
        settings = self._settings.now
        if settings is None:
            return
        resting, self._resting = self._resting, self._at_rest(settings)
        if changed or self._resting != resting:
            self._follow(settings)

    def _at_rest(self, settings: RecorderSettings) -> dict[CameraId, str]:
        """The cameras that are not recorded at this hour, and why."""
        timed = {one.id: one.hours for one in settings.cameras if one.hours is not None}
        if not timed:
            return {}
        now_us, trusted = self._clock.now_us(), self._trust.trusted()
        here_us = settings.issued_us + (self._clock.monotonic_ns() - self._told_ns) // 1000
        found = {
            camera: hours.why_resting(now_us, trusted=trusted, lift_left_us=hours.lifted_until_us - here_us)
            for camera, hours in timed.items()
        }
        return {camera: why for camera, why in found.items() if why}

    def _look_at_masks(self) -> bool:
        """Whether other cameras than before show dwellings, as they say themselves."""
        try:
            facts = self._masks_path.stat()
        except OSError:
            return False
        seen, before = (facts.st_mtime_ns, facts.st_ino), self._unmasked
        if seen != self._masks_seen:
            self._masks_seen = seen
            states = masked(self._masks_path).items()
            self._unmasked = {one: known.state.version for one, known in states if known.state.burnt is Burnt.DIFFERS}
        return self._unmasked != before

    def _follow(self, settings: RecorderSettings) -> None:
        here = [one for one in settings.cameras if worker_of(one.id, self._workers) == self._index]
        off = {one.id: why for one in here if (why := _why_off(one, self._unmasked, self._resting)) is not None}
        wanted = {
            (str(camera.id), stream.name): Wanted(camera, stream, settings.networks)
            for camera in here
            if camera.enabled and camera.id not in off
            for stream in camera.streams
        }
        gone = [
            key for key, (known, _) in self._running.items() if self._matters(wanted.get(key)) != self._matters(known)
        ]
        for key in gone:
            with self._lock:
                _, supervisor = self._running.pop(key)
            if key in wanted:
                supervisor.stop()
            else:
                supervisor.stop(off.get(CameraId(key[0]), STOPPED))
            supervisor.join(3.0)
            if key not in wanted:
                self._tap.remove(supervisor.identity.key)
        self._tell_off(here, off)
        for key, each in wanted.items():
            if key not in self._running:
                supervisor = self._supervisor(each)
                supervisor.start()
                with self._lock:
                    self._running[key] = (each, supervisor)
        _LOG.info("settings version %d: %d streams here", settings.version, len(self._running))

    def _tell_off(self, here: Iterable[CameraSettings], off: Mapping[CameraId, SourceFailed]) -> None:
        """Of the streams that are not recorded on purpose: why, from now on, where it is not what was told before."""
        told = {(one.id, stream.name): off[one.id] for one in here if one.id in off for stream in one.streams}
        for (camera, stream), why in told.items():
            if self._off.get((camera, stream)) != why.code:
                track = self._recorder.track(camera, stream.value)
                track.gap(GapCause.RECORDER, at_us=None, detail="restarted")
                track.gap(why.cause, at_us=self._clock.now_us(), detail=why.code)
        self._off = {key: why.code for key, why in told.items()}

    def _supervisor(self, wanted: Wanted) -> Supervisor:
        camera, stream = wanted.camera, wanted.stream
        identity = Identity(camera.id, stream.name, camera.synthetic, camera.mask_version)
        return Supervisor(
            identity,
            self._source_of(wanted),
            self._recorder.track(camera.id, stream.name.value),
            self._tap,
            self._clock,
        )

    def _source_of(self, wanted: Wanted) -> Callable[[], Source]:
        stream = wanted.stream

        def connect() -> Source:
            path = file_of(stream.url)
            if path is not None:
                from beffroi.media.ingest.files import FileSource  # 40 MB: only where a file is played

                return FileSource(path, self._clock)
            return RtspSource(
                stream.url,
                stream.username,
                self._password(wanted),
                wanted.networks,
                self._clock,
                self._gathering,
            )

        return connect

    def _password(self, wanted: Wanted) -> str:
        if not wanted.stream.password:
            return ""
        try:
            return open_secret(camera_keys(self._data / "keys"), wanted.stream.password, camera=wanted.camera.id)
        except (OSError, BeffroiError, ValueError):
            raise SourceFailed(
                GapCause.CAMERA, "password_unreadable", "the camera's password cannot be read", refused=True
            ) from None

    def _matters(self, wanted: Wanted | None) -> tuple[object, ...] | None:
        """What of the settings makes a supervisor start anew; a new name or retention does not, nor the same password
        sealed again."""
        if wanted is None:
            return None
        stream, camera = wanted.stream, wanted.camera
        try:
            password = self._password(wanted)
        except SourceFailed:
            password = stream.password
        return (stream.url, stream.username, password, camera.synthetic, camera.mask_version, wanted.networks)

    def _tick(self) -> None:
        with self._lock:
            supervisors = [supervisor for _, supervisor in self._running.values()]
        for each in supervisors:
            each.tick()

    def stop(self) -> bool:
        """End every camera, close every file; False when one could not be, for its disk hangs."""
        supervisors = [supervisor for _, supervisor in self._running.values()]
        for each in supervisors:
            each.stop()
        for each in supervisors:
            each.join(1.0)
        self._gathering.stop()
        closed = self._recorder.stop()
        self._tap.stop()
        return closed


def _why_off(
    camera: CameraSettings, unmasked: Mapping[str, int], resting: Mapping[CameraId, str]
) -> SourceFailed | None:
    """Why a camera is not recorded though nothing failed (I5): as the office says, or since it shows dwellings."""
    if camera.off is not None:
        return SourceFailed(camera.off, camera.off_detail, "not to be recorded now")
    wanted = camera.dwellings
    if camera.enabled and wanted is not None and wanted.shapes and unmasked.get(camera.id) == wanted.version:
        return SourceFailed(GapCause.PRIVACY, "mask_lost", "the camera does not hide the dwellings")
    if camera.enabled and camera.id in resting:
        return SourceFailed(GapCause.SCHEDULE, resting[camera.id], "not to be recorded at this hour")
    return None


def _fell(arguments: threading.ExceptHookArgs) -> None:
    """A camera's thread is taken up again by its supervisor; without one of the others the process is of no use."""
    name = arguments.thread.name if arguments.thread is not None else ""
    trace = (arguments.exc_type, arguments.exc_value or arguments.exc_type(), arguments.exc_traceback)
    _LOG.error("%s fell", name, exc_info=trace)
    if name in ("recorder", "tap", "cameras"):
        os._exit(1)


def main(argv: list[str] | None = None) -> int:
    """Run one worker until SIGTERM or SIGINT."""
    parser = arguments_of("beffroi-ingest")
    parser.add_argument("--index", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    arguments = begin(parser, argv)
    threading.excepthook = _fell
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    worker = Worker(arguments.data, arguments.run, SystemClock(), index=arguments.index, workers=arguments.workers)
    worker.start()
    while not stopping.wait(LOOK_S):
        worker.look()
    if not worker.stop():
        os._exit(1)  # an end in good order would wait for the thread that waits for the disk
    return 0


if __name__ == "__main__":
    sys.exit(main())
