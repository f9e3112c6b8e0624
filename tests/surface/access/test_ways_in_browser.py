"""The duty phone's further pages and the doors of guests in a real browser: axe, both themes and languages, 390 px."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import access
from beffroi.governance.actions.holds import place_hold
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.jobs import call_next
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import actions as operations
from beffroi.operations.core.calls import PeriodKind
from beffroi.operations.core.words import RotaLine
from tests import axe
from tests.conftest import NOW
from tests.plane.governance.conftest import actor, begin
from tests.surface.access.test_in_browser import chromium, page_of  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [("dark", "en", 1280), ("light", "fr", 390)]
HOUR = timedelta(hours=1)


@pytest.fixture
def busy(world, convention, incident, settings):
    """A break-glass to review, a request that was called about, a shift handed over, a turn, a hold."""
    settings.BEFFROI_SMTP_URL = "smtp://mail.example"
    given = {
        "mode": Mode.RELAY, "cameras": [world.cameras[0]], "ground_kind": "incident", "ground": incident.id,
        "purpose": "L251-2:5", "legal_basis": "ADMIN_POLICE", "duration": HOUR, "actor": actor(world.corg), "now": NOW,
    }  # fmt: skip
    glass = access.request_access(**given, reason="Coups de feu entendus place de la Mairie", emergency=True)
    access.request_access(**given, reason="Patrouille en route vers la mairie")
    line = RotaLine(1, world.chief.id, world.chief.called, "0600000001")
    operations.set_rota(actor=SYSTEM, lines=[line], now=NOW)
    week = Span(NOW, NOW + timedelta(days=7))
    operations.enter_period(actor=SYSTEM, person=world.chief.id, kind=PeriodKind.TURN, span=week, now=NOW)
    operations.give_over(
        actor=actor(world.officer), person=world.officer, note="Rixe calmée", still_open=(), insee="99123", now=NOW
    )
    begin(world.chief)
    place_hold(
        actor=actor(world.chief), camera=world.cameras[0], span=Span(NOW - HOUR, NOW), kind=HoldReference.NOTICE,
        reference="N1", label="Avis 1", reason="Avis écrit d'un OPJ", judicial_reference="PV-1", requester_key="BTA",
        now=NOW,
    )  # fmt: skip
    call_next(NOW)
    return glass.id


def stands(page: Page, path: str) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    page.goto(path)
    page.locator("h1").wait_for()
    axe.check(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{path}: {overflow} px too wide"


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_every_further_page_of_the_phone_stands(world, busy, page_of, theme, language, width):  # noqa: F811
    page = page_of(world.chief, theme, language, width)
    for name in ("duty:phone", "duty:rota", "duty:handover", "duty:crisis", "duty:holds"):
        stands(page, reverse(name))
    stands(page, reverse("duty:access", args=[busy]))
    for name in ("counter:guest", "counter:guest-wait", "counter:guest-again"):
        stands(page, reverse(name))
