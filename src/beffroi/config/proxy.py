"""Passes requests to the office over its Unix socket, streaming both ways; says so where the office does not answer.

The browser's connection ends here: hop-by-hop fields (RFC 9110 §7.6.1) stay, forwarding fields are written anew and
never believed, nothing is buffered beyond one chunk.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from beffroi.config.listening import HEADER as FACE
from beffroi.config.listening import Kind
from beffroi.media.door.asgi import Message, Receive, Scope, Send

_HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_OURS = frozenset(
    {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "expect", FACE}
)
_CONNECT_S = 5.0
_SILENCE_S = 300.0
_CHUNK_BYTES = 256 * 1024

OnDown = Callable[[Scope, Send], Awaitable[None]]


class OfficeProxy:
    """An ASGI application in front of the office. ``on_down`` answers where the office cannot."""

    def __init__(self, socket: Path, on_down: OnDown, *, face: Kind = Kind.INNER) -> None:
        self._socket, self._on_down, self._face = socket, on_down, face
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on. WebSockets are refused: the office has none."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        started = False
        body = _Body(scope, receive)
        try:
            async with self._client().request(
                scope["method"],
                _url(scope),
                headers=_request_headers(scope, self._face),
                data=body.chunks() if body.expected else None,
                allow_redirects=False,
            ) as answer:
                started = True
                await self._pass_back(answer, body, send)
        except (aiohttp.ClientError, TimeoutError):
            if not started:
                await self._on_down(scope, send)
            # else: the head is out, and the cut connection tells that bytes are missing

    async def close(self) -> None:
        """Let the connections to the office go."""
        if self._session is not None:
            await self._session.close()

    async def _pass_back(self, answer: aiohttp.ClientResponse, body: "_Body", send: Send) -> None:
        headers = [
            (name.lower(), value) for name, value in answer.raw_headers if name.lower().decode() not in _HOP_BY_HOP
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        gone = asyncio.create_task(body.until_gone())
        # An answer may be silent for minutes: the office must hear at once that nobody listens any more.
        gone.add_done_callback(lambda task: None if task.cancelled() else answer.close())
        try:
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=str(self._socket), limit=200),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S),
                read_bufsize=_CHUNK_BYTES,
            )
        return self._session


class _Body:
    """The request's body as it arrives, and the end of the browser's connection after it."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        names = {name.lower() for name, _ in scope["headers"]}
        self.expected = b"content-length" in names or b"transfer-encoding" in names
        self._receive = receive
        self._read = asyncio.Event()
        if not self.expected:
            self._read.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body; cut short (``ClientError``) when the browser goes away in the middle."""
        while True:
            message: Message = await self._receive()
            if message["type"] == "http.disconnect":
                raise aiohttp.ClientConnectionError("the browser went away")
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body", False):
                self._read.set()
                return

    async def until_gone(self) -> None:
        """Wait until the browser has gone away."""
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _url(scope: Scope) -> URL:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    target = raw.split(b"?")[0] + (b"?" + query if query else b"")
    return URL("http://office" + target.decode("latin-1"), encoded=True)


def _request_headers(scope: Scope, face: Kind) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        if name not in _HOP_BY_HOP and name not in _OURS:
            headers.add(name, raw_value.decode("latin-1"))
    client = scope.get("client")
    headers["X-Forwarded-For"] = client[0] if client else "unknown"
    headers["X-Forwarded-Proto"] = scope.get("scheme", "http")
    headers["X-Forwarded-Host"] = headers.get("host", "")
    headers[FACE] = face.value
    return headers
