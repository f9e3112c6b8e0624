"""J3, I12: each way in, looked through by a browser in another network, and stopped from the room's page beside it.

Partners sit in a network namespace of the test's own with one cable to this
machine; the room sits here with its page open. Who looks stands in its strip; what is stopped there goes dark, a
camera stands still, a file breaks off.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import axe
from tests.e2e import elsewhere
from tests.e2e.conftest import CLOCKED, PageOf, clocked, sittings
from tests.e2e.elsewhere import Cable
from tests.e2e.pictures import dark, moving
from tests.e2e.product import CAR_PARK, CLOCK, SQUARE, Product
from tests.e2e.test_2_requisition import accept, fill, recorded_minute, send
from tests.e2e.test_3_access import PARIS, ask_live, ask_replay, decide, incident
from tests.e2e.test_3_crisis import invited
from tests.elsewhere.conftest import NotingDome
from tests.waiting import until

pytestmark = [
    pytest.mark.media,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not elsewhere.possible(), reason="LEFT OUT: a network namespace takes root and iproute2"),
]
__all__ = ["incident"]
COPY = {"procedure_number": "00125/00458/2026", "offence": "vol", "place": "autour de la gare"}
REASON = "Patrouille en route, deux personnes signalées"


@pytest.fixture(scope="module")
def cable(product: Product) -> Iterator[Cable]:
    """The other network."""
    with elsewhere.namespace(product.port) as laid:
        yield laid


@pytest.fixture(scope="module")
def far(
    product: Product, cable: Cable, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser there. It calls the centre by its name; the name leads over the cable."""
    inside = tmp_path_factory.mktemp("away") / "chromium"
    inside.write_text(f'#!/bin/sh\nexec ip netns exec {cable.name} /usr/bin/chromium "$@"\n')
    inside.chmod(0o755)
    over = f"--host-resolver-rules=MAP localhost:{product.port} {cable.address.removeprefix('http://')}"
    browser = chromium.browser_type.launch(executable_path=str(inside), args=[*axe.ARGUMENTS, over])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def away(product: Product, far: Browser) -> Iterator[PageOf]:
    """Persons with an account, there."""
    with sittings(far, product.url) as sit:
        yield sit


@pytest.fixture
def unknown(product: Product, far: Browser) -> Iterator[Page]:
    """Somebody there whom nobody has signed in."""
    context = far.new_context(base_url=product.url, locale="fr-FR")
    context.add_init_script(CLOCKED)
    yield context.new_page()
    context.close()


@pytest.fixture
def room(page_of: PageOf, incident: None) -> Page:
    """The room's wall, open beside it all."""
    page = page_of("garde")
    axe.follow(axe.menu(page, "Mur"))
    page.locator("#lookers").wait_for()
    return page


def live(page: Page, page_of: PageOf) -> None:
    ask_live(page, CAR_PARK, purpose="L251-2:5", reason=REASON)
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(page_of("referent"), "Julien Morel")


def emergency(page: Page, page_of: PageOf) -> None:
    """Break-glass: it lifts the approval, and nothing else."""
    del page_of
    axe.follow(axe.menu(page, "Accès aux images"))
    page.get_by_role("link", name="Demander le direct").click()
    page.locator("#id_incident").select_option(index=0)
    page.get_by_role("checkbox", name=re.compile(f"^{CAR_PARK} · ")).check()
    page.locator("#id_purpose").select_option("L251-2:5")
    page.locator("#id_reason").fill("Coups de feu entendus, une personne à terre")
    page.locator("#id_emergency").check()
    page.locator("main form button.primary").click()


def replay(page: Page, page_of: PageOf) -> None:
    begin = datetime.fromtimestamp(CLOCK.now_us() / 1e6 - 40, tz=PARIS)
    axe.follow(axe.menu(page, "Accès aux images"))
    page.get_by_role("link", name="Ouvrir une affaire").click()
    page.locator("#id_number").fill("00123/00790/2026")
    page.locator("#id_legal_basis").select_option("CPP_60_1")
    page.get_by_role("checkbox", name=re.compile(f"^{CAR_PARK} · ")).check()
    page.locator("#id_since").fill(begin.strftime("%Y-%m-%dT%H:%M:%S"))
    page.locator("#id_until").fill(
        datetime.fromtimestamp(begin.timestamp() + 30, tz=PARIS).strftime("%Y-%m-%dT%H:%M:%S")
    )
    page.locator("main form button.primary").click()
    page.locator("#id_case").wait_for()
    ask_replay(page, (CAR_PARK,), begin, 30)
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(page_of("referent"), "Julien Morel")


