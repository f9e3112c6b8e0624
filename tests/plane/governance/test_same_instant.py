"""Two answers at the same instant, from two connections: one counts, the other is told so; and the clock that steps."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from beffroi.audit import queries as audit
from beffroi.governance.actions import access
from beffroi.governance.jobs import expire_grants
from beffroi.governance.queries import access as grants
from beffroi.kernel.errors import Conflict, Forbidden
from tests.conftest import NOW
from tests.plane.governance.conftest import actor
from tests.plane.governance.test_access import HOUR, MINUTE, approve, ask, ticket_of

ANSWERS = {"access:approve", "access:refuse", "access:withdraw", "access:limit"}


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act gave or raised, all begun at the same instant, each on a connection of its own."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(which: int, act: Callable[[], object]) -> None:
        try:
            start.wait(20)
            found[which] = act()
        except Conflict as refused:
            found[which] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert None not in found, found
    return found


def answers_of(grant) -> list[str]:
    return [one.fact.name for one in audit.facts(subject=f"access:{grant.id}") if one.fact.name in ANSWERS]


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_the_same_instant_one_counts_and_the_other_is_a_conflict(world, convention, incident):
    for other in (
        lambda asked: approve(world, asked, by=world.chief),
        lambda asked: approve(world, asked, by=world.chief, answer="refuse", note="Pas maintenant"),
    ):
        asked = ask(world, incident)
        found = together(lambda asked=asked: approve(world, asked), lambda o=other, asked=asked: o(asked))
        lost = [one for one in found if isinstance(one, Conflict)]
        assert [one.code for one in lost] == ["access_decided"]
        assert len(answers_of(asked)) == 1
        won = next(one for one in found if not isinstance(one, Conflict))
        assert grants.grant(asked.id).state == won.state


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_withdrawal_at_the_same_instant_never_leave_it_open(world, convention, incident):
    asked = ask(world, incident)
    found = together(
        lambda: approve(world, asked), lambda: access.stop_access(grant=asked.id, actor=actor(world.corg), now=NOW)
    )
    state = grants.grant(asked.id).state
    if isinstance(found[0], Conflict):
        assert (state, found[0].code, answers_of(asked)) == ("withdrawn", "access_decided", ["access:withdraw"])
    else:  # the yes came first: the same press of the button stopped what it had opened
        assert (state, answers_of(asked)) == ("stopped", ["access:approve"])
    assert grants.active_relay_ids(NOW) == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize("emergency", [False, True], ids=["approved", "break-glass"])
def test_a_clock_that_jumps_forth_ends_an_access_and_jumping_back_does_not_reopen_it(
    world, convention, incident, emergency
):
    asked = ask(world, incident, emergency=emergency, reason="Une personne menace de sauter du pont", duration=HOUR)
    opened = asked if emergency else approve(world, asked)
    assert (opened.state, opened.until) == ("active", NOW + HOUR)
    jumped = NOW + HOUR + timedelta(seconds=1)
    with pytest.raises(Forbidden) as over:
        ticket_of(opened, world.corg, jumped)
    assert over.value.code == "access_over"
    expire_grants(jumped)
    assert grants.grant(opened.id).state == "ended"
    for back in (NOW, NOW + MINUTE, NOW - HOUR):
        with pytest.raises(Forbidden):
            ticket_of(opened, world.corg, back)
        assert opened.id not in grants.active_relay_ids(back)
