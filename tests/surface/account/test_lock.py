"""The lock of an open page: by the server for every request, and in a real Chromium over what somebody was typing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page

from beffroi.audit import models as audit_models
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions, queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.safety import actions as safety
from beffroi.safety.core.words import Hazard
from tests import axe
from tests.conftest import INSEE, NOW, PASSWORD, MakePerson
from tests.plane.safety.test_bell import KEY
from tests.surface.account.authenticator import Authenticator

SignedIn = Callable[[PersonFacts], Client]
MINUTE = timedelta(minutes=1)


def lock_after(minutes: int) -> None:
    """The centre's rule, as its page sets it."""
    actions.set_sign_in_rule(
        forces=(), roles=(), step_up_minutes=60, lock_minutes=minutes, actor=SYSTEM, now=NOW - MINUTE
    )


def names() -> list[str]:
    return sorted(one.name for one in audit_models.Fact.objects.filter(name__startswith="session:"))


@pytest.fixture
def client(make_person: MakePerson, client_of: SignedIn) -> Client:
    lock_after(5)
    return client_of(make_person(Role.CHIEF, account="chef"))


@pytest.mark.django_db
def test_without_a_sign_of_life_only_alarms_and_the_unlocking_go_through(client: Client, clock: ManualClock) -> None:
    clock.advance(5 * MINUTE)
    page = client.get("/desk/incidents/")
    assert page.status_code == 423
    assert "Verrouillé" in page.content.decode()
    assert client.get("/desk/incidents/", headers={"HX-Request": "true"}).status_code == 423
    ticket = {"data": "{}", "content_type": "application/json", "headers": {"accept": "application/json"}}
    assert client.post("/tickets/lease", **ticket).json()["code"] == "locked"
    assert client.post("/account/alive/").status_code == 423
    assert client.get("/alarm/").status_code == 200
    wrong = client.post("/account/unlock/", {"proof_password": "non", "next": "/desk/incidents/"})
    assert wrong.status_code == 422
    assert client.get("/desk/incidents/").status_code == 423
    right = client.post("/account/unlock/", {"proof_password": PASSWORD, "next": "/desk/incidents/"})
    assert right["Location"] == "/desk/incidents/"
    assert client.get("/desk/incidents/").status_code == 200


@pytest.mark.django_db
def test_a_page_that_asks_by_itself_keeps_nothing_open(client: Client, clock: ManualClock) -> None:
    for _ in range(5):
        clock.advance(MINUTE)
        client.get("/looking/strip", headers={"HX-Request": "true"})
        client.get("/alarm/", headers={"accept": "text/event-stream"})
        client.post("/tickets/lease", "{}", content_type="application/json")
    assert client.get("/desk/incidents/").status_code == 423


@pytest.mark.django_db
def test_a_hand_on_the_desk_keeps_it_open(client: Client, clock: ManualClock) -> None:
    for _ in range(5):
        clock.advance(4 * MINUTE)
        assert client.post("/account/alive/").status_code == 204
    assert client.get("/desk/incidents/").status_code == 200


@pytest.mark.django_db
def test_the_page_locks_at_once_and_every_step_is_a_fact(client: Client) -> None:
    assert client.post("/account/lock/").status_code == 204
    assert client.post("/account/lock/").status_code == 204
    quiet = {"accept": "application/json"}
    refused = client.post("/account/unlock/", {"proof_password": "non"}, headers=quiet)
    assert (refused.status_code, refused.json()["detail"]) == (422, "Ce n’est pas votre mot de passe.")
    assert client.post("/account/unlock/", {"proof_password": PASSWORD}, headers=quiet).status_code == 204
    assert names() == ["session:begin", "session:lock", "session:step-up-refuse", "session:unlock"]


