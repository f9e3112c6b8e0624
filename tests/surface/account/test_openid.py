"""OpenID Connect against a provider somebody else wrote, in a process of its own; and against one that lies."""

import json
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from beffroi.audit import models as audit_models
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions, models, queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from tests.conftest import NOW, MakePerson
from tests.ports import free_port
from tests.waiting import until

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def trust(issuer: str, **given: Any) -> str:
    wanted = {"name": "ProConnect", "client": "beffroi", "secret": "un secret", "acr": "", "strong": False, **given}
    return actions.trust_provider(issuer=issuer, actor=SYSTEM, now=NOW, **wanted)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider's own program on a free port."""
    port = free_port()
    program = shutil.which("oidc-provider-mock", path=str(Path(sys.executable).parent))
    assert program is not None
    running = subprocess.Popen(
        [program, "--port", str(port), "--require-nonce", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"

    def answers() -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=2).status == 200)
        except OSError:
            return False

    try:
        until(answers, what="the provider answers")
        yield address
    finally:
        running.terminate()
        running.wait(10)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def vouch(address: str, subject: str) -> str:
    """Sign in at the provider as its form does; where it sends the browser back to."""
    data = urllib.parse.urlencode({"sub": subject}).encode()
    with pytest.raises(urllib.error.HTTPError) as sent:
        urllib.request.build_opener(_Stay).open(address, data=data, timeout=5)
    assert sent.value.code == 302
    return str(sent.value.headers["Location"]).removeprefix("http://testserver")


def reasons() -> list[str]:
    return [json.loads(one.body)["reason"] for one in audit_models.Fact.objects.filter(name="identity:refuse")]


def linked(client: Client, provider: str, subject: str = "agent-17") -> Any:
    """Link oneself as a person does, from the page of second factors."""
    page = client.post(f"/account/provider/{provider}/link/")
    assert f"/account/provider/{provider}/" in page.content.decode()
    return client.get(vouch(client.get(f"/account/provider/{provider}/")["Location"], subject))


def test_a_person_links_herself_and_signs_in_by_the_provider(
    issuer: str, make_person: MakePerson, client_of: SignedIn, settings: Any
) -> None:
    from beffroi.kernel.clock import SystemClock

    settings.BEFFROI_CLOCK = SystemClock()  # the provider's tokens carry the real time
    person = make_person(Role.CHIEF, account="chef", now=SystemClock().now() - timedelta(days=1))
    here = Client()
    assert here.post("/account/sign-in/", {"username": "chef", "password": "la cloche sonne a midi"}).status_code == 302
    provider = trust(issuer)
    assert linked(here, provider)["Location"] == "/account/factors/"
    assert [one.subject for one in queries.identities(person.id)] == ["agent-17"]

    client = Client()
    assert "Passer par ProConnect" in client.get("/account/sign-in/").content.decode()
    to = client.get(f"/account/provider/{provider}/?next=/desk/incidents/")["Location"]
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(to).query)
    assert (asked["code_challenge_method"], asked["scope"]) == (["S256"], ["openid"])
    back = vouch(to, "agent-17")
    assert client.get(back)["Location"] == "/desk/incidents/"
    assert client.get("/account/").status_code == 200
    assert client.get(back).status_code == 422, "an answer serves once"

    stranger = Client()
    back = vouch(stranger.get(f"/account/provider/{provider}/")["Location"], "somebody-else")
    assert stranger.get(back).status_code == 422
    planted = Client()
    assert planted.get(back).status_code == 422, "an answer to another browser's question"
    assert reasons() == ["state", "unknown", "state"]
    assert "agent-17" not in "".join(str(one.body) for one in audit_models.Fact.objects.all())


class Liar:
    """A provider whose token is wrong in what the test says; its documents are right."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm: str | None = "RS256"
        self.nonce = ""
        self.redirect = False
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        self.keys = {"keys": [{**public, "kid": "one", "use": "sig"}]}
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(liar.keys if self.path == "/keys" else liar.document())

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer({"id_token": liar.token(), "access_token": "x", "token_type": "Bearer"})

            def answer(self, document: object) -> None:
                body = json.dumps(document).encode()
                self.send_response(302 if liar.redirect else 200)
                self.send_header("Location", f"{liar.address}/keys")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def document(self) -> dict[str, str]:
        names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.address} | {name: self.address + path for name, path in names.items()}

    def token(self) -> str:
        at = int(NOW.timestamp())
        right = {
            "iss": self.address,
            "aud": "beffroi",
            "sub": "agent-17",
            "nonce": self.nonce,
            "iat": at,
            "exp": at + 300,
        }
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": "one", **self.header})


@pytest.fixture
def liar() -> Iterator[Liar]:
    one = Liar()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def known(liar: Liar, make_person: MakePerson, clock: ManualClock) -> str:
    """A person linked to the subject of the liar's tokens."""
    provider = trust(liar.address)
    person = make_person(Role.CHIEF, account="chef")
    actions.link_identity(person=person.id, provider=provider, subject="agent-17", actor=SYSTEM, now=NOW)
    return provider


