"""The room in a real browser: axe on every page, the wall's layout and keyboard, nothing lost at 390 px or 200 %."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.ids import CameraId
from beffroi.operations import actions as operations
from beffroi.operations import queries as room
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.queries import actor_of
from beffroi.sites import actions as sites
from beffroi.sites.core.coverage import View
from beffroi.sites.queries import authorisations, camera
from tests import axe
from tests.conftest import INSEE, NOW, PASSWORD
from tests.surface.desk.conftest import lawful_camera
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/desk/wall/",
    "/desk/map/",
    "/desk/shift/",
    "/desk/incidents/",
    "/desk/logbook/",
    "/desk/health/",
    "/duty/",
    "/looking/",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def many(cameras: list[CameraId]) -> list[CameraId]:
    """Four more cameras of the village: six in all on the wall."""
    numbers = (2, 3, 4, 5)
    made = [
        lawful_camera(INSEE, number, f"Caméra {number}", View(48.5 + number / 2_000, 2.5, 90, 80, 90))
        for number in numbers
    ]
    sites.cover_cameras(actor=SYSTEM, authorisation=authorisations()[0].id, cameras=made, now=NOW)
    for one in made:
        sites.commission_camera(actor=SYSTEM, camera=one, now=NOW)
    return made


@pytest.fixture
def page_of(
    chromium: Browser, live_server: object, on_duty: PersonFacts, many: list[CameraId], clock: ManualClock
) -> Iterator[Callable[..., Page]]:
    """The officer's browser: ``page_of(theme=, language=, width=, height=)``; a script error fails the test."""
    contexts, complaints = [], []

    def open_page(theme: str = "", language: str = "fr", width: int = 1280, height: int = 800, **more: Any) -> Page:
        base = str(live_server)
        cookies = {"beffroi_language": language, **({"beffroi_theme": theme} if theme else {})}
        size = {"width": width, "height": height}
        context = axe.new_context(chromium, cookies=cookies, base=base, viewport=size, reduced_motion="reduce", **more)
        contexts.append(context)
        page = context.new_page()
        people.open_account(
            person=on_duty.id, username="garde", password=PASSWORD, language=language, actor=SYSTEM, now=NOW
        )
        axe.sign_in(page, "garde", PASSWORD)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


def incident_on(person: PersonFacts, camera_id: str) -> str:
    return operations.open_incident(actor=actor_of(person), person=person, camera=camera(camera_id), now=NOW).id


def wall(page: Page) -> Page:
    page.goto("/desk/wall/")
    page.locator(".wall[data-island-ready]").wait_for()
    return page


