"""J1 as the room lives it: a shift, the wall, an incident, a look back, a hold, a relay stopped; an office that dies.

The tests of this file are one story and run in order, by clicking alone, on a started product and real cameras.
"""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests import axe
from tests.e2e.conftest import PageOf, clocked
from tests.e2e.pictures import dark, moving
from tests.e2e.product import CAR_PARK, CLOCK, HALL, LOCKED, NOTHING, RECORDED, SHOP, SQUARE, Product
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]


def tile(product: Product, number: int) -> str:
    return f".wall-tile[data-camera='{product.cameras[number]}']"


def test_the_officer_goes_on_duty_and_every_camera_moves(product: Product, page_of: PageOf) -> None:
    page = page_of("garde")
    axe.follow(axe.menu(page, "Mur"))
    page.get_by_label("Motif").fill("Appui de la patrouille du soir")
    page.get_by_role("button", name="Prendre mon service").click()
    page.locator(".wall[data-island-ready]").wait_for()
    for number in RECORDED:
        moving(page, f"{tile(product, number)} video")


def test_what_gives_no_picture_says_why_in_its_own_words(product: Product, page_of: PageOf) -> None:
    page = page_of("garde")
    refused = page.locator(tile(product, LOCKED))
    expect(refused).to_contain_text("mot de passe", timeout=20_000)
    other = page.locator(tile(product, NOTHING))
    expect(other).to_contain_text("Pas d’image", timeout=20_000)
    expect(other).to_contain_text("n’envoie pas de vidéo")
    for place in (refused, other):
        assert not re.search(r"Enregistrement en cours|rtsp://", place.inner_text())


def test_an_incident_on_a_tile_a_look_back_and_live_again(product: Product, page_of: PageOf) -> None:
    until(lambda: product.recorded_s(CAR_PARK) > 20, 60, "something to look back at")
    page = page_of("garde")
    one = page.locator(tile(product, CAR_PARK))
    one.get_by_role("button", name="Incident").click()
    expect(one.locator("[data-part=incident]")).to_have_text(re.compile(r"I-\d{4}-0001"))
    one.get_by_role("button", name="2 minutes avant").click()
    moving(page, f"{tile(product, CAR_PARK)} .replay-video")
    one.get_by_role("button", name="Revenir au direct").click()
    moving(page, f"{tile(product, CAR_PARK)} .live-video")


def test_a_note_a_reason_and_the_span_is_held_on_the_recorder(product: Product, page_of: PageOf) -> None:
    page = page_of("garde")
    page.locator(tile(product, CAR_PARK)).locator("[data-part=incident]").click()
    page.get_by_label("Motif").first.fill("Deux personnes forcent une portière")
    page.get_by_role("button", name="Donner le motif").click()
    page.get_by_label("Note").fill("Patrouille prévenue par radio")
    page.get_by_role("button", name="Consigner").click()
    expect(page.locator(".log")).to_contain_text("Patrouille prévenue par radio")
    page.get_by_text("Geler cette plage").click()
    form = page.locator("form[action$='/hold/']")
    form.get_by_label("Motif").fill("Conserver jusqu’à la réquisition")
    form.get_by_role("button", name="Geler").click()

    def held() -> bool:
        return any(one.camera == product.cameras[CAR_PARK] for one in product.timeline(CAR_PARK, 600).holds)

    until(held, 20, "the recorder holds the span")
    expect(page.locator("section[aria-labelledby=hold-title] .badge.good")).to_be_visible(timeout=20_000)


def test_a_relay_is_seen_elsewhere_and_stopped_by_the_room(product: Product, page_of: PageOf) -> None:
    page = page_of("garde")
    page.get_by_text("Le renvoyer en direct").click()
    form = page.locator("form[action$='/relay/']")
    form.get_by_label("À qui").select_option(product.persons["corg"])
    form.get_by_label("Motif").fill("La patrouille demande à voir")
    form.get_by_role("button", name="Ouvrir le renvoi").click()
    other = page_of("corg")
    axe.follow(axe.menu(other, "Accès aux images"))
    other.locator("article.card h3 a").first.click()
    moving(other, ".live-video")
    strip = page.locator("#lookers")
    expect(strip).to_contain_text("Inès Caron", timeout=10_000)
    expect(strip).to_contain_text("regarde", timeout=10_000)
    stop = strip.get_by_role("button", name=re.compile("Arrêter .*Inès Caron"))
    stop.click()
    clicked_ms = clocked(page)["clicked_ms"]
    other.wait_for_selector("[data-state=stopped], .banner.bad", timeout=10_000)
    until(lambda: dark(other, ".live-video"), 30, "nothing is left on the screen")
    last_s = (clocked(other)["last_ms"] - clicked_ms) / 1_000

    def closed() -> float:
        lines = [one for one in product.recorder().journal(0, limit=50_000) if one.name == "look:end"]
        after = [one.at_us / 1e6 - clicked_ms / 1e3 for one in lines if "Caron" in str(one.body.get("person_name"))]
        return max(after, default=0.0)

    closed_s = until(lambda: max(0, closed()), 30, "the door writes the end of the look")
    print(f"\nstop of a relay: last byte after {last_s:.2f} s, closed at the door after {closed_s:.2f} s")
    assert last_s < 4
    assert closed_s < 4
    expect(other.locator("body")).to_contain_text("Le poste a arrêté cet accès", timeout=10_000)


def test_the_wall_and_the_recorder_outlive_the_office(product: Product, page_of: PageOf) -> None:
    page = page_of("garde")
    axe.follow(axe.menu(page, "Mur"))
    page.locator(".wall[data-island-ready]").wait_for()
    page.wait_for_function("() => sessionStorage.getItem('beffroi-lease') !== null")
    moving(page, f"{tile(product, HALL)} video")
    office = product.parts()["office"]
    os.kill(office, signal.SIGSTOP)  # silent, and the supervisor does not know
    silent_us = CLOCK.now_us()
    try:
        product.goes_on(silent_us + 5_000_000, 60)

        def on_the_lease() -> bool:
            lines = product.recorder().journal(0, limit=5_000)
            return any(one.name == "lease:use" and one.at_us > silent_us for one in lines)

        until(on_the_lease, 60, "the shift lease is used")
        moving(page, f"{tile(product, HALL)} video")
    finally:
        os.kill(office, signal.SIGKILL)
    until(lambda: product.parts().get("office", office) != office, 20, "the supervisor starts the office again")
    until(product.answers, 60, "the office answers again")
    moving(page, f"{tile(product, SQUARE)} video")
    moving(page, f"{tile(product, SHOP)} video")
