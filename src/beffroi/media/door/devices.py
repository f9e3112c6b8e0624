"""What a camera says of itself as a device, for the office: maker, model, firmware, serial, clock. No picture."""

import asyncio
from dataclasses import asdict
from datetime import timedelta

from beffroi.kernel.errors import Conflict, Unavailable
from beffroi.media.core.answers import DeviceAnswer
from beffroi.media.door.asgi import Request, Send, reply_json
from beffroi.media.door.door import Door
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.failures import OnvifFailed


async def device(door: Door, _request: Request, send: Send, _body: bytes, camera: str) -> None:
    """``GET /recorder/devices/<camera>``: asked now, one at a time; ``Unavailable`` names why it says nothing."""
    if door.asking.locked():
        raise Conflict("Another camera is being asked.", code="device_busy", hint="Try again.")
    async with door.asking:
        found = await asyncio.to_thread(lambda: _asked(door.devices.device(camera)))
    await reply_json(send, asdict(found))


def _asked(camera: OnvifDevice) -> DeviceAnswer:
    try:
        offset = camera.clock_offset()
        said = camera.information()
    except OnvifFailed as failure:
        raise Unavailable(f"The camera says nothing of itself: {failure}.", code=failure.code) from None
    return DeviceAnswer(said.maker, said.model, said.firmware, said.serial, offset // timedelta(milliseconds=1))
