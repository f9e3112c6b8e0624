"""A session's name is given at sign-in and is worth nothing after: one that was planted before opens nothing."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from beffroi.kernel.clock import ManualClock
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from tests.conftest import MakePerson
from tests.surface.account.test_second_factor import code_of, password, rule, with_app

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]


def name_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def with_name(name: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = name
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_name_planted_before_the_password_is_not_valid_after_it(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    person = make_person(Role.VIDEO_OFFICER)
    client_of(person)  # opens her account
    for planted in ("a" * 32, _a_session_of_the_centre()):
        victim = with_name(planted)
        assert password(victim, person).status_code == 302
        assert is_in(victim)
        assert name_of(victim) != planted
        assert not is_in(with_name(planted))


def _a_session_of_the_centre() -> str:
    """One that the server itself keeps, as an attacker gets it from a page before sign-in."""
    session = Client().session
    session["planted"] = True
    session.save()
    assert session.session_key
    return session.session_key


def test_the_name_changes_with_the_password_and_again_with_the_second_factor(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    rule(forces=(Force.PM,))
    person = make_person(Role.VIDEO_OFFICER)
    client_of(person)
    secret, _ = with_app(person, clock)
    planted = _a_session_of_the_centre()
    client = with_name(planted)
    password(client, person)
    half = name_of(client)
    client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    assert is_in(client)
    assert len({planted, half, name_of(client)}) == 3
    assert not is_in(with_name(planted))
    assert not is_in(with_name(half))


def test_the_name_of_before_opens_nothing_after_sign_out(make_person: MakePerson, client_of: SignedIn) -> None:
    client = client_of(make_person(Role.VIDEO_OFFICER))
    name = name_of(client)
    assert is_in(with_name(name))
    client.post("/account/sign-out/")
    assert not is_in(with_name(name))
    assert not is_in(client)
