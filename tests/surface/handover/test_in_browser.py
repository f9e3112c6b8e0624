"""The pages of the hand-over in a real browser: axe, light and dark, wide and at 390 px; the policy holds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from beffroi.audit import jobs as audit_jobs
from beffroi.governance import models
from beffroi.governance.actions import handover
from beffroi.governance.jobs import reconcile_extractions
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions as people_actions
from beffroi.people.core.facts import PersonFacts
from beffroi.people.queries import actor_of
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.unit.governance.evidence_packages import MemorySource

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


_WIDE = """() => [...document.querySelectorAll("main *")]
  .filter((one) => !one.closest(".table-wrap"))
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What of the page itself stands out of the window to the right."""


@pytest.fixture
def chromium(accepted: models.Requisition) -> Iterator[Browser]:
    """Started after the papers are signed: signing runs an event loop of its own, and so does the browser's driver."""
    with axe.browser() as running:
        yield running


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(
    chromium: Browser, live_server: object, clock: ManualClock, accepted: models.Requisition, officer: PersonFacts,
    investigator: PersonFacts, scheme: str, width: int,
) -> None:  # fmt: skip
    audit_jobs.sequence(NOW)
    reconcile_extractions(MemorySource(), NOW, clock=ManualClock(NOW))
    built = models.Extraction.objects.get(requisition=accepted.id)
    opened = handover.open_download(actor=actor_of(officer), extraction=built.id, recipient=investigator.id, now=NOW)
    pages = {
        "officer": (officer, [f"/desk/requisitions/{accepted.id}/packages/", f"/desk/packages/{built.id}/"]),
        "investigator": (investigator, ["/counter/packages/", f"/counter/packages/{opened.id}/"]),
    }
    for username, (person, addresses) in pages.items():
        people_actions.open_account(
            person=person.id, username=username, password=PASSWORD, actor=actor_of(officer), now=NOW
        )
        context = axe.new_context(
            chromium, base=str(live_server), viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        page = context.new_page()
        axe.sign_in(page, username, PASSWORD)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            # On a narrow desk page the room's strip may stand over the footer while it is scrolled: not this page's.
            axe.check(page, leaving_out=("target-size",) if width == 390 and "/desk/" in address else ())
            wide = page.evaluate(_WIDE)
            assert wide == [], (address, wide)
        context.close()
