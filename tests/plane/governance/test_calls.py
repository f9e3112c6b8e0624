"""J0: nobody waits for ever. Requests and requisitions go down the order of call; the alarm; hand-over of a shift."""

from datetime import timedelta

import pytest

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import access
from beffroi.governance.jobs import call_next
from beffroi.governance.queries import notices, waiting
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.spans import Span
from beffroi.operations import actions as operations
from beffroi.operations import queries as room
from beffroi.operations.core.calls import PeriodKind
from beffroi.operations.core.words import OpenThing, RotaLine
from beffroi.people.core.roles import Role
from tests.conftest import INSEE, NOW
from tests.plane.governance.conftest import actor, begin
from tests.plane.governance.test_access import ask

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rota(world, make_person):
    """Video officer, chief, then an officer who may decide on accesses only."""
    agent = make_person(Role.DUTY_OFFICER, name="Agente")
    order = (world.video, world.chief, agent)
    lines = [RotaLine(rank, one.id, one.called, f"060000000{rank}") for rank, one in enumerate(order, 1)]
    operations.set_rota(actor=SYSTEM, lines=lines, now=NOW)
    return order


def run(until, step=timedelta(seconds=30)):
    """The worker, from now on."""
    now = NOW
    while now <= NOW + until:
        call_next(now)
        now += step


def called(grant):
    return [(call.person, call.at - NOW) for call, _ in notices.calls_about(f"access:{grant.id}")]


def test_whoever_is_on_duty_first_then_the_order_then_the_alarm_to_chief_and_mayor(
    world, convention, incident, rota, make_person
):
    mayor = make_person(Role.MAYOR, name="Maire", cleared=False)
    grant = ask(world, incident)
    run(40 * MINUTE)
    video, chief, agent = (one.id for one in rota)
    assert called(grant) == [
        (world.officer.id, timedelta(0)),
        (video, 5 * MINUTE),
        (chief, 10 * MINUTE),
        (agent, 15 * MINUTE),
    ]
    alarm = {line.person_name for line in notices.of_access(grant.id) if line.occasion == "unanswered"}
    assert alarm == {world.chief.called, mayor.called}
    names = [line.fact.name for line in audit.facts(subject=f"access:{grant.id}")]
    assert names.count("call:next") == 4
    assert names.count("call:unanswered") == 1
    board = waiting.board(f"access:{grant.id}", NOW + 40 * MINUTE)
    assert (board.unanswered, board.next_name, len(board.called)) == (True, "", 4)


def test_an_answer_ends_the_calls(world, convention, incident, rota):
    grant = ask(world, incident)
    run(6 * MINUTE)
    access.decide_access(grant=grant.id, answer="approve", actor=actor(world.chief), now=NOW + 7 * MINUTE)
    assert call_next(NOW + 30 * MINUTE) == 0
    assert waiting.board(f"access:{grant.id}", NOW + 30 * MINUTE) is None
    assert len(called(grant)) == 2


def test_who_asks_is_never_called_to_answer_herself_even_alone(world, convention, incident, make_person):
    both = make_person(Role.CHIEF, Role.OPERATIONS_CENTRE, name="Double", force=world.corg.force)
    lines = [RotaLine(1, both.id, both.called, "")]
    operations.set_rota(actor=SYSTEM, lines=lines, now=NOW)
    for shift in room.on_duty(NOW + MINUTE):
        operations.end_shift(actor=SYSTEM, shift=shift.id, now=NOW + MINUTE)
    grant = ask(world, incident, person=both, now=NOW + MINUTE)
    assert grant.state == "requested", (grant.refusal, grant.article)
    for minutes in range(1, 30):
        call_next(NOW + minutes * MINUTE)
    assert called(grant) == []
    with pytest.raises(Forbidden):
        access.decide_access(grant=grant.id, answer="approve", actor=actor(both), now=NOW + 20 * MINUTE)
    assert notices.alarmed(f"access:{grant.id}"), "nobody is left: the alarm, not the requester"


def test_presets_turns_and_absences_change_who_is_called_and_when(world, convention, incident, rota):
    video, chief, agent = rota
    operations.choose_staffing(actor=SYSTEM, preset="staffed", now=NOW - MINUTE)
    week = Span(NOW - MINUTE, NOW + timedelta(days=7))
    operations.enter_period(actor=SYSTEM, person=agent.id, kind=PeriodKind.TURN, span=week, now=NOW)
    away = operations.enter_period(actor=SYSTEM, person=video.id, kind=PeriodKind.AWAY, span=week, now=NOW)
    assert [line.person for line in room.order_of_call(NOW)] == [agent.id, chief.id]
    grant = ask(world, incident)
    run(5 * MINUTE)
    assert called(grant)[1:] == [(agent.id, 2 * MINUTE), (chief.id, 4 * MINUTE)]
    operations.remove_period(actor=SYSTEM, period=away, now=NOW)
    assert [line.person for line in room.order_of_call(NOW)] == [agent.id, video.id, chief.id]
    with pytest.raises(Invalid):
        operations.choose_staffing(actor=SYSTEM, preset="huge", now=NOW)
    with pytest.raises(Invalid):
        operations.enter_period(actor=SYSTEM, person=world.corg.id, kind=PeriodKind.TURN, span=week, now=NOW)
    with pytest.raises(NotFound):
        operations.remove_period(actor=SYSTEM, period=away, now=NOW)


def test_a_shift_is_handed_over_with_what_is_open_and_taken_once_by_somebody_on_duty(world, shift, incident):
    things = [OpenThing("incident", incident.id, incident.reference)]
    giving = {"actor": actor(world.officer), "person": world.officer, "insee": INSEE, "still_open": things}
    operations.give_over(**giving, note="Rixe calmée, rester attentif", now=NOW + MINUTE)
    assert room.shift_of(world.officer.id, NOW + MINUTE) is None
    (left,) = room.handovers_to_take(world.chief)
    assert (left.note, left.still_open[0].label) == ("Rixe calmée, rester attentif", incident.reference)
    assert room.handovers_to_take(world.officer) == [], "one's own is not taken"
    assert room.logbook_visible_to(world.chief)[0].kind == "handover"
    taking = {"handover": left.id, "now": NOW + 2 * MINUTE}
    with pytest.raises(Conflict):
        operations.take_over(actor=actor(world.chief), person=world.chief, **taking)
    begin(world.chief, NOW + 2 * MINUTE)
    operations.take_over(actor=actor(world.chief), person=world.chief, **taking)
    begin(world.video, NOW + 2 * MINUTE)
    with pytest.raises(Conflict):
        operations.take_over(actor=actor(world.video), person=world.video, **taking)
    with pytest.raises(NotFound):
        operations.take_over(actor=actor(world.officer), person=world.officer, **taking)
    with pytest.raises(Conflict):
        operations.give_over(**giving, note="", now=NOW + 3 * MINUTE)
