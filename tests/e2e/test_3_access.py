"""J3: access under the convention: live and replay granted, refused with the article, changed by another text.

The tests of this file are one story and run in order, after the watch.
"""

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests import axe
from tests.e2e.conftest import PageOf, clocked
from tests.e2e.pictures import moving
from tests.e2e.product import CAR_PARK, CLOCK, HALL, NAMES, SHOP, Product

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

PARIS = ZoneInfo("Europe/Paris")
TYPED = "%Y-%m-%dT%H:%M:%S"


def ask_live(page: Page, number: int, *, purpose: str, reason: str) -> None:
    axe.follow(axe.menu(page, "Accès aux images"))
    page.get_by_role("link", name="Demander le direct").click()
    page.locator("#id_incident").select_option(index=0)
    page.get_by_role("checkbox", name=f"{number} · {NAMES[number]}").check()
    page.locator("#id_purpose").select_option(purpose)
    page.locator("#id_reason").fill(reason)
    page.locator("main form button.primary").click()


def ask_replay(page: Page, numbers: tuple[int, ...], begin: datetime, seconds: int) -> None:
    axe.follow(axe.menu(page, "Accès aux images"))
    page.get_by_role("link", name="Demander une relecture").click()
    for number in (CAR_PARK, HALL, SHOP):
        page.get_by_role("checkbox", name=f"{number} · {NAMES[number]}").set_checked(number in numbers)
    page.locator("#id_since").fill(begin.strftime(TYPED))
    page.locator("#id_until").fill((begin + timedelta(seconds=seconds)).strftime(TYPED))
    page.locator("#id_reason").fill("Chercher le passage du véhicule signalé")
    page.locator("main form button.primary").click()


def decide(page: Page, who: str) -> None:
    """Approve on the duty phone's page."""
    axe.follow(axe.menu(page, "Astreinte"))
    card = page.locator("article.request", has_text=who)
    card.get_by_role("button", name="Accorder", exact=True).click()
    expect(page.locator(".banner.good")).to_contain_text(who)


def refused(page: Page, words: str, article: str) -> None:
    banner = page.locator(".banner.bad").first
    expect(banner).to_contain_text(words)
    expect(page.locator("main")).to_contain_text(article)
    assert page.locator("video").count() == 0


@pytest.fixture(scope="module")
def incident(product: Product, page_of: PageOf) -> None:
    """The room is on duty and an incident is open on the car park, whatever ran before."""
    page = page_of("garde")
    axe.follow(axe.menu(page, "Mur"))
    if page.get_by_role("button", name="Prendre mon service").count():
        page.get_by_label("Motif").fill("Appui de la patrouille du soir")
        page.get_by_role("button", name="Prendre mon service").click()
    page.locator(".wall[data-island-ready]").wait_for()
    tile = page.locator(f".wall-tile[data-camera='{product.cameras[CAR_PARK]}']")
    if not tile.locator("[data-part=incident]").is_visible():
        tile.get_by_role("button", name="Incident").click()
        expect(tile.locator("[data-part=incident]")).to_be_visible()


def test_the_gendarmerie_sees_live_once_the_room_says_yes(page_of: PageOf, incident: None) -> None:
    page, room = page_of("opj"), page_of("garde")
    before, begun = clocked(page)["clicks"] + clocked(room)["clicks"], time.monotonic()
    ask_live(page, CAR_PARK, purpose="L251-2:5", reason="Patrouille en route, deux personnes signalées")
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(room, "Julien Morel")
    moving(page, ".live-video")
    clicks = clocked(page)["clicks"] + clocked(room)["clicks"] - before + 2  # and the two lists, opened and chosen from
    print(f"\ncounter, request → moving picture: {clicks} clicks, {time.monotonic() - begun:.1f} s, the yes included")
    assert clicks <= 12
    expect(page.locator("main")).to_contain_text("article 12")
    page.get_by_role("button", name="Terminer cet accès").click()
    expect(page.locator("video")).to_have_count(0)


def test_live_for_another_purpose_is_refused_with_the_article(page_of: PageOf, incident: None) -> None:
    page = page_of("opj")
    ask_live(page, CAR_PARK, purpose="L251-2:7", reason="Crue annoncée de la Voulzette cette nuit")
    refused(page, "finalité", "article 12")


