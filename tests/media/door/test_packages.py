"""Packages leave by the door: opened by a ticket, resumed by ranges, never by another browser or another path."""

import asyncio
import hashlib
import os
import secrets
import socket
from contextlib import suppress

import aiohttp
import pytest

from beffroi.config.heartbeat import Heartbeat
from beffroi.media.core.tickets import Mode
from tests.media.door.front import Front, browser
from tests.waiting import until_async


@pytest.fixture
def package(front: Front) -> tuple[str, bytes]:
    name = f"pkg-{secrets.token_hex(4)}"
    folder = front.data / "vault" / name
    folder.mkdir()
    content = os.urandom(5 * 1024 * 1024 + 17)
    (folder / "package.zip").write_bytes(content)
    return name, content


async def open_it(front: Front, session: aiohttp.ClientSession, binding: str, name: str, **changes: object) -> dict:
    ticket = front.ticket(Mode.PACKAGE, binding, **{"package": name, "cameras": (), **changes})
    headers = {"Beffroi-Ticket": ticket, **front.origin}
    async with session.post(f"{front.url}/door/packages/{name}/open", headers=headers) as answer:
        return {"status": answer.status, **await answer.json()}


async def test_a_broken_download_resumes_to_the_same_bytes(front: Front, package: tuple[str, bytes]) -> None:
    name, content = package
    session, binding = await browser(front)
    async with session:
        opened = await open_it(front, session, binding, name)
        assert (opened["status"], opened["size"]) == (200, len(content))
        url = front.url + opened["url"]
        async with session.get(url) as answer:
            tag = answer.headers["etag"]
            first = await answer.content.readexactly(1_000_000)
        headers = {"Range": f"bytes={len(first)}-", "If-Range": tag}
        async with session.get(url, headers=headers) as answer:
            assert answer.status == 206
            assert answer.headers["content-range"] == f"bytes 1000000-{len(content) - 1}/{len(content)}"
            rest = await answer.read()
        assert hashlib.sha256(first + rest).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    ("asked", "status", "piece"),
    [
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=99999999-", 416, None),
        ("bytes=5-2", 416, None),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
    ],
)
async def test_ranges(front: Front, package: tuple[str, bytes], asked: str, status: int, piece: slice | None) -> None:
    name, content = package
    session, binding = await browser(front)
    async with session:
        opened = await open_it(front, session, binding, name)
        async with session.get(front.url + opened["url"], headers={"Range": asked}) as answer:
            assert answer.status == status
            if piece is not None:
                assert await answer.read() == content[piece]


async def test_a_changed_file_is_not_glued_to_the_old_one(front: Front, package: tuple[str, bytes]) -> None:
    name, content = package
    session, binding = await browser(front)
    async with session:
        opened = await open_it(front, session, binding, name)
        headers = {"Range": "bytes=100-", "If-Range": '"another"'}
        async with session.get(front.url + opened["url"], headers=headers) as answer:
            assert answer.status == 200
            assert await answer.read() == content


async def test_neither_unopened_nor_by_another_browser(front: Front, package: tuple[str, bytes]) -> None:
    name, _ = package
    session, binding = await browser(front)
    other, _ = await browser(front)
    async with session, other:
        url = f"{front.url}/door/packages/{name}/file"
        async with session.get(url) as answer:
            assert answer.status == 404
        await open_it(front, session, binding, name)
        async with other.get(url) as answer:
            assert answer.status == 404


async def test_a_ticket_for_another_package_opens_nothing(front: Front, package: tuple[str, bytes]) -> None:
    name, _ = package
    session, binding = await browser(front)
    async with session:
        assert (await open_it(front, session, binding, name, package="pkg-other"))["status"] == 404


async def test_nothing_outside_the_vault(front: Front, package: tuple[str, bytes]) -> None:
    outside = front.data / "secret"
    outside.mkdir(exist_ok=True)
    (outside / "package.zip").write_bytes(b"secret")
    linked, fifo = f"pkg-{secrets.token_hex(4)}", f"pkg-{secrets.token_hex(4)}"
    (front.data / "vault" / linked).symlink_to(outside)
    (front.data / "vault" / fifo).mkdir()
    (front.data / "vault" / fifo / "package.zip").symlink_to(outside / "package.zip")
    session, binding = await browser(front)
    async with session:
        for name in (linked, fifo):
            assert (await open_it(front, session, binding, name))["status"] == 404
        for path in ("/door/packages/../file", "/door/packages/..%2fsecret/file", "/door/packages/%2e%2e/file"):
            async with session.get(front.url + path) as answer:
                assert answer.status in {404, 503}  # the client normalises the first to the office's paths


async def test_the_look_is_begun_before_and_totalled_after(front: Front, package: tuple[str, bytes]) -> None:
    name, content = package
    session, binding = await browser(front)
    async with session:
        opened = await open_it(front, session, binding, name)
        begun = [line for line in front.client().journal(0, limit=5_000) if line.body.get("package") == name]
        assert [line.name for line in begun] == ["look:begin"]
        async with session.get(front.url + opened["url"]) as answer:
            await answer.read()

        async def counted() -> bool:
            return any(
                one.look == begun[0].body["look"] and one.sent_bytes == len(content)
                for one in front.client().sessions()
            )

        assert await until_async(counted, timeout=20)


@pytest.fixture
def large(front: Front) -> tuple[str, int]:
    """Far more than lies in buffers between a door and a slow reader."""
    name, size = f"pkg-{secrets.token_hex(4)}", 64 * 1024 * 1024
    folder = front.data / "vault" / name
    folder.mkdir()
    with (folder / "package.zip").open("wb") as made:
        made.truncate(size)
    return name, size


def slow(front: Front, session: aiohttp.ClientSession, url: str) -> socket.socket:
    """A reader behind a line so narrow that the door must wait for it: the request is sent, nothing is read."""
    cookies = "; ".join(f"{one.key}={one.value}" for one in session.cookie_jar)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    line.settimeout(20)
    line.connect(("127.0.0.1", front.port))
    line.sendall(f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\nCookie: {cookies}\r\n\r\n".encode())
    return line


def drained(line: socket.socket) -> int:
    """How many bytes still come once the door is done with this line."""
    came = 0
    with suppress(ConnectionError):
        while data := line.recv(65_536):
            came += len(data)
    return came


async def test_a_stop_cuts_a_slow_reader_with_all_that_waits_for_it(front: Front, large: tuple[str, int]) -> None:
    name, size = large
    session, binding = await browser(front)
    open_now, client = ["taken"], front.client()
    office = Heartbeat(active=lambda: list(open_now), tell=client.heartbeat, period_s=0.2)
    assert office.beat()
    office.start()
    async with session:
        opened = await open_it(front, session, binding, name, grant="taken", heartbeat=True)
        with slow(front, session, opened["url"]) as line:
            came = len(await asyncio.to_thread(line.recv, 4_096))
            open_now.clear()  # the room stops it

            async def told() -> list[dict]:
                lines = front.client().journal(0, limit=5_000)
                return [one.body for one in lines if one.name == "look:end" and one.body["grant"] == "taken"]

            ends = await until_async(told, 20, "the look ends without a reader")
            came += await asyncio.to_thread(drained, line)
        assert came < 256 * 1024, "no more than lay at the reader: what waited for it went with the line"
        (end,) = ends
        assert (end["why"], end["complete"], end["of_bytes"]) == ("access_stopped", False, size)
        assert end["sent_bytes"] < size
        for _ in range(2):  # a download manager that tries again is told the same
            async with session.get(front.url + opened["url"], headers={"Range": "bytes=1-"}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (403, "access_stopped")
    office.stop()
