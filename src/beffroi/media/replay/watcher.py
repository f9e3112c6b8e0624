"""Looks after the cameras' pictures: a process of the recorder that glances at one key frame a camera each half minute.

``python -m beffroi.media.replay.watcher``. It reads the archive as any reader does, has pictures decoded in a limited
process of its own (``glance``), decides by ``core.sight`` and writes ``DATA/recorder/sight.json``: numbers and words,
never a picture. A glance costs 4 ms of one core on a small stream and 22 ms at 1080p in H.265; it yields to all else.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.archive.settings_file import SettingsFile, office_keys
from beffroi.media.core.settings import CameraSettings
from beffroi.media.core.sight import EVERY_US, Glance, Memory, after
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName
from beffroi.media.replay.sight_file import FILE, remember, remembered
from beffroi.media.replay.stills import StillMaker

BACK_US = 20_000_000
"""How far back a key frame is looked for; real cameras have them up to eight seconds apart."""
_PATIENCE_S = 30.0
_NICE = 10
_LOG = logging.getLogger("beffroi.watcher")


class Watcher:
    """The pictures of one recorder's cameras. ``turn`` takes one round."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._path = data / "recorder" / FILE
        self._settings = SettingsFile(data / "recorder" / "cameras.json", lambda: office_keys(data / "keys"), Disk())
        self._glances = StillMaker(program="glance", timeout_s=_PATIENCE_S)
        self._known = remembered(self._path)
        self._reader: VolumesReader | None = None

    async def turn(self) -> None:
        """Glance at every camera once, and write down what is known."""
        settings = self._settings.read()
        watched = [one for one in settings.cameras if one.enabled and one.watched] if settings else []
        self._known = {one.id: self._known.get(one.id, Memory()) for one in watched}
        for camera in watched:
            try:
                glance = await self._glance(camera)
            except (BeffroiError, OSError, ValueError):
                continue  # not looked at: ``looked_us`` stays behind, and says so
            known = self._known[camera.id]
            if glance is not None and glance.at_us != known.looked_us:
                self._known[camera.id] = after(known, glance)
        await asyncio.to_thread(remember, self._path, self._known)

    async def close(self) -> None:
        """End the decoder and close the archive."""
        await self._glances.close()
        if self._reader is not None:
            self._reader.close()

    async def _glance(self, camera: CameraSettings) -> Glance | None:
        """The newest key frame of the smallest stream, if there is one of late."""
        if self._reader is None:
            self._reader = VolumesReader(self._data)
        names = sorted((stream.name for stream in camera.streams), key=lambda name: name is not StreamName.SUB)
        for name in names:
            fragment = _newest(self._reader, camera.id, name, self._clock.now_us())
            if fragment is not None:
                init, data = self._reader.run(fragment.run).init, self._reader.read(fragment)
                return Glance.from_bytes(await self._glances.made(init, data), fragment.start_us)
        return None


def _newest(reader: ArchiveReader, camera: CameraId, stream: StreamName, now_us: int) -> Fragment | None:
    found = reader.fragments(camera, stream, Span.of_us(now_us - BACK_US, now_us))
    return next((one for one in reversed(found) if one.random_access), None)


async def watch(watcher: Watcher, stopping: asyncio.Event) -> None:
    """A round each half minute until ``stopping``."""
    while not stopping.is_set():
        try:
            await watcher.turn()
        except OSError as error:
            _LOG.warning("what is known of the pictures could not be written: %s", error.strerror)
        try:
            await asyncio.wait_for(stopping.wait(), EVERY_US / 1_000_000)
        except TimeoutError:
            continue


async def _serve(data: Path) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    watcher = Watcher(data, SystemClock())
    try:
        await watch(watcher, stopping)
    finally:
        await watcher.close()


def main(argv: list[str] | None = None) -> int:
    """Watch until SIGTERM or SIGINT."""
    arguments = begin(arguments_of("beffroi-watcher"), argv)
    os.nice(_NICE)
    asyncio.run(_serve(arguments.data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
