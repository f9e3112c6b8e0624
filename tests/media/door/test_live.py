"""Live pictures of real cameras through the door: first picture at once, the camera's own units, closed in time."""

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import av
import pytest

from beffroi.kernel.errors import Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.media.core.words import StreamName
from beffroi.media.live.feeds import FeedKey, Feeds
from tests.media.door.front import CLOCK, Front, browser, running_front
from tests.media.door.recording import recording
from tests.media.rtsp import RtspCameras
from tests.waiting import until, until_async

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, RtspCameras]]:
    with recording(tmp_path_factory.mktemp("live"), {"carpark": "02-carpark", "street": "street-1080p10"}) as running:
        yield running


@pytest.fixture
def front(watched: tuple[Front, RtspCameras]) -> Front:
    return watched[0]


@asynccontextmanager
async def watching(
    front: Front, camera: str, mode: Mode = Mode.LIVE, **changes: object
) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, str]]:
    session, binding = await browser(front)
    async with session, session.ws_connect(f"{front.url}/door/live", headers=front.origin) as socket:
        hevc = bool(changes.pop("hevc", False))
        ticket = front.ticket(mode, binding, cameras=(CameraId(camera),), **changes)
        await socket.send_json({"ticket": ticket, "camera": camera, "hevc": hevc})
        yield socket, binding


