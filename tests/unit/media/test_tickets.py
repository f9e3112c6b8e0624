"""A ticket opens one thing, for one browser, for sixty seconds; every other use is refused by name (I1)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Forbidden
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import MAX_LIFE_US, Basis, Mode, Ticket, open_ticket, seal

KEY = SigningKey(b"k" * 32)
VERIFY = [VerifyKey(KEY.public_bytes)]
NOW = 1_790_000_000_000_000
TICKET = Ticket(
    id="t1",
    grant="g1",
    person="p1",
    person_name="Agent Exemple",
    force="PM",
    mode=Mode.REPLAY,
    cameras=(CameraId("cam-1"),),
    span=Span.of_us(NOW - 600_000_000, NOW),
    basis=Basis("R253-3", "incident", "I-2026-1", "levée de doute"),
    binding="ab" * 32,
    issued_us=NOW,
    expires_us=NOW + MAX_LIFE_US,
)


def opened(text, *, now=NOW, binding=TICKET.binding, keys=VERIFY):
    return open_ticket(text, keys, now_us=now, binding=binding)


def test_what_was_sealed_is_what_is_opened():
    assert opened(seal(TICKET, KEY)) == TICKET
    live = replace(TICKET, mode=Mode.LIVE, span=None, heartbeat=True)
    assert opened(seal(live, KEY)) == live


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"now": NOW + MAX_LIFE_US}, "ticket_expired"),
        ({"now": NOW - 3_000_000}, "ticket_early"),
        ({"binding": "cd" * 32}, "ticket_elsewhere"),
        ({"keys": [VerifyKey(SigningKey(b"x" * 32).public_bytes)]}, "ticket_forged"),
    ],
)
def test_each_wrong_use_is_refused_by_name(change, code):
    with pytest.raises(Forbidden) as refusal:
        opened(seal(TICKET, KEY), **change)
    assert refusal.value.code == code


@given(st.text(max_size=200))
def test_garbage_is_refused(text):
    with pytest.raises(Forbidden):
        opened(text)


@given(st.data())
def test_one_changed_letter_is_refused(data):
    text = seal(TICKET, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda c: c != text[at]))
    with pytest.raises(Forbidden):
        opened(text[:at] + letter + text[at + 1 :])


def test_no_ticket_outlives_sixty_seconds():
    for life in (0, -1, MAX_LIFE_US + 1):
        with pytest.raises(ValueError):
            seal(replace(TICKET, expires_us=NOW + life), KEY)


def test_a_ticket_reaches_its_own_camera_mode_and_span_only():
    inside = Span.of_us(NOW - 60_000_000, NOW)
    assert TICKET.reaches("cam-1", Mode.REPLAY, inside)
    assert not TICKET.reaches("cam-2", Mode.REPLAY, inside)
    assert not TICKET.reaches("cam-1", Mode.LIVE)
    assert not TICKET.reaches("cam-1", Mode.REPLAY, inside.widened(inside.duration))
    assert not TICKET.reaches("cam-1", Mode.REPLAY), "a ticket for a span does not open the present"
