"""The front: one origin. It is the media door, and passes everything that is not ``/door/…`` to the office (I14).

``run_front(data, run, host=, port=)`` serves the public face on ``host:port`` and the face to the office on
``RUN/recorder.sock`` until SIGTERM. ``RUN/front.json`` says where it listens.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop

from beffroi.config.down import DownPage
from beffroi.config.proxy import OfficeProxy
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.door.app import internal_app, public_app
from beffroi.media.door.asgi import App, Receive, Scope, Send
from beffroi.media.door.door import Door, DoorSettings
from beffroi.media.door.live_socket import MAX_MESSAGE

RECORDER_SOCKET = "recorder.sock"
OFFICE_SOCKET = "office.sock"
STATE_FILE = "front.json"
_GRACE_S = 3


def run_front(data: Path, run: Path, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. ``port`` 0 takes a free one. ``Unavailable`` names a busy port."""
    with (
        contextlib.closing(_listen(host, port)) as public,
        contextlib.closing(_listen_local(run)) as internal,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(data, run, public, internal))


def door_settings(data: Path, run: Path) -> DoorSettings:
    """The door's settings for a data folder, its keys read from ``DATA/keys``."""
    office = SigningKey(_seed(data, "office"))
    return DoorSettings(
        journal=data / "recorder" / "door-journal.jsonl",
        vault=data / "vault",
        run_folder=run,
        own_key=SigningKey(_seed(data, "door")),
        office_keys=(office.public_bytes,),
        open_reader=lambda: CatalogueReader(data / "archive"),
    )


def front_app(door: App, office: App, down: DownPage) -> App:
    """``/door/…`` to the door, everything else to the office."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return
        path: str = scope["path"]
        if path.startswith("/door/static/"):
            await down.static(scope, send)
        elif path == "/door" or path.startswith("/door/"):
            await door(scope, receive, send)
        else:
            await office(scope, receive, send)

    return application


async def _serve(data: Path, run: Path, public: socket.socket, internal: socket.socket) -> None:
    door = Door.open(door_settings(data, run), SystemClock())
    down = DownPage()
    proxy = OfficeProxy(run / OFFICE_SOCKET, down.answer)
    servers = (
        (_Server(_config(front_app(public_app(door), proxy, down))), public),
        (_Server(_config(internal_app(door))), internal),
    )

    def stop() -> None:
        door.stopping.set()
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    keeper = asyncio.create_task(door.keep())
    state = run / STATE_FILE
    host, port = public.getsockname()[:2]
    state.write_text(json.dumps({"host": host, "port": port}))
    try:
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))
    finally:
        keeper.cancel()
        state.unlink(missing_ok=True)
        await proxy.close()
        await door.close()


class _Server(uvicorn.Server):
    """A server that leaves the signals to the front, which runs two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
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
        proxy_headers=os.environ.get("BEFFROI_HTTPS") == "1",
        forwarded_allow_ips="127.0.0.1",
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512
        )
    except OSError as error:
        raise Unavailable(
            f"The port {port} of {host} cannot be used: {error.strerror}.",
            code="port_busy",
            hint="Stop what uses it, or choose another with --port.",
        ) from error


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
