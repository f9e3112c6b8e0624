"""An access at which nobody looks is stopped at a real door: while somebody looks it lives, and who comes back in the
moment of the stop gets no byte two seconds later. The quarter of an hour is the office's time, given to the job."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from beffroi.config.heartbeat import Heartbeat
from beffroi.governance.actions import access
from beffroi.governance.jobs.access import IDLE, stop_idle
from beffroi.governance.queries import access as grants
from beffroi.kernel.ids import CameraId
from beffroi.media.core.answers import LookSession
from beffroi.media.core.tickets import Mode
from beffroi.operations.core.words import Incident
from tests.conftest import NOW
from tests.media.door.front import CLOCK, Front, browser
from tests.media.door.recording import recording
from tests.plane.governance.conftest import World, actor, cameras, convention, incident, shift, world
from tests.waiting import until

__all__ = ["cameras", "convention", "incident", "shift", "world"]
pytestmark = [pytest.mark.media, pytest.mark.django_db]
CAMERA = "carpark"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with recording(tmp_path / "door", {CAMERA: "02-carpark"}) as (running, _):
        yield running


class Viewer:
    """A browser of the operations centre that watches until it is closed, and when its last picture came."""

    def __init__(self, front: Front, grant: str, *, age_us: int = 0) -> None:
        self.parts, self.last_us, self.code = 0, 0, 0
        self._front, self._grant, self._age_us = front, grant, age_us
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch()), name="viewer", daemon=True)
        self._leave = threading.Event()

    def come(self) -> None:
        """Open, and see pictures."""
        self._thread.start()
        until(lambda: self.parts > 2 or self.code, what="pictures")

    def gone(self) -> bool:
        """Whether the connection is over."""
        return not self._thread.is_alive()

    def leave(self) -> None:
        """Close the page."""
        self._leave.set()
        self._thread.join(30)

    async def _watch(self) -> None:
        session, binding = await browser(self._front)
        async with session, session.ws_connect(f"{self._front.url}/door/live", headers=self._front.origin) as socket:
            ticket = self._front.ticket(
                Mode.RELAY, binding, grant=self._grant, heartbeat=True, cameras=(CameraId(CAMERA),), age_us=self._age_us
            )
            await socket.send_json({"ticket": ticket, "camera": CAMERA, "hevc": False})
            while not self._leave.is_set():
                message = await asyncio.wait_for(socket.receive(), 30)
                if message.type is aiohttp.WSMsgType.BINARY:
                    self.parts, self.last_us = self.parts + 1, CLOCK.now_us()
                elif message.type is not aiohttp.WSMsgType.TEXT:
                    break
            self.code = socket.close_code or 0


class ComesBack:
    """The door, and somebody who opens the page again just after it was asked who looks."""

    def __init__(self, front: Front, viewer: Viewer) -> None:
        self._front, self._viewer = front, viewer

    def sessions(self) -> list[LookSession]:
        found = self._front.client().sessions()
        self._viewer.come()
        return found


@contextmanager
def beating(front: Front, open_now: list[str]) -> Iterator[None]:
    """The office's heartbeat, with what is open now."""
    office: Heartbeat[Any] = Heartbeat(active=lambda: list(open_now), tell=front.client().heartbeat, period_s=0.5)
    office.start()
    try:
        until(lambda: office.heard, what="the first beat")
        yield
    finally:
        office.stop()


def test_nobody_looks_for_a_quarter_of_an_hour_and_no_byte_comes_after(
    front: Front, world: World, convention: str, incident: Incident
) -> None:
    relay = access.offer_relay(
        person=world.corg.id, incident=incident.id, cameras=[world.cameras[0]], duration=timedelta(hours=1),
        reason="Rixe en cours", actor=actor(world.officer), now=NOW,
    )  # fmt: skip
    open_now = sorted(grants.active_relay_ids(NOW))
    assert open_now == [relay.id]
    with beating(front, open_now):
        first = Viewer(front, relay.id)
        first.come()
        assert stop_idle(front.client(), NOW + IDLE) == 0, "somebody looks"
        first.leave()
        until(lambda: not front.client().sessions(), what="the door lets the look go")
        assert stop_idle(front.client(), NOW + 2 * IDLE - timedelta(seconds=1)) == 0
        back = Viewer(front, relay.id)
        assert stop_idle(ComesBack(front, back), NOW + 2 * IDLE) == 1
        assert (grants.grant(relay.id).state, back.parts > 2) == ("ended", True)
        stopped_us = CLOCK.now_us()
        open_now[:] = sorted(grants.active_relay_ids(NOW + 2 * IDLE))
        until(back.gone, what="the door closes")
        assert back.code == 4403
        assert back.last_us - stopped_us < 2_000_000, "the last byte"
        again = Viewer(front, relay.id, age_us=20_000_000)  # a ticket of before the stop, with 40 s to live
        again.come()
        assert (again.code, again.parts) == (4403, 0)
