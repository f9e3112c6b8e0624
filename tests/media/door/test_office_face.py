"""The face to the office: nothing unsigned, nothing stale, nothing twice."""

import http.client
import secrets
import socket

import pytest

from beffroi.kernel.errors import Forbidden, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.kernel.spans import Span
from beffroi.media.client import RecorderClient
from beffroi.media.core.calls import HEADER, Call, sign_call
from beffroi.media.core.looks import check_lines
from beffroi.media.core.tickets import Mode
from tests.media.door.front import CLOCK, Front

SPAN = Span.of_us(1_800_000_000_000_000, 1_800_003_600_000_000)


def raw(front: Front, call: Call, header: str | None) -> int:
    connection = http.client.HTTPConnection("recorder")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(front.run / "recorder.sock"))
    connection.request(call.method, call.path, call.body or None, {HEADER: header} if header is not None else {})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_signed_call_is_answered_once(front: Front) -> None:
    call = Call("GET", "/recorder/sessions", b"")
    header = sign_call(call, front.office_key, now_us=CLOCK.now_us())
    assert raw(front, call, header) == 200
    assert raw(front, call, header) == 403  # replayed


@pytest.mark.parametrize("kind", ["unsigned", "empty", "junk", "stale", "other key", "other path", "other body"])
def test_no_other_call_is_answered(front: Front, kind: str) -> None:
    call = Call("POST", "/recorder/heartbeat", b'{"at_us":1,"grants":[]}')
    now_us = CLOCK.now_us()
    headers: dict[str, str | None] = {
        "unsigned": None,
        "empty": "",
        "junk": "a.b.c.d",
        "stale": sign_call(call, front.office_key, now_us=now_us - 11_000_000),
        "other key": sign_call(call, SigningKey(secrets.token_bytes(32)), now_us=now_us),
        "other path": sign_call(Call("POST", "/recorder/cameras", call.body), front.office_key, now_us=now_us),
        "other body": sign_call(Call("POST", call.path, b"{}"), front.office_key, now_us=now_us),
    }
    assert raw(front, call, headers[kind]) == 403


def test_errors_come_back_under_their_own_names(front: Front) -> None:
    with pytest.raises(Forbidden):
        front.client(SigningKey(secrets.token_bytes(32))).sessions()
    with pytest.raises(NotFound):
        front.client()._json("GET", "/recorder/extractions/none")
    with pytest.raises(Invalid):
        front.client()._json("GET", "/recorder/timeline?camera=cam-1&from_us=5&to_us=2")
    with pytest.raises(Unavailable):  # no writer runs here
        front.client().status()
    with pytest.raises(Unavailable):
        RecorderClient(f"unix:{front.run}/nobody.sock", front.office_key, CLOCK).sessions()


def test_an_extraction_needs_its_own_ticket(front: Front) -> None:
    for ticket in (
        front.ticket(Mode.REPLAY, "office", span=SPAN),
        front.ticket(Mode.EXTRACT, "office", span=Span.of_us(SPAN.start_us, SPAN.end_us - 1)),
        front.ticket(Mode.EXTRACT, "office", span=SPAN, cameras=("cam-2",)),
    ):
        with pytest.raises(NotFound):
            front.client().plan_extraction(ticket, CameraId("cam-1"), SPAN)
    with pytest.raises(Forbidden):
        front.client().plan_extraction(front.ticket(Mode.EXTRACT, "0" * 64, span=SPAN), CameraId("cam-1"), SPAN)


def test_the_journal_is_served_and_verifies(front: Front) -> None:
    client = front.client()
    lines = client.journal(0)
    assert lines[0].name == "door:start"
    check_lines(lines, None, VerifyKey(client.door_key()))
    assert client.door_key() == front.door_key.public_bytes
    assert client.journal(lines[-1].number) == []
