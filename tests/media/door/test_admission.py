"""No picture without a grant (I1): each route of the door against each wrong ticket; each refusal leaves a trace."""

import secrets

import aiohttp
import pytest

from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode, seal
from beffroi.media.door.routes import DOOR_ROUTES, RECORDER_ROUTES, DoorRoute, Guard
from tests.media.door.front import Front, browser, ticket_of
from tests.waiting import until_async

SPAN = Span.of_us(1_800_000_000_000_000, 1_800_003_600_000_000)
NAMES = {
    "trial": "cam-1",
    "camera": "cam-1",
    "run": "run-1",
    "segment": "seg-1",
    "first:n": "1",
    "last:n": "2",
    "package": "pkg-1",
}
TICKETED = [route for route in DOOR_ROUTES if route.guard is Guard.TICKET]
STATUS = {"missing": 403, "malformed": 403, "forged": 403, "expired": 403, "early": 403, "elsewhere": 403, "mode": 404,
          "camera": 404}  # fmt: skip
CLOSE = {"missing": 4400, "malformed": 4403, "forged": 4403, "expired": 4401, "early": 4403, "elsewhere": 4403,
         "mode": 4404, "camera": 4404}  # fmt: skip


def path_of(route: DoorRoute) -> str:
    path = route.path
    for name, value in NAMES.items():
        path = path.replace(f"<{name}>", value)
    return f"{path}?camera=cam-1&from_us={SPAN.start_us}&to_us={SPAN.start_us + 1_000_000}&at_us={SPAN.start_us}"


def wrong_ticket(front: Front, kind: str, route: DoorRoute, binding: str) -> str:
    mode = next(iter(route.modes))
    span = SPAN if mode in {Mode.REPLAY, Mode.STILL} else None
    package = "pkg-1" if mode is Mode.PACKAGE else ""
    if kind == "missing":
        return ""
    if kind == "malformed":
        return "bt1.not-a-ticket"
    if kind == "forged":
        return seal(ticket_of(mode, binding, span=span, package=package), SigningKey(secrets.token_bytes(32)))
    changes: dict[str, object] = {"span": span, "package": package}
    if kind == "expired":
        changes["age_us"] = 61_000_000
    if kind == "early":
        changes["age_us"] = -10_000_000
    if kind == "elsewhere":
        binding = secrets.token_hex(32)
    if kind == "mode":
        mode = Mode.EXTRACT
    if kind == "camera":
        changes |= {"cameras": ("cam-2",), "package": package and "pkg-2"}
    return front.ticket(mode, binding, **changes)


@pytest.mark.parametrize("kind", list(STATUS))
@pytest.mark.parametrize("route", [one for one in TICKETED if one.method != "WS"], ids=lambda one: one.path)
async def test_a_wrong_ticket_opens_no_route(front: Front, route: DoorRoute, kind: str) -> None:
    session, binding = await browser(front)
    async with session:
        headers = {"Beffroi-Ticket": wrong_ticket(front, kind, route, binding), **front.origin}
        async with session.request(route.method, front.url + path_of(route), headers=headers) as answer:
            body = await answer.read()
    assert answer.status == STATUS[kind], body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", list(CLOSE))
@pytest.mark.parametrize("route", [one for one in TICKETED if one.method == "WS"], ids=lambda one: one.path)
async def test_a_wrong_ticket_opens_no_socket(front: Front, route: DoorRoute, kind: str) -> None:
    session, binding = await browser(front)
    message: dict[str, object] = {"ticket": wrong_ticket(front, kind, route, binding), "camera": "cam-1"}
    if kind == "missing":
        del message["ticket"]
    async with session, session.ws_connect(front.url + route.path, headers=front.origin) as socket:
        await socket.send_json(message)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == CLOSE[kind]


async def test_an_absent_camera_and_a_forbidden_one_look_the_same(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        ticket = front.ticket(Mode.REPLAY, binding, span=SPAN)
        answers = []
        for camera in ("cam-2", "no-such-camera"):
            url = f"{front.url}/door/replay/{camera}/index.m3u8?from_us={SPAN.start_us}&to_us={SPAN.start_us + 1}"
            async with session.get(url, headers={"Beffroi-Ticket": ticket}) as answer:
                answers.append((answer.status, await answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_a_span_outside_the_ticket_is_not_there(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        headers = {"Beffroi-Ticket": front.ticket(Mode.REPLAY, binding, span=SPAN)}
        early = SPAN.start_us - 1
        for path in (
            f"/door/timeline?camera=cam-1&from_us={early}&to_us={SPAN.end_us}",
            f"/door/replay/cam-1/index.m3u8?from_us={early}&to_us={early + 10}",
            f"/door/still/cam-1?at_us={early}",
            f"/door/still/cam-1?at_us={SPAN.end_us}",
        ):
            async with session.get(front.url + path, headers=headers) as answer:
                assert answer.status == 404, path


async def test_another_site_opens_neither_socket_nor_package(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        headers = {"Origin": "https://elsewhere.example"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{front.url}/door/live", headers=headers)
        ticket = front.ticket(Mode.PACKAGE, binding, package="pkg-1")
        url = f"{front.url}/door/packages/pkg-1/open"
        async with session.post(url, headers={**headers, "Beffroi-Ticket": ticket}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (403, "origin_foreign")


async def test_every_refusal_leaves_a_trace(front: Front) -> None:
    session, binding = await browser(front)
    camera = f"cam-{secrets.token_hex(4)}"
    async with session:
        headers = {"Beffroi-Ticket": front.ticket(Mode.STILL, binding, age_us=70_000_000)}
        async with session.get(f"{front.url}/door/still/{camera}?at_us=1", headers=headers) as answer:
            assert answer.status == 403

    async def traced() -> bool:
        lines = front.client().journal(0, limit=5_000)
        return any(
            (line.name, line.body.get("camera"), line.body.get("code"), line.body.get("person"))
            == ("look:refuse", camera, "ticket_expired", "person-1")
            for line in lines
        )

    assert await until_async(traced, timeout=20)


async def test_a_ticket_never_stands_in_an_address(front: Front) -> None:
    session, binding = await browser(front)
    async with session:
        ticket = front.ticket(Mode.REPLAY, binding, span=SPAN)
        url = f"{front.url}/door/timeline?camera=cam-1&from_us={SPAN.start_us}&to_us={SPAN.end_us}"
        async with session.get(f"{url}&Beffroi-Ticket={ticket}&beffroi-ticket={ticket}") as answer:
            assert answer.status == 403


async def test_the_office_face_is_not_on_the_public_port(front: Front) -> None:
    session, _ = await browser(front)
    async with session, session.get(f"{front.url}/recorder/sessions") as answer:
        assert answer.status == 503  # passed to the office, which is not there: never answered by the door


def test_every_public_route_is_guarded_or_shows_nothing() -> None:
    free = {route.path for route in DOOR_ROUTES if route.guard is Guard.NOTHING}
    assert free == {"/door/session", "/door/office"}
    assert all(route.modes for route in DOOR_ROUTES if route.guard is not Guard.NOTHING)
    assert all(route.guard is Guard.OFFICE for route in RECORDER_ROUTES)


async def test_the_cookie_is_closed_to_scripts_and_other_sites(front: Front) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{front.url}/door/session") as answer:
        cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/door" in cookie
