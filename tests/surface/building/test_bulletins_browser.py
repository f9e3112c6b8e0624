"""An alert from outside in a real browser: a file is chosen, read, relayed; an exercise offers nothing to raise."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from beffroi.audit.core.facts import SYSTEM
from beffroi.config.demo import school
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from beffroi.safety import queries
from beffroi.safety.core import cap
from beffroi.safety.core.cap import Area, Status
from beffroi.safety.core.words import Hazard, Nature, Posture
from beffroi.sites import actions as sites
from tests import axe
from tests.conftest import INSEE, NOW, PASSWORD, MakePerson
from tests.plane.safety.test_bulletins import message
from tests.unit.safety.test_bulletins import INFO

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOXIC = replace(INFO, headline="Fuite d’ammoniac à Saint-Aubin", areas=(Area("Saint-Aubin"),))


def chosen(page: Page, one: cap.Message) -> None:
    """A file is chosen and read."""
    page.goto("/building/outside/")
    page.set_input_files("input[type=file]", {"name": "a.cap", "mimeType": "application/xml", "buffer": cap.write(one)})
    axe.follow(page.get_by_role("button", name="Lire le message"))


def seen(page: Page) -> None:
    """Nobody is left out, and it fits a phone."""
    axe.check(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_file_is_chosen_and_relayed_and_an_exercise_is_not(
    office_server: str, make_person: MakePerson, clock: ManualClock, data_dir: Any
) -> None:
    sites.enter_commune(
        actor=SYSTEM, insee=INSEE, name="Saint-Aubin", department="99", centre=(48.6, 2.6), now=NOW
    )  # fmt: skip
    chief = make_person(Role.CHIEF, account="chef")
    school.found_school(make_person(Role.SCHOOL_HEAD).id, NOW)
    with axe.browser() as chromium:
        page = axe.new_context(chromium, base=office_server, viewport={"width": 1280, "height": 900}).new_page()
        axe.sign_in(page, "chef", PASSWORD)
        chosen(page, message("EX-1", info=TOXIC, status=Status.EXERCISE))
        expect(page.locator(".page-head")).to_contain_text("exercice ou essai")
        expect(page.get_by_role("button", name="Y déclencher l’alerte")).to_have_count(0)
        seen(page)
        board = page.context.new_page()
        board.goto("/building/")
        chosen(page, message("A-1", info=TOXIC))
        expect(board.locator("#outside .alarm")).to_contain_text("Fuite d’ammoniac", timeout=30_000)
        page.goto("/building/")
        assert queries.active_visible_to(chief) == []
        seen(page)
        axe.follow(page.get_by_role("link", name="La lire : relayer ou écarter"))
        expect(page.locator("[name=hazard]")).to_have_value("toxic_cloud")
        expect(page.locator("[name=authority]")).to_have_value("prefecture@drome.example (CAP A-1)")
        expect(page.locator("[name=note]")).to_have_value("Fuite d’ammoniac à Saint-Aubin")
        seen(page)
        axe.follow(page.get_by_role("button", name="Y déclencher l’alerte"))
        expect(page.locator(".bell-nature")).to_contain_text("ALERTE RÉELLE")
        expect(page.locator(".log")).to_contain_text("Fuite d’ammoniac à Saint-Aubin")
        page.get_by_text("Coupures · Se confiner").click()
        expect(page.get_by_text("Coupez le gaz")).to_be_visible()
        (view,) = queries.active_visible_to(chief)
        assert (view.file.alert.nature, view.file.alert.hazard) == (Nature.REAL, Hazard.TOXIC_CLOUD)
        assert view.file.alert.posture_of("zms-1") is Posture.SEAL_IN