def numbers(page: Page) -> list[str]:
    return [words.split(" · ")[0] for words in page.locator(".wall-tile .tile-title").all_inner_texts()]


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("", "fr", 1280), ("light", "en", 1280), ("dark", "fr", 390), ("light", "fr", 640)]
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page_of, on_duty, cameras, theme, language, width):
    incident = incident_on(on_duty, cameras[0])
    page = page_of(theme, language, width)
    for address in (*PAGES, f"/desk/cameras/{cameras[0]}/", f"/desk/incidents/{incident}/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        for island in page.locator("[data-island]").all():
            expect(island).to_have_attribute("data-island-ready", "")
        page.locator("#lookers[hx-trigger^=every]").wait_for()
        axe.check(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is {overflow} px wider than the screen"


def test_the_wall_is_dark_until_somebody_chooses_light(page_of):
    page = wall(page_of())
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/desk/map/")
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_grid_has_four_sizes_and_keeps_the_chosen_one(page_of):
    page = wall(page_of())
    for size, shown in (("4", 4), ("9", 6), ("16", 6), ("1", 1)):
        page.get_by_role("button", name=size, exact=True).click()
        expect(page.locator(".wall-tile")).to_have_count(shown)
        expect(page.locator(".wall-tiles")).to_have_attribute("data-count", size)
    page.reload()
    page.locator(".wall[data-island-ready]").wait_for()
    expect(page.locator(".wall-tile")).to_have_count(1)


def test_a_camera_is_called_by_its_number(page_of):
    page = wall(page_of())
    page.keyboard.type("8")
    expect(page.locator(".wall-said")).to_contain_text("8 · Déchetterie")
    assert numbers(page) == ["8"]
    page.keyboard.press("Escape")
    expect(page.locator(".wall-tile")).not_to_have_count(1)
    expect(page.locator(".wall-tile.chosen .tile-title")).to_contain_text("8 ·")
    page.keyboard.type("77")
    expect(page.locator(".wall-said")).to_contain_text("77")
    page.get_by_label("Appeler une caméra").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator(".wall-said")).to_contain_text("3 · Caméra 3")
    assert numbers(page) == ["3"]


def test_arrows_choose_and_enter_enlarges(page_of):
    page = wall(page_of())
    page.get_by_role("button", name="4", exact=True).click()
    page.locator(".wall-tile").first.click(position={"x": 20, "y": 60})
    chosen = page.locator(".wall-tile.chosen .tile-title")
    for key, expected in (
        ("ArrowRight", "2"),
        ("ArrowDown", "4"),
        ("ArrowLeft", "3"),
        ("ArrowUp", "1"),
        ("ArrowUp", "1"),
    ):
        page.keyboard.press(key)
        expect(chosen).to_contain_text(f"{expected} ·")
    page.keyboard.press("Enter")
    assert numbers(page) == ["1"]
    page.keyboard.press("ArrowRight")
    assert numbers(page) == ["2"]
    page.keyboard.press("Enter")
    expect(page.locator(".wall-tile")).to_have_count(4)
    page.keyboard.press("PageDown")
    expect(page.locator(".wall-tile")).to_have_count(2)
    assert numbers(page) == ["5", "8"]


def test_an_incident_is_opened_by_one_key_and_marked_on_its_tile(page_of, on_duty, cameras):
    page = wall(page_of())
    page.keyboard.type("1")
    expect(page.locator(".wall-said")).to_contain_text("1 ·")
    page.keyboard.press("i")
    expect(page.locator(".wall-tile [data-part=incident]")).to_have_text("I-2026-0001")
    (incident,) = room.incidents_visible_to(on_duty)
    assert incident.cameras == (cameras[0],)


def test_a_look_back_opens_an_incident_where_there_is_none(page_of, on_duty, clock):
    page = wall(page_of())
    page.keyboard.type("1")
    expect(page.locator(".wall-said")).to_contain_text("1 ·")
    page.keyboard.press("b")
    expect(page.locator(".wall-tile")).to_have_attribute("data-kind", "back")
    expect(page.locator(".wall-said")).to_contain_text("I-2026-0001")
    page.keyboard.press("l")
    expect(page.locator(".wall-tile")).not_to_have_attribute("data-kind", "back")
    assert len(room.incidents_visible_to(on_duty)) == 1


def test_what_cannot_be_shown_says_why(page_of):
    page = wall(page_of())
    page.keyboard.type("8")
    expect(page.locator(".wall-tile")).to_have_count(1)
    expect(page.locator(".wall-tile .tile-state")).to_contain_text("ne sert pas la finalité")
    page.keyboard.type("1")
    expect(page.locator(".wall-tile .tile-title")).to_contain_text("1 ·")
    expect(page.locator(".wall-tile [data-part=badge]")).to_have_text("Inconnu")


def test_help_opens_and_typing_elsewhere_moves_nothing(page_of):
    page = wall(page_of())
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    axe.check(page)
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    size = page.locator(".wall-tiles").get_attribute("data-count")
    page.get_by_label("Appeler une caméra").press("g")
    assert page.locator(".wall-tiles").get_attribute("data-count") == size


def test_the_map_is_walked_by_keyboard(page_of, cameras):
    page = page_of()
    page.goto("/desk/map/")
    page.locator(".map[data-island-ready]").wait_for()
    mark = page.locator(f"a.map-camera[data-camera='{cameras[0]}']")
    mark.focus()
    expect(page.locator(f".camera-list li[data-camera='{cameras[0]}']")).to_have_class("lit")
    before = page.locator(".map-drawing").evaluate("svg => svg.viewBox.baseVal.width")
    page.get_by_role("button", name="Plus près").click()
    assert page.locator(".map-drawing").evaluate("svg => svg.viewBox.baseVal.width") < before
    mark.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Place de la Mairie")


def test_the_phone_decides_without_a_script(page_of, on_duty, cameras, convention, gendarme):
    from tests.surface.duty.asking import ask_live

    ask_live(gendarme, incident_on(on_duty, cameras[0]), cameras[0])
    page = page_of(width=390, java_script_enabled=False)
    page.goto("/duty/")
    page.get_by_role("button", name="Accorder", exact=True).click()
    expect(page.locator(".banner.good")).to_contain_text("Inès Caron")
    page.get_by_role("button", name="Arrêter Maréchale Inès Caron").click()
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0)


