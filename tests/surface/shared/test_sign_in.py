"""Sign in, stay, be cut off, sign out: through the pages themselves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from beffroi.audit import models as audit_models
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions, queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.web.account.devices import device_name
from tests.conftest import PASSWORD, MakePerson

pytestmark = pytest.mark.django_db
SignedIn = Callable[[PersonFacts], Client]


def test_who_is_signed_in_sees_her_own_page(make_person: MakePerson, client_of: SignedIn) -> None:
    answer = client_of(make_person(Role.CHIEF, name="Chef de poste")).get("/account/")
    assert answer.status_code == 200
    assert "Chef de poste" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_signed_out_persons_are_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/sign-in/?next=/account/"


def test_a_wrong_password_is_refused_and_leaves_a_fact(make_person: MakePerson, client: Client) -> None:
    make_person(Role.CHIEF, account="chef")
    answer = client.post("/account/sign-in/", {"username": "chef", "password": "faux"})
    assert answer.status_code == 200
    assert "Le nom de compte ou le mot de passe est erroné" in answer.content.decode()
    assert audit_models.Fact.objects.filter(name="session:refuse").count() == 1


def test_a_password_typed_as_a_name_is_written_nowhere(client: Client, db: None) -> None:
    client.post("/account/sign-in/", {"username": "mon secret à moi", "password": "x"})
    assert "secret" not in str(audit_models.Fact.objects.get(name="session:refuse").body)


def test_after_five_failures_even_the_right_password_waits(make_person: MakePerson, client: Client) -> None:
    make_person(Role.CHIEF, account="chef")
    for _ in range(5):
        client.post("/account/sign-in/", {"username": "chef", "password": "faux"})
    answer = client.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    assert answer.status_code == 429


def test_the_end_of_duty_cuts_open_sessions_at_once(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock
) -> None:
    person = make_person(Role.VIDEO_OFFICER)
    browser = client_of(person)
    assert browser.get("/account/").status_code == 200
    assert actions.end_duty(person=person.id, reason="mutation", actor=SYSTEM, now=clock.now()) == 1
    assert browser.get("/account/").status_code == 302


def test_an_idle_session_ends_by_itself(make_person: MakePerson, client_of: SignedIn, clock: ManualClock) -> None:
    browser = client_of(make_person(Role.CHIEF))
    clock.advance(timedelta(minutes=29))
    assert browser.get("/account/").status_code == 200
    clock.advance(timedelta(hours=12))
    assert browser.get("/account/").status_code == 302
    assert audit_models.Fact.objects.get(name="session:end").body.endswith("}")


def test_another_session_can_be_ended_from_the_profile(make_person: MakePerson, client_of: SignedIn) -> None:
    person = make_person(Role.CHIEF)
    here, there = client_of(person), client_of(person)
    other = there.get("/account/").context["this_session"]
    assert here.post(f"/account/sessions/{other}/end/").status_code == 302
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_nobody_ends_a_session_of_someone_else(make_person: MakePerson, client_of: SignedIn) -> None:
    mine, other = client_of(make_person(Role.CHIEF)), client_of(make_person(Role.DPO))
    session = other.get("/account/").context["this_session"]
    assert mine.post(f"/account/sessions/{session}/end/").status_code == 404
    assert other.get("/account/").status_code == 200


def test_a_sign_in_never_leads_to_another_site(make_person: MakePerson, client: Client, clock: ManualClock) -> None:
    make_person(Role.CHIEF, account="chef")
    given = {"username": "chef", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/account/sign-in/", given).headers["Location"].startswith("/")


def test_a_new_password_ends_the_other_sessions(make_person: MakePerson, client_of: SignedIn) -> None:
    person = make_person(Role.CHIEF)
    here, there = client_of(person), client_of(person)
    weak = here.post("/account/password/", {"present": PASSWORD, "new": "123"})
    assert weak.status_code == 422
    answer = here.post("/account/password/", {"present": PASSWORD, "new": "une autre phrase bien longue"})
    assert answer.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_the_language_is_kept_with_the_account(make_person: MakePerson, client_of: SignedIn) -> None:
    browser = client_of(make_person(Role.CHIEF))
    browser.post("/account/language/", {"language": "en", "next": "/account/"})
    assert "My sessions" in browser.get("/account/").content.decode()
    browser.post("/account/language/", {"language": "fr", "next": "/account/"})
    assert "Mes sessions" in browser.get("/account/").content.decode()
    assert browser.post("/account/language/", {"language": "xx"}).status_code == 422


@pytest.mark.parametrize(("here", "lang"), [("en", "en"), ("", "fr"), ("xx", "fr")])
def test_who_never_chose_reads_what_this_browser_was_set_to_else_the_centre_s(
    make_person: MakePerson, client: Client, here: str, lang: str
) -> None:
    make_person(Role.CHIEF, account="chef")
    client.cookies["beffroi_language"] = here
    client.post("/account/sign-in/", {"username": "chef", "password": PASSWORD})
    assert f'lang="{lang}"' in client.get("/account/").content.decode()


def test_whoever_signs_in_without_an_account_s_choice_is_written_to_in_the_centre_s(make_person: MakePerson) -> None:
    assert queries.language_of(make_person(Role.CHIEF, account="chef").id) == "fr"
    assert queries.language_of(make_person(Role.CHIEF, account="").id) == ""


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML) Chrome/156.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        ("curl/8", "appareil inconnu"),
    ],
)
def test_devices_are_called_by_names_people_know(agent: str, name: str) -> None:
    with translation.override("fr"):
        assert device_name(agent) == name
