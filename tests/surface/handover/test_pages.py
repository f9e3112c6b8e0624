"""The pages of the hand-over: who may, what they show, what each form does, and what strangers see: nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from beffroi.audit import jobs as audit_jobs
from beffroi.governance import models
from beffroi.governance.actions import extractions
from beffroi.governance.core.evidence import HandoverState, State
from beffroi.governance.jobs import reconcile_copies, reconcile_extractions
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import NotFound
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson
from tests.unit.governance.evidence_packages import MemorySource

pytestmark = pytest.mark.django_db
ClientOf = Callable[[PersonFacts], Client]


@pytest.fixture
def extraction(accepted: models.Requisition) -> models.Extraction:
    """Asked for by the acceptance, not built yet."""
    return models.Extraction.objects.get(requisition=accepted.id)


@pytest.fixture
def built(extraction: models.Extraction) -> models.Extraction:
    audit_jobs.sequence(NOW)
    reconcile_extractions(MemorySource(), NOW, clock=ManualClock(NOW))
    extraction.refresh_from_db()
    assert extraction.state == State.BUILT, extraction.failure_detail
    return extraction


@pytest.fixture
def desk(client_of: ClientOf, officer: PersonFacts) -> Client:
    return client_of(officer)


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "slip.pdf").write_bytes(pdf)
    return subprocess.run(["pdftotext", folder / "slip.pdf", "-"], capture_output=True, text=True, check=True).stdout


def test_progress_is_shown_until_it_is_done(desk: Client, extraction: models.Extraction) -> None:
    page = desk.get(f"/desk/packages/{extraction.id}/").content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "en attente" in page
    extractions.claim(builder="b", now=NOW)
    extractions.note_progress(extraction=extraction.id, builder="b", done=41, total=100, now=NOW)
    fragment = desk.get(f"/desk/packages/{extraction.id}/status/", headers={"HX-Request": "true"})
    assert "41 %" in fragment.content.decode()
    assert "HX-Refresh" not in fragment
    models.Extraction.objects.filter(pk=extraction.id).update(state=State.FAILED, failure="disk_full", lease_key="")
    fragment = desk.get(f"/desk/packages/{extraction.id}/status/", headers={"HX-Request": "true"})
    assert fragment["HX-Refresh"] == "true"
    assert "n’a plus de place" in fragment.content.decode()


def test_a_failed_package_says_why_and_can_be_tried_again(desk: Client, extraction: models.Extraction) -> None:
    missing = NotFound("The archive no longer has fragment 7 of segment s-9.", code="segment_missing")
    reconcile_extractions(MemorySource(broken=missing), NOW, clock=ManualClock(NOW))
    page = desk.get(f"/desk/packages/{extraction.id}/").content.decode()
    assert "Un fichier manque dans l’archive" in page
    assert "segment s-9" in page
    answer = desk.post(f"/desk/packages/{extraction.id}/retry/", follow=True)
    assert "de nouveau en préparation" in answer.content.decode()
    extraction.refresh_from_db()
    assert extraction.state == State.REQUESTED


def test_download_from_desk_to_receipt_at_the_counter(
    desk: Client, client_of: ClientOf, built: models.Extraction, investigator: PersonFacts, make_person: MakePerson,
    tmp_path: Path,
) -> None:  # fmt: skip
    page = desk.get(f"/desk/packages/{built.id}/").content.decode()
    assert built.zip_sha256 in page
    assert f'value="{investigator.id}" selected' in page, "the requester is proposed"
    answer = desk.post(f"/desk/packages/{built.id}/download/", {"recipient": investigator.id, "days": 14})
    assert answer.status_code == 302
    handover = models.Handover.objects.get()
    counter = client_of(investigator)
    listing = counter.get("/counter/packages/").content.decode()
    assert built.package in listing
    shown = counter.get(f"/counter/packages/{handover.id}/").content.decode()
    assert 'data-island="package"' in shown
    assert f"/tickets/{handover.grant}" in shown
    assert built.zip_sha256 in shown
    ticket = counter.post(f"/tickets/{handover.grant}", {"binding": "ab" * 32}, content_type="application/json")
    assert ticket.status_code == 200
    wrong = counter.post(f"/counter/packages/{handover.id}/receipt/", {"name": "", "quality": "OPJ", "unit": "BTA"})
    assert wrong.status_code == 422
    given = {"name": "Adj Ferrand", "quality": "OPJ", "unit": "BTA", "confirmed": "on"}
    assert counter.post(f"/counter/packages/{handover.id}/receipt/", given).status_code == 302
    handover.refresh_from_db()
    assert handover.state == HandoverState.RECEIVED
    slip = counter.post(f"/counter/packages/{handover.id}/slip/")
    told = text_of(slip.content, tmp_path)
    assert "Bordereau de remise" in told
    assert "Adj Ferrand" in told
    assert built.seal_sha256[:32] in told
    other = client_of(make_person(Role.INVESTIGATOR, name="Autre"))
    for method, address in (("get", ""), ("post", "receipt/"), ("post", "slip/")):
        assert getattr(other, method)(f"/counter/packages/{handover.id}/{address}").status_code == 404
    ticket = other.post(f"/tickets/{handover.grant}", {"binding": "ab" * 32}, content_type="application/json")
    assert ticket.status_code == 404


def test_medium_slip_and_receipt_on_paper(
    desk: Client, built: models.Extraction, settings: Any, tmp_path: Path
) -> None:
    settings.BEFFROI_MEDIUM_ROOTS = [str(tmp_path / "absent")]
    assert "Aucun support n’est branché" in desk.get(f"/desk/packages/{built.id}/").content.decode()
    disk = tmp_path / "disk"
    disk.mkdir()
    settings.BEFFROI_MEDIUM_ROOTS = [str(disk)]
    asked = {"medium": str(disk), "label": "clé 12", "recipient_name": "Adj Ferrand", "recipient_unit": "BTA"}
    wrong = desk.post(f"/desk/packages/{built.id}/copy/", {**asked, "medium": "/etc"})
    assert wrong.status_code == 422
    assert desk.post(f"/desk/packages/{built.id}/copy/", asked).status_code == 302
    handover = models.Handover.objects.get()
    assert "copie en cours" in desk.get(f"/desk/packages/{built.id}/").content.decode()
    reconcile_copies(NOW)
    assert "décharge attendue" in desk.get(f"/desk/packages/{built.id}/").content.decode()
    slip = desk.post(f"/desk/handovers/{handover.id}/slip/")
    assert slip["Content-Type"] == "application/pdf"
    assert "support amovible" in text_of(slip.content, tmp_path)
    signed = {"name": "Adj Ferrand", "quality": "OPJ", "unit": "BTA", "digest": "00" * 32}
    wrong = desk.post(f"/desk/handovers/{handover.id}/receipt/", signed)
    assert wrong.status_code == 422
    assert escape("comparez-la au bordereau") in wrong.content.decode()
    signed["digest"] = built.seal_sha256
    assert desk.post(f"/desk/handovers/{handover.id}/receipt/", signed).status_code == 302
    handover.refresh_from_db()
    assert handover.state == HandoverState.RECEIVED


def test_withdrawing_takes_a_reason(
    desk: Client, built: models.Extraction, investigator: PersonFacts, client_of: ClientOf
) -> None:
    desk.post(f"/desk/packages/{built.id}/download/", {"recipient": investigator.id, "days": 14})
    handover = models.Handover.objects.get()
    assert desk.post(f"/desk/handovers/{handover.id}/withdraw/", {"reason": " "}).status_code == 422
    assert desk.post(f"/desk/handovers/{handover.id}/withdraw/", {"reason": "erreur"}).status_code == 302
    assert client_of(investigator).get(f"/counter/packages/{handover.id}/").status_code == 404


@pytest.mark.parametrize("role", [Role.DPO, Role.MAYOR, Role.TECHNICIAN, Role.INVESTIGATOR, Role.DUTY_OFFICER])
def test_who_may_not(client_of: ClientOf, make_person: MakePerson, built: models.Extraction, role: Role) -> None:
    client = client_of(make_person(role, rank="Brigadier" if role is Role.DUTY_OFFICER else ""))
    for act in ("make", "retry", "download", "copy"):
        address = (
            f"/desk/requisitions/{built.requisition_id}/packages/make/"
            if act == "make"
            else (f"/desk/packages/{built.id}/{act}/")
        )
        assert client.post(address).status_code == 404, (role, act)
    assert client.get(f"/desk/packages/{built.id}/").status_code == 404, "confidential, or not of the room"


def test_a_second_package_can_be_made_in_english(desk: Client, built: models.Extraction) -> None:
    address = f"/desk/requisitions/{built.requisition_id}/packages/"
    assert built.package in desk.get(address).content.decode()
    assert desk.post(f"{address}make/", {"language": "xx"}).status_code == 422
    answer = desk.post(f"{address}make/", {"language": "en"}, follow=True)
    assert answer.status_code == 200
    assert models.Extraction.objects.filter(language="en", state=State.REQUESTED).count() == 1
    assert desk.post(f"{address}make/", {"language": "en"}).status_code == 422, "one at a time"
