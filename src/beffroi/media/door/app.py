"""The door's two ASGI applications: the public one, and the one that the office calls."""

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from beffroi.kernel.errors import BeffroiError, NotFound
from beffroi.media.core.calls import HEADER, Call
from beffroi.media.core.tickets import HEADER as TICKET
from beffroi.media.door.asgi import App, Disconnected, Message, Receive, Request, Scope, Send, reply_error
from beffroi.media.door.door import Door
from beffroi.media.door.recorder import BODY_BYTES
from beffroi.media.door.routes import DOOR_ROUTES, RECORDER_ROUTES, DoorRoute

Serve = Callable[[DoorRoute, Request, Send, dict[str, str]], Coroutine[Any, Any, None]]


def public_app(door: Door) -> App:
    """What browsers reach, ``/door/…``. Every refusal leaves a trace."""

    async def serve(route: DoorRoute, request: Request, send: Send, names: dict[str, str]) -> None:
        try:
            await route.handler(door, request, send, **names)
        except BeffroiError as error:
            camera = names.get("camera") or request.text("camera", "")
            ticket = request.headers.get(TICKET, "")
            door.refuse(error, request, route=f"{route.method} {route.path}", camera=camera, ticket=ticket)
            raise

    return _application(DOOR_ROUTES, serve)


def internal_app(door: Door) -> App:
    """What the office reaches, ``/recorder/…``. Every call is signed."""

    async def serve(route: DoorRoute, request: Request, send: Send, names: dict[str, str]) -> None:
        body = await request.body(BODY_BYTES)
        call = Call(request.method, request.target, body)
        door.calls.check(request.headers.get(HEADER.lower(), ""), call, now_us=door.clock.now_us())
        await route.handler(door, request, send, body, **names)

    return _application(RECORDER_ROUTES, serve)


def _application(routes: Sequence[DoorRoute], serve: Serve) -> App:
    table = [(route, route.pattern()) for route in routes]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return
        request = Request(scope, receive)
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            route, names = _find(table, request)
            await serve(route, request, sending, names)
        except Disconnected:
            return
        except BeffroiError as error:
            if started:
                return  # the head is out: the cut connection tells that bytes are missing
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4404})
            else:
                await reply_error(send, error)

    return application


def _find(table: Sequence[tuple[DoorRoute, re.Pattern[str]]], request: Request) -> tuple[DoorRoute, dict[str, str]]:
    method = "WS" if request.scope["type"] == "websocket" else request.method
    if method == "HEAD" and request.path.endswith("/file"):
        method = "GET"
    for route, pattern in table:
        match = pattern.fullmatch(request.path)
        if match is not None and route.method == method:
            return route, match.groupdict()
    raise NotFound("There is nothing here.", code="not_found")
