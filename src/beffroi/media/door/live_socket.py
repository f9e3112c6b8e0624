"""``WS /door/live``: one ticket, one camera; init and one-frame fragments as binary, events as JSON text.

First message ``{"ticket", "camera", "stream"?, "hevc"?}``; later ``{"ticket"}`` renews. Events: ``run`` (codec, size,
converted, watermark), ``time`` (which UTC a decode time is), ``state`` (why there is no picture), ``skipped``,
``ticket`` (renewed until). Close codes: 4400 bad message, 4401 expired, 4403 refused or stopped, 4404 not for this
ticket, 4503 cannot be shown now.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import BeffroiError, Forbidden, Invalid
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode, Ticket
from beffroi.media.core.words import StreamName
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Disconnected, Request, Send, json_object, text_of
from beffroi.media.door.door import Door
from beffroi.media.door.looks import Look
from beffroi.media.door.sockets import FIRST_MESSAGE_S, accepted, close, message, race
from beffroi.media.ingest.tap import LiveState
from beffroi.media.live.feeds import Feed, FeedKey
from beffroi.media.live.viewers import LivePart, LiveRun, LiveSkipped, Viewer

ROUTE = "WS /door/live"
MAX_MESSAGE = 70_000
CHECK_S = 0.25
"""How often a running look is asked whether it may go on; a stop must show within two seconds."""
_FIRST_RUN_S = 3.0
_OTHER_RUN_S = 0.5
_MODES = {Mode.LIVE, Mode.RELAY}


@dataclass(slots=True)
class _Watching:
    """One socket after its first message."""

    request: Request
    binding: str
    ticket: Ticket
    camera: CameraId
    stream: StreamName
    hevc: bool


async def live(door: Door, request: Request, send: Send) -> None:
    """Serve one socket from handshake to close."""
    if not await accepted(door, request, send, route=ROUTE):
        return
    camera = ticket = ""
    try:
        said = json_object(await message(request, FIRST_MESSAGE_S))
        camera, ticket = text_of(said, "camera"), text_of(said, "ticket")
        watching = _Watching(
            request,
            binding := binding_in(request),
            door.admission.admit(ticket, binding=binding, modes=_MODES, camera=camera),
            CameraId(camera),
            _stream(text_of(said, "stream", StreamName.MAIN.value)),
            said.get("hevc") is True,
        )
        await _watch(door, watching, send)
        if door.stopping.is_set():
            await send({"type": "websocket.close", "code": 1012})  # RFC 6455 registry: service restart
    except Disconnected:
        return
    except BeffroiError as error:
        door.refuse(error, request, route=ROUTE, camera=camera, ticket=ticket)
        await close(send, error)


async def _watch(door: Door, watching: _Watching, send: Send) -> None:
    look = await door.looks.begin(
        watching.ticket, mode=watching.ticket.mode, camera=watching.camera, span=None, binding=watching.binding
    )
    why = "closed by the viewer"
    try:
        await race(
            _send_pictures(door, watching, look, send),
            _take_renewals(door, watching, look, send),
            _keep_asking(door, watching),
        )
    except BeffroiError as error:
        why = error.code
        raise
    finally:
        door.looks.end(look, why)


async def _send_pictures(door: Door, watching: _Watching, look: Look, send: Send) -> None:
    while True:  # chosen anew when this screen cannot show a new codec, or the stream turns out not to exist
        async with AsyncExitStack() as stack:
            feed, viewer = await _choose(door, watching, stack)
            await _send_feed(watching, look, feed, viewer, send)


async def _choose(door: Door, watching: _Watching, stack: AsyncExitStack) -> tuple[Feed, Viewer]:
    """The stream asked for; where the screen cannot show its codec, or it does not exist, the other one; else the
    one there is, converted. A stream without pictures is taken too: it says why there are none."""
    asked, camera = watching.stream, watching.camera
    other = StreamName.SUB if asked is StreamName.MAIN else StreamName.MAIN
    unshown: StreamName | None = None
    for stream, patience_s in ((asked, _FIRST_RUN_S), (other, _OTHER_RUN_S)):
        trial = AsyncExitStack()
        feed, viewer = await trial.enter_async_context(door.feeds.watch(FeedKey(camera, stream, converted=False)))
        try:
            run = await feed.first_run(patience_s)
            if (run is not None and _shows(run.codec, watching)) or (run is None and unshown is None and feed.exists):
                stack.push_async_exit(trial.pop_all())
                return feed, viewer
        finally:
            await trial.aclose()
        if run is not None:
            unshown = unshown or stream
    key = FeedKey(camera, unshown or asked, converted=unshown is not None)
    return await stack.enter_async_context(door.feeds.watch(key))


def _shows(codec: str, watching: _Watching) -> bool:
    return codec.startswith("avc") or (watching.hevc and codec.startswith(("hvc1", "hev1")))


async def _send_feed(watching: _Watching, look: Look, feed: Feed, viewer: Viewer, send: Send) -> None:
    """Send what comes; returns when a run begins that this screen cannot show, or the recorder, back from an absence,
    says that there is no such stream: a wall opened before the recorder asks for a sub stream nobody has."""
    while True:
        item = await viewer.next()
        match item:
            case LiveRun(run):
                if not _shows(run.codec, watching):
                    return
                await send({"type": "websocket.send", "text": _event(_run_event(item, watching.ticket))})
                await _send_bytes(send, look, run.init)
            case LivePart():
                if item.key:
                    await send({"type": "websocket.send", "text": _event(_time_event(item))})
                await _send_bytes(send, look, item.data)
                look.showed(Span.of_us(item.start_us, item.start_us + max(item.duration_90k * 100 // 9, 1)), 1)
            case LiveState(cause, detail):
                state = {"event": "state", "cause": cause.value if cause else None, "detail": detail}
                await send({"type": "websocket.send", "text": _event(state)})
                if not feed.exists:
                    return
            case LiveSkipped(pictures):
                await send({"type": "websocket.send", "text": _event({"event": "skipped", "pictures": pictures})})


def _run_event(item: LiveRun, ticket: Ticket) -> dict[str, Json]:
    run = item.run
    return {
        "event": "run",
        "stream": run.stream.value,
        "codec": run.codec,
        "width": run.width,
        "height": run.height,
        "converted": item.converted,
        "synthetic": run.synthetic,
        "mask_version": run.mask_version,
        "watermark": ticket.watermark,
    }


def _time_event(part: LivePart) -> dict[str, Json]:
    shown_at = part.decode_time_90k + part.composition_offset_90k
    return {"event": "time", "media_90k": shown_at, "utc_us": part.start_us}


def _event(event: Mapping[str, Json]) -> str:
    return canonical_bytes(event).decode()


async def _send_bytes(send: Send, look: Look, data: bytes) -> None:
    await send({"type": "websocket.send", "bytes": data})
    look.sent(len(data))


async def _take_renewals(door: Door, watching: _Watching, look: Look, send: Send) -> None:
    """A new ticket of the same grant extends the look; anything else ends it."""
    while True:
        text = text_of(json_object(await message(watching.request)), "ticket")
        ticket = door.admission.admit(text, binding=watching.binding, modes=_MODES, camera=watching.camera)
        if (ticket.grant, ticket.mode) != (watching.ticket.grant, watching.ticket.mode):
            raise Forbidden("This ticket is for another access.", code="ticket_other")
        watching.ticket = look.ticket = ticket
        await send({"type": "websocket.send", "text": _event({"event": "ticket", "expires_us": ticket.expires_us})})


async def _keep_asking(door: Door, watching: _Watching) -> None:
    while not door.stopping.is_set():
        door.admission.recheck(watching.ticket, binding=watching.binding)
        with suppress(TimeoutError):
            await asyncio.wait_for(door.stopping.wait(), CHECK_S)


def _stream(text: str) -> StreamName:
    try:
        return StreamName(text)
    except ValueError:
        raise Invalid("There is no such stream.", code="stream_wrong") from None