def come(liar: Liar, provider: str) -> Any:
    client = Client()
    to = client.get(f"/account/provider/{provider}/")["Location"]
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(to).query)
    liar.nonce = asked["nonce"][0]
    return client.get("/account/provider/return/", {"code": "c", "state": asked["state"][0]})


AT = int(NOW.timestamp())
PUBLIC = b"any text as a shared secret, long enough for HS256"
LIES: dict[str, tuple[str, dict[str, Any]]] = {
    "another issuer": ("token_iss", {"claims": {"iss": "https://evil.example"}}),
    "no issuer": ("token_iss", {"claims": {"iss": None}}),
    "for another client": ("token_aud", {"claims": {"aud": "somebody"}}),
    "for nobody": ("token_aud", {"claims": {"aud": None}}),
    "for several, to another": ("token_aud", {"claims": {"aud": ["beffroi", "x"], "azp": "x"}}),
    "authorised to another": ("token_azp", {"claims": {"azp": "x"}}),
    "expired": ("token_exp", {"claims": {"exp": AT - 61}}),
    "never expires": ("token_exp", {"claims": {"exp": None}}),
    "made in the future": ("token_iat", {"claims": {"iat": AT + 3600}}),
    "not valid yet": ("token_nbf", {"claims": {"nbf": AT + 3600}}),
    "an answer to another question": ("token_nonce", {"claims": {"nonce": "old"}}),
    "no nonce": ("token_nonce", {"claims": {"nonce": None}}),
    "about nobody": ("token_sub", {"claims": {"sub": ""}}),
    "signed by another key": ("token_signature", {"key": OTHER}),
    "another key's name": ("token_signature", {"header": {"kid": "two"}}),
    "not signed": ("token_alg", {"algorithm": None, "key": None}),
    "signed by a shared secret": ("token_alg", {"algorithm": "HS256", "key": PUBLIC}),
}


@pytest.mark.parametrize(("reason", "lie"), LIES.values(), ids=LIES.keys())
def test_a_token_wrong_in_one_thing_is_refused(liar: Liar, known: str, reason: str, lie: dict[str, Any]) -> None:
    for name, value in lie.items():
        setattr(liar, name, value)
    assert come(liar, known).status_code == 422
    assert reasons() == [reason]
    assert not audit_models.Fact.objects.filter(name="session:begin").exists()


def test_the_same_token_right_in_everything_opens(liar: Liar, known: str) -> None:
    assert come(liar, known).status_code == 302
    assert models.SignIn.objects.get().factor == "provider"


def test_a_provider_that_moves_its_documents_is_not_followed(liar: Liar, known: str) -> None:
    client = Client()
    to = client.get(f"/account/provider/{known}/")["Location"]
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(to).query)
    liar.redirect = True
    assert client.get("/account/provider/return/", {"code": "c", "state": asked["state"][0]}).status_code == 422
    assert reasons() == ["provider_silent"]


def test_a_level_of_assurance_that_was_asked_for_must_come_back(liar: Liar, known: str) -> None:
    trust(liar.address, acr="eidas2 eidas3")
    assert come(liar, known).status_code == 422
    liar.claims = {"acr": "eidas2"}
    assert come(liar, known).status_code == 302
    assert reasons() == ["token_acr"]


@pytest.mark.parametrize(("strong", "where"), [(False, "/account/factors/"), (True, "")])
def test_the_rule_holds_unless_the_provider_asks_for_two_factors(
    liar: Liar, known: str, *, strong: bool, where: str
) -> None:
    trust(liar.address, strong=strong)
    actions.set_sign_in_rule(forces=(Force.PM,), roles=(), step_up_minutes=10, lock_minutes=15, actor=SYSTEM, now=NOW)
    answer = come(liar, known)
    client = Client()
    client.cookies = answer.cookies
    assert client.get("/account/").headers.get("Location", "") == where


def test_a_stopped_provider_and_an_unlinked_identity_open_nothing(liar: Liar, known: str) -> None:
    person = queries.person_of("chef")
    (mine,) = queries.identities(person)
    actions.unlink_identity(person=person, identity=mine.id, actor=SYSTEM, now=NOW)
    assert come(liar, known).status_code == 422
    actions.stop_provider(provider=known, actor=SYSTEM, now=NOW)
    assert Client().get(f"/account/provider/{known}/").status_code == 404


def test_the_page_of_providers_tries_what_is_entered(liar: Liar, make_person: MakePerson, client_of: SignedIn) -> None:
    client = client_of(make_person(Role.ADMINISTRATOR))
    given = {"name": "Essai", "client": "beffroi", "secret": "tres-secret"}
    for issuer in ("http://evil.example", "https://", "javascript:x", f"{liar.address}/other", "http://[::1"):
        assert client.post("/account/providers/", {**given, "issuer": issuer}).status_code == 422, issuer
    assert client.post("/account/providers/", {**given, "issuer": liar.address}).status_code == 302
    page = client.get("/account/providers/").content.decode()
    assert liar.address in page
    assert "tres-secret" not in page + "".join(str(one.body) for one in audit_models.Fact.objects.all())
    assert "tres-secret" not in models.IdentityProvider.objects.get().sealed
