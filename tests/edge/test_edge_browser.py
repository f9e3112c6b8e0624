"""The box's pages as a teacher and a head hold them: on a phone, in a real browser, without a fault that axe finds."""

import pytest
from playwright.sync_api import expect

from beffroi.safety.core.events import Kind
from tests import axe
from tests.edge.test_edge_server import server  # noqa: F401  a fixture

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
WAIT_MS = 30_000


@pytest.fixture(scope="module")
def chromium():
    with axe.browser() as running:
        yield running


@pytest.fixture
def phone(chromium, server):  # noqa: F811
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    yield page
    context.close()


def good(page):
    """Nothing that axe finds, nothing wider than the phone."""
    axe.check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_teacher_sees_what_to_do_and_corrects_the_roll_call(phone, server):  # noqa: F811
    card = f"r1/{server.box.app.access.room_token('r1')}"
    phone.goto(f"/room/{card}")
    good(phone)
    server.press()
    expect(phone.locator(".posture h1")).to_be_visible(timeout=WAIT_MS)
    good(phone)
    phone.goto(f"/appel/{card}")
    phone.get_by_label("Présents").fill("22")
    phone.get_by_label("Manquants").fill("2")
    axe.follow(phone.get_by_role("button", name="Envoyer"))
    expect(phone.locator(".done")).to_be_visible(timeout=WAIT_MS)
    good(phone)
    assert [phone.get_by_label(name).input_value() for name in ("Présents", "Manquants", "Blessés")] == ["22", "2", "0"]


def test_the_tablet_of_the_crisis_cell_follows_while_something_is_typed(phone, server):  # noqa: F811
    server.press()
    phone.goto("/cell")
    good(phone)
    phone.get_by_label("Code").fill("4711")
    axe.follow(phone.get_by_role("button", name="Entrer"))
    expect(phone.locator(".board")).to_be_visible(timeout=WAIT_MS)
    good(phone)
    name = phone.get_by_label("Votre nom").first
    name.fill("Mme Tissier")
    alert = server.box.edge.active()[0].alert.id
    server.box.edge.answer(alert, group="cp", counts={"present": 23, "missing": 1, "injured": 0}, by="room:r1")
    expect(phone.locator(".totals")).to_contain_text("Présents 23", timeout=WAIT_MS)
    assert name.input_value() == "Mme Tissier", "what is being typed stays"
    server.server.should_exit = True
    expect(phone.locator("#silent")).to_be_visible(timeout=WAIT_MS)


def test_a_teacher_asks_for_help_by_two_taps_and_nobody_takes_shelter(phone, server):  # noqa: F811
    token = server.box.app.access.room_token("r1")
    phone.goto(f"/room/r1/{token}")
    good(phone)
    helper = phone.locator("#help")
    helper.click()
    expect(helper).to_have_text("Touchez encore pour demander", timeout=WAIT_MS)
    assert server.box.app.calls.assistance.open_calls() == []
    helper.click()
    expect(phone.locator("#help-state")).to_contain_text("Aide demandée", timeout=WAIT_MS)
    assert server.box.edge.files() == {}
    cell = phone.context.new_page()
    cell.set_default_timeout(WAIT_MS)
    cell.goto("/cell")
    cell.get_by_label("Code").fill("4711")
    axe.follow(cell.get_by_role("button", name="Entrer"))
    expect(cell.locator(".help-calls")).to_contain_text("Salle 1", timeout=WAIT_MS)
    good(cell)
    axe.follow(cell.get_by_role("button", name="J’y vais"))
    expect(phone.locator("#help-state")).to_contain_text("Quelqu’un vient", timeout=WAIT_MS)
    axe.follow(cell.get_by_role("button", name="C’est réglé"))
    expect(phone.locator("#help-state")).to_have_text("", timeout=WAIT_MS)
    server.press()
    expect(phone.locator(".posture h1")).to_be_visible(timeout=WAIT_MS)
    expect(helper).to_be_hidden(timeout=WAIT_MS)


def test_when_it_is_over_the_page_no_longer_says_that_an_alert_was_given(phone, server):  # noqa: F811
    phone.goto(f"/room/r1/{server.box.app.access.room_token('r1')}")
    note = phone.locator("#raise-state")
    hint = note.inner_text()
    phone.locator("#raise").hover()
    phone.mouse.down()
    expect(note).to_have_text("Alerte donnée.", timeout=WAIT_MS)
    phone.mouse.up()
    expect(phone.locator(".posture h1")).to_be_visible(timeout=WAIT_MS)
    edge = server.box.edge
    alert = edge.active()[0].alert.id
    for person in ("head", "chief"):
        edge.act(Kind.KEY, alert, {"person": person, "party": person, "act": "cancel", "call_back": "x"})
    expect(phone.locator(".over h1")).to_be_visible(timeout=WAIT_MS)
    expect(note).to_have_text(hint, timeout=WAIT_MS)
