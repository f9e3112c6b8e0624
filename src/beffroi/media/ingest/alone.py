"""A recorder alone, for a look: one camera, one folder, no office (``beffroi record``).

The same writer, recorder and supervisor as in the daemon, in one process.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.media.archive.board import Board
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.requests import Requests
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Store
from beffroi.media.archive.writer import Writer
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.addresses import allowed_address
from beffroi.media.ingest.files import FileSource
from beffroi.media.ingest.gathering import Gathering
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.rtsp import RtspSource
from beffroi.media.ingest.sources import Source, SourceFailed, file_of
from beffroi.media.ingest.supervisor import Identity, Supervisor

ANYWHERE = ("0.0.0.0/0", "::/0")  # whoever types an address on a command line has chosen it
_FATAL = frozenset(
    {
        "password_refused",
        "password_wanted",
        "no_stream",
        "no_video",
        "redirected",
        "file_unreadable",
        "refused",
        "no_tcp",
    }
)
_PATIENCE_S = 40.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a recorder alone recorded."""

    camera: str
    codec: str
    units: int
    failure: SourceFailed | None


class _LocalLink:
    """The writer, in this process."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        try:
            return self._writer.ask({"do": do, **arguments}).result(30.0)
        except TimeoutError:
            raise Unavailable("The archive's writer does not answer.", code="writer_unavailable") from None


def split_url(url: str) -> tuple[str, str, str]:
    """Address without user and password, user, password. ``Invalid`` when it is no address."""
    try:
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        raise Invalid("This is not a camera address.", code="address_malformed") from None
    return urlunsplit((parts.scheme, host, parts.path, parts.query, "")), user, password


def record_alone(
    url: str,
    folder: Path,
    *,
    camera: str,
    for_s: float,
    clock: Clock,
    stopping: threading.Event,
    progress: Callable[[float, int], None] = lambda _seconds, _units: None,
) -> Look:
    """Record ``url`` into ``folder`` for ``for_s`` seconds of pictures. ``folder`` becomes a volume.

    Raises ``Invalid`` for an address that is none, and ``Conflict`` for a folder with something else in it. A camera
    that gives no pictures is told in ``Look.failure``.
    """
    address, user, password = split_url(url)
    path = file_of(address)
    if path is None:
        allowed_address(address, ANYWHERE)

    gathering = Gathering(clock)

    def source() -> Source:
        if path is not None:
            return FileSource(path, clock)
        return RtspSource(address, user, password, ANYWHERE, clock, gathering)

    store = Store(folder, clock)
    try:
        board, shelf = Board(clock), Shelf.of(store)
        writer = Writer(shelf, board, Requests(shelf, board, SettingsFile(folder / "none.json", tuple, Disk())), clock)
        thread = threading.Thread(target=writer.run, name="writer")
        thread.start()
        try:
            recorder = Recorder(_LocalLink(writer), clock)
            track = recorder.track(camera, StreamName.MAIN.value)
            supervisor = Supervisor(Identity(CameraId(camera), StreamName.MAIN), source, track, None, clock)
            recorder.start()
            gathering.start()
            supervisor.start()
            failure = _watch(supervisor, for_s=for_s, clock=clock, stopping=stopping, progress=progress)
            supervisor.stop()
            supervisor.join(10.0)
            gathering.stop()
            recorder.stop()
        finally:
            writer.stop()
            thread.join()
        row = store.db.execute("SELECT codec FROM run WHERE camera = ? ORDER BY id DESC LIMIT 1", (camera,)).fetchone()
    finally:
        store.close()
    return Look(camera, row[0] if row else "", supervisor.units, failure)


def _watch(
    supervisor: Supervisor,
    *,
    for_s: float,
    clock: Clock,
    stopping: threading.Event,
    progress: Callable[[float, int], None],
) -> SourceFailed | None:
    """Wait until there are ``for_s`` seconds of pictures; why there are none, when it is so."""
    asked_ns = clock.monotonic_ns()
    began_ns: int | None = None
    while not stopping.wait(0.2):
        now = clock.monotonic_ns()
        if supervisor.units and began_ns is None:
            began_ns = now
        if began_ns is None:
            failure = supervisor.failure
            if failure is not None and (failure.code in _FATAL or now - asked_ns > _PATIENCE_S * 1e9):
                return failure
            if now - asked_ns > 2 * _PATIENCE_S * 1e9:
                return failure
            continue
        seconds = (now - began_ns) / 1e9
        progress(min(seconds, for_s), supervisor.units)
        if seconds >= for_s:
            return None
    return None
