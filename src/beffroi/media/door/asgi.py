"""The little of HTTP and WebSocket that the door needs, on raw ASGI: streaming must watch for the disconnect."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import BeffroiError, Forbidden, Invalid
from beffroi.media.client import status_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

MAX_US = 1 << 53
CUT = "beffroi.cut"
"""ASGI extension of our own server (``config/cutting.py``): end the connection now, with what waits in its buffers."""

_SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


class Request:
    """One request or WebSocket as the door reads it."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope.get("method", "GET")
        self.path: str = scope["path"]
        self.headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            self.headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        self._query: dict[str, list[str]] = parse_qs(
            scope.get("query_string", b"").decode("latin-1"), max_num_fields=32
        )

    @property
    def target(self) -> str:
        """The request target as it was sent, query included: what a signed call covers."""
        raw = self.scope.get("raw_path") or self.path.encode()
        query = self.scope.get("query_string", b"")
        return (raw.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")

    @property
    def peer(self) -> str:
        """The address of the other end, for the journal of refusals."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def cookie(self, name: str) -> str:
        """A cookie's value, or an empty string."""
        try:
            jar = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return ""
        return str(jar[name].value) if name in jar else ""

    def text(self, name: str, default: str | None = None) -> str:
        """A query parameter; ``Invalid`` where it is missing and has no default."""
        found = self._query.get(name)
        if found is None:
            if default is None:
                raise Invalid(f"The parameter {name} is missing.", code="parameter_missing", fields={name: "missing"})
            return default
        return found[0]

    def number(self, name: str, default: int | None = None) -> int:
        """A non-negative whole number among the query parameters; ``Invalid`` otherwise."""
        text = self.text(name, None if default is None else str(default))
        if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= MAX_US):
            raise Invalid(f"{name} must be a whole number.", code="parameter_wrong", fields={name: "not a number"})
        return int(text)

    def cut(self) -> None:
        """End the connection now: nothing more reaches the other end, not even what was written already."""
        extension = self.scope.get("extensions", {}).get(CUT)
        if extension is not None:
            extension["now"]()

    async def body(self, limit: int) -> bytes:
        """The whole body; ``Invalid`` beyond ``limit`` bytes."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] != "http.request":
                raise Disconnected
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise Invalid(f"The request is longer than {limit} bytes.", code="body_too_long")
            if not message.get("more_body", False):
                return b"".join(parts)

    def same_origin(self) -> None:
        """Refuse what another site's page sends in this browser's name (CSWSH, CSRF)."""
        origin = urlsplit(self.headers.get("origin", ""))
        if origin.scheme not in {"http", "https"} or origin.netloc != self.headers.get("host", ""):
            raise Forbidden("This request comes from another site.", code="origin_foreign")


class Disconnected(Exception):
    """The other end went away; there is nobody to answer."""


async def reply(send: Send, status: int, body: bytes, *, kind: str, headers: Headers = ()) -> None:
    """Send a whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", kind.encode()),
                (b"content-length", str(len(body)).encode()),
                *_SAFE_HEADERS,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def reply_json(send: Send, value: Json, *, status: int = 200, headers: Headers = ()) -> None:
    """Send a value as JSON."""
    await reply(send, status, canonical_bytes(value), kind="application/json", headers=headers)


async def reply_error(send: Send, error: BeffroiError) -> None:
    """Send an anticipated failure as ``{"code", "message", "hint"}``."""
    body: dict[str, Json] = {"code": error.code, "message": error.message, "hint": error.hint}
    await reply_json(send, body, status=status_of(error))


async def stream(
    receive: Receive,
    send: Send,
    chunks: AsyncIterator[bytes],
    *,
    status: int,
    length: int,
    headers: Headers,
    sent: Callable[[int], None],
) -> None:
    """Send ``length`` bytes as they come; ``sent`` is told how many went out. Stops when the other end goes away.

    When ``chunks`` fails after the head was sent the answer is left incomplete: the server cuts the connection, and
    the other end sees that bytes are missing.
    """
    gone = asyncio.create_task(_until_disconnect(receive))
    try:
        head = [(b"content-length", str(length).encode()), *_SAFE_HEADERS, *headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        async for chunk in chunks:
            if gone.done():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            sent(len(chunk))
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def reply_lines(receive: Receive, send: Send, lines: AsyncIterator[bytes]) -> None:
    """Send lines of JSON as they come; ``Disconnected`` when the other end goes away before the last."""
    gone = asyncio.create_task(_until_disconnect(receive))
    try:
        head = [(b"content-type", b"application/jsonl"), *_SAFE_HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        async for line in lines:
            if gone.done():
                raise Disconnected
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def json_object(raw: bytes | str) -> Mapping[str, Any]:
    """A JSON object from outside; ``Invalid`` for anything else."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Invalid("This is not JSON.", code="body_not_json") from error
    if not isinstance(data, dict):
        raise Invalid("This is not a JSON object.", code="body_not_json")
    return data


def text_of(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text member of a JSON object; ``Invalid`` where it is missing or something else."""
    value = data.get(name, default)
    if not isinstance(value, str):
        raise Invalid(f"{name} is missing.", code="parameter_missing", fields={name: "missing"})
    return value
