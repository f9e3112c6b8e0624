"""A second factor, from the rule that asks for it to the code that opens, and the proofs asked for later."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from beffroi.audit import models as audit_models
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Forbidden, NotFound
from beffroi.people import actions, models, queries
from beffroi.people.core.factors import code_at, step_of
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from tests.conftest import NOW, PASSWORD, MakePerson

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]
HALF_MINUTE = timedelta(seconds=30)


def rule(*, forces: tuple[Force, ...] = (), roles: tuple[Role, ...] = (), minutes: int = 10) -> None:
    actions.set_sign_in_rule(
        forces=forces, roles=roles, step_up_minutes=minutes, lock_minutes=15, actor=SYSTEM, now=NOW
    )


def with_app(person: PersonFacts, clock: ManualClock) -> tuple[bytes, list[str]]:
    """The person's app is set up; half a minute later its secret and her recovery codes."""
    actor = queries.actor(person.id)
    actions.propose_app(person=person.id, actor=actor, now=clock.now())
    secret = queries.proposed_secret(person.id)
    assert secret is not None
    code = code_at(secret, step_of(clock.now()))
    codes = actions.confirm_app(
        person=person.id, label="Téléphone", code=code, session="", actor=actor, now=clock.now()
    )
    clock.advance(HALF_MINUTE)
    return secret, codes


def code_of(secret: bytes, clock: ManualClock) -> str:
    return code_at(secret, step_of(clock.now()))


def password(client: Client, person: PersonFacts, **more: str) -> Any:
    given = {"username": queries.username_of(person.id), "password": PASSWORD, **more}
    return client.post("/account/sign-in/", given)


def facts(name: str) -> list[str]:
    return [str(one.body) for one in audit_models.Fact.objects.filter(name=name)]


