"""How much a request may bring, asked over real sockets: by its length, in the middle of a stream, by who is there."""

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.asgi import get_asgi_application
from django.test import Client

from beffroi.config import bounds
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.live import serving

FORM = "/desk/requisitions/none/exports/"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(bounds, "ORDINARY_BYTES", 100_000)
    monkeypatch.setattr(bounds, "LARGE_BYTES", 400_000)
    monkeypatch.setattr(bounds, "LOOK_EVERY_BYTES", 1_000)
    with serving(bounds.with_bounds(get_asgi_application())) as address:
        yield address


def said(address: str, path: str, *fields: str, body: Iterator[bytes] | tuple[bytes, ...] = ()) -> tuple[int, str]:
    """The answer to a request whose body need not be what its head announces."""
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=30) as line:
        head = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", "Accept: application/json", *fields]
        line.sendall("\r\n".join([*head, "", ""]).encode())
        for part in body:
            line.sendall(part)
        with line.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            return status, answer.read().decode()


def chunked(total: int) -> Iterator[bytes]:
    for _ in range(total // 1_000):
        yield b"3e8\r\n" + b"x" * 1_000 + b"\r\n"


@pytest.mark.parametrize("path", ["/account/sign-in/", FORM, "/nothing/"])
def test_a_length_beyond_the_bound_is_refused_before_a_byte_of_it_came(office: str, path: str) -> None:
    status, page = said(office, path, f"Content-Length: {9 << 30}")
    assert (status, "too_large" in page) == (413, True), page


def test_a_stream_that_says_no_length_is_cut_where_it_is_too_much(office: str) -> None:
    # It never ends: were it not refused in the middle, there would be no answer. Nothing is sent beyond the bound:
    # a server that answers before it has read everything cuts the line, and the answer may be lost with it.
    status, page = said(office, "/account/sign-in/", "Transfer-Encoding: chunked", body=chunked(101_000))
    assert (status, "too_large" in page) == (413, True), page


def test_what_is_within_its_bound_reaches_its_view(office: str) -> None:
    status, page = said(office, "/account/sign-in/", "Content-Length: 90000", body=(b"x" * 90_000,))
    assert (status, "csrf" in page) == (403, True), page


def test_gigabytes_are_taken_of_somebody_who_is_signed_in_and_onto_a_disk_with_room(
    office: str,
    make_person: Callable[..., PersonFacts],
    client_of: Callable[[PersonFacts], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_of(make_person(Role.VIDEO_OFFICER))
    cookie = f"Cookie: beffroi_office={client.cookies['beffroi_office'].value}"
    size, body = "Content-Length: 300000", (b"x" * 300_000,)
    assert said(office, FORM, size, cookie, body=body)[0] == 403, "read whole, and without the form's token"
    assert said(office, FORM, size)[0] == 413
    assert said(office, FORM, size, "Cookie: beffroi_office=invented")[0] == 413
    assert said(office, "/desk/shift/", size, cookie)[0] == 413, "only the form that takes exports"
    assert said(office, FORM, "Content-Length: 400001", cookie)[0] == 413
    wanted: list[int] = []
    monkeypatch.setattr(bounds, "_room", lambda more: bool(wanted.append(more)))
    status, page = said(office, FORM, size, cookie)
    assert (status, "disk_full" in page, wanted) == (503, True, [3 * 300_000])


def test_a_disk_that_fills_while_bytes_arrive_is_seen(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_room", lambda more: False)
    status, page = said(office, "/account/sign-in/", "Transfer-Encoding: chunked", body=chunked(1_000))
    assert (status, "disk_full" in page) == (503, True), page


def test_temporary_files_of_a_serving_office_lie_in_the_data_folder(tmp_path: Any, settings: Any) -> None:
    import asyncio
    import tempfile

    settings.BEFFROI_DATA_DIR = tmp_path
    left = tmp_path / "uploads" / "spool" / "left"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"by an office that was killed")
    before = tempfile.tempdir

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        assert tempfile.gettempdir() == str(left.parent)

    try:
        asyncio.run(bounds.with_bounds(nothing)({"type": "lifespan"}, None, None))
    finally:
        tempfile.tempdir = before
    assert not left.exists()
