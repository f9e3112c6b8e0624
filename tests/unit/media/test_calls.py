"""Signed calls of the office, and the door's chain: forged, stale, replayed, changed, each found."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Corrupt, Forbidden
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.calls import CALL_LIFE_US, Call, CallGate, sign_call
from beffroi.media.core.looks import JournalLine, check_lines, next_line, parse_line
from beffroi.media.core.settings import key_id

KEY = SigningKey(bytes(range(32)))
PUBLIC = VerifyKey(KEY.public_bytes)
NOW_US = 1_800_000_000_000_000


def gate() -> CallGate:
    return CallGate({key_id(KEY.public_bytes): PUBLIC})


def code_of(door: CallGate, header: str, call: Call, now_us: int = NOW_US) -> str:
    with pytest.raises(Forbidden) as caught:
        door.check(header, call, now_us=now_us)
    return caught.value.code


@given(st.binary(max_size=200), st.text(max_size=80))
def test_a_call_is_taken_once(body: bytes, path: str) -> None:
    door, call = gate(), Call("POST", path, body)
    header = sign_call(call, KEY, now_us=NOW_US)
    assert door.check(header, call, now_us=NOW_US + 1) == key_id(KEY.public_bytes)
    assert code_of(door, header, call) == "call_replayed"


@given(st.text(max_size=600))
def test_junk_is_no_call(header: str) -> None:
    assert code_of(gate(), header, Call("GET", "/", b"")) in {"call_malformed", "call_forged"}


def test_a_call_is_for_its_method_path_body_and_time() -> None:
    call = Call("PUT", "/recorder/holds/h1", b"{}")
    header = sign_call(call, KEY, now_us=NOW_US)
    for other in (Call("DELETE", call.path, call.body), Call("PUT", "/recorder/holds/h2", b"{}"),
                  Call("PUT", call.path, b"{} ")):  # fmt: skip
        assert code_of(gate(), header, other) == "call_forged"
    assert code_of(gate(), header, call, NOW_US + CALL_LIFE_US + 1) == "call_stale"
    assert code_of(gate(), header, call, NOW_US - CALL_LIFE_US - 1) == "call_stale"
    stranger = sign_call(call, SigningKey(secrets.token_bytes(32)), now_us=NOW_US)
    assert code_of(gate(), stranger, call) == "call_forged"


def test_nonces_are_not_kept_for_ever_and_never_too_short() -> None:
    door = gate()
    for n in range(300):
        now_us = NOW_US + n * 1_000_000
        call = Call("GET", f"/{n}", b"")
        door.check(sign_call(call, KEY, now_us=now_us), call, now_us=now_us)
        assert len(door._seen) <= 66
    header = sign_call(Call("GET", "/x", b""), KEY, now_us=now_us)
    door.check(header, Call("GET", "/x", b""), now_us=now_us)
    for n in range(9):
        call = Call("GET", f"/later/{n}", b"")
        door.check(sign_call(call, KEY, now_us=now_us + n), call, now_us=now_us + n)
    assert code_of(door, header, Call("GET", "/x", b""), now_us + CALL_LIFE_US) == "call_replayed"


bodies = st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=20), st.integers(0, 2**50), st.none()))


def chain(count: int, body: dict) -> list[JournalLine]:
    lines: list[JournalLine] = []
    for n in range(count):
        last = lines[-1] if lines else None
        lines.append(next_line(last, at_us=NOW_US + n, name="look:begin", body=body, key=KEY))
    return lines


@given(bodies, st.integers(1, 6))
def test_a_chain_verifies_after_a_journey_through_text(body: dict, count: int) -> None:
    import json

    lines = [parse_line(json.dumps(one.to_json())) for one in chain(count, body)]
    last = check_lines(lines, None, PUBLIC)
    assert last is not None
    assert last.number == count


@given(st.integers(0, 4), st.sampled_from(["drop", "swap", "body", "time", "sign"]))
def test_a_chain_that_was_touched_does_not_verify(at: int, how: str) -> None:
    lines = chain(6, {"look": "1"})
    one = lines[at]
    if how == "drop":
        del lines[at]
    elif how == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        changed = {**one.to_json()}
        changed |= {"body": {"body": {"look": "2"}}, "time": {"at_us": 1}, "sign": {"signature": "AAAA"}}[how]
        lines[at] = JournalLine.from_json(changed)
    with pytest.raises(Corrupt):
        check_lines(lines, None, PUBLIC)


@given(st.one_of(st.text(max_size=100), st.binary(max_size=100)))
def test_junk_is_no_line(text: str | bytes) -> None:
    with pytest.raises(Corrupt):
        parse_line(text)
