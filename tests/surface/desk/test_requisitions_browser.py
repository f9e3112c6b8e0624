"""Requisitions in a real browser: both ways in by clicking and typing, counted; axe on every page; 390 px and 200 %.

The counts stand in docs/reference/clicks.md; ``pytest -s`` prints them.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance import models
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality, Role
from beffroi.sites import queries as sites
from beffroi.web.shared.place_map import frame_of
from tests import axe
from tests.conftest import NOW, PASSWORD, MakePerson
from tests.plane.requisitions.test_receive import ASKED
from tests.requisition_world import PDF, SEEN, RecorderMemory, make_keys, make_village
from tests.surface.requisition_pages import RECORDER, remember

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COUNTER = "addEventListener('click', e => { if (e.isTrusted) window.counted('click') }, true)"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any, clock: Any) -> tuple[str, str]:
    make_keys(tmp_path, settings)
    ids = make_village()
    remember(RecorderMemory(has={camera: [ASKED.widened(timedelta(hours=1))] for camera in ids}))
    settings.BEFFROI_RECORDER = RECORDER
    return ids


class Hand:
    """A person at a browser whose clicks are counted, and the letters she types."""

    def __init__(self, context: BrowserContext) -> None:
        self.clicks = 0
        self.letters = 0
        self.started = 0.0
        context.expose_function("counted", self._count)
        context.add_init_script(COUNTER)
        self.page: Page = context.new_page()

    def _count(self, what: str) -> None:
        self.clicks += what == "click"

    def begin(self) -> None:
        self.clicks = self.letters = 0
        self.started = time.monotonic()

    def type(self, label: str, text: str) -> None:
        """Into the field of this label, reached by the Tab key as people who type do."""
        self.page.get_by_label(label, exact=True).fill(text)
        self.letters += len(text)

    def said(self, story: str) -> str:
        return f"{story}: {self.clicks} clicks, {self.letters} letters, {time.monotonic() - self.started:.1f} s"


@pytest.fixture
def hand_of(chromium: Browser, live_server: object, village: tuple[str, str]) -> Iterator[Callable[..., Hand]]:
    contexts = []

    def open_hand(person: PersonFacts, *, theme: str = "", language: str = "fr", width: int = 1280) -> Hand:
        cookies = {"beffroi_language": language, **({"beffroi_theme": theme} if theme else {})}
        context = axe.new_context(
            chromium, cookies=cookies, base=str(live_server), viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        hand = Hand(context)
        name = f"compte{len(contexts)}"
        people.open_account(
            person=person.id, username=name, password=PASSWORD, language=language, actor=SYSTEM, now=NOW
        )
        axe.sign_in(hand.page, name, PASSWORD)
        return hand

    yield open_hand
    for context in contexts:
        context.close()


def on_map(page: Page) -> None:
    """One click on the place of the facts."""
    x, y = frame_of(sites.cameras(), (48.5, 2.5)).xy(SEEN)
    page.locator("input[type=image]").click(position={"x": round(x), "y": round(y)})


def test_a_mailed_paper_is_entered_in_few_clicks(
    hand_of: Callable[..., Hand], make_person: MakePerson, tmp_path: Path
) -> None:
    hand = hand_of(make_person(Role.VIDEO_OFFICER, rank="Chef de service"))
    page = hand.page
    paper = tmp_path / "requisition.pdf"
    paper.write_bytes(PDF)
    page.goto("/desk/requisitions/")
    hand.begin()
    page.get_by_role("link", name="Saisir une réquisition").click()
    page.locator("#id_document").set_input_files(paper)
    hand.clicks += 2  # the file picker: open it, choose the file
    hand.type("Unité requérante", "BTA Saint-Aubin")
    hand.type("Nom du requérant", "Camille Ferrand")
    page.locator("#id_quality").select_option("OPJ")
    hand.type("Matricule (NIGEND, RIO)", "271828")
    page.locator("#id_legal_basis").select_option("CPP_60_1")
    hand.type("Numéro de procédure", "12345/00678/2026")
    hand.type("Nature de l’infraction", "vol à l’arraché")
    hand.type("Lieu des faits", "place de la Halle")
    on_map(page)
    expect(page.get_by_role("checkbox", name="3 · Place de la Halle")).to_be_checked()
    page.locator("#id_since_day").fill("2026-11-22")
    page.locator("#id_since_time").fill("21:00")
    page.locator("#id_until_time").fill("21:30")
    hand.letters += 16
    hand.clicks += 2  # the two lists, opened and chosen from
    page.get_by_role("button", name="Inscrire au registre").click()
    expect(page.get_by_text("Couvert et enregistré")).to_be_visible()
    expect(page.get_by_text("En attente : pas encore garanti")).to_be_visible()
    print(f"\n{hand.said('paper → first answer')}")
    assert models.Requisition.objects.get().state == "checked"
    assert hand.clicks <= 10
    assert hand.letters <= 130
    decided = hand.clicks
    page.get_by_role("button", name="Décider et signer la réponse").click()
    expect(page.get_by_text("En recherche").first).to_be_visible()
    print(hand.said("paper → accepted"))
    assert hand.clicks <= decided + 2
    assert models.Extraction.objects.count() == 1


def test_an_investigator_asks_and_knows_within_the_minute(
    hand_of: Callable[..., Hand], make_person: MakePerson
) -> None:
    hand = hand_of(make_person(Role.INVESTIGATOR, name="Camille Ferrand"))
    page = hand.page
    page.goto("/counter/requisitions/")
    hand.begin()
    page.get_by_role("link", name="Nouvelle réquisition").click()
    page.locator("#id_legal_basis").select_option("CPP_60_1")
    hand.type("Numéro de procédure", "12345/00678/2026")
    hand.type("Nature de l’infraction", "vol à l’arraché")
    hand.type("Lieu des faits", "place de la Halle")
    on_map(page)
    expect(page.get_by_role("checkbox", name="3 · Place de la Halle")).to_be_checked()
    page.locator("#id_since_day").fill("2026-11-22")
    page.locator("#id_since_time").fill("21:00")
    page.locator("#id_until_time").fill("21:30")
    hand.letters += 16
    hand.clicks += 1  # the list
    page.get_by_role("button", name="Envoyer la réquisition").click()
    expect(page.get_by_text("Couvert et enregistré")).to_be_visible()
    print(f"\n{hand.said('counter → first answer')}")
    assert hand.clicks <= 5
    assert hand.letters <= 80
    assert page.locator("video, img").count() == 0  # not one picture


def test_enter_in_a_field_sends_and_never_clicks_the_map(hand_of: Callable[..., Hand], make_person: MakePerson) -> None:
    hand = hand_of(make_person(Role.VIDEO_OFFICER))
    page = hand.page
    page.goto("/desk/requisitions/enter/")
    page.locator("#id_place").fill("place de la Halle")
    page.locator("#id_place").press("Enter")
    expect(page.locator("#id_unit_name_error")).to_be_visible()
    assert page.locator("#id_place").input_value() == "place de la Halle"


@pytest.mark.parametrize(("theme", "language", "width"), [("", "fr", 1280), ("dark", "en", 390), ("light", "fr", 640)])
def test_axe_finds_nothing(
    hand_of: Callable[..., Hand], make_person: MakePerson, theme: str, language: str, width: int, tmp_path: Path
) -> None:
    officer = make_person(Role.VIDEO_OFFICER, Role.INVESTIGATOR, rank="Chef de service", quality=Quality.OPJ)
    hand = hand_of(officer, theme=theme, language=language, width=width)
    page = hand.page
    page.goto("/counter/requisitions/new/")
    page.locator("#id_legal_basis").select_option("CPP_77_1_1")
    for name, text in (("procedure_number", "1/2/2026"), ("offence", "vol"), ("place", "Halle"), ("numbers", "3")):
        page.locator(f"#id_{name}").fill(text)
    page.locator("#id_since_day").fill("2026-11-22")
    page.locator("#id_since_time").fill("21:00")
    page.locator("#id_until_time").fill("21:30")
    page.locator("button.primary.large").click()
    page.wait_for_url("**/counter/requisitions/*-*/")
    row = models.Requisition.objects.get()
    for address in (
        "/desk/requisitions/", "/desk/requisitions/enter/", f"/desk/requisitions/{row.id}/",
        "/counter/requisitions/", "/counter/requisitions/new/", f"/counter/requisitions/{row.id}/",
        "/office/registers/", "/office/registers/requisitions/",
    ):  # fmt: skip
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        axe.check(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is {overflow} px wider than the screen"
