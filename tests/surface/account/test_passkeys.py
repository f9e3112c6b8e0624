"""Passkeys by the pages: made, used alone, as second factor and as fresh proof; wrong in each thing, refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beffroi.audit import models as audit_models
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Invalid
from beffroi.people import models, queries
from beffroi.people.core import passkeys
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import PASSWORD, MakePerson
from tests.surface.account.authenticator import PRESENT, Authenticator

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]
SITE = passkeys.Site("testserver", "http://testserver")


def make(client: Client, device: Authenticator, **wrong: Any) -> Any:
    """Begin on the page of second factors, answer as the device does."""
    creation = client.post("/account/factors/passkey/").context["creation"]["options"]
    given = {"label": "Clé du bureau", "proof_passkey": device.make(creation, **wrong)}
    return client.post("/account/factors/passkey/add/", given)


def asked(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.post("/account/passkeys/challenge/").json()
    return options


def use(client: Client, device: Authenticator, path: str = "/account/sign-in/passkey/", **wrong: Any) -> Any:
    return client.post(path, {"proof_passkey": device.use(asked(client), **wrong)})


@pytest.fixture
def device(make_person: MakePerson, client_of: SignedIn) -> Authenticator:
    """A passkey of the chief, made on the page."""
    one = Authenticator()
    answer = make(client_of(make_person(Role.CHIEF, name="Chef", account="chef")), one)
    assert answer.status_code == 200, answer.content.decode()
    assert len(answer.context["codes"]) == 10
    return one


def chief() -> str:
    return queries.person_of("chef")


def test_a_passkey_alone_signs_in(device: Authenticator) -> None:
    client = Client()
    assert use(client, device)["Location"].startswith("/")
    assert client.get("/account/").context["person"].id == chief()
    begun = [str(one.body) for one in audit_models.Fact.objects.filter(name="session:begin")]
    assert [one for one in begun if '"passkey"' in one]
    assert device.credential.decode() not in "".join(str(one.body) for one in audit_models.Fact.objects.all())


def test_it_is_the_second_factor_after_the_password(device: Authenticator) -> None:
    client = Client()
    answer = client.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    assert answer["Location"] == "/account/sign-in/second/"
    assert [one["id"] for one in asked(client)["allowCredentials"]] == [b64(device.credential)]
    assert use(client, device, "/account/sign-in/second/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_it_is_a_fresh_proof(device: Authenticator, clock: ManualClock) -> None:
    client = Client()
    use(client, device)
    clock.advance(timedelta(minutes=11))
    given = {"step_up_minutes": "30", "lock_minutes": "5"}
    assert client.post("/account/rule/", given).status_code == 403
    proof = device.use(asked(client))
    assert client.post("/account/rule/", {**given, "proof_passkey": proof}).status_code == 302


WRONG: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://evil.example"},
    "another name": {"domain": "evil.example"},
    "an old question": {"challenge": b64(bytes(32))},
    "the wrong act": {"type": "webauthn.create"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": 0},
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
    "a counter that went back": {"uses": 0},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_one_thing_is_refused(device: Authenticator, wrong: dict[str, Any]) -> None:
    assert use(Client(), device).status_code == 302, "right in everything"
    client = Client()
    assert use(client, device, **wrong).status_code == 422
    assert client.get("/account/").status_code == 302
    assert audit_models.Fact.objects.filter(name="factor:refuse").count() == 1


@pytest.mark.parametrize("name", ["another site", "another name", "an old question", "nobody verified"])
def test_a_passkey_made_wrong_is_not_kept(make_person: MakePerson, client_of: SignedIn, name: str) -> None:
    client = client_of(make_person(Role.CHIEF))
    assert make(client, Authenticator(), **WRONG[name]).status_code == 422
    assert not models.Factor.objects.exists()


def test_an_answer_serves_once(device: Authenticator) -> None:
    client = Client()
    answer = device.use(asked(client))
    assert client.post("/account/sign-in/passkey/", {"proof_passkey": answer}).status_code == 302
    client.post("/account/sign-out/")
    assert client.post("/account/sign-in/passkey/", {"proof_passkey": answer}).status_code == 422


def test_a_question_is_good_for_five_minutes(device: Authenticator, clock: ManualClock) -> None:
    client = Client()
    options = asked(client)
    clock.advance(timedelta(minutes=5))
    assert client.post("/account/sign-in/passkey/", {"proof_passkey": device.use(options)}).status_code == 422


def test_a_passkey_of_somebody_else_is_no_second_factor(
    device: Authenticator, make_person: MakePerson, client_of: SignedIn
) -> None:
    other = Authenticator(credential=b"somebody-elses")
    make(client_of(make_person(Role.DPO, account="dpo")), other)
    client = Client()
    client.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    assert use(client, other, "/account/sign-in/second/").status_code == 422


def test_one_passkey_is_one_persons(device: Authenticator, make_person: MakePerson, client_of: SignedIn) -> None:
    assert make(client_of(make_person(Role.DPO)), device).status_code == 422


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.recursive(st.none() | st.text() | st.binary().map(b64), lambda inner: st.dictionaries(
    st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "x"]), inner
), max_leaves=8))  # fmt: skip
def test_rubbish_is_invalid_and_nothing_else(answer: Any) -> None:
    """The library's many errors are one here."""
    if not isinstance(answer, dict):
        return
    _, state = passkeys.request(SITE, known=[], challenge=bytes(32))
    for check in (
        lambda: passkeys.created(SITE, state, answer),
        lambda: passkeys.used(SITE, state, passkeys.Passkey("x", b64(bytes(80)), 0), answer),
    ):
        with pytest.raises(Invalid):
            check()


def test_deep_or_long_answers_are_refused(device: Authenticator) -> None:
    for text in ("[" * 9_000, json.dumps({"id": "x" * 20_000}), "null", "{", '{"id": 7}', '{"rawId": {}}'):
        assert Client().post("/account/sign-in/passkey/", {"proof_passkey": text}).status_code == 422
