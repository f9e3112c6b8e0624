"""A ticket opens for its sixty seconds and a lease for its shift, however the door's clock is set meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Forbidden
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.leases import ShiftLease, seal_lease
from beffroi.media.core.tickets import Mode, seal
from beffroi.media.door.admission import Admission
from beffroi.media.door.beats import Beats
from tests.unit.media.test_tickets import TICKET

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
OFFICE, DOOR = SigningKey(bytes(range(32))), SigningKey(bytes(32))
BINDING = "ab" * 32
HOUR_US = 3_600_000_000
PASSES = st.integers(1, 20_000_000)
STEPS = st.integers(-120_000_000, 120_000_000)


def door(clock: ManualClock) -> tuple[Admission, Beats]:
    beats = Beats(clock)
    return Admission((VerifyKey(OFFICE.public_bytes),), DOOR, clock, beats), beats


def opens(admission: Admission, ticket: str) -> bool:
    try:
        admission.admit(ticket, binding=BINDING, modes={Mode.REPLAY})
    except Forbidden:
        return False
    return True


@given(st.lists(st.tuples(PASSES, STEPS), min_size=1, max_size=40))
def test_a_ticket_never_opens_after_sixty_seconds_of_use(steps: list[tuple[int, int]]) -> None:
    clock = ManualClock(START)
    admission, _ = door(clock)
    now_us = clock.now_us()
    ticket = seal(
        replace(TICKET, mode=Mode.REPLAY, binding=BINDING, issued_us=now_us, expires_us=now_us + 60_000_000,
                heartbeat=False), OFFICE,
    )  # fmt: skip
    assert opens(admission, ticket)
    passed_us = 0
    for passes_us, step_us in steps:
        clock.advance(timedelta(microseconds=passes_us))
        clock.step(timedelta(microseconds=step_us))
        passed_us += passes_us
        assert not (opens(admission, ticket) and passed_us >= 60_000_000)


def test_a_lease_ends_with_its_shift_though_the_clock_was_set_back_while_the_office_was_silent() -> None:
    clock = ManualClock(START)
    admission, beats = door(clock)
    beats.hear([], duty=["duty-1"], sent_us=clock.now_us())
    lease = seal_lease(
        ShiftLease(
            id="l", grant="duty-1", person="p", person_name="C. Roux", force="PM", cameras=(CameraId("cam-1"),),
            binding=BINDING, shift="s", article="a", reason="r", issued_us=clock.now_us(),
            until_us=clock.now_us() + 2 * HOUR_US,
        ),
        OFFICE,
    )  # fmt: skip
    clock.advance(timedelta(hours=1))
    clock.step(timedelta(minutes=-59))
    clock.advance(timedelta(minutes=59, seconds=30))
    _, text, expires_us = admission.from_lease(lease, binding=BINDING, camera="cam-1")
    assert expires_us - clock.now_us() == 30_000_000
    assert admission.admit(text, binding=BINDING, modes={Mode.LIVE}, camera="cam-1").grant == "duty-1"
    clock.advance(timedelta(seconds=30))
    with pytest.raises(Forbidden) as over:
        admission.from_lease(lease, binding=BINDING, camera="cam-1")
    assert over.value.code == "lease_expired"
    with pytest.raises(Forbidden):
        admission.admit(text, binding=BINDING, modes={Mode.LIVE}, camera="cam-1")
