"""A door that is killed while the office is silent still knows which shifts are over (I14)."""

import signal
from pathlib import Path

from beffroi.kernel.signing import VerifyKey
from beffroi.media.core.looks import check_lines
from tests.media.door.front import CLOCK, browser, running_front
from tests.media.door.test_lease import ask, lease_for, silent
from tests.waiting import until_async

SECOND_US = 1_000_000


async def test_a_shift_that_ended_stays_ended_when_the_door_is_killed(tmp_path: Path) -> None:
    with running_front(tmp_path) as front:
        front.client().heartbeat([], duty=["duty-1", "duty-2"])
        front.client().heartbeat([], duty=["duty-2"])  # the office's last word: the shift of duty-1 is over
        front.client().heartbeat([], duty=["duty-2"])
        front.stop(signal.SIGKILL)
    with running_front(tmp_path) as front:
        session, binding = await browser(front)
        async with session:
            assert await until_async(lambda: silent(front, session), timeout=20)
            over = lease_for(front, binding, age_us=60 * SECOND_US)
            assert (await ask(front, session, over))[1]["code"] == "access_stopped"
            never_named = lease_for(front, binding)
            assert (await ask(front, session, never_named))[1]["code"] == "access_stopped", "young, but never named"
            front.client().heartbeat([], duty=["duty-1"])
            assert not await silent(front, session)
            front.stop(signal.SIGKILL)
    with running_front(tmp_path) as front:
        session, binding = await browser(front)
        async with session:
            assert await until_async(lambda: silent(front, session), timeout=20)
            again = lease_for(front, binding, age_us=60 * SECOND_US)
            assert (await ask(front, session, again))[0] == 200, "the latest word counts"
        lines = front.client().journal(0, limit=5_000)
        check_lines(lines, None, VerifyKey(front.door_key.public_bytes))
        said = [line.body["duty"] for line in lines if line.name == "duty:hear"]
        assert said == [["duty-1", "duty-2"], ["duty-2"], ["duty-1"]], "only what changed is written"
        assert all(0 < int(line.body["sent_us"]) <= CLOCK.now_us() for line in lines if line.name == "duty:hear")


async def test_a_shift_begun_and_ended_between_two_beats_is_over_for_a_door_that_is_killed(tmp_path: Path) -> None:
    with running_front(tmp_path) as front:
        front.client().heartbeat([], duty=[])
        begun_us = CLOCK.now_us()
        front.client().beat(lambda: ([], []), kept=True)  # what the page that ended it says; the set is as before
        said = [one.body["duty"] for one in front.client().journal(0, limit=5_000) if one.name == "duty:hear"]
        assert said == [[], []], "written down, though nothing changed"
        front.stop(signal.SIGKILL)
    with running_front(tmp_path) as front:
        session, binding = await browser(front)
        async with session:
            assert await until_async(lambda: silent(front, session), timeout=20)
            brief = lease_for(front, binding, age_us=CLOCK.now_us() - begun_us)
            assert (await ask(front, session, brief))[1]["code"] == "access_stopped"


async def test_who_ended_something_is_not_talked_over_by_a_beat_that_was_asked_before(tmp_path: Path) -> None:
    with running_front(tmp_path) as front:
        client = front.client()

        def slowly() -> tuple[list[str], list[str]]:
            client.beat(lambda: ([], []), kept=True)  # meanwhile the shift ends
            return [], ["duty-1"]

        client.beat(slowly)
        session, binding = await browser(front)
        async with session:
            assert await until_async(lambda: silent(front, session), timeout=20)
            assert (await ask(front, session, lease_for(front, binding)))[1]["code"] == "access_stopped"
