"""Passkeys in a real Chromium with its own virtual authenticator; the pages of sign-in by axe."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions
from beffroi.people.core.roles import Role
from tests import axe
from tests.conftest import NOW, PASSWORD, MakePerson

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, office_server: str, clock: ManualClock) -> Iterator[Page]:
    """A page with an authenticator in the machine; whatever the browser complains of fails the test."""
    context = axe.new_context(chromium, base=office_server, viewport={"width": 390, "height": 900})
    opened = context.new_page()
    devices = context.new_cdp_session(opened)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert not complaints, complaints


def test_a_passkey_from_its_making_to_the_sign_in_and_the_fresh_proof(page: Page, make_person: MakePerson) -> None:
    actions.set_sign_in_rule(
        forces=(), roles=(Role.ADMINISTRATOR,), step_up_minutes=10, lock_minutes=15, actor=SYSTEM, now=NOW
    )
    make_person(Role.ADMINISTRATOR, account="admin")
    axe.sign_in(page, "admin", PASSWORD)
    page.wait_for_url("**/account/factors/")  # led there: nothing else opens yet
    axe.check(page)
    axe.follow(page.get_by_role("button", name="Installer une clé d’accès"))
    axe.check(page)
    page.get_by_role("button", name="Créer la clé d’accès").click()
    page.locator(".recovery-codes li").nth(9).wait_for()
    axe.check(page)
    page.get_by_role("link", name="Je les ai gardés").click()
    page.get_by_role("button", name="Se déconnecter").click()

    page.get_by_role("button", name="Utiliser plutôt une clé d’accès").click()
    page.locator(".who").wait_for()
    page.goto("/account/rule/")
    axe.check(page)


def test_the_password_then_the_passkey_then_a_fresh_proof_that_keeps_what_was_typed(
    page: Page, make_person: MakePerson, clock: ManualClock
) -> None:
    make_person(Role.ADMINISTRATOR, account="admin")
    axe.sign_in(page, "admin", PASSWORD)
    page.goto("/account/factors/")
    page.get_by_role("button", name="Installer une clé d’accès").click()
    page.get_by_role("button", name="Créer la clé d’accès").click()
    page.locator(".recovery-codes").wait_for()
    page.get_by_role("button", name="Se déconnecter").click()
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill(PASSWORD)
    axe.follow(page.locator(".sign-in button"))
    axe.check(page)
    page.get_by_role("button", name="Utiliser votre clé d’accès").click()
    page.locator(".who").wait_for()

    page.goto("/account/rule/")
    page.get_by_label("Délai de verrouillage").fill("7")
    clock.advance(timedelta(minutes=11))
    page.get_by_role("button", name="Fixer cette règle").click()
    page.get_by_role("heading", name="Confirmez que c’est vous").wait_for()
    axe.check(page)
    page.get_by_role("button", name="Utiliser votre clé d’accès").click()
    page.get_by_text("La règle de connexion est fixée").wait_for()
    assert page.get_by_label("Délai de verrouillage").input_value() == "7"
