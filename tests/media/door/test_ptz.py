"""Steering at the door: with a ticket, one hand at a time by rank, a camera that stops when it hears nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Basis, Mode
from tests.media.door.front import Front, browser
from tests.media.door.steered import front_with_dome
from tests.media.onvif.cameras import Dome
from tests.waiting import until_async

PARTNER = {
    "force": "GN",
    "person_name": "Inès Caron",
    "grant": "grant-2",
    "basis": Basis("Conv. 4", "incident", "I", "r"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, Dome]]:
    with front_with_dome(tmp_path_factory.mktemp("ptz")) as running:
        yield running


@pytest.fixture
def steering(world: tuple[Front, Dome]) -> Front:
    return world[0]


@pytest.fixture
def camera(world: tuple[Front, Dome]) -> Dome:
    """The camera that moves, and what it is told from now on."""
    world[1].told.clear()
    return world[1]


def looks_since(front: Front, line: int) -> list[tuple[str, str, str]]:
    """Name, mode and person of the looks in the journal after ``line``."""
    found = [one for one in front.client().journal(line) if one.name.startswith("look:")]
    return [(one.name, str(one.body.get("mode", "")), str(one.body["person_name"])) for one in found]


def last_line(front: Front) -> int:
    return front.client().journal()[-1].number


class Pad:
    """A page's end of the socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **order: Any) -> None:
        await self.socket.send_str(json.dumps(order))

    async def hears(self, event: str) -> dict[str, Any]:
        """The next event of that name."""
        while True:
            said = await self.socket.receive(10)
            assert said.type is aiohttp.WSMsgType.TEXT, (said.type, self.socket.close_code)
            data: dict[str, Any] = json.loads(said.data)
            if data["event"] == event:
                return data


async def still_after(camera: Dome, speed: str, within_s: float) -> None:
    """Until the camera's last move was that with ``speed``, and it was stopped: no earlier order is under way."""

    def still() -> bool:
        moves = [body for name, body in camera.told if name == "ContinuousMove"]
        return camera.acts()[-1:] == ["Stop"] and bool(moves) and speed in moves[-1]

    await until_async(still, within_s, "the stop")


@asynccontextmanager
async def pad(front: Front, camera: str = "cam-1", mode: Mode = Mode.PTZ, **changes: object) -> AsyncIterator[Pad]:
    session, binding = await browser(front)
    async with session, session.ws_connect(f"{front.url}/door/ptz", headers=front.origin) as socket:
        made = Pad(socket)
        await made.say(ticket=front.ticket(mode, binding, cameras=(CameraId(camera),), **changes), camera=camera)
        yield made


async def test_a_held_key_moves_the_camera_and_silence_stops_it(steering: Front, camera: Dome) -> None:
    before = last_line(steering)
    async with pad(steering) as mine:
        ready = await mine.hears("ready")
        assert ready["presets"] == [{"token": "p1", "name": "Parvis"}, {"token": "p2", "name": "École"}]
        await mine.say(move=[0.5, 0, 0])
        await mine.hears("hand")
        await until_async(lambda: camera.acts()[-1:] == ["Stop"], 30, "the stop after silence")
        assert camera.acts().count("Stop") == 1
        assert camera.acts()[0] == "ContinuousMove"
        camera.told.clear()
        await mine.say(preset="p2")
        await mine.say(home=True)
        await until_async(lambda: camera.acts() == ["GotoPreset", "GotoHomePosition"], 30)
        (session,) = steering.client().sessions()
        assert (session.mode, session.camera, session.person_name) == ("ptz", "cam-1", "Camille Roux"), (
            "seen in the room"
        )
    told = [("look:begin", "ptz", "Camille Roux"), ("look:end", "ptz", "Camille Roux")]
    await until_async(lambda: looks_since(steering, before) == told, 30)


async def test_the_room_takes_over_at_once_and_both_are_told(steering: Front, camera: Dome) -> None:
    before = last_line(steering)
    async with pad(steering, **PARTNER) as theirs, pad(steering) as mine:
        await theirs.say(move=[1, 0, 0])
        await theirs.hears("hand")
        await mine.say(move=[0, 1, 0])
        await mine.hears("hand")
        assert (await theirs.hears("taken"))["by"] == "Camille Roux"
        await theirs.say(move=[1, 0, 0])
        assert (await theirs.hears("held"))["by"] == "Camille Roux"
        await still_after(camera, 'y="1.000"', 30)
    begun = [person for name, _, person in looks_since(steering, before) if name == "look:begin"]
    assert begun == ["Inès Caron", "Camille Roux"], "one fact a take-over"


async def test_a_page_that_goes_stops_its_camera(steering: Front, camera: Dome) -> None:
    async with pad(steering) as mine:
        await mine.say(move=[0, 0, 1])
        await mine.hears("hand")
    await still_after(camera, '<Zoom xmlns="http://www.onvif.org/ver10/schema" x="1.000"', 3)


@pytest.mark.parametrize(
    ("camera_id", "mode", "code"), [("cam-2", Mode.PTZ, 4404), ("cam-9", Mode.PTZ, 4404), ("cam-1", Mode.LIVE, 4404)]
)
async def test_nothing_else_opens(steering: Front, camera: Dome, camera_id: str, mode: Mode, code: int) -> None:
    async with pad(steering, camera_id, mode) as mine:
        await mine.socket.receive(10)
        assert mine.socket.close_code == code
    assert camera.acts() == []


@pytest.mark.parametrize("move", [[1, 0], "abc", [None, 0, 0], [True, 0, 0], {"x": 1}])
async def test_no_other_move_is_understood(steering: Front, camera: Dome, move: object) -> None:
    async with pad(steering) as mine:
        await mine.hears("ready")
        await mine.say(move=move)
        await mine.socket.receive(10)
        assert mine.socket.close_code == 4400
    assert camera.acts() == []


async def test_an_access_that_ends_stops_the_camera(steering: Front, camera: Dome) -> None:
    await asyncio.to_thread(steering.client().heartbeat, ["grant-1"])
    async with pad(steering, heartbeat=True) as mine:
        await mine.hears("ready")
        await mine.say(move=[1, 0, 0])
        await mine.hears("hand")
        while not mine.socket.closed:  # the office no longer beats: two seconds at most
            await mine.say(move=[1, 0, 0])
            try:
                said = await mine.socket.receive(0.2)
            except TimeoutError:
                continue
            if said.type is not aiohttp.WSMsgType.TEXT:
                break
        assert mine.socket.close_code == 4403
    await still_after(camera, 'x="1.000"', 3)
