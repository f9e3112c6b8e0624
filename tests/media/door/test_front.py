"""One origin: the front passes requests to the office both ways, and stands without it."""

import asyncio
import io
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import aiohttp
import pytest
import uvicorn

from beffroi.kernel.errors import Unavailable
from tests.media.door.front import Front, running_front
from tests.waiting import until_async


async def _office(scope, receive, send) -> None:
    """A small office: tells what it got, streams, and takes uploads."""
    if scope["path"] == "/slow":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"tick\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        scope["app_left"].set()
        return
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    told = {
        "method": scope["method"],
        "path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "size": size,
    }
    headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 418, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


@asynccontextmanager
async def office_on(path: Path) -> AsyncIterator[asyncio.Event]:
    left = asyncio.Event()

    async def app(scope, receive, send) -> None:
        await _office({**scope, "app_left": left}, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, uds=str(path), lifespan="off", log_level="error"))
    server.capture_signals = nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    await until_async(lambda: server.started)
    try:
        yield left
    finally:
        server.should_exit = True
        await task


async def test_a_request_passes_whole_with_true_forwarding_fields(front: Front) -> None:
    async with office_on(front.run / "office.sock"), aiohttp.ClientSession() as session:
        headers = {
            "X-Forwarded-For": "6.6.6.6",
            "Forwarded": "for=6.6.6.6",
            "X-Kept": "yes",
            "Connection": "keep-alive",
        }
        url = f"{front.url}/a%2Fb?x=1&y=%20"
        async with session.post(url, data=io.BytesIO(b"z" * 3_000_000), headers=headers) as answer:
            told = await answer.json()
            assert answer.status == 418
            assert answer.headers.getall("set-cookie") == ["a=1", "b=2"]
        got = dict(told["headers"])
        assert (told["path"], told["query"], told["size"]) == ("/a%2Fb", "x=1&y=%20", 3_000_000)
        assert (got["x-forwarded-for"], got["x-forwarded-proto"], got["x-kept"]) == ("127.0.0.1", "http", "yes")
        assert got["host"] == got["x-forwarded-host"] == f"127.0.0.1:{front.port}"
        assert "forwarded" not in got
        assert "transfer-encoding" not in got


async def test_a_chunked_upload_and_an_empty_get(front: Front) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"q" * 100_000

    async with office_on(front.run / "office.sock"), aiohttp.ClientSession() as session:
        async with session.post(f"{front.url}/up", data=parts()) as answer:
            assert (await answer.json())["size"] == 1_000_000
        async with session.get(f"{front.url}/x") as answer:
            assert (await answer.json())["size"] == 0


async def test_an_answer_streams_and_its_end_reaches_the_office(front: Front) -> None:
    async with office_on(front.run / "office.sock") as left:
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{front.url}/slow")
            assert await asyncio.wait_for(answer.content.readexactly(15), 5) == b"tick\n" * 3
            answer.close()
        await asyncio.wait_for(left.wait(), 5)


@pytest.mark.parametrize(
    ("language", "words"), [("fr-FR,fr", "momentanément"), ("en-GB", "for a moment"), ("", "interrompu")]
)
async def test_without_the_office_people_get_a_page_and_programs_json(front: Front, language: str, words: str) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Accept": "text/html", "Accept-Language": language}
        async with session.get(f"{front.url}/desk/", headers=headers) as answer:
            page = await answer.text()
            assert answer.status == 503
            assert words in page
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["retry-after"] == "5"
        async with session.post(f"{front.url}/desk/") as answer:
            assert (answer.status, (await answer.json())["code"]) == (503, "office_down")
        async with session.get(f"{front.url}/door/session") as answer:
            assert answer.status == 200
        async with session.get(f"{front.url}/door/static/tokens.css") as answer:
            assert answer.status == 200
        for path in ("/door/static/../front.py", "/door/static/%2e%2e/front.py", "/door/static/none.css"):
            async with session.get(front.url + path) as answer:
                assert answer.status == 404


def test_a_second_front_on_the_same_port_says_so(front: Front, tmp_path: Path) -> None:
    from beffroi.config.front import run_front

    with pytest.raises(Unavailable) as caught:
        run_front(tmp_path, tmp_path, host="127.0.0.1", port=front.port)
    assert caught.value.code == "port_busy"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_front(tmp_path: Path, number: int) -> None:
    with running_front(tmp_path) as front:
        assert front.stop(number) == 0
        assert not (front.run / "front.json").exists()
