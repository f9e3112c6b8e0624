"""The browser's session at the door, whether the office beats, and the shift lease (I14)."""

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict
from beffroi.media.core.looks import LineName
from beffroi.media.door.admission import COOKIE, binding_in, binding_of, fresh_cookie, is_cookie
from beffroi.media.door.asgi import Request, Send, json_object, reply_json, text_of
from beffroi.media.door.door import Door

_MAX_BODY = 70_000


async def session(_door: Door, request: Request, send: Send) -> None:
    """``GET /door/session``: the cookie that tickets are bound to, and its digest."""
    cookie = request.cookie(COOKIE)
    headers: list[tuple[bytes, bytes]] = []
    if not is_cookie(cookie):
        cookie = fresh_cookie()
        secure = "; Secure" if request.scope.get("scheme") in {"https", "wss"} else ""
        headers = [(b"set-cookie", f"{COOKIE}={cookie}; Path=/door; HttpOnly; SameSite=Strict{secure}".encode())]
    await reply_json(send, {"binding": binding_of(cookie)}, headers=headers)


async def office(door: Door, _request: Request, send: Send) -> None:
    """``GET /door/office``: whether the office beats; players fall back on the shift lease where it does not."""
    await reply_json(send, {"silent": door.beats.office_silent})


async def lease(door: Door, request: Request, send: Send) -> None:
    """``POST /door/lease`` ``{"lease", "camera"}``: a live ticket of the door's own, while the office is silent."""
    request.same_origin()
    data = json_object(await request.body(_MAX_BODY))
    binding = binding_in(request)
    camera = text_of(data, "camera")
    found, ticket, expires_us = door.admission.from_lease(text_of(data, "lease"), binding=binding, camera=camera)
    if not door.beats.office_silent:
        raise Conflict("The office is there: ask it for a ticket.", code="office_present")
    body: dict[str, Json] = {
        "lease": found.id,
        "grant": found.grant,
        "person": found.person,
        "person_name": found.person_name,
        "force": found.force,
        "camera": camera,
        "shift": found.shift,
        "article": found.article,
        "purpose": found.purpose,
        "reason": found.reason,
        "binding": binding,
    }
    await door.journal.append(LineName.LEASE, body)
    await reply_json(send, {"ticket": ticket, "expires_us": expires_us})
