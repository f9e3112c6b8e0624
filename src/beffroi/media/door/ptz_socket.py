"""``WS /door/ptz``: steer one camera against a ticket of mode ``ptz``.

First message ``{"ticket", "camera"}``; then ``{"move": [pan, tilt, zoom]}`` several times a second while something is
held, ``{"stop": true}``, ``{"preset": "token"}``, ``{"home": true}``, ``{"ticket"}`` to renew. Events: ``ready``
(presets), ``hand`` (it is yours), ``held`` (by whom), ``taken`` (by whom), ``failed`` (code), ``ticket``. The camera
stops after half a second without a move, when the socket closes, and when the access ends.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import BeffroiError, Forbidden, Invalid
from beffroi.kernel.ids import CameraId
from beffroi.media.core.steering import STILL, speeds_of
from beffroi.media.core.tickets import Mode
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Disconnected, Request, Send, json_object, text_of
from beffroi.media.door.door import Door
from beffroi.media.door.sockets import FIRST_MESSAGE_S, accepted, close, message, race
from beffroi.media.door.steering import Pilot, Wheel
from beffroi.media.onvif import ptz
from beffroi.media.onvif.failures import OnvifFailed

ROUTE = "WS /door/ptz"
CHECK_S = 0.25
_LONGEST_TOKEN = 64


async def steer(door: Door, request: Request, send: Send) -> None:
    """Serve one socket from handshake to close."""
    if not await accepted(door, request, send, route=ROUTE):
        return
    camera = ticket = ""
    try:
        said = json_object(await message(request, FIRST_MESSAGE_S))
        camera, ticket = text_of(said, "camera"), text_of(said, "ticket")
        binding = binding_in(request)
        admitted = door.admission.admit(ticket, binding=binding, modes={Mode.PTZ}, camera=camera)
        wheel = await door.steering.wheel(CameraId(camera))

        async def tell(event: dict[str, Json]) -> None:
            with suppress(OSError, RuntimeError):  # the other end may be gone already
                await send({"type": "websocket.send", "text": canonical_bytes(event).decode()})

        await _at_the_wheel(door, request, wheel, Pilot(admitted, binding, tell))
        if door.stopping.is_set():
            await send({"type": "websocket.close", "code": 1012})
    except Disconnected:
        return
    except BeffroiError as error:
        door.refuse(error, request, route=ROUTE, camera=camera, ticket=ticket)
        await close(send, error)


async def _at_the_wheel(door: Door, request: Request, wheel: Wheel, pilot: Pilot) -> None:
    why = "closed by the viewer"
    try:
        presets = [{"token": one.token, "name": one.name} for one in await wheel.presets()]
        await pilot.tell({"event": "ready", "presets": [*presets]})
        await race(_take_orders(door, request, wheel, pilot), _keep_asking(door, pilot))
    except BeffroiError as error:
        why = error.code
        raise
    finally:
        await wheel.leave(pilot, why)


async def _take_orders(door: Door, request: Request, wheel: Wheel, pilot: Pilot) -> None:
    mine = False
    while True:
        said = json_object(await message(request))
        if "ticket" in said:
            _renew(door, wheel, pilot, text_of(said, "ticket"))
            await pilot.tell({"event": "ticket", "expires_us": pilot.ticket.expires_us})
            continue
        if said.get("stop") is True:
            wheel.drive(pilot, STILL)
            continue
        speeds = speeds_of(said["move"]) if "move" in said else None
        holder = await wheel.take(pilot)
        if holder:
            mine = False
            await pilot.tell({"event": "held", "by": holder})
            continue
        if not mine:
            mine = True
            await pilot.tell({"event": "hand"})
        if speeds is not None:
            wheel.drive(pilot, speeds)
        else:
            await _other(wheel, pilot, said)


async def _other(wheel: Wheel, pilot: Pilot, said: Mapping[str, Any]) -> None:
    try:
        if said.get("home") is True:
            await wheel.tell(pilot, lambda steered: ptz.go_home(steered.device, steered.profile))
        elif "preset" in said:
            token = text_of(said, "preset")[:_LONGEST_TOKEN]
            await wheel.tell(pilot, lambda steered: ptz.go_to(steered.device, steered.profile, token))
        else:
            raise Invalid("This order is not known.", code="order_unknown")
    except OnvifFailed as failure:
        await pilot.tell({"event": "failed", "code": failure.code})


def _renew(door: Door, wheel: Wheel, pilot: Pilot, text: str) -> None:
    """A new ticket of the same grant extends the access; anything else ends it."""
    ticket = door.admission.admit(text, binding=pilot.binding, modes={Mode.PTZ}, camera=wheel.camera)
    if ticket.grant != pilot.ticket.grant:
        raise Forbidden("This ticket is for another access.", code="ticket_other")
    pilot.ticket = ticket


async def _keep_asking(door: Door, pilot: Pilot) -> None:
    while not door.stopping.is_set():
        door.admission.recheck(pilot.ticket, binding=pilot.binding)
        with suppress(TimeoutError):
            await asyncio.wait_for(door.stopping.wait(), CHECK_S)
