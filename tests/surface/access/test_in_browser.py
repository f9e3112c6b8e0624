"""The access and convention pages in a real browser: axe, both themes and languages, 390 px; and the stop."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from beffroi.governance.actions import access
from beffroi.governance.files import texts
from beffroi.governance.queries import access as grants
from beffroi.kernel.clock import ManualClock
from beffroi.operations.core.words import Incident
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.plane.governance.conftest import CLERK, World, actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [("dark", "en", 1280), ("light", "fr", 390)]
NEEDED = "Patrouille en route vers la mairie"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page_of(chromium: Browser, office_server: str, clock: ManualClock) -> Iterator[Callable[..., Page]]:
    """A page of a signed-in person; policy violations fail the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(person: PersonFacts, theme: str = "", language: str = "fr", width: int = 1280) -> Page:
        cookies = {"beffroi_language": language, **({"beffroi_theme": theme} if theme else {})}
        context = axe.new_context(
            chromium,
            cookies=cookies,
            base=office_server,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        username = f"compte-{person.id[-12:]}"
        people.open_account(
            person=person.id, username=username, password=PASSWORD, language=language, actor=CLERK, now=NOW
        )
        axe.sign_in(page, username, PASSWORD)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    told = [text for text in complaints if "404" not in text and "422" not in text]
    assert not told, told


def sound(page: Page) -> None:
    """Axe finds nothing and nothing is wider than the screen."""
    axe.check(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px wider than the screen"


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_the_counter_from_the_question_to_the_stop(
    page_of: Callable[..., Page],
    world: World,
    convention: str,
    incident: Incident,
    theme: str,
    language: str,
    width: int,
) -> None:
    page = page_of(world.prefecture, theme, language, width)
    page.goto(reverse("counter:access-list"))
    sound(page)
    page.goto(reverse("counter:access-relay"))
    sound(page)
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main form button.primary").click()
    page.locator("main .problem").first.wait_for()
    sound(page)
    page.locator("#id_incident").select_option(incident.id)
    page.locator("input[name=cameras]").first.check()
    page.locator("#id_purpose").select_option("L251-2:7")
    page.locator("#id_reason").fill(NEEDED)
    page.locator("main form button.primary").click()
    page.locator(".banner.warn").wait_for()
    sound(page)
    grant = grants.grants_of(world.prefecture, NOW)[0]
    access.decide_access(grant=grant.id, answer="approve", actor=actor(world.officer), now=NOW)
    page.locator("a[href='?pictures=1']").wait_for(timeout=10_000)
    sound(page)
    access.stop_access(grant=grant.id, reason="Fin de la crue", actor=actor(world.officer), now=NOW)
    page.locator(".banner.bad").wait_for(timeout=10_000)
    assert "Fin de la crue" in page.locator(".banner.bad").inner_text()
    sound(page)


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_the_workshop(
    page_of: Callable[..., Page],
    world: World,
    convention: str,
    theme: str,
    language: str,
    width: int,
) -> None:
    page = page_of(world.chief, theme, language, width)
    for address in (
        reverse("office:conventions"),
        reverse("office:convention", args=[convention]),
        reverse("office:convention-compare"),
        reverse("office:convention-ask"),
        reverse("office:convention-draft") + "?from=ville-tenue",
    ):
        page.goto(address)
        sound(page)
    page.locator("form:has(textarea) button.primary").click()
    page.locator(".banner.good").wait_for()
    sound(page)
    page.locator("textarea").fill(texts.model_convention("petite-commune").replace("PT2H", "2 h"))
    page.locator("form:has(textarea) button.primary").click()
    page.locator(".banner.bad").wait_for()
    sound(page)
    page.goto(reverse("office:convention-ask"))
    page.locator("#id_person").select_option(world.corg.id)
    page.locator("main form button.primary").click()
    page.locator(".banner[role=status]").wait_for()
    sound(page)
