"""The face to the office, ``/recorder/…``: every call signed; what concerns the archive goes on to its writer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from beffroi.kernel.errors import BeffroiError, Conflict, Invalid, NotFound
from beffroi.kernel.ids import CameraId, HoldId, is_safe_name, new_id
from beffroi.kernel.spans import Span
from beffroi.media.archive.masks_file import Masked, masked
from beffroi.media.core.answers import (
    CameraStatus,
    HoldResult,
    RecorderStatus,
    Sight,
    VolumeStatus,
    hold_result_to_json,
    plan_to_json,
    session_to_json,
    status_to_json,
    timeline_to_json,
)
from beffroi.media.core.device_events import Hearing
from beffroi.media.core.disk_health import disks_from_json
from beffroi.media.core.looks import LineName
from beffroi.media.core.settings import MAX_BYTES
from beffroi.media.core.sight import Memory
from beffroi.media.core.tickets import Mode
from beffroi.media.core.words import Gap, GapCause, StreamName
from beffroi.media.door.asgi import Request, Send, json_object, reply_json, stream, text_of
from beffroi.media.door.door import Door, KeptExtraction
from beffroi.media.export.plans import checked_bytes, plan_extraction
from beffroi.media.onvif.heard_file import kept
from beffroi.media.replay.sight_file import remembered

BODY_BYTES = MAX_BYTES
KEPT_US = 30 * 60 * 1_000_000
OFFICE_BINDING = "office"
_MAX_EXTRACTIONS = 64
_MAX_LINES = 5_000


async def cameras(door: Door, _request: Request, send: Send, body: bytes) -> None:
    """``PUT /recorder/cameras``: the signed settings, kept by the writer."""
    version = await asyncio.to_thread(door.control.put_cameras, body)
    await reply_json(send, {"version": version})


async def timeline(door: Door, request: Request, send: Send, _body: bytes) -> None:
    """``GET /recorder/timeline?camera&stream&from_us&to_us``."""
    camera, which = CameraId(request.text("camera")), _stream(request.text("stream", "main"))
    asked = _span([request.number("from_us"), request.number("to_us")])
    found = await door.archive.ask(lambda reader: reader.timeline(camera, which, asked))
    await reply_json(send, timeline_to_json(found))


async def status(door: Door, _request: Request, send: Send, _body: bytes) -> None:
    """``GET /recorder/status``."""
    told = status_of_writer(await asyncio.to_thread(door.control.status))
    sights, heard, masks = await asyncio.to_thread(
        lambda: (remembered(door.sights), kept(door.heard), masked(door.masks))
    )
    await reply_json(send, status_to_json(with_devices(told, sights, heard, masks)))


async def hold(door: Door, _request: Request, send: Send, body: bytes, hold: str) -> None:
    """``PUT /recorder/holds/<id>``: answered when the writer has it on disk (I6)."""
    data = json_object(body)
    judicial = data.get("judicial")
    if not is_safe_name(hold) or not isinstance(judicial, bool):
        raise Invalid("This hold cannot be read.", code="hold_wrong")
    camera, span, reference = CameraId(text_of(data, "camera")), _span(data.get("span")), text_of(data, "reference")
    answer = await asyncio.to_thread(
        lambda: door.control.hold_set(
            hold=HoldId(hold), camera=camera, span=span, reference=reference, judicial=judicial
        )
    )
    await reply_json(send, hold_result_to_json(HoldResult(HoldId(hold), answer.set_us, answer.covered)))


async def release(door: Door, _request: Request, send: Send, body: bytes, hold: str) -> None:
    """``DELETE /recorder/holds/<id>``."""
    reason = text_of(json_object(body), "reason")
    await asyncio.to_thread(lambda: door.control.hold_release(hold=HoldId(hold), reason=reason))
    await reply_json(send, {})


async def extract(door: Door, _request: Request, send: Send, body: bytes) -> None:
    """``POST /recorder/extractions``: a plan against a ticket of mode ``extract``; opens the look."""
    data = json_object(body)
    camera, which, asked = CameraId(text_of(data, "camera")), _stream(text_of(data, "stream")), _span(data.get("span"))
    ticket = door.admission.admit(text_of(data, "ticket"), binding=OFFICE_BINDING, modes={Mode.EXTRACT}, camera=camera)
    if ticket.span is None or not ticket.span.covers(asked):
        raise NotFound("There is nothing here for this ticket.", code="not_found")
    if len(door.extractions) >= _MAX_EXTRACTIONS:
        raise Conflict("Too many extractions are open.", code="extractions_full", hint="Let one end first.")
    id_ = new_id(door.clock.now_us())
    extraction = await door.archive.ask(
        lambda reader: plan_extraction(reader, id_=id_, camera=camera, stream=which, asked=asked)
    )
    look = await door.looks.begin(ticket, mode=Mode.EXTRACT, camera=camera, span=asked, binding=OFFICE_BINDING)
    door.extractions[id_] = KeptExtraction(extraction, look.id, door.clock.now_us() + KEPT_US)
    await reply_json(send, plan_to_json(extraction.plan))


async def extraction(door: Door, _request: Request, send: Send, _body: bytes, id_: str) -> None:
    """``GET /recorder/extractions/<id>``: the plan again, or what broke it."""
    kept = _kept(door, id_)
    if kept.extraction.failure is not None:
        raise kept.extraction.failure
    await reply_json(send, plan_to_json(kept.extraction.plan))


async def piece(door: Door, request: Request, send: Send, _body: bytes, id_: str, number: str) -> None:
    """``GET /recorder/extractions/<id>/<n>``: init and whole fragments, each checked as it leaves."""
    kept = _kept(door, id_)
    pieces = kept.extraction.plan.pieces
    if int(number) >= len(pieces):
        raise NotFound("There is no such piece.", code="not_found")
    plan = pieces[int(number)]
    look = door.looks.by_id(kept.look)
    await stream(
        request.receive,
        send,
        _piece_bytes(door, kept, int(number)),
        status=200,
        length=plan.length,
        headers=((b"content-type", b"video/mp4"),),
        sent=look.sent if look else lambda _count: None,
    )
    kept.until_us = door.clock.now_us() + KEPT_US


async def forget(door: Door, _request: Request, send: Send, _body: bytes, id_: str) -> None:
    """``DELETE /recorder/extractions/<id>``: the office has all it wanted; the look's totals are written."""
    door.forget_extraction(id_, "delivered")
    await reply_json(send, {})


