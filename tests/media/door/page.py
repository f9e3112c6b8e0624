"""A small office for players: one page, its tickets, our own static files, the strict policy of the real one."""

import asyncio
import json
import mimetypes
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import uvicorn

from beffroi.media.core.tickets import Mode
from tests.media.door.front import Front
from tests.waiting import until

STATIC = Path("src/beffroi/web/shared/static")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TEXTS = {
    "none": "No picture since {time}: {cause}",
    "late": "Late: {time}",
    "gap": "{from} {to} {cause}",
    "stopped.stopped": "Stopped by the room",
}
HTMX = """<meta name="htmx-config" content='{"allowEval":false,"includeIndicatorStyles":false}'>"""
SHEETS = ("tokens", "base", "components", "players")


class PlayerOffice:
    """Serves on ``RUN/office.sock`` in a thread: the page with one island, and tickets for its grants."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.island = "live"
        self.data: dict[str, Any] = {}
        self.tickets: dict[str, Callable[[str, str], str]] = {}
        self.asked: list[str] = []
        config = uvicorn.Config(
            self._app,
            uds=str(front.run / "office.sock"),
            interface="asgi3",
            lifespan="off",
            log_level="error",
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> "PlayerOffice":
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away, as a killed office does."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    def grant(self, name: str, mode: Mode, **changes: object) -> str:
        """Where a page asks for tickets of this grant."""
        self.tickets[name] = lambda binding, _camera: self.front.ticket(mode, binding, grant=name, **changes)
        return f"/tickets/{name}"

    def show(self, island: str, **data: object) -> str:
        """What the page shows next, and its address."""
        self.island, self.data = island, {"title": "Test", "texts": TEXTS, **data}
        return f"{self.front.url}/page"

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        path: str = scope["path"]
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, kind, answer = await asyncio.to_thread(self._answer, path, body)
        headers = [(b"content-type", kind.encode()), (b"content-security-policy", POLICY.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        if path == "/page":
            return 200, "text/html; charset=utf-8", self._page().encode()
        if path.startswith("/static/") and ".." not in path:
            file = STATIC / path.removeprefix("/static/")
            if file.is_file():
                return 200, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()
        seal = self.tickets.get(path.removeprefix("/tickets/"))
        if path.startswith("/tickets/") and seal is not None:
            self.asked.append(path)
            asked = json.loads(body)
            sealed = seal(asked["binding"], asked.get("camera", ""))
            if sealed.startswith("bl1."):
                return 200, "application/json", json.dumps({"lease": sealed}).encode()
            return 200, "application/json", json.dumps({"ticket": sealed, "expires_us": _expiry(sealed)}).encode()
        if path.startswith("/open/"):
            return 200, "application/json", json.dumps(self.data["opens"]).encode()
        return 404, "application/json", b'{"code": "not_found"}'

    def _page(self) -> str:
        sheets = "".join(f'<link rel="stylesheet" href="/static/beffroi/{name}.css">' for name in SHEETS)
        return (
            f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Players</title>{sheets}{HTMX}'
            '<script src="/static/beffroi/dist/main.js" type="module"></script></head><body><main>'
            f'<h1>Players</h1><div id="player" data-island="{self.island}" data-island-data="data"></div></main>'
            f'<script id="data" type="application/json">{json.dumps(self.data)}</script></body></html>'
        )


def _expiry(sealed: str) -> int:
    from beffroi.kernel.canonical import unb64

    return int(json.loads(unb64(sealed.split(".")[1]))["expires_us"])
