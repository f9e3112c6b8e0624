"""An export sent in a real Chromium over a line that is cut: waited out, and gone on with after the page was left."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from beffroi.governance import models
from beffroi.governance.core import uploads as core
from beffroi.governance.queries import requisitions
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.cut_line import CutLine, cut_line
from tests.media.rtsp import footage
from tests.plane.evidence.conftest import accepted, investigator, officer, village
from tests.plane.governance.conftest import CLERK

__all__ = ["accepted", "investigator", "officer", "village"]
pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.django_db(transaction=True)]
PART = 256 * 1024
PATIENCE_MS = 30_000


@pytest.fixture
def line(office_server: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[CutLine]:
    settings.BEFFROI_RECORDING = False
    monkeypatch.setattr(core, "PART_BYTES", PART)
    with cut_line(office_server) as made:
        yield made


@pytest.fixture
def page(accepted: models.Requisition, officer: PersonFacts, line: CutLine, clock: Any) -> Iterator[Page]:
    people.open_account(person=officer.id, username="aubry", password=PASSWORD, actor=CLERK, now=NOW)
    with axe.browser() as chromium:
        shown = axe.new_context(chromium, base=line.address, reduced_motion="reduce").new_page()
        axe.sign_in(shown, "aubry", PASSWORD)
        yield shown


def fill(page: Page, row: models.Requisition, file: Path) -> None:
    """The form, as the officer types it; the button is reached by the keyboard."""
    page.goto(f"/desk/requisitions/{row.id}/exports/")
    page.locator("form[data-island-ready]").wait_for()
    span = requisitions.span_of(row)
    assert span is not None
    start = page.locator("#id_start")
    start.fill(f"{timezone.localtime(span.start):%Y-%m-%dT%H:%M:%S}")
    page.locator("#id_system").fill("NVR de la mairie")
    page.locator("#id_handed_by").fill("J. Petit")
    page.locator("#id_file").set_input_files(file)


def test_a_cut_line_is_waited_out_and_a_left_page_goes_on(
    page: Page, accepted: models.Requisition, line: CutLine, tmp_path: Path
) -> None:
    file = footage("02-carpark")
    data = file.read_bytes()
    status = page.locator(".progress [role=status]")
    bar = page.get_by_role("progressbar", name="Part du fichier envoyée")
    fill(page, accepted, file)
    axe.check(page)
    line.cut_after(5 * PART + PART // 2)
    page.get_by_role("button", name="Recevoir").press("Enter")
    expect(status).to_contain_text("La liaison est coupée", timeout=PATIENCE_MS)
    expect(bar).to_be_visible()
    axe.check(page)
    half = models.Upload.objects.get()
    assert 0 < half.received < len(data)
    assert half.received % PART == 0, "of the part that was cut nothing counts"
    # The person gives up, and comes back: what is here is on the page, and the same file goes on.
    page.get_by_role("button", name="Interrompre l’envoi").press("Enter")
    expect(status).to_contain_text("Interrompu après", timeout=PATIENCE_MS)
    line.mend()
    fill(page, accepted, file)
    expect(page.get_by_text("En cours d’envoi")).to_be_visible()
    line.cut_after(4 * PART)
    page.get_by_role("button", name="Recevoir").press("Enter")
    expect(status).to_contain_text("La liaison est coupée", timeout=PATIENCE_MS)
    further = models.Upload.objects.get()
    assert (further.id, further.received > half.received) == (half.id, True)
    with page.expect_navigation(timeout=PATIENCE_MS):
        line.mend()
    expect(page.locator(".banner.good")).to_contain_text(hashlib.sha256(data).hexdigest(), timeout=PATIENCE_MS)
    taken = models.Intake.objects.get()
    assert (taken.name, taken.bytes) == (file.name, len(data))
    assert (tmp_path / "intake" / taken.id).read_bytes() == data
    assert not models.Upload.objects.exists()