def test_who_must_have_a_factor_is_led_to_set_it_up_and_nothing_else_opens(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    rule(forces=(Force.GN,))
    person = make_person(Role.INVESTIGATOR)
    client = client_of(person)
    for path in ("/counter/requisitions/", "/account/"):
        assert client.get(path, follow=True).redirect_chain[-1][0] == "/account/factors/", path
    assert client.post("/tickets/x", {}, headers={"accept": "application/json"}).json()["code"] == "factor_missing"
    page = client.get("/account/factors/").content.decode()
    assert "demande un second facteur" in page
    assert "Requisitions" not in page
    assert client.post("/account/factors/app/").status_code == 302
    page = client.get("/account/factors/").content.decode()
    assert "data:image/svg+xml" in page
    secret = queries.proposed_secret(person.id)
    assert secret is not None
    wrong = client.post("/account/factors/app/confirm/", {"label": "Tél.", "code": "000000"})
    assert wrong.status_code == 422
    done = client.post("/account/factors/app/confirm/", {"label": "Tél.", "code": code_of(secret, clock)})
    assert len(re.findall(r"<code>\w{4}-\w{4}-\w{4}-\w{4}</code>", done.content.decode())) == 10
    assert client.get("/counter/requisitions/").status_code == 200
    written = "".join(facts("factor:enrol") + facts("factor:propose") + facts("factor:codes"))
    assert queries.secret_of(models.Factor.objects.get()).hex() not in written
    assert models.Factor.objects.get().sealed.startswith("bs1.")


def test_the_rule_asks_only_whom_it_names(make_person: MakePerson, client_of: SignedIn, clock: ManualClock) -> None:
    rule(forces=(Force.GN,), roles=(Role.ADMINISTRATOR,))
    assert client_of(make_person(Role.CHIEF)).get("/account/").status_code == 200
    assert client_of(make_person(Role.ADMINISTRATOR)).get("/account/").status_code == 302


def test_what_ships_asks_forces_and_administrators() -> None:
    """The settings as they are delivered, not those of the tests."""
    from importlib import resources

    text = (resources.files("beffroi.config") / "settings.py").read_text("utf-8")
    assert '"forces": ["GN", "PN", "PREF", "SDIS", "CONTROL"],\n    "roles": ["administrator"],' in text


def test_the_password_alone_no_longer_opens(make_person: MakePerson, client: Client, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    secret, _ = with_app(person, clock)
    half = password(client, person, next="/desk/incidents/")
    assert half["Location"] == "/account/sign-in/second/?next=%2Fdesk%2Fincidents%2F"
    assert "sign-in" in client.get("/desk/incidents/")["Location"]
    assert not facts("session:begin")
    given = {"proof_code": code_of(secret, clock), "next": "/desk/incidents/"}
    answer = client.post("/account/sign-in/second/", given)
    assert answer["Location"] == "/desk/incidents/"
    assert client.get("/desk/incidents/").status_code == 200
    assert "totp" in facts("session:begin")[0]


def test_a_code_opens_once(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    secret, _ = with_app(person, clock)
    code = code_of(secret, clock)
    for expected in (302, 422):
        client = Client()
        password(client, person)
        assert client.post("/account/sign-in/second/", {"proof_code": code}).status_code == expected


def test_a_recovery_code_opens_once_and_says_how_many_are_left(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    _, codes = with_app(person, clock)
    for expected in (302, 422):
        client = Client()
        password(client, person)
        given = {"proof_code": codes[3].upper().replace("-", " ")}
        assert client.post("/account/sign-in/second/", given).status_code == expected
    assert queries.recovery_codes_left(person.id) == 9
    assert '"left":9' in facts("factor:recover")[0].replace(" ", "")
    assert codes[3] not in "".join(facts("factor:recover") + facts("factor:refuse"))


def test_after_five_wrong_codes_even_the_right_one_waits(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    secret, _ = with_app(person, clock)
    client = Client()
    password(client, person)
    for _ in range(5):
        assert client.post("/account/sign-in/second/", {"proof_code": "123456"}).status_code == 422
    answer = client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    assert answer.status_code == 422
    assert "15 prochaines minutes" in answer.content.decode()
    clock.advance(timedelta(minutes=15))
    password(client, person)
    answer = client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    assert answer.status_code == 302


def test_the_second_step_without_the_first_or_too_late_leads_back(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    secret, _ = with_app(person, clock)
    client = Client()
    assert client.get("/account/sign-in/second/")["Location"] == "/account/sign-in/"
    password(client, person)
    clock.advance(timedelta(minutes=10))
    answer = client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    assert answer["Location"] == "/account/sign-in/"
    assert not facts("session:begin")


def test_an_act_asks_again_when_the_proof_is_old_and_loses_nothing(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    client = client_of(make_person(Role.ADMINISTRATOR))
    given = {"forces": ["GN", "PN"], "step_up_minutes": "20", "lock_minutes": "5"}
    clock.advance(timedelta(minutes=10))
    asked = client.post("/account/rule/", given)
    assert asked.status_code == 403
    page = asked.content.decode()
    assert page.count('type="hidden" name="forces"') == 2
    assert "Confirmez que c’est vous" in page
    refused = client.post("/account/rule/", {**given, "proof_password": "non"})
    assert refused.status_code == 403
    assert "n’est pas votre mot de passe" in refused.content.decode()
    assert not models.SignInRuleVersion.objects.exists()
    assert client.post("/account/rule/", {**given, "proof_password": PASSWORD}).status_code == 302
    assert queries.sign_in_rule().forces == {Force.GN, Force.PN}
    assert len(facts("session:step-up")) == len(facts("session:step-up-refuse")) == len(facts("account:rule")) == 1
    assert client.post("/account/rule/", given).status_code == 302, "fresh now: not asked again"


def test_who_has_a_factor_confirms_by_it_and_not_by_the_password(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.ADMINISTRATOR, account="admin")
    secret, _ = with_app(person, clock)
    client = Client()
    password(client, person)
    client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    clock.advance(timedelta(minutes=11))
    given = {"step_up_minutes": "20", "lock_minutes": "5"}
    assert client.post("/account/rule/", {**given, "proof_password": PASSWORD}).status_code == 403
    assert client.post("/account/rule/", {**given, "proof_code": code_of(secret, clock)}).status_code == 302


@pytest.mark.parametrize(
    "path",
    ["/desk/requisitions/x/extract/", "/desk/requisitions/x/packages/make/"],
)
def test_extraction_asks_for_a_fresh_proof(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock, path: str
) -> None:
    client = client_of(make_person(Role.VIDEO_OFFICER))
    assert client.post(path).status_code == 404, "fresh: the act itself answers"
    clock.advance(timedelta(minutes=10))
    assert client.post(path).status_code == 403
    assert client.post(path, {"proof_password": PASSWORD}).status_code == 404


def test_break_glass_asks_for_a_fresh_proof_and_an_ordinary_request_does_not(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    client = client_of(make_person(Role.OPERATIONS_CENTRE))
    clock.advance(timedelta(minutes=10))
    assert client.post("/counter/access/live/", {"reason": "x"}).status_code == 422
    answer = client.post("/counter/access/live/", {"reason": "Coups de feu", "emergency": "on"})
    assert answer.status_code == 403
    assert 'name="reason" value="Coups de feu"' in answer.content.decode()


def test_the_last_factor_of_who_must_have_one_stays(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.ADMINISTRATOR, account="admin")
    with_app(person, clock)
    (mine,) = queries.factors(person.id)
    rule(roles=(Role.ADMINISTRATOR,))
    given = {"person": person.id, "factor": mine.id, "actor": SYSTEM, "now": clock.now()}
    with pytest.raises(Conflict):
        actions.remove_factor(**given)
    clock.advance(timedelta(minutes=1))
    actions.set_sign_in_rule(forces=(), roles=(), step_up_minutes=10, lock_minutes=15, actor=SYSTEM, now=clock.now())
    actions.remove_factor(**given)
    assert (queries.has_factor(person.id), queries.recovery_codes_left(person.id)) == (False, 0)
    assert models.Factor.objects.get().sealed == "", "the secret goes with it"


def test_nobody_touches_a_factor_of_someone_else(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    person = make_person(Role.CHIEF, account="chef")
    with_app(person, clock)
    (factor,) = queries.factors(person.id)
    other = client_of(make_person(Role.DPO))
    assert other.post(f"/account/factors/{factor.id}/remove/").status_code == 404
    assert queries.has_factor(person.id)
    with pytest.raises(NotFound):
        actions.confirm_app(person=person.id, label="", code="123456", session="", actor=SYSTEM, now=clock.now())


def test_refused_sign_ins_of_one_place_close_it_for_all_names(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    for number in range(30):
        given = {"username": f"agent-{number}", "password": "printemps2026"}
        assert Client().post("/account/sign-in/", given).status_code == 200
    answer = password(Client(), person)
    assert answer.status_code == 429
    assert "Trop de tentatives refusées" in answer.content.decode()
    clock.advance(timedelta(minutes=15))
    assert password(Client(), person).status_code == 302


def test_lost_factors_are_taken_away_by_somebody_else_only(make_person: MakePerson, clock: ManualClock) -> None:
    person = make_person(Role.CHIEF, account="chef")
    secret, _ = with_app(person, clock)
    client = Client()
    password(client, person)
    client.post("/account/sign-in/second/", {"proof_code": code_of(secret, clock)})
    with pytest.raises(Forbidden):
        actions.reset_factors(person=person.id, reason="perdu", actor=queries.actor(person.id), now=clock.now())
    assert actions.reset_factors(person=person.id, reason="Téléphone perdu", actor=SYSTEM, now=clock.now()) == 1
    assert client.get("/account/").status_code == 302, "whoever was in is out"
    assert password(Client(), person)["Location"] != "/account/sign-in/second/"
    assert "Téléphone perdu" in facts("factor:reset")[0]
