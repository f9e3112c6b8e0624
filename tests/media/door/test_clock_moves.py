"""The door's own process while its clocks are moved: a rest is a rest, two hours are two hours, tickets end in time."""

import os
from collections.abc import Iterator

import aiohttp
import pytest

from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Mode
from tests.media.door.front import Front, browser
from tests.media.door.steered import front_with_dome
from tests.waiting import until

SECOND_US = 1_000_000
MINUTE_US, HOUR_US = 60 * SECOND_US, 3_600 * SECOND_US


@pytest.fixture
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front_with_dome(tmp_path_factory.mktemp("moved")) as (started, _):
        yield started


def ended(front: Front, mode: Mode) -> list[str]:
    lines = front.client().journal(0, limit=5_000)
    return [str(one.body["why"]) for one in lines if one.name == "look:end" and one.body["mode"] == mode.value]


async def test_the_hand_on_a_camera_is_free_after_thirty_seconds_of_rest_whatever_the_wall_clock_says(
    front: Front,
) -> None:
    session, binding = await browser(front)
    async with session, session.ws_connect(f"{front.url}/door/ptz", headers=front.origin) as page:
        ticket = front.ticket(Mode.PTZ, binding, cameras=(CameraId("cam-1"),), grant="me", person="person-1")
        await page.send_json({"ticket": ticket, "camera": "cam-1"})
        assert (await page.receive_json(timeout=30))["event"] == "ready"
        await page.send_json({"move": [0, 0.5, 0]})
        assert (await page.receive_json(timeout=30))["event"] == "hand"
        front.clocks.move(passed_us=8 * SECOND_US, set_us=-8 * SECOND_US)
        assert ended(front, Mode.PTZ) == [], "eight seconds are no rest"
        front.clocks.move(passed_us=31 * SECOND_US, set_us=-31 * SECOND_US)
        assert until(lambda: ended(front, Mode.PTZ), timeout=30) == ["idle"]


@pytest.fixture
def package(front: Front) -> tuple[str, bytes]:
    name, content = "pkg-hours", os.urandom(70_000)
    (front.data / "vault" / name).mkdir()
    (front.data / "vault" / name / "package.zip").write_bytes(content)
    return name, content


async def opening(front: Front, session: aiohttp.ClientSession, name: str, ticket: str) -> tuple[int, str]:
    headers = {"Beffroi-Ticket": ticket, **front.origin}
    async with session.post(f"{front.url}/door/packages/{name}/open", headers=headers) as answer:
        return answer.status, (await answer.json()).get("code", "")


async def test_an_opened_package_is_fetched_for_two_hours_also_when_the_clock_is_set_back(
    front: Front, package: tuple[str, bytes]
) -> None:
    name, content = package
    session, binding = await browser(front)

    async def piece(start: int) -> tuple[int, bytes]:
        headers = {"Range": f"bytes={start}-"}
        async with session.get(f"{front.url}/door/packages/{name}/file", headers=headers) as answer:
            return answer.status, await answer.read()

    async with session:
        ticket = front.ticket(Mode.PACKAGE, binding, package=name, cameras=())
        assert await opening(front, session, name, ticket) == (200, "")
        front.clocks.move(passed_us=119 * MINUTE_US, set_us=-5 * HOUR_US)
        assert await piece(10_000) == (206, content[10_000:]), "resumes in its time, whatever the clock says"
        front.clocks.move(passed_us=121 * MINUTE_US, set_us=-5 * HOUR_US)
        assert (await piece(10_000))[0] == 404


async def test_a_ticket_of_a_minute_ends_after_a_minute_though_the_clock_was_set_back(
    front: Front, package: tuple[str, bytes]
) -> None:
    session, binding = await browser(front)
    async with session:
        ticket = front.ticket(Mode.PACKAGE, binding, package=package[0], cameras=())
        assert await opening(front, session, package[0], ticket) == (200, "")
        front.clocks.move(passed_us=61 * SECOND_US, set_us=-40 * SECOND_US)
        assert await opening(front, session, package[0], ticket) == (403, "ticket_expired")


@pytest.mark.parametrize("back_us", [MINUTE_US, HOUR_US])
async def test_a_clock_set_back_shuts_nobody_out(front: Front, package: tuple[str, bytes], back_us: int) -> None:
    """Office and door have the same clock: the next ticket opens at once."""
    session, binding = await browser(front)
    async with session:
        first = front.ticket(Mode.PACKAGE, binding, package=package[0], cameras=())
        assert await opening(front, session, package[0], first) == (200, "")
        front.clocks.move(set_us=-back_us)
        after = front.ticket(Mode.PACKAGE, binding, package=package[0], cameras=(), age_us=back_us)
        assert await opening(front, session, package[0], after) == (200, "")