def test_replay_on_a_case_and_nothing_beside_it(product: Product, page_of: PageOf, incident: None) -> None:
    page = page_of("opj")
    begin = datetime.fromtimestamp(CLOCK.now_us() / 1e6 - 50, tz=PARIS)
    axe.follow(axe.menu(page, "Accès aux images"))
    page.get_by_role("link", name="Ouvrir une affaire").click()
    page.locator("#id_number").fill("00123/00789/2026")
    page.locator("#id_legal_basis").select_option("CPP_60_1")
    page.get_by_role("checkbox", name=f"{CAR_PARK} · {NAMES[CAR_PARK]}").check()
    page.locator("#id_since").fill(begin.strftime(TYPED))
    page.locator("#id_until").fill((begin + timedelta(seconds=30)).strftime(TYPED))
    page.locator("main form button.primary").click()
    page.locator("#id_case").wait_for()
    ask_replay(page, (CAR_PARK,), begin, 30)
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(page_of("referent"), "Julien Morel")
    moving(page, ".replay-video")
    search = page.locator("details.movement")
    search.locator("summary").click()
    search.locator("select").select_option("zone_left")
    search.locator("[data-act=search_movement]").click()
    page.locator("details.movement[data-searched]").wait_for(timeout=60_000)
    assert re.search(r"Changements trouvés|Aucun changement", search.locator(".movement-found").inner_text())
    ask_replay(page, (CAR_PARK, HALL), begin, 30)
    refused(page, "Une caméra n’est pas", "article 13")
    ask_replay(page, (CAR_PARK,), begin - timedelta(hours=3), 30)
    refused(page, "La période dépasse celle du dossier", "article 13")


def test_who_has_no_right_to_replay_finds_no_door(page_of: PageOf) -> None:
    page = page_of("corg")
    axe.follow(axe.menu(page, "Accès aux images"))
    expect(page.get_by_role("link", name="Demander une relecture")).to_have_count(0)
    answer = page.goto("/counter/access/replay/")
    assert answer is not None
    assert answer.status in (403, 404)


def test_the_prefecture_reads_before_it_sees(page_of: PageOf, incident: None) -> None:
    page = page_of("prefecture")
    ask_live(page, CAR_PARK, purpose="L251-2:7", reason="Crue annoncée de la Voulzette cette nuit")
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(page_of("garde"), "Benoît Lacroix")
    page.locator("a[href='?pictures=1']").wait_for(timeout=10_000)
    assert page.locator("video").count() == 0
    page.get_by_role("link", name="Montrer les images").click()
    moving(page, ".live-video")
    page.get_by_role("button", name="Terminer cet accès").click()


def test_another_text_changes_the_answer(page_of: PageOf, incident: None) -> None:
    page = page_of("chef")
    axe.follow(axe.menu(page, "Convention"))
    page.get_by_role("link", name=re.compile("Convention de coordination")).first.click()
    page.locator("summary", has_text="Le texte").click()
    axe.follow(page.get_by_role("link", name="En écrire la version suivante"))
    text = page.locator("#id_text").input_value()
    changed = text.replace("version: 1", "version: 2").replace('"L251-2:5", "L251-2:6"', '"L251-2:7", "L251-2:6"', 1)
    assert changed != text
    page.locator("#id_text").fill(changed)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.locator(".banner.good")).to_be_visible()
    axe.follow(page.get_by_role("button", name="Garder comme projet"))
    while page.locator("#id_party").count():
        page.locator("summary", has_text="signature").click()
        page.locator("#id_signatory").fill("Paul Garnier")
        page.locator("#id_quality").fill("Signataire")
        axe.follow(page.get_by_role("button", name="Inscrire", exact=True))
    page.get_by_role("button", name="Mettre en vigueur").click()
    expect(page.locator(".page-head .badge")).to_have_text("en vigueur")
    other = page_of("opj")
    ask_live(other, CAR_PARK, purpose="L251-2:5", reason="Patrouille en route, deux personnes signalées")
    refused(other, "finalité", "article 12")
    ask_live(other, CAR_PARK, purpose="L251-2:7", reason="Crue annoncée de la Voulzette cette nuit")
    expect(other.locator(".banner.warn")).to_be_visible()
    other.get_by_role("button", name="Retirer la demande").click()
