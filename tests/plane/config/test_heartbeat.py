"""The heartbeat lives with the server, survives what fails, and says so."""

import asyncio

import pytest

from beffroi.config.heartbeat import Heartbeat, with_heartbeat
from beffroi.kernel.errors import Unavailable
from tests.waiting import until


def test_it_beats_until_it_is_stopped_and_carries_what_is_open_now() -> None:
    heard: list[list[str]] = []
    open_now = ["a", "b"]
    heart = Heartbeat(active=lambda: list(open_now), tell=lambda ids: heard.append(list(ids)), period_s=0.01)
    heart.start()
    heart.start()
    until(lambda: len(heard) >= 2, 30)
    open_now.remove("a")
    until(lambda: heard[-1:] == [["b"]], 20)
    heart.stop()
    count = len(heard)
    assert heart.heard
    assert count == len(heard)


@pytest.mark.django_db  # a beat looks after this thread's connection, which another test may have left open
def test_a_deaf_recorder_stops_nothing_and_the_next_beat_tries_again() -> None:
    answers = iter([Unavailable("no"), Unavailable("no"), None])

    def tell(_ids: object) -> None:
        error = next(answers)
        if error is not None:
            raise error

    heart = Heartbeat(active=list, tell=tell)
    assert [heart.beat(), heart.beat(), heart.beat()] == [False, False, True]


def test_it_starts_and_stops_with_the_server_and_lets_requests_through() -> None:
    seen: list[str] = []
    heart = Heartbeat(active=list, tell=lambda _ids: seen.append("beat"), period_s=0.01)

    async def application(scope: object, receive: object, send: object) -> None:
        seen.append("request")

    async def run() -> list[str]:
        app = with_heartbeat(application, lambda: heart)
        sent: list[str] = []
        inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()

        async def send(message: dict[str, str]) -> None:
            sent.append(message["type"])

        life = asyncio.create_task(app({"type": "lifespan"}, inbox.get, send))
        await inbox.put({"type": "lifespan.startup"})
        await asyncio.to_thread(until, lambda: "beat" in seen, 5)
        await app({"type": "http"}, inbox.get, send)
        await inbox.put({"type": "lifespan.shutdown"})
        await life
        return sent

    assert asyncio.run(run()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert "request" in seen