def prefecture(page: Page, page_of: PageOf) -> None:
    ask_live(page, CAR_PARK, purpose="L251-2:7", reason="Crue annoncée de la Voulzette cette nuit")
    expect(page.locator(".banner.warn")).to_be_visible()
    decide(page_of("chef"), "Benoît Lacroix")
    page.locator("a[href='?pictures=1']").wait_for(timeout=20_000)
    page.get_by_role("link", name="Montrer les images").click()


WAYS = [
    ("opj", "Julien Morel", ".live-video", live),
    ("opj", "Julien Morel", ".live-video", emergency),
    ("opj", "Julien Morel", ".replay-video", replay),
    ("prefecture", "Benoît Lacroix", ".live-video", prefecture),
]


@pytest.mark.parametrize(("who", "name", "place", "come_in"), WAYS, ids=[one[3].__name__ for one in WAYS])
def test_who_looks_from_another_network_stands_in_the_room_and_is_stopped_there(
    away: PageOf, page_of: PageOf, room: Page, who: str, name: str, place: str,
    come_in: Callable[[Page, PageOf], None],
) -> None:  # fmt: skip
    page = away(who)
    come_in(page, page_of)
    stopped(room, page, name, place, come_in.__name__)


def test_a_relay_that_the_room_offers(away: PageOf, room: Page, product: Product) -> None:
    beside = room.context.new_page()
    beside.goto("/desk/incidents/")
    axe.follow(beside.locator("main a[href*='/incidents/']", has_text="I-").first)
    beside.get_by_text("Le renvoyer en direct").click()
    form = beside.locator("form[action$='/relay/']")
    form.get_by_label("À qui").select_option(product.persons["corg"])
    form.get_by_label("Motif").fill("La patrouille demande à voir")
    axe.follow(form.get_by_role("button", name="Ouvrir le renvoi"))
    beside.close()
    page = away("corg")
    axe.follow(axe.menu(page, "Accès aux images"))
    page.locator("article.card h3 a").first.click()
    stopped(room, page, "Inès Caron", ".live-video", "relay")


def test_somebody_without_an_account_whom_the_room_let_in(unknown: Page, room: Page, product: Product) -> None:
    beside = room.context.new_page()
    unknown.goto(invited(product, beside))
    beside.close()
    unknown.locator("main form button.primary").click()
    unknown.get_by_role("link", name="Montrer les images").click()
    stopped(room, unknown, "Benoît Lacroix", ".live-video", "crisis access")


def test_who_steers_a_camera_from_another_network_is_seen_and_stopped(
    away: PageOf, page_of: PageOf, room: Page, product: Product, cable: Cable, dome: NotingDome
) -> None:
    page = away("opj")
    live(page, page_of)
    moving(page, ".live-video")
    axe.follow(page.get_by_role("button", name="Demander les commandes"))
    expect(page.get_by_text("Votre demande est au centre.")).to_be_visible()
    decide(page_of("referent"), "Julien Morel")
    page.get_by_role("button", name="Prendre les commandes").click(timeout=40_000)
    page.get_by_role("group", name="Directions de la caméra").wait_for(timeout=20_000)
    page.keyboard.down("ArrowLeft")
    expect(page.get_by_text("Vous orientez cette caméra.")).to_be_visible(timeout=20_000)
    until(lambda: dome.acts()[-1:] == ["ContinuousMove"], 20, "the camera moves")
    strip = room.locator("#lookers")
    expect(strip.locator(".looker", has_text="pilote")).to_contain_text("Julien Morel", timeout=20_000)
    cable.flows.clear()  # the key is still held, and nobody hears of it any more
    until(lambda: dome.acts()[-1:] == ["Stop"], 20, "silence stops the camera")
    cable.flows.set()
    until(lambda: dome.acts()[-1:] == ["ContinuousMove"], 40, "the key is held: it moves on")
    line = strip.locator(".looker", has_text="Julien Morel").filter(has_not_text="pilote")
    line.get_by_role("button", name="Arrêter").click()
    stopped_ns = time.monotonic_ns()
    clicked_ms = clocked(room)["clicked_ms"]
    until(lambda: dark(page, ".live-video"), 30, "the pictures are gone")
    until(lambda: dome.acts()[-1:] == ["Stop"], 20, "the camera stands still")
    last_s = (clocked(page)["last_ms"] - clicked_ms) / 1_000
    moved_s = (dome.moved_ns - stopped_ns) / 1e9
    print(f"\nsteering from another network, pictures stopped: last byte {last_s:.2f} s, last move {moved_s:.2f} s")
    assert max(last_s, moved_s) < 4, "twice the promise, as for every way in"
    until(lambda: not [one for one in product.recorder().sessions() if one.mode == "ptz"], 20, "nobody has the hand")
    expect(page.locator(".steer-pad")).to_have_count(0, timeout=20_000)
    page.keyboard.up("ArrowLeft")
    assert dome.acts()[-1] == "Stop"


