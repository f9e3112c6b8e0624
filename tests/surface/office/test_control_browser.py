"""The pages of control and of requests of persons in a real browser: axe in both languages, dark, and at 390 px."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from beffroi.governance.actions import control, rights
from beffroi.governance.core.rights import Wish
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.spans import Span
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from tests import axe
from tests.conftest import NOW, PASSWORD, MakePerson
from tests.surface.office.control_world import StatusOf, recorded, use_recorder, village

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "fr", 1280), ("dark", "en", 1280), ("light", "fr", 390)]
)
def test_axe_finds_nothing(
    chromium: Browser, office_server: str, make_person: MakePerson, clock: ManualClock, tmp_path: Path, settings: Any,
    monkeypatch: pytest.MonkeyPatch, theme: str, language: str, width: int,
) -> None:  # fmt: skip
    use_recorder(monkeypatch, StatusOf(recorded(*village(tmp_path, settings))))
    dpo = make_person(Role.DPO, name="Inès Castel", account="deleguee", language=language)
    span = Span(NOW - timedelta(hours=3), NOW - timedelta(hours=2))
    entry = rights.RightsEntry(Wish.SEE, "Place de la Halle", span, "manteau rouge", "Camille Test", "12 rue du Puits")
    asked = rights.receive(entry=entry, address="192.0.2.1", now=NOW)
    control.request_bundle(actor=people.actor_of(dpo), for_whom="CNIL", now=NOW)
    cookies = {"beffroi_language": language, "beffroi_theme": theme}
    context = axe.new_context(
        chromium, cookies=cookies, base=office_server, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    for address in ("/rights/", "/rights/follow/"):
        page.goto(address)
        axe.check(page)
    axe.sign_in(page, "deleguee", PASSWORD)
    for address in ("rules/", "rules/paper/", "inspection/", "rights/", f"rights/{asked.id}/", "registers/relays/"):
        page.goto(f"/office/{address}")
        page.locator("main h1").wait_for()
        for summary in page.locator("main details.disclosure > summary").all():
            summary.click()
        axe.check(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
    context.close()
