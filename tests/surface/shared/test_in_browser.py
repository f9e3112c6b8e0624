"""The shared pages in a real browser: axe in themes, languages and at 390 px; the policy holds; islands live."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from tests import axe
from tests.conftest import PASSWORD, MakePerson

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ("/account/", "/office/looks/", "/office/audit/", "/office/components/", "/nowhere/")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page_of(
    chromium: Browser, office_server: str, make_person: MakePerson, clock: ManualClock
) -> Iterator[Callable[..., Page]]:
    """A page of a signed-in DPO: ``page_of(theme=, language=, width=)``; policy violations fail the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(*, signed_in: bool = True, theme: str = "", language: str = "fr", width: int = 1280) -> Page:
        base = office_server
        cookies = {"beffroi_language": language, **({"beffroi_theme": theme} if theme else {})}
        context = axe.new_context(
            chromium, cookies=cookies, base=base, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        if signed_in:
            make_person(Role.DPO, Role.CHIEF, name="Déléguée", account="deleguee", language=language)
            axe.sign_in(page, "deleguee", PASSWORD)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    told = [text for text in complaints if "404" not in text]
    assert not told, told


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "fr", 1280), ("dark", "en", 1280), ("light", "fr", 390)]
)
def test_axe_finds_nothing(page_of: Callable[..., Page], theme: str, language: str, width: int) -> None:
    page = page_of(theme=theme, language=language, width=width)
    for address in PAGES:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == (404 if address == "/nowhere/" else 200), address
        axe.check(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is {overflow} px wider than the screen"


def test_axe_finds_nothing_on_the_sign_in_page(page_of: Callable[..., Page]) -> None:
    page = page_of(signed_in=False, width=390)
    page.goto("/account/sign-in/")
    axe.check(page)
    axe.follow(page.get_by_role("button", name="Se connecter").last)
    axe.check(page)
    assert page.locator(".problem").count() == 2


def test_the_first_tab_stop_leads_to_the_content(page_of: Callable[..., Page]) -> None:
    page = page_of()
    page.goto("/account/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_an_island_is_brought_to_life_by_the_bundle(page_of: Callable[..., Page]) -> None:
    page = page_of()
    page.goto("/office/components/")
    button = page.locator("[data-island=dialog]")
    button.and_(page.locator("[data-island-ready]")).wait_for()
    button.click()
    dialog = page.locator("#example-dialog")
    assert dialog.is_visible()
    axe.check(page)
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_the_theme_is_chosen_without_script_and_stays(page_of: Callable[..., Page]) -> None:
    page = page_of()
    page.goto("/account/")
    page.get_by_role("button", name="Sombre").click()
    page.goto("/account/")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_nothing_is_lost_at_two_hundred_percent(page_of: Callable[..., Page]) -> None:
    page = page_of(width=640)  # 1280 px at 200 % zoom
    for address in PAGES:
        page.goto(address)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, address


def test_the_policy_stops_what_is_not_ours(chromium: Browser, office_server: str) -> None:
    context = chromium.new_context(base_url=office_server)
    page = context.new_page()
    page.goto("/account/sign-in/")
    page.evaluate("""() => { const one = document.createElement('script'); one.textContent = 'window.harm = 1';
                     document.head.append(one); document.body.setAttribute('style', 'color: red'); }""")
    assert page.evaluate("window.harm") is None
    context.close()