@pytest.mark.django_db
def test_a_passkey_unlocks_and_that_of_somebody_else_does_not(
    client: Client, make_person: MakePerson, client_of: SignedIn
) -> None:
    def with_passkey(browser: Client, device: Authenticator) -> None:
        options = browser.post("/account/factors/passkey/").context["creation"]["options"]
        browser.post("/account/factors/passkey/add/", {"label": "x", "proof_passkey": device.make(options)})

    mine, other = Authenticator(), Authenticator(credential=b"another")
    with_passkey(client, mine)
    with_passkey(client_of(make_person(Role.DPO)), other)
    client.post("/account/lock/")
    for device, expected in ((other, 422), (mine, 302)):
        options: Any = client.post("/account/passkeys/challenge/").json()
        assert client.post("/account/unlock/", {"proof_passkey": device.use(options)}).status_code == expected


@pytest.mark.django_db
def test_guessing_at_the_lock_is_counted_as_at_sign_in(client: Client) -> None:
    client.post("/account/lock/")
    for _ in range(5):
        client.post("/account/unlock/", {"proof_password": "non"})
    answer = client.post("/account/unlock/", {"proof_password": PASSWORD})
    assert answer.status_code == 422
    assert "Trop de tentatives" in answer.content.decode()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, office_server: str, clock: ManualClock, make_person: MakePerson) -> Iterator[Page]:
    """Somebody writes a rule and goes away; the browser's clock is ours."""
    lock_after(5)
    make_person(Role.CHIEF, name="Cheffe", account="chef")
    context = axe.new_context(chromium, base=office_server, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.clock.install()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    axe.sign_in(opened, "chef", PASSWORD)
    yield opened
    context.close()
    assert not complaints, complaints


def on_top(page: Page, selector: str) -> bool:
    """Whether this is what stands in the middle of the screen."""
    script = "selector => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(selector) !== null"
    return bool(page.evaluate(script, selector))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_abandoned_page_goes_dark_alarms_above_it_and_comes_back_as_it_was(page: Page) -> None:
    page.goto("/account/people/new/")
    page.locator("[data-island=lock][data-island-ready]").wait_for(state="attached")
    page.get_by_label("Prénom et nom").fill("Recrue à moitié saisie")
    page.clock.fast_forward("04:30")
    assert not page.locator(".lock").is_visible()
    page.clock.fast_forward("00:40")
    page.locator(".lock").wait_for()
    assert on_top(page, ".lock")
    axe.check(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.lock, .alarm') !== null"), "nothing behind it is reached"
    assert page.context.request.get("/desk/incidents/").status == 423, "the server knows"

    person = queries.person_facts(queries.person_of("chef"), NOW)
    school = safety.enter_building(actor=SYSTEM, insee=INSEE, name="École", kind="school", now=NOW)
    safety.relay_order(
        actor=queries.actor(person.id), person=person, building=school, hazard=Hazard.INTRUSION,
        authority="Directrice", key=KEY, now=NOW,
    )  # fmt: skip
    connections.close_all()
    page.goto("/desk/incidents/")
    page.locator(".alarm.takeover .alarm-one").wait_for()
    assert on_top(page, ".alarm"), "an alarm takes over a locked console"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_password_on_the_same_page_brings_back_what_was_typed(page: Page) -> None:
    page.goto("/account/people/new/")
    page.locator("[data-island=lock][data-island-ready]").wait_for(state="attached")
    page.get_by_label("Prénom et nom").fill("Recrue à moitié saisie")
    page.clock.fast_forward("05:10")
    page.locator(".lock").wait_for()
    page.locator("#lock-password").fill("pas le bon")
    page.get_by_role("button", name="Déverrouiller").click()
    page.get_by_text("Ce n’est pas votre mot de passe.").wait_for()
    page.locator("#lock-password").fill(PASSWORD)
    page.get_by_role("button", name="Déverrouiller").click()
    page.locator(".lock").wait_for(state="hidden")
    assert page.get_by_label("Prénom et nom").input_value() == "Recrue à moitié saisie"
    assert page.context.request.get("/desk/incidents/").status == 200
