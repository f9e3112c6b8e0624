"""Trials of camera addresses at the door, and the first picture of a good one (I1: by ticket).

``POST /recorder/trials/<id>`` begins one, ``GET`` says how far it is: never a picture. ``GET /door/trials/<id>`` gives
the picture as JPEG against a ticket of mode ``still`` that names the trial; it is a look like any other (I2).
"""

import asyncio
import ipaddress

from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import HEADER, Mode
from beffroi.media.core.trials import MAX_NETWORKS, answer_to_json, request_from_json
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Request, Send, json_object, reply, reply_json
from beffroi.media.door.door import Door
from beffroi.media.onvif.discovery import discover


async def begin(door: Door, _request: Request, send: Send, body: bytes, trial: str) -> None:
    """``POST /recorder/trials/<id>``."""
    door.trials.begin(request_from_json(trial, json_object(body)))
    await reply_json(send, answer_to_json(door.trials.answer(trial)))


async def answer(door: Door, _request: Request, send: Send, _body: bytes, trial: str) -> None:
    """``GET /recorder/trials/<id>``."""
    await reply_json(send, answer_to_json(door.trials.answer(trial)))


async def discover_devices(door: Door, _request: Request, send: Send, body: bytes) -> None:
    """``POST /recorder/discoveries`` ``{"networks"}``: what answers on these networks by WS-Discovery. No picture."""
    networks = json_object(body).get("networks")
    if not isinstance(networks, list) or len(networks) > MAX_NETWORKS:
        raise Invalid("These networks cannot be read.", code="networks_wrong")
    try:
        declared = [str(ipaddress.ip_network(one)) for one in networks]
    except ValueError:
        raise Invalid("These networks cannot be read.", code="networks_wrong") from None
    async with door.discovering:
        found = await asyncio.to_thread(discover, declared)
    await reply_json(send, {"devices": [{"url": one.url, "host": one.host, "name": one.name, "hardware": one.hardware}
                                        for one in found]})  # fmt: skip


async def picture(door: Door, request: Request, send: Send, trial: str) -> None:
    """``GET /door/trials/<id>``: the first picture, against a ticket of mode ``still``."""
    ticket = door.admission.admit(
        request.headers.get(HEADER, ""), binding=binding_in(request), modes={Mode.STILL}, camera=trial
    )
    init, first, at_us = door.trials.picture(trial)
    moment = Span.of_us(at_us, at_us + 1)
    look = await door.looks.begin_or_extend(
        ticket, mode=Mode.STILL, camera=CameraId(trial), span=moment, binding=binding_in(request)
    )
    jpeg = await door.stills.made(init, first)
    await reply(send, 200, jpeg, kind="image/jpeg", headers=((b"beffroi-at-us", str(at_us).encode()),))
    look.sent(len(jpeg))
    look.showed(moment, 1)
