"""A server's clock that is set back lengthens no lock, session, proof, invitation or pause, and shuts nobody out."""

from datetime import timedelta

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.errors import NotFound
from beffroi.people import actions, queries
from beffroi.people.actions.limits import count_refusal
from beffroi.people.core.roles import Role
from beffroi.people.core.sign_in_rule import CODES
from beffroi.people.queries import actor_of
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PAGE = "/desk/incidents/"


def passes(clock, real, *, back):
    """So much time passes, and the wall clock is set back in it."""
    clock.advance(real)
    clock.at -= back


@pytest.fixture
def officer(make_person):
    return make_person(Role.VIDEO_OFFICER, now=NOW - timedelta(days=500))


@pytest.fixture
def browser(officer, client_of):
    before = NOW - timedelta(days=500)
    actions.set_sign_in_rule(forces=(), roles=(), step_up_minutes=10, lock_minutes=15, actor=SYSTEM, now=before)
    return client_of(officer)


@pytest.mark.parametrize("back", [10 * MINUTE, HOUR, timedelta(days=400)])
def test_a_page_that_nobody_touched_locks_itself_when_its_minutes_have_passed(browser, clock, back):
    passes(clock, 15 * MINUTE, back=back)
    assert browser.get(PAGE).status_code == 423


def test_whoever_works_on_is_not_locked_out_by_a_clock_set_back(browser, clock):
    passes(clock, 10 * MINUTE, back=HOUR)
    for _ in range(5):
        assert browser.get(PAGE).status_code == 200
        clock.advance(5 * MINUTE)


def test_a_session_ends_after_its_hours_all_the_same(browser, clock):
    passes(clock, 12 * HOUR, back=6 * HOUR)
    answer = browser.get(PAGE)
    assert (answer.status_code, "sign-in" in answer["Location"]) == (302, True)


def fresh(clock, session, account):
    alive = queries.live_session(session, account)
    return queries.sign_in_rule().fresh(alive.proved_at, clock.now(), alive.lived_since_proof)


def test_a_proof_is_fresh_for_its_minutes_and_no_longer(officer, browser, clock):
    session = queries.sessions(officer.id)[0].id
    account = int(browser.session["_auth_user_id"])
    assert fresh(clock, session, account)
    passes(clock, 9 * MINUTE, back=5 * MINUTE)
    assert fresh(clock, session, account)
    clock.advance(MINUTE)
    assert clock.now() - NOW == 5 * MINUTE
    assert not fresh(clock, session, account), "five minutes by the wall clock, ten in truth"
    passes(clock, MINUTE, back=2 * HOUR)
    assert not fresh(clock, session, account)


def test_an_invitation_is_over_after_its_day(officer, make_person, clock):
    chief = make_person(Role.CHIEF)
    made = actions.invite(person=officer.id, username="aubry", days=1, actor=actor_of(chief), now=clock.now())
    passes(clock, 23 * HOUR, back=20 * HOUR)
    assert queries.invitations_of(officer.id)[0].open(clock.now())
    clock.advance(2 * HOUR)
    assert not queries.invitations_of(officer.id)[0].open(clock.now())
    with pytest.raises(NotFound, match="over"):
        actions.accept_invitation(token=made.token, password="x" * 20, address="", now=clock.now())


@pytest.mark.parametrize("back", [5 * MINUTE, HOUR])
def test_a_pause_after_wrong_codes_lasts_its_quarter_of_an_hour_and_no_longer(db, clock, back):
    for _ in range(CODES.tries):
        count_refusal(key="codes:x", limit=CODES, now=clock.now())
    passes(clock, 10 * MINUTE, back=back)
    until = queries.refused_until("codes:x", CODES, clock.now())
    assert until is not None, "a clock set back lets nobody guess on"
    assert until - clock.now() == 5 * MINUTE
    clock.advance(5 * MINUTE)
    assert queries.refused_until("codes:x", CODES, clock.now()) is None