def test_big_targets_on_the_phone(page_of, on_duty, cameras, convention, gendarme):
    from tests.surface.duty.asking import ask_live

    ask_live(gendarme, incident_on(on_duty, cameras[0]), cameras[0])
    page = page_of(width=390)
    page.goto("/duty/")
    axe.check(page)
    for button in page.locator(".request .button:visible, .lookers .button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()
    page.locator(".request summary").first.click()
    axe.check(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


@pytest.mark.parametrize("language", ["fr", "en"])
def test_on_a_phone_a_gap_says_its_cause_without_scrolling(page_of, cameras, settings, language):
    settings.BEFFROI_RECORDER = "tests.surface.desk.recorder.Broken"
    page = page_of(width=390, language=language)
    page.goto(f"/desk/cameras/{cameras[0]}/")
    table = page.locator(".table-wrap", has=page.locator(".table.tight"))
    expect(table.locator("tbody tr")).to_have_count(1)
    assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    axe.check(page)


def test_the_strip_shows_and_stops_without_a_jump(page_of, on_duty, cameras, convention, gendarme, clock):
    from tests.surface.duty.asking import open_relay

    page = page_of()
    page.goto("/desk/incidents/")
    strip = page.locator(".lookers-bar #lookers")
    expect(strip).to_contain_text("Personne hors de la salle ne regarde")
    top = page.locator("h1").bounding_box()
    open_relay(on_duty, gendarme, incident_on(on_duty, cameras[0]), cameras[0])
    expect(strip).to_contain_text("Inès Caron", timeout=10_000)
    assert page.locator("h1").bounding_box() == top
    axe.check(page)
    strip.get_by_role("button", name="Arrêter Maréchale Inès Caron").click()
    expect(strip).not_to_contain_text("Inès Caron")


def test_a_stop_is_never_lost_in_a_question_of_the_strip(page_of, on_duty, cameras, convention, gendarme, clock):
    from tests.surface.duty.asking import open_relay

    open_relay(on_duty, gendarme, incident_on(on_duty, cameras[0]), cameras[0])
    page = page_of()
    page.goto("/desk/incidents/")
    strip = page.locator(".lookers-bar #lookers")
    expect(strip).to_contain_text("Inès Caron", timeout=20_000)
    unanswered = []
    page.route("**/looking/strip/**", lambda route: unanswered.append(route))
    until(lambda: page.wait_for_timeout(50) or unanswered, 20, "the strip asks, and nobody answers it")
    strip.get_by_role("button", name="Arrêter Maréchale Inès Caron").click()
    expect(strip).not_to_contain_text("Inès Caron", timeout=20_000)
    page.unroute_all(behavior="ignoreErrors")