async def collect(socket: aiohttp.ClientWebSocketResponse, fragments: int) -> tuple[list[dict], list[bytes]]:
    """Events and binary messages until so many fragments came after the init section."""
    events: list[dict] = []
    parts: list[bytes] = []
    while len(parts) < fragments + 1:
        message = await asyncio.wait_for(socket.receive(), 15)
        if message.type is aiohttp.WSMsgType.BINARY:
            parts.append(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            events.append(json.loads(message.data))
        else:
            raise AssertionError(f"closed: {socket.close_code}")
    return events, parts


async def closed_with(socket: aiohttp.ClientWebSocketResponse) -> int:
    while not socket.closed:
        await socket.receive()
    return socket.close_code or 0


async def test_the_first_picture_is_there_at_once_and_decodes(front: Front) -> None:
    began_us = CLOCK.now_us()
    async with watching(front, "carpark", watermark="C. Roux · PM") as (socket, _):
        events, parts = await collect(socket, 1)
        more = (await collect(socket, 29))[1]
    run = next(one for one in events if one["event"] == "run")
    assert run["codec"].startswith("avc1")
    assert run["converted"] is False
    assert run["watermark"] == "C. Roux · PM"
    time = next(one for one in events if one["event"] == "time")
    assert 0 <= began_us - time["utc_us"] < 60_000_000  # from the cache: no key frame was waited for
    with av.open(io.BytesIO(b"".join(parts + more))) as container:
        assert len(list(container.decode(video=0))) >= 29  # the camera may begin a new run meanwhile


async def test_hevc_goes_unchanged_to_a_screen_that_can(front: Front) -> None:
    async with watching(front, "street", hevc=True) as (socket, _):
        events, parts = await collect(socket, 12)
    assert events[0]["codec"].startswith("hvc1")
    with av.open(io.BytesIO(b"".join(parts))) as container:
        frames = list(container.decode(video=0))
    assert (frames[0].width, frames[0].height) == (1920, 1080)


async def test_hevc_is_converted_for_a_screen_that_cannot(front: Front) -> None:
    async with watching(front, "street") as (socket, _):
        events, parts = await collect(socket, 12)
    run = next(one for one in events if one["event"] == "run")
    assert (run["codec"][:4], run["converted"], run["width"], run["height"]) == ("avc1", True, 1280, 720)
    with av.open(io.BytesIO(b"".join(parts))) as container:
        assert len(list(container.decode(video=0))) == 12


async def test_one_conversion_serves_all_and_no_more_run_than_allowed(front: Front) -> None:
    async with watching(front, "street") as (one, _), watching(front, "street") as (two, _):
        await collect(one, 2)
        await collect(two, 2)
    feeds = Feeds(front.run, max_conversions=1)
    key = FeedKey(CameraId("street"), StreamName.MAIN, converted=True)
    async with feeds.watch(key), feeds.watch(key):
        with pytest.raises(Unavailable) as caught:
            async with feeds.watch(FeedKey(CameraId("carpark"), StreamName.MAIN, converted=True)):
                pass
    assert caught.value.code == "conversions_full"
    assert feeds.open_count == 0


async def test_a_look_is_on_disk_before_and_totalled_after(front: Front) -> None:
    grant = f"grant-{secrets.token_hex(4)}"
    async with watching(front, "carpark", grant=grant) as (socket, _):
        _, parts = await collect(socket, 5)
        begun = [one for one in front.client().journal(0, limit=5_000) if one.body.get("grant") == grant]
        assert [one.name for one in begun] == ["look:begin"]
        assert any(one.grant == grant and one.camera == "carpark" for one in front.client().sessions())

    def totals() -> list[dict]:
        lines = front.client().journal(0, limit=5_000)
        return [dict(one.body) for one in lines if one.name == "look:end" and one.body["grant"] == grant]

    (end,) = until(totals, timeout=20)
    assert end["sent_bytes"] >= sum(map(len, parts))
    assert end["pictures"] >= 5
    assert end["footage"]
    assert not any(one.grant == grant for one in front.client().sessions())


async def test_a_renewed_ticket_extends_the_same_look(front: Front) -> None:
    grant = f"grant-{secrets.token_hex(4)}"
    now_us = CLOCK.now_us()
    async with watching(front, "carpark", grant=grant, expires_us=now_us + 2_000_000, issued_us=now_us) as (
        socket,
        binding,
    ):
        await collect(socket, 2)
        await socket.send_json(
            {"ticket": front.ticket(Mode.LIVE, binding, grant=grant, cameras=(CameraId("carpark"),))}
        )
        renewed: dict | None = None
        while renewed is None or CLOCK.now_us() < now_us + 3_000_000:
            message = await asyncio.wait_for(socket.receive(), 5)
            assert message.type in {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}
            if message.type is aiohttp.WSMsgType.TEXT and json.loads(message.data)["event"] == "ticket":
                renewed = json.loads(message.data)
    begun = [one for one in front.client().journal(0, limit=5_000) if one.body.get("grant") == grant]
    assert [one.name for one in begun].count("look:begin") == 1


async def test_a_ticket_that_runs_out_closes(front: Front) -> None:
    now_us = CLOCK.now_us()
    async with watching(front, "carpark", issued_us=now_us, expires_us=now_us + 1_500_000) as (socket, _):
        assert await closed_with(socket) == 4401
    assert CLOCK.now_us() - now_us < 3_000_000


async def test_a_ticket_of_another_access_does_not_renew(front: Front) -> None:
    async with watching(front, "carpark") as (socket, binding):
        other = front.ticket(Mode.LIVE, binding, grant="another", cameras=(CameraId("carpark"),))
        await socket.send_json({"ticket": other})
        assert await closed_with(socket) == 4403


@pytest.mark.parametrize("message", ["", "not json", "[]", '{"ticket": 1}', '{"ticket": "x"}'])
async def test_a_bad_first_message_closes(front: Front, message: str) -> None:
    session, _ = await browser(front)
    async with session, session.ws_connect(f"{front.url}/door/live", headers=front.origin) as socket:
        await socket.send_str(message)
        assert await closed_with(socket) == 4400


async def beating(front: Front, grants: list[str], stop: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.to_thread(front.client().heartbeat, list(grants))
        try:
            await asyncio.wait_for(stop.wait(), 1.0)
        except TimeoutError:
            continue


async def test_a_stopped_relay_closes_within_two_seconds(front: Front) -> None:
    grants, stop = ["relay-1"], asyncio.Event()
    beats = asyncio.create_task(beating(front, grants, stop))
    async with watching(front, "carpark", Mode.RELAY, grant="relay-1", heartbeat=True) as (socket, _):
        await collect(socket, 40)  # it lives as long as the office says so
        grants.clear()
        stopped_us = CLOCK.now_us()
        assert await closed_with(socket) == 4403
        assert CLOCK.now_us() - stopped_us < 2_000_000
    stop.set()
    await beats


async def test_a_relay_closes_when_the_office_falls_silent(front: Front) -> None:
    stop = asyncio.Event()
    beats = asyncio.create_task(beating(front, ["relay-2"], stop))
    async with watching(front, "carpark", Mode.RELAY, grant="relay-2", heartbeat=True) as (socket, _):
        await collect(socket, 5)
        stop.set()
        await beats
        silent_us = CLOCK.now_us()
        assert await closed_with(socket) == 4403
        assert CLOCK.now_us() - silent_us < 2_600_000


async def test_without_any_heartbeat_no_relay_opens(front: Front) -> None:
    async with watching(front, "carpark", Mode.RELAY, grant="relay-3", heartbeat=True) as (socket, _):
        assert await closed_with(socket) == 4403


async def test_leaving_frees_everything(front: Front) -> None:
    for _ in range(10):
        async with watching(front, "carpark") as (socket, _):
            await collect(socket, 1)
    await until_async(lambda: not front.client().sessions(), timeout=20)


async def test_a_viewer_that_does_not_read_hinders_nobody(front: Front) -> None:
    async with watching(front, "carpark") as (idle, _), watching(front, "carpark") as (busy, _):
        idle._reader._protocol.pause_reading()  # type: ignore[union-attr]
        _, parts = await collect(busy, 60)
        assert len(parts) == 61
        idle._reader._protocol.resume_reading()  # type: ignore[union-attr]


async def test_what_was_seen_live_can_be_replayed_and_extracted(front: Front) -> None:
    now_us = CLOCK.now_us()
    span = Span.of_us(now_us - 6_000_000, now_us - 3_000_000)
    ticket = front.ticket(Mode.EXTRACT, "office", span=span, cameras=(CameraId("carpark"),))
    plan = front.client().plan_extraction(ticket, CameraId("carpark"), span)
    assert plan.pieces
    data = b"".join(front.client().piece(plan, 0))
    with av.open(io.BytesIO(data)) as container:
        assert len(list(container.decode(video=0))) == plan.pieces[0].frames


async def test_a_camera_that_stops_says_why(watched: tuple[Front, RtspCameras]) -> None:
    front, cameras = watched
    async with watching(front, "street", hevc=True) as (socket, _):
        await collect(socket, 3)
        cameras.stall("street")
        cause = None
        deadline_us = CLOCK.now_us() + 40_000_000
        while cause is None and CLOCK.now_us() < deadline_us:
            message = await asyncio.wait_for(socket.receive(), 40)
            if message.type is aiohttp.WSMsgType.TEXT:
                cause = json.loads(message.data).get("cause")
        assert cause is not None
        cameras.resume("street")


def test_holds_are_durable_when_they_are_answered(front: Front) -> None:
    now_us = CLOCK.now_us()
    span = Span.of_us(now_us - 5_000_000, now_us + 60_000_000)
    hold = f"hold-{secrets.token_hex(4)}"
    result = front.client().set_hold(hold, CameraId("carpark"), span, reference="R-1", judicial=True)  # type: ignore[arg-type]
    assert result.set_us
    assert result.covered
    found = front.client().timeline(CameraId("carpark"), Span.of_us(now_us - 10_000_000, now_us))
    assert [one.id for one in found.holds] == [hold]
    front.client().release_hold(hold, reason="test")  # type: ignore[arg-type]
    assert not front.client().timeline(CameraId("carpark"), Span.of_us(now_us - 10_000_000, now_us)).holds


def test_the_front_stops_while_somebody_watches(tmp_path: Path) -> None:
    async def watch_until_closed(front: Front) -> int:
        async with watching(front, "carpark") as (socket, _):
            front.process.terminate()
            return await closed_with(socket)

    with running_front(tmp_path) as front:
        code = asyncio.run(watch_until_closed(front))
        assert front.process.wait(timeout=30) == 0
        assert code in {1000, 1001, 1005, 1006, 1012}