async def journal(door: Door, request: Request, send: Send, _body: bytes) -> None:
    """``GET /recorder/journal?after&limit``."""
    after, limit = request.number("after", 0), min(request.number("limit", 1_000), _MAX_LINES)
    lines = await asyncio.to_thread(door.journal.lines, after, limit)
    await reply_json(send, {"door_key": door.public_key.hex(), "lines": [line.to_json() for line in lines]})


async def heartbeat(door: Door, _request: Request, send: Send, body: bytes) -> None:
    """``POST /recorder/heartbeat`` (I12)."""
    data = json_object(body)
    grants, duty, at_us = data.get("grants"), data.get("duty"), data.get("at_us")
    if not _are_texts(grants) or not (duty is None or _are_texts(duty)) or not isinstance(at_us, int):
        raise Invalid("This beat cannot be read.", code="beat_wrong")
    word = door.beats.hear(grants, duty=duty, sent_us=at_us, kept=data.get("kept") is True)
    if word is not None:  # a door that is killed now still knows which shifts are over
        await door.journal.append(LineName.DUTY, word)
    await reply_json(send, {})


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


async def sessions(door: Door, _request: Request, send: Send, _body: bytes) -> None:
    """``GET /recorder/sessions``: who is looking now."""
    await reply_json(send, {"sessions": [session_to_json(one) for one in door.looks.sessions()]})


def status_of_writer(data: Mapping[str, Any]) -> RecorderStatus:
    """The writer's own status in the words that the office knows."""
    return RecorderStatus(
        at_us=data["now_us"],
        cameras=tuple(_camera_status(one) for one in data["cameras"]),
        volumes=tuple(
            VolumeStatus(
                id=one["uuid"],
                total_bytes=one["total_bytes"],
                free_bytes=one["free_bytes"],
                full_at_us=one.get("full_on_us"),
                state=one["state"],
                enough=one.get("enough"),
                emergency=one.get("emergency", False),
                notes=tuple(one.get("notes", ())),
                disks=disks_from_json(one.get("disks")),
            )
            for one in data["volumes"]
        ),
    )


def with_devices(
    status: RecorderStatus, known: Mapping[str, Memory], heard: Mapping[str, Hearing], masks: Mapping[str, Masked]
) -> RecorderStatus:
    """The status, and of each camera how its picture looks, what it tells by events, and whether it masks."""
    sights = {
        camera: Sight(one.looked_us, one.trouble.value if one.trouble else "", one.since_us)
        for camera, one in known.items()
        if one.looked_us
    }
    return replace(
        status,
        cameras=tuple(
            replace(
                one,
                sight=sights.get(one.camera),
                heard=heard.get(one.camera),
                masked=masks[one.camera].state if one.camera in masks else None,
            )
            for one in status.cameras
        ),
    )


def _camera_status(one: Mapping[str, Any]) -> CameraStatus:
    camera, which, gap = CameraId(one["camera"]), StreamName(one["stream"]), one.get("gap")
    return CameraStatus(
        camera=camera,
        stream=which,
        recording=one["recording"],
        durable_until_us=one.get("durable_until_us"),
        oldest_us=one.get("oldest_us"),
        gap=Gap(camera, which, gap["since_us"], None, GapCause(gap["cause"]), gap.get("detail", "")) if gap else None,
        stored_bytes=one["bytes"],
        clock_offset_us=one.get("clock_offset_us") or 0,
        codec=one.get("codec", ""),
        clock_off_since_us=one.get("clock_off_since_us"),
    )


def _kept(door: Door, id_: str) -> KeptExtraction:
    kept = door.extractions.get(id_)
    if kept is None:
        raise NotFound("There is no such extraction.", code="not_found", hint="Plan it again.")
    return kept


async def _piece_bytes(door: Door, kept: KeptExtraction, number: int) -> AsyncIterator[bytes]:
    run, group = kept.extraction.pieces[number]
    look = door.looks.by_id(kept.look)
    yield run.init
    try:
        async for data, fragments in door.archive.read(group, checked_bytes):
            yield data
            if look is not None:
                shown = Span.of_us(fragments[0].start_us, fragments[-1].end_us)
                look.showed(shown, sum(one.frames for one in fragments))
    except BeffroiError as error:
        kept.extraction.failure = error
        raise


def _stream(text: str) -> StreamName:
    try:
        return StreamName(text)
    except ValueError:
        raise Invalid("There is no such stream.", code="stream_wrong", fields={"stream": "main or sub"}) from None


def _span(value: object) -> Span:
    match value:
        case [int(start_us), int(end_us)] if 0 <= start_us < end_us < 1 << 53:
            return Span.of_us(start_us, end_us)
        case _:
            raise Invalid("This is no span.", code="span_wrong", fields={"span": "two rising times"})
