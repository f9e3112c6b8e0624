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
            begun_since = lease_for(front, binding)
            assert (await ask(front, session, begun_since))[0] == 200, "a shift that began after that word is open"
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
