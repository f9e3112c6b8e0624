"""A clock set back lengthens nothing, one set right again after a mistake keeps nobody out (docs/design/time.md)."""

from datetime import timedelta

import pytest

from beffroi.audit import actions as audit
from beffroi.audit import queries as log
from beffroi.governance.actions import access
from beffroi.governance.jobs import expire_grants
from beffroi.governance.queries import access as grants
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.leases import open_lease
from beffroi.operations import actions as operations
from beffroi.operations import jobs as room
from beffroi.operations import queries as shifts
from beffroi.sites.core.purposes import Purpose
from tests.plane.governance.conftest import actor
from tests.plane.governance.test_access import BINDING, HOUR, MINUTE, approve, ask, ticket_of

pytestmark = pytest.mark.django_db
AGREE = timedelta(seconds=2)
YEARS = timedelta(days=1_500)
KEY = VerifyKey(SigningKey(bytes(range(32))).public_bytes)


@pytest.mark.parametrize("emergency", [False, True], ids=["approved", "break-glass"])
def test_an_hour_is_an_hour_when_the_clock_is_set_back_in_the_middle(clock, world, convention, incident, emergency):
    asked = ask(world, incident, emergency=emergency, reason="Une personne menace de sauter du pont", duration=HOUR)
    opened = asked if emergency else approve(world, asked)
    clock.advance(30 * MINUTE)
    clock.step(-HOUR)
    ticket_of(opened, world.corg, clock.now())
    assert opened.id in grants.active_relay_ids(clock.now()), "set back is no reason to end: half an hour is left"
    clock.advance(30 * MINUTE - AGREE)
    last = ticket_of(opened, world.corg, clock.now())
    assert last.expires_us - last.issued_us <= 2 * AGREE / timedelta(microseconds=1)
    clock.advance(2 * AGREE)
    assert opened.id not in grants.active_relay_ids(clock.now()), "no heartbeat names it, whatever the worker does"
    with pytest.raises(Forbidden) as over:
        ticket_of(opened, world.corg, clock.now())
    assert over.value.code == "access_over"
    assert expire_grants(clock.now()) == 1
    (end,) = log.facts(name="access:end", subject=f"access:{opened.id}")
    assert end.fact.body == {"why": "term", "clock": "set back"}


def test_an_access_opened_under_a_clock_years_ahead_ends_in_its_time_and_the_next_opens(
    clock, world, convention, incident
):
    clock.step(YEARS)  # the order and the convention are over by then: nothing opens under it
    audit.keep_lived()
    clock.advance(MINUTE)
    clock.step(-YEARS)
    opened = approve(world, ask(world, incident, now=clock.now()), now=clock.now())
    for _ in range(6):
        assert ticket_of(opened, world.corg, clock.now()).grant == opened.id
        clock.advance(9 * MINUTE)
    clock.advance(7 * MINUTE)
    assert expire_grants(clock.now()) == 1


def test_an_access_opened_an_hour_ahead_lives_on_after_the_correction_and_ends_in_its_time(
    clock, world, convention, incident
):
    clock.step(HOUR)
    opened = approve(world, ask(world, incident, now=clock.now()), now=clock.now())
    clock.advance(MINUTE)
    clock.step(-HOUR)
    assert ticket_of(opened, world.corg, clock.now()).grant == opened.id
    clock.advance(58 * MINUTE)
    assert opened.id in grants.active_relay_ids(clock.now())
    clock.advance(2 * MINUTE)
    assert opened.id not in grants.active_relay_ids(clock.now())


def test_a_shift_begun_before_the_clock_was_set_back_goes_on_and_ends_in_its_time(clock, world, shift):
    look = access.open_duty_look(actor=actor(world.officer), now=clock.now())
    clock.advance(MINUTE)
    clock.step(-HOUR)
    assert access.open_duty_look(actor=actor(world.officer), now=clock.now()).id == look.id
    lease = access.issue_shift_lease(binding=BINDING, actor=actor(world.officer), now=clock.now())
    left_us = open_lease(lease, [KEY], now_us=to_us(clock.now()), binding=BINDING).until_us - to_us(clock.now())
    allowed = shift.expires_at - shift.begun_at
    assert left_us <= (allowed - MINUTE + AGREE) / timedelta(microseconds=1)
    clock.advance(allowed - MINUTE)
    clock.advance(2 * AGREE)
    assert grants.active_duty_ids(clock.now()) == frozenset()
    assert room.end_elapsed(clock.now()) == 1
    assert shifts.shift_of(world.officer.id, clock.now()) is None
    with pytest.raises(Conflict):
        access.open_duty_look(actor=actor(world.officer), now=clock.now())


def test_a_shift_ended_by_hand_stays_ended_and_the_next_begins_at_once(clock, world, shift):
    clock.advance(HOUR)
    operations.end_shift(actor=actor(world.officer), shift=shift.id, now=clock.now())
    clock.step(-30 * MINUTE)
    assert shifts.shift_of(world.officer.id, clock.now()) is None
    again = operations.begin_shift(
        actor=actor(world.officer),
        person=world.officer,
        purpose=Purpose.SAFETY_OF_PERSONS,
        reason="Surveillance du marché",
        now=clock.now(),
    )
    assert shifts.shift_of(world.officer.id, clock.now()).id == again.id
