"""An alarm that comes while a page is dark and locked: seen, in its colour, and heard; pictures stay blank."""

from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from beffroi.audit.core.facts import SYSTEM
from beffroi.people import queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.safety import actions as safety
from beffroi.safety.core.words import Hazard
from tests import axe
from tests.conftest import INSEE, NOW, PASSWORD, MakePerson
from tests.plane.safety.test_bell import KEY
from tests.surface.account.test_lock import lock_after, on_top
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LISTEN = """
window.heard = { notes: 0, contexts: [] };
window.AudioContext = class extends AudioContext {
  constructor(...given) {
    super(...given);
    window.heard.contexts.push(this);
    if (window.untouched) void this.suspend();
  }
  createOscillator() {
    if (this.state === "running") window.heard.notes += 1;
    return super.createOscillator();
  }
};
"""
"""Counts the notes that are struck where the browser lets them sound."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def school(transactional_db: None) -> str:
    return safety.enter_building(actor=SYSTEM, insee=INSEE, name="École", kind="school", now=NOW)


@pytest.fixture
def page(chromium: Browser, office_server: str, school: str, clock: object, make_person: MakePerson) -> Iterator[Page]:
    """A console of the room; the browser's clock is ours."""
    lock_after(5)
    make_person(Role.CHIEF, name="Cheffe", account="chef")
    context = axe.new_context(chromium, base=office_server, viewport={"width": 1280, "height": 800})
    context.add_init_script(LISTEN)
    opened = context.new_page()
    opened.clock.install()
    axe.sign_in(opened, "chef", PASSWORD)
    yield opened
    context.close()


def ring(school: str) -> None:
    """A real alert of the school, as another console relays it."""
    person: PersonFacts = queries.person_facts(queries.person_of("chef"), NOW)
    safety.relay_order(
        actor=queries.actor(person.id), person=person, building=school, hazard=Hazard.INTRUSION,
        authority="Directrice", key=KEY, now=NOW,
    )  # fmt: skip
    connections.close_all()


def darken(page: Page) -> None:
    page.locator("[data-island=lock][data-island-ready]").wait_for(state="attached")
    page.locator("[data-island=alarm][data-island-ready]").wait_for(state="attached")
    page.evaluate("document.querySelector('main').append(document.createElement('video'))")
    page.clock.fast_forward("05:10")
    page.locator(".lock").wait_for()


def test_an_alarm_comes_through_on_a_page_that_is_dark_already(page: Page, school: str) -> None:
    page.goto("/desk/incidents/")
    page.mouse.click(600, 400)  # somebody worked here before she left
    darken(page)
    assert on_top(page, ".lock")
    ring(school)
    page.locator(".alarm.takeover .alarm-one").wait_for(timeout=20_000)
    assert on_top(page, ".alarm"), "above the lock"
    one = page.locator(".alarm-one")
    expect(one).to_contain_text("ALERTE RÉELLE")
    expect(one).to_have_css("background-color", "rgb(163, 22, 33)")
    expect(page.locator(".lock")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('main video')).visibility") == "hidden"
    until(lambda: page.evaluate("heard.notes") > 0, 20, "a note is struck that sounds")
    struck = page.evaluate("heard.notes")
    page.clock.fast_forward("00:05")
    until(lambda: page.evaluate("heard.notes") > struck, 20, "it goes on until somebody takes it")
    assert not page.locator(".alarm-silent").is_visible()
    assert page.evaluate("document.activeElement.closest('.alarm') !== null"), "the keyboard is at the alarm"
    axe.check(page)


def test_a_page_that_nobody_touched_says_that_it_cannot_be_heard(page: Page, school: str) -> None:
    # Whatever drives a browser counts as a hand on its pages; so the sound is stopped as the browser would stop it.
    page.add_init_script("addEventListener('DOMContentLoaded', () => (window.untouched = true));")
    page.goto("/desk/incidents/")
    darken(page)
    ring(school)
    page.locator(".alarm.takeover .alarm-one").wait_for(timeout=20_000)
    silent = page.locator(".alarm-silent")
    expect(silent).to_be_visible(timeout=20_000)
    assert page.evaluate("heard.notes") == 0
    page.keyboard.press("Shift")  # any sign of a person lets it sound
    until(lambda: page.evaluate("heard.contexts.at(-1).state") == "running", 20, "the browser lets it sound")
    page.clock.fast_forward("00:05")
    until(lambda: page.evaluate("heard.notes") > 0, 20, "it is heard")
    expect(silent).to_be_hidden(timeout=20_000)


def test_on_its_own_page_nothing_covers_the_button_that_takes_it_on_a_telephone(page: Page, school: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/desk/incidents/")
    page.locator("[data-island=alarm][data-island-ready]").wait_for(state="attached")
    ring(school)
    page.locator(".alarm.takeover .alarm-one").wait_for(timeout=20_000)
    axe.follow(page.locator(".alarm-one a.big"))
    banner = page.locator(".alarm-one")
    banner.wait_for(state="attached", timeout=20_000)
    expect(banner).to_be_hidden()
    take = page.locator("form[action$='/acknowledge/'] button")
    expect(take).to_be_in_viewport(timeout=20_000)
    take.click(trial=True)
    axe.check(page)
    axe.follow(take)
    expect(page.locator("a[href='tel:17']").first).to_be_in_viewport(timeout=20_000)


def test_the_first_press_on_an_untouched_page_takes_the_alert(page: Page, school: str) -> None:
    """That press also frees the sound. Nothing may move under it: a button that slips away is pressed in vain."""
    page.add_init_script("addEventListener('DOMContentLoaded', () => (window.untouched = true));")
    page.goto("/desk/incidents/")
    ring(school)
    page.locator(".alarm.takeover .alarm-one").wait_for(timeout=20_000)
    page.goto(str(page.locator(".alarm-one a.big").get_attribute("href")))
    silent = page.locator(".alarm-silent")
    expect(silent).to_be_visible(timeout=20_000)
    take = page.locator("form[action$='/acknowledge/'] button")
    take.scroll_into_view_if_needed()
    before = take.bounding_box()
    assert before is not None
    page.mouse.move(before["x"] + before["width"] / 2, before["y"] + before["height"] - 3)
    page.mouse.down()
    until(lambda: page.evaluate("heard.contexts.at(-1).state") == "running", 20, "the press frees the sound")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert take.bounding_box() == before, "nothing moved under the finger"
    expect(silent).to_be_visible()
    with page.expect_navigation():
        page.mouse.up()
    expect(take).to_have_count(0)
