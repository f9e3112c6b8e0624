"""Looks after the cameras' pictures: glances at two key frames a camera each minute.

A task of ``media.supervision``. It reads the archive as any reader does, has pictures decoded in a limited
process of its own (``glance``), decides by ``core.sight`` and writes ``DATA/recorder/sight.json``: numbers and words,
never a picture. A glance costs 4 ms of one core on a small stream and 22 ms at 1080p in H.265; it yields to all else.
"""

import asyncio
import logging
import threading
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.archive.settings_file import SettingsFile, office_keys
from beffroi.media.core.settings import CameraSettings
from beffroi.media.core.sight import EVERY_US, Glance, Memory, accepted, after
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName
from beffroi.media.replay.sight_file import FILE, remember, remembered
from beffroi.media.replay.stills import StillMaker

ROUND_S = 60.0
"""A round takes two glances, so that the decoder is loaded once for both."""
BACK_US = 20_000_000
"""How far back a key frame is looked for; real cameras have them up to eight seconds apart."""
_PATIENCE_S = 30.0
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
        """Glance at every camera, as it is and as it was ``EVERY_US`` ago, and write down what is known."""
        settings = self._settings.read()
        watched = [one for one in settings.cameras if one.enabled and one.watched] if settings else []
        self._known = {one.id: accepted(self._known.get(one.id, Memory()), one.view_since_us) for one in watched}
        now_us = self._clock.now_us()
        for camera in watched:
            for at_us in (now_us - EVERY_US, now_us):
                try:
                    glance = await self._glance(camera, at_us)
                except (BeffroiError, OSError, ValueError):
                    continue  # not looked at: ``looked_us`` stays behind, and says so
                if glance is not None:
                    steered = camera.device is not None and camera.device.moves
                    self._known[camera.id] = after(self._known[camera.id], glance, fixed=not steered)
        await asyncio.to_thread(remember, self._path, self._known)

    async def rest(self) -> None:
        """End the decoder until the next round: 40 MB and more; to load it again costs a fifth of a second."""
        await self._glances.close()

    async def close(self) -> None:
        """End the decoder and close the archive."""
        await self._glances.close()
        if self._reader is not None:
            self._reader.close()

    async def _glance(self, camera: CameraSettings, at_us: int) -> Glance | None:
        """The newest key frame of the smallest stream before ``at_us``, if there is one that is not known yet."""
        if self._reader is None:
            self._reader = VolumesReader(self._data)
        names = sorted((stream.name for stream in camera.streams), key=lambda name: name is not StreamName.SUB)
        for name in names:
            fragment = _newest(self._reader, camera.id, name, at_us)
            if fragment is not None:
                if fragment.start_us <= self._known[camera.id].looked_us:
                    return None
                init, data = self._reader.run(fragment.run).init, self._reader.read(fragment)
                return Glance.from_bytes(await self._glances.made(init, data), fragment.start_us)
        return None


def _newest(reader: ArchiveReader, camera: CameraId, stream: StreamName, now_us: int) -> Fragment | None:
    found = reader.fragments(camera, stream, Span.of_us(now_us - BACK_US, now_us))
    return next((one for one in reversed(found) if one.random_access), None)


async def _rounds(watcher: Watcher, stopping: threading.Event) -> None:
    try:
        while not stopping.is_set():
            try:
                await watcher.turn()
            except OSError as error:
                _LOG.warning("what is known of the pictures could not be written: %s", error.strerror)
            await watcher.rest()
            await asyncio.to_thread(stopping.wait, ROUND_S)
    finally:
        await watcher.close()


def watch(data: Path, clock: Clock, stopping: threading.Event) -> None:
    """A round each minute until ``stopping``."""
    asyncio.run(_rounds(Watcher(data, clock), stopping))
