"""Movement search through the real front on a real recording: found, told of, logged, and only on a lawful ground."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Basis, Mode
from tests.media.door.front import CLOCK, Front, browser
from tests.media.door.recording import recording
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.timeout(120)]
INCIDENT = Basis("CSI L251-3", "incident", "I-2026-0001", "vol à la roulotte")
WHOLE = "0,0,10000,10000"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, Span]]:
    with recording(tmp_path_factory.mktemp("movement"), {"carpark": "02-carpark"}) as (front, _):
        began_us = CLOCK.now_us()

        def enough() -> bool:
            return all((one.durable_until_us or 0) > began_us + 8_000_000 for one in front.client().status().cameras)

        until(enough, timeout=40, what="a while is kept")
        yield front, Span.of_us(began_us, began_us + 8_000_000)


@pytest.fixture
async def session(kept: tuple[Front, Span]) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    session, binding = await browser(kept[0])
    async with session:
        yield session, binding


async def ask(
    kept: tuple[Front, Span], session: tuple[aiohttp.ClientSession, str], *, zone: str = WHOLE, **changes: object
) -> tuple[int, list[dict]]:
    front, span = kept
    given: dict[str, object] = {"cameras": (CameraId("carpark"),), "span": span, "basis": INCIDENT, **changes}
    ticket = front.ticket(Mode.REPLAY, session[1], **given)
    query = {"from_us": str(span.start_us), "to_us": str(span.end_us), "zone": zone}
    async with session[0].get(
        f"{front.url}/door/movement/carpark", params=query, headers={"Beffroi-Ticket": ticket}
    ) as answer:
        text = await answer.text()
        return answer.status, [json.loads(line) for line in text.splitlines()]


async def test_every_key_frame_is_examined_and_the_search_is_on_the_journal(kept, session) -> None:
    grant = f"grant-{secrets.token_hex(4)}"
    status, lines = await ask(kept, session, grant=grant)
    assert status == 200
    last = lines[-1]
    assert last["examined"] == last["all"] >= 2
    assert last["unexamined"] == []
    span = kept[1]
    assert last["moved"], "cars drive through the picture"
    assert all(span.start_us <= a < b <= span.end_us for a, b in last["moved"])
    assert b"\xff\xd8" not in json.dumps(lines).encode()

    def told() -> list:
        return [one for one in kept[0].client().journal(0) if one.body.get("grant") == grant]

    until(
        lambda: [one.name for one in told()] == ["look:begin", "look:search", "look:end"], what="the search is written"
    )
    lines_of = told()
    assert lines_of[1].body["zone"] == WHOLE
    assert lines_of[1].body["person_name"] == "Camille Roux"


async def test_another_zone_of_the_same_span_is_a_search_of_its_own_with_the_same_key_frames(kept, session) -> None:
    grant = f"grant-{secrets.token_hex(4)}"
    whole, corner = [(await ask(kept, session, grant=grant, zone=zone))[1][-1] for zone in (WHOLE, "0,0,300,300")]
    assert corner["examined"] == whole["examined"] >= 2
    assert corner["moved"] == [], "nothing happens in that corner"

    def zones() -> list:
        lines = [one for one in kept[0].client().journal(0) if one.body.get("grant") == grant]
        return [one.body["zone"] for one in lines if one.name == "look:search"]

    until(lambda: zones() == [WHOLE, "0,0,300,300"], what="both searches are written")


async def test_whoever_asks_again_as_her_search_ends_is_not_told_that_it_goes_on(kept, session) -> None:
    answers = [await ask(kept, session, zone=f"0,0,{width},{width}") for width in range(3000, 6000, 50)]
    assert {status for status, _ in answers} == {200}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"basis": Basis("CSI L251-3", "duty", "shift-1", "patrouille")}, 403, "search_ground"),
        ({"span": Span.of_us(1, 2)}, 403, "span_wrong"),
        ({"cameras": (CameraId("other"),)}, 404, "not_found"),
        ({"zone": "0,0,0,0"}, 400, "zone_wrong"),
    ],
)
async def test_without_ground_span_camera_or_zone_nothing_is_searched(kept, session, changes, status, code) -> None:
    before = len([one for one in kept[0].client().journal(0) if one.name == "look:search"])
    got, lines = await ask(kept, session, **changes)
    assert (got, lines[0]["code"]) == (status, code)
    assert len([one for one in kept[0].client().journal(0) if one.name == "look:search"]) == before
