"""Where the front listens: an inner face with everything, an outer one with chosen surfaces, a plain one that sends on.

What a face shows is decided in two places, each enough by itself: the office answers by the route that it resolved
(``web/shared/outside.py``; the front says by which face a request came, and nobody else can), the door by its own
table.
"""

import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from beffroi.config.tls.serving import ServedTls
from beffroi.config.tls.store import Serving
from beffroi.kernel.errors import Unavailable
from beffroi.media.door.asgi import App, Message, Receive, Scope, Send

HEADER = "beffroi-face"
CLOSED_OUTSIDE = frozenset({"/door/lease", "/door/office"})
"""Of the door, what only officers on duty ask: never on the outer face."""
PLAIN_PATHS = ("/authority/", "/static/")
"""What plain HTTP gives: the way to trust this centre, and the look of that page."""
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class Kind(StrEnum):
    """What a face is for."""

    INNER = "inner"
    OUTER = "outer"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Face:
    """One address on which the front listens."""

    kind: Kind
    host: str
    port: int
    tls: Serving | None = None


@dataclass(slots=True)
class OpenFace:
    """A face whose port is taken and whose certificate is loaded."""

    face: Face
    socket: socket.socket
    tls: ServedTls | None

    @classmethod
    def open(cls, face: Face) -> "OpenFace":
        """Listen. ``Unavailable`` names a busy port, ``Corrupt`` a certificate that cannot be served."""
        tls = ServedTls(face.tls) if face.tls is not None else None
        return cls(face, _listen(face.host, face.port), tls)

    def close(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def state(self) -> dict[str, object]:
        """Where it listens and what it serves."""
        host, port = self.socket.getsockname()[:2]
        told: dict[str, object] = {"kind": self.face.kind.value, "host": host, "port": port}
        return told | ({"certificate": self.tls.state()} if self.tls is not None else {})


def inner(door: App, office: App, static: Callable[[Scope, Send], Awaitable[None]]) -> App:
    """``/door/…`` to the door, everything else to the office."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return
        path: str = scope["path"]
        if path.startswith("/door/static/"):
            await static(scope, send)
        elif path == "/door" or path.startswith("/door/"):
            await door(scope, receive, send)
        else:
            await office(scope, receive, send)

    return application


def outer(application: App) -> App:
    """What faces the outside: the same without what officers on duty alone ask of the door."""

    async def narrowed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") in CLOSED_OUTSIDE:
            await _head(send, 404, [])
            return
        await application(scope, receive, send)

    return narrowed


def plain(office: App, url: str) -> App:
    """Plain HTTP: the page that tells how to trust this centre; everything else is sent to ``url``."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4404})
            return
        if scope["path"].startswith(PLAIN_PATHS) and scope["method"] in {"GET", "HEAD"}:
            await office(scope, receive, send)
            return
        path = (scope.get("raw_path") or scope["path"].encode()).split(b"?")[0]
        query = scope.get("query_string", b"")
        target = url.rstrip("/").encode() + b"/" + path.lstrip(b"/") + (b"?" + query if query else b"")
        await _head(send, 308, [(b"location", target)])

    return application


def strict(application: App) -> App:
    """Every answer asks the browser to come by HTTPS only, the door's and the page of a silent office included."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not any(
                name.lower() == _HSTS[0] for name, _ in message["headers"]
            ):
                message = {**message, "headers": [*message["headers"], _HSTS]}
            await send(message)

        await application(scope, receive, sending)

    return answered


async def _head(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    head = [(b"content-length", b"0"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b""})


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
