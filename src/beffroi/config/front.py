"""The front: one origin. It is the media door, and passes everything that is not ``/door/…`` to the office (I14).

``run_front(data, run, host=, port=)`` serves the inner face on ``host:port``, where asked an outer and a plain one
(``config/listening.py``), and the face to the office on ``RUN/recorder.sock``, until SIGTERM. ``RUN/front.json`` says
where it listens and which certificates it serves.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn
import uvloop

from beffroi.config import listening
from beffroi.config.cutting import CutProtocol
from beffroi.config.down import DownPage
from beffroi.config.listening import Face, Kind, OpenFace
from beffroi.config.proxy import OfficeProxy
from beffroi.config.tls.serving import ServedTls
from beffroi.config.tls.store import Serving
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.door.app import internal_app, public_app
from beffroi.media.door.asgi import App
from beffroi.media.door.door import Door, DoorSettings
from beffroi.media.door.live_socket import MAX_MESSAGE

RECORDER_SOCKET = "recorder.sock"
OFFICE_SOCKET = "office.sock"
STATE_FILE = "front.json"
_GRACE_S = 3
_CERTIFICATES_EVERY_S = 60


def run_front(
    data: Path,
    run: Path,
    *,
    host: str,
    port: int,
    tls: Serving | None = None,
    others: Sequence[Face] = (),
    url: str = "",
) -> None:
    """Serve until SIGTERM or SIGINT. ``port`` 0 takes a free one. ``Unavailable`` names a busy port.

    ``tls`` makes the inner face HTTPS; ``others`` are the outer and the plain face; ``url`` is what people type.
    """
    with contextlib.ExitStack() as stack:
        opened = []
        for face in (Face(Kind.INNER, host, port, tls), *others):
            opened.append(OpenFace.open(face))
            stack.callback(opened[-1].close)
        internal = stack.enter_context(contextlib.closing(_listen_local(run)))
        runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        runner.run(_Front(data, run, opened, internal, url).serve())


def door_settings(data: Path, run: Path) -> DoorSettings:
    """The door's settings for a data folder, its keys read from ``DATA/keys``."""
    office = SigningKey(_seed(data, "office"))
    return DoorSettings(
        journal=data / "recorder" / "door-journal.jsonl",
        vault=data / "vault",
        keys=data / "keys",
        cameras=data / "recorder" / "cameras.json",
        run_folder=run,
        own_key=SigningKey(_seed(data, "door")),
        office_keys=(office.public_bytes,),
        open_reader=lambda: VolumesReader(data),
    )


class _Front:
    """All faces of one running front."""

    def __init__(self, data: Path, run: Path, opened: Sequence[OpenFace], internal: socket.socket, url: str) -> None:
        self._run, self._faces, self._internal, self._url = run, opened, internal, url
        self._clock = SystemClock()
        self._door = Door.open(door_settings(data, run), self._clock)
        self._down = DownPage()
        self._proxies = [OfficeProxy(run / OFFICE_SOCKET, self._down.answer, face=one.face.kind) for one in opened]

    async def serve(self) -> None:
        """Serve until told to stop."""
        servers = [
            (_Server(_config(self._app(one, proxy), one.tls)), one.socket)
            for one, proxy in zip(self._faces, self._proxies, strict=True)
        ]
        servers.append((_Server(_config(internal_app(self._door))), self._internal))

        def stop() -> None:
            self._door.stopping.set()
            for server, _ in servers:
                server.should_exit = True

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        keepers = [asyncio.create_task(self._door.keep()), asyncio.create_task(self._keep_certificates())]
        self._publish()
        try:
            await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))
        finally:
            for keeper in keepers:
                keeper.cancel()
            (self._run / STATE_FILE).unlink(missing_ok=True)
            for proxy in self._proxies:
                await proxy.close()
            await self._door.close()

    def _app(self, one: OpenFace, proxy: OfficeProxy) -> App:
        if one.face.kind is Kind.PLAIN:
            return listening.plain(proxy, self._url)
        application = listening.inner(public_app(self._door), proxy, self._down.static)
        if one.face.kind is Kind.OUTER:
            application = listening.outer(application)
        return listening.strict(application) if one.tls is not None else application

    async def _keep_certificates(self) -> None:
        """At start and once a minute: renew what is due, take what has changed, say what is served."""
        served = [one.tls for one in self._faces if one.tls is not None]
        while served:
            for tls in served:
                await asyncio.to_thread(tls.keep, self._clock.now())
            self._publish()
            await asyncio.sleep(_CERTIFICATES_EVERY_S)

    def _publish(self) -> None:
        """Write where the front listens and which certificates it serves, for doctor, pages and metrics."""
        told = [one.state() for one in self._faces]
        inner = {name: told[0][name] for name in ("host", "port")}
        beside = self._run / f"{STATE_FILE}.new"
        beside.write_text(json.dumps({**inner, "faces": told}))
        beside.replace(self._run / STATE_FILE)


class _Server(uvicorn.Server):
    """A server that leaves the signals to the front, which runs two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: App, tls: ServedTls | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_context_factory=(lambda _config, _default: tls.context) if tls is not None else None,
        http=CutProtocol,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,  # pictures are compressed already
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=_GRACE_S,
        # Who calls is believed only where TLS is known to end on this machine, in front of us.
        proxy_headers=tls is None and os.environ.get("BEFFROI_HTTPS") == "1",
        forwarded_allow_ips="127.0.0.1",
    )


def _listen_local(run: Path) -> socket.socket:
    path = run / RECORDER_SOCKET
    path.unlink(missing_ok=True)  # the journal's lock, not the socket, keeps a second door out
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(128)
    return listener


def _seed(data: Path, name: str) -> bytes:
    path = data / "keys" / f"{name}.key"
    try:
        seed = path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"The key {path} cannot be read: {error.strerror}.", hint="Start with: beffroi up."
        ) from error
    if len(seed) != 32:
        raise Invalid(f"The key {path} is not 32 bytes long.", hint="Restore it from the backup.")
    return seed
