"""From the link to the first day at work, and the page of whoever manages accounts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from beffroi.audit import models as audit_models
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import actions, queries
from beffroi.people.actions.invitations import Invited
from beffroi.people.core.factors import code_at, step_of
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from tests.conftest import NOW, PASSWORD, MakePerson

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]
FIRST = "le marché ouvre à sept heures"
DAY = timedelta(days=1)


@pytest.fixture
def chief(make_person: MakePerson) -> PersonFacts:
    return make_person(Role.CHIEF, Role.ADMINISTRATOR, name="Cheffe", account="chef")


def invited(chief: PersonFacts, **given: Any) -> Invited:
    return actions.invite_new(
        name="Recrue", unit=chief.unit_id, roles=[Role.DUTY_OFFICER], username="recrue", days=3,
        actor=queries.actor(chief.id), now=NOW, **given,
    )  # fmt: skip


def follow(client: Client, token: str) -> Any:
    return client.get(f"/account/invitation/{token}/", follow=True)


def test_a_new_person_is_invited_sets_password_and_factor_and_works(
    chief: PersonFacts, client_of: SignedIn, clock: ManualClock
) -> None:
    actions.set_sign_in_rule(
        forces=(Force.PM,), roles=(), step_up_minutes=10, lock_minutes=15, actor=SYSTEM, now=NOW - DAY
    )
    actor = queries.actor(chief.id)
    actions.propose_app(person=chief.id, actor=actor, now=NOW)
    secret = queries.proposed_secret(chief.id) or b""
    actions.confirm_app(person=chief.id, label="", code=code_at(secret, step_of(NOW)), session="", actor=actor, now=NOW)
    clock.advance(timedelta(seconds=30))
    manager, person = Client(), Client()
    manager.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    manager.post("/account/sign-in/second/", {"proof_code": code_at(secret, step_of(clock.now()))})
    form = manager.get("/account/people/new/")
    given = {"name": "Recrue", "unit": form.context["form"].fields["unit"].choices[0][0], "roles": ["duty_officer"]}
    made = manager.post("/account/people/new/", {**given, "username": "recrue", "days": "3"})
    link = made.context["link"]
    assert link.startswith("http://testserver/account/invitation/")
    assert "data:image/svg+xml" in made.content.decode()

    page = person.get(link, follow=True)
    assert page.redirect_chain[-1][0] == "/account/join/", "the token leaves the address"
    assert "Recrue" in page.content.decode()
    weak = person.post("/account/join/", {"new": "court", "again": "court"})
    assert weak.status_code == 422
    done = person.post("/account/join/", {"new": FIRST, "again": FIRST})
    assert done["Location"] == "/account/factors/"
    assert person.get("/desk/incidents/")["Location"] == "/account/factors/", "the factor first"
    person.post("/account/factors/app/")
    mine = queries.proposed_secret(queries.person_of("recrue")) or b""
    person.post("/account/factors/app/confirm/", {"label": "x", "code": code_at(mine, step_of(clock.now()))})
    assert person.get("/desk/incidents/").status_code == 200
    names = [one.name for one in audit_models.Fact.objects.filter(name__startswith="invitation:")]
    assert sorted(names) == ["invitation:accept", "invitation:make"]
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in "".join(str(one.body) for one in audit_models.Fact.objects.all())


def test_a_link_opens_once(chief: PersonFacts, clock: ManualClock) -> None:
    token = invited(chief).token
    first, second = Client(), Client()
    assert (follow(first, token).status_code, follow(second, token).status_code) == (200, 200)
    given = {"new": FIRST, "again": FIRST}
    assert first.post("/account/join/", given).status_code == 302
    assert second.post("/account/join/", given).status_code == 410
    assert follow(Client(), token).status_code == 410


def test_a_link_opens_until_its_day(chief: PersonFacts, clock: ManualClock) -> None:
    token = invited(chief).token
    clock.advance(3 * DAY - timedelta(seconds=1))
    assert follow(Client(), token).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert follow(Client(), token).status_code == 410


def test_withdrawn_replaced_and_unknown_links_look_the_same(chief: PersonFacts, clock: ManualClock) -> None:
    actor = queries.actor(chief.id)
    one = invited(chief)
    two = actions.invite(person=one.person, days=1, actor=actor, now=NOW)
    actions.withdraw_invitation(invitation=two.id, actor=actor, now=NOW)
    with pytest.raises(Conflict):
        actions.withdraw_invitation(invitation=two.id, actor=actor, now=NOW)
    pages = {
        follow(Client(), token).content.split(b"<main")[1].split(b"</main>")[0]
        for token in (one.token, two.token, "inventé")
    }
    assert len(pages) == 1


def test_no_account_opens_before_its_link_and_guessing_links_closes_the_place(
    chief: PersonFacts, clock: ManualClock
) -> None:
    invited(chief)
    for password in ("", "!", "recrue"):
        assert Client().post("/account/sign-in/", {"username": "recrue", "password": password}).status_code == 200
    for number in range(30):
        follow(Client(), f"essai-{number}")
    assert follow(Client(), "encore").status_code == 429


def test_a_new_link_leaves_the_old_password_until_it_is_used(
    chief: PersonFacts, make_person: MakePerson, client_of: SignedIn
) -> None:
    person = make_person(Role.DPO, account="dpo")
    client = client_of(person)
    link = actions.invite(person=person.id, days=1, actor=queries.actor(chief.id), now=NOW)
    assert client.get("/account/").status_code == 200
    fresh = Client()
    follow(fresh, link.token)
    fresh.post("/account/join/", {"new": FIRST, "again": FIRST})
    assert client.get("/account/").status_code == 302, "other sessions end with the password"
    assert Client().post("/account/sign-in/", {"username": "dpo", "password": PASSWORD}).status_code == 200
    assert fresh.get("/account/").status_code == 200


def test_a_link_does_not_go_round_the_second_factor(chief: PersonFacts, make_person: MakePerson) -> None:
    person = make_person(Role.DPO, account="dpo")
    actor = queries.actor(person.id)
    actions.propose_app(person=person.id, actor=actor, now=NOW)
    secret = queries.proposed_secret(person.id) or b""
    actions.confirm_app(
        person=person.id, label="", code=code_at(secret, step_of(NOW)), session="", actor=actor, now=NOW
    )
    link = actions.invite(person=person.id, days=1, actor=queries.actor(chief.id), now=NOW)
    client = Client()
    follow(client, link.token)
    answer = client.post("/account/join/", {"new": FIRST, "again": FIRST})
    assert answer["Location"].startswith("/account/sign-in/second/")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"days": 0}, Invalid),
        ({"days": 15}, Invalid),
        ({"person": "nobody"}, NotFound),
        ({"person": "self"}, Forbidden),
    ],
)
def test_what_makes_no_link(chief: PersonFacts, given: dict[str, Any], error: type[Exception]) -> None:
    person = given.get("person", invited(chief).person)
    with pytest.raises(error):
        actions.invite(
            person=chief.id if person == "self" else person, days=given.get("days", 1),
            actor=queries.actor(chief.id), now=NOW,
        )  # fmt: skip


def test_names_are_taken_once_and_nobody_who_left_is_invited(chief: PersonFacts) -> None:
    one = invited(chief)
    with pytest.raises(Conflict):
        invited(chief)
    actions.end_duty(person=one.person, reason="mutation", actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        actions.invite(person=one.person, days=1, actor=queries.actor(chief.id), now=NOW)
    assert queries.open_invitation(actions.token_digest(one.token), NOW) is None


def test_whoever_manages_accounts_ends_sessions_factors_pauses_and_duty(
    chief: PersonFacts, make_person: MakePerson, client_of: SignedIn
) -> None:
    person = make_person(Role.VIDEO_OFFICER, name="Référente", account="referent")
    client, manager = client_of(person), client_of(chief)
    path = f"/account/people/{person.id}/"
    assert "Référente" in manager.get("/account/people/").content.decode()
    assert manager.get(path).status_code == 200
    assert manager.post(f"{path}sessions/").status_code == 302
    assert client.get("/account/").status_code == 302
    for _ in range(5):
        Client().post("/account/sign-in/", {"username": "referent", "password": "faux"})
    right = {"username": "referent", "password": PASSWORD}
    closed = Client().post("/account/sign-in/", right)
    assert closed.status_code == 429
    assert "rouvre d’elle-même à" in closed.content.decode()
    assert manager.post(f"{path}unlock/").status_code == 302
    assert Client().post("/account/sign-in/", right).status_code == 302
    assert manager.post(f"{path}factors/", {"reason": ""}).status_code == 422
    assert manager.post(f"{path}factors/", {"reason": "perdu"}).status_code == 302
    assert manager.post(f"{path}leave/", {"reason": "mutation"}).status_code == 302
    assert "fin de fonctions" in manager.get("/account/people/").content.decode()
    mine = f"/account/people/{chief.id}/"
    assert manager.post(f"{mine}leave/", {"reason": "x"}).status_code == 422
    assert manager.post(f"{mine}factors/", {"reason": "x"}).status_code == 403
    assert manager.post(f"{mine}sessions/").status_code == 302
    assert manager.get(mine).status_code == 200, "her own session stays"


def test_what_is_typed_as_a_name_is_kept_nowhere(client: Client, db: None) -> None:
    """Not in the log, and not in the table of attempts either: people type passwords there."""
    from axes.models import AccessAttempt

    client.post("/account/sign-in/", {"username": "mon-secret-a-moi", "password": "x"})
    kept = list(AccessAttempt.objects.values())
    assert kept
    assert "secret" not in str(kept)


def test_no_session_name_survives_a_step_of_sign_in(chief: PersonFacts, clock: ManualClock) -> None:
    """Fixation: whoever planted a session's name holds nothing after the password, nor after the code."""
    actor = queries.actor(chief.id)
    actions.propose_app(person=chief.id, actor=actor, now=NOW)
    secret = queries.proposed_secret(chief.id) or b""
    actions.confirm_app(person=chief.id, label="", code=code_at(secret, step_of(NOW)), session="", actor=actor, now=NOW)
    clock.advance(timedelta(seconds=30))
    client = Client()
    client.post("/account/passkeys/challenge/")
    names = [client.cookies[settings.SESSION_COOKIE_NAME].value]
    client.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    names.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    client.post("/account/sign-in/second/", {"proof_code": code_at(secret, step_of(clock.now()))})
    names.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert len(set(names)) == 3
    for planted in names[:2]:
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = planted
        assert thief.get("/account/").status_code == 302
        assert thief.get("/account/sign-in/second/").status_code == 302


def test_whoever_manages_another_commune_sees_nobody_of_this_one(
    chief: PersonFacts, make_person: MakePerson, client_of: SignedIn
) -> None:
    invited(chief)
    organisation = actions.create_organisation(name="Couvry", force=Force.PM, insee="99124", actor=SYSTEM, now=NOW)
    unit = actions.create_unit(organisation=organisation, name="Police de Couvry", actor=SYSTEM, now=NOW)
    far = actions.create_person(name="Voisine", unit=unit, actor=SYSTEM, now=NOW)
    actions.grant_role(person=far, role=Role.ADMINISTRATOR, actor=SYSTEM, now=NOW)
    stranger = client_of(queries.person_facts(far, NOW))
    page = stranger.get("/account/people/").content.decode()
    assert "Voisine" in page
    assert "Recrue" not in page
    assert "Cheffe" not in page
    units = stranger.get("/account/people/new/").context["form"].fields["unit"].choices
    assert [name for _, name in units] == ["Police de Couvry — Couvry"]
