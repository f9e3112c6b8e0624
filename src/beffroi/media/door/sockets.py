"""What the door's WebSockets have in common: the first message, several parts at once, the end with its code."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

from beffroi.kernel.errors import BeffroiError, Forbidden, Invalid, NotFound
from beffroi.media.door.asgi import Disconnected, Request, Send
from beffroi.media.door.door import Door

FIRST_MESSAGE_S = 10.0
_CLOSE_S = 2.0


async def accepted(door: Door, request: Request, send: Send, *, route: str) -> bool:
    """Shake hands; False, and closed, for a page of another site."""
    try:
        request.same_origin()
    except Forbidden as error:
        door.refuse(error, request, route=route)
        await request.receive()
        await send({"type": "websocket.close", "code": 4403})
        return False
    await request.receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    return True


async def race(*parts: Coroutine[None, None, None]) -> None:
    """Run all parts until the first ends; raise what it raised; leave none behind."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def message(request: Request, patience_s: float | None = None) -> str:
    try:
        received = await asyncio.wait_for(request.receive(), patience_s)
    except TimeoutError:
        raise Invalid("No ticket came.", code="message_missing") from None
    if received["type"] == "websocket.disconnect":
        raise Disconnected
    text = received.get("text")
    if not isinstance(text, str):
        raise Invalid("Only text is understood here.", code="message_wrong")
    return text


def close_code(error: BeffroiError) -> int:
    """The close code that stands for ``error``."""
    if error.code == "ticket_expired":
        return 4401
    codes: tuple[tuple[type[BeffroiError], int], ...] = ((Invalid, 4400), (Forbidden, 4403), (NotFound, 4404))
    return next((code for kind, code in codes if isinstance(error, kind)), 4503)


async def close(send: Send, error: BeffroiError) -> None:
    """Say why and close; a peer that no longer reads is left to the transport."""
    with suppress(TimeoutError):
        await asyncio.wait_for(
            send({"type": "websocket.close", "code": close_code(error), "reason": error.code}), _CLOSE_S
        )