def test_a_package_fetched_from_another_network_is_seen_cut_and_fetched_anew(
    away: PageOf, page_of: PageOf, room: Page, product: Product, cable: Cable, tmp_path: Path
) -> None:
    page, officer = away("opj"), page_of("referent")
    # an access that was stopped reads its page anew once more: whoever clicks at that instant goes nowhere
    expect(page.locator("[hx-get*='/state/']")).to_have_count(0, timeout=20_000)
    axe.follow(axe.menu(page, "Mes réquisitions"))
    axe.follow(page.get_by_role("link", name="Nouvelle réquisition"))
    fill(page, COPY, basis="CPP_60_1", begin=recorded_minute(product), numbers=(CAR_PARK, SQUARE))
    send(page, "Envoyer la réquisition")
    accept(officer, COPY["place"])
    expect(officer.locator("section[aria-labelledby=download-title]")).to_be_visible(timeout=90_000)
    taken = fetched_until_stopped(offered(officer, page), page, room, product, cable)
    assert taken["after"] == [403, "access_stopped"]
    gone = page.reload()
    assert gone is not None
    assert gone.status == 404, "withdrawn: perhaps it was never meant for her"
    officer.reload()
    expect(officer.locator("main")).to_contain_text("retiré")
    offered(officer, page)
    digest = page.locator("code.digest").first.inner_text()
    with page.expect_download() as waiting:
        page.locator("[data-island=package] button").click()
    whole = tmp_path / "package.zip"
    waiting.value.save_as(whole)
    assert hashlib.sha256(whole.read_bytes()).hexdigest() == digest


def offered(officer: Page, page: Page) -> str:
    """The officer opens the download; its page is before the recipient. The package's name."""
    officer.get_by_role("button", name="Ouvrir le téléchargement").click()
    expect(officer.get_by_text("Le destinataire peut")).to_be_visible()
    axe.follow(axe.menu(page, "Paquets"))
    axe.follow(page.locator("main a[href*='/counter/packages/']").first)
    return page.locator("h1").inner_text().split()[-1]


def fetched_until_stopped(package: str, page: Page, room: Page, product: Product, cable: Cable) -> dict[str, Any]:
    """A program of the recipient's fetches behind a narrow line; the room sees it and stops it."""
    told = json.loads(page.locator("#package-data").inner_text())
    cookies = {str(one["name"]): str(one["value"]) for one in page.context.cookies()}
    orders: dict[str, Any] = {
        "at": cable.address, "host": f"localhost:{product.port}", "package": package, "ticket": told["ticket_url"],
        "cookies": cookies,
    }  # fmt: skip
    fetcher = elsewhere.Looker(orders, inside=cable.name, program="tests.e2e.fetcher")
    try:
        fetcher.looking()
        line = room.locator("#lookers .looker", has_text=package)
        expect(line).to_contain_text("Julien Morel", timeout=20_000)
        expect(line).to_contain_text("regarde", timeout=20_000)
        begun_ns = time.monotonic_ns()
        line.get_by_role("button", name="Arrêter").click()
        seen = fetcher.end()
    finally:
        fetcher.close()
    assert seen["cut"], "the file was whole before the room could stop it"
    assert 0 < seen["bytes"] < seen["of_bytes"]
    last_s = (seen["last_ns"] - begun_ns) / 1e9
    print(f"\npackage from another network, stopped: last byte {last_s:.2f} s, {seen['bytes']} of {seen['of_bytes']}")
    assert last_s < 4, "twice the promise, as for every way in"
    ends = [one.body for one in product.recorder().journal(0, limit=5_000) if one.name == "look:end"]
    (end,) = [one for one in ends if one["mode"] == "package"]
    assert (end["complete"], end["why"], end["person_name"]) == (False, "access_stopped", "Adjudant Julien Morel")
    return seen


def stopped(room: Page, page: Page, name: str, place: str, way: str) -> None:
    """She sees, the room sees her, and stops her."""
    moving(page, place)
    strip = room.locator("#lookers")
    expect(strip).to_contain_text(name, timeout=20_000)
    begun = time.monotonic()
    strip.get_by_role("button", name=re.compile(f"Arrêter .*{name}")).click()
    clicked_ms = clocked(room)["clicked_ms"]
    until(lambda: dark(page, place), 30, "the pictures are gone")
    told = f"\n{way} from another network, stopped by the room: dark after {time.monotonic() - begun:.2f} s"
    expect(page.locator("body")).to_contain_text(re.compile("Le poste a arrêté cet accès|terminé"), timeout=20_000)
    if place == ".live-video":
        last_s = (clocked(page)["last_ms"] - clicked_ms) / 1_000
        told += f", last byte after {last_s:.2f} s"
        assert last_s < 4, "twice the promise, on a machine that may be busy; the median of three is held in test_2"
    print(told)
