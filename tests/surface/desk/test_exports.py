"""Exports through the pages, in a centre without recorder: taken in, packed, destroyed; and why there is no live."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from beffroi.audit import jobs as audit_jobs
from beffroi.governance import models
from beffroi.governance.jobs import reconcile_extractions
from beffroi.governance.queries import requisitions
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.facts import PersonFacts
from tests.conftest import NOW
from tests.media.rtsp import footage
from tests.plane.evidence.conftest import accepted, investigator, officer, village
from tests.unit.governance.evidence_packages import MemorySource

__all__ = ["accepted", "investigator", "officer", "village"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(settings: Any, accepted: models.Requisition, officer: PersonFacts, client_of: Any) -> Client:
    settings.BEFFROI_RECORDING = False
    models.Extraction.objects.all().delete()  # what the acceptance asked of the recorder that is gone
    client: Client = client_of(officer)
    return client


def export(row: models.Requisition, data: bytes, **changed: Any) -> dict[str, Any]:
    span = requisitions.span_of(row)
    assert span is not None
    return {
        "camera": row.cameras.order_by("camera")[0].camera,
        "start": f"{timezone.localtime(span.start):%Y-%m-%dT%H:%M:%S}",
        "system": "NVR de la mairie",
        "handed_by": "J. Petit",
        "clock": "12 s de retard",
        "file": SimpleUploadedFile("=export;halle.mp4", data),
    } | changed


@pytest.mark.media
def test_an_export_is_taken_in_packed_and_said_to_be_external(
    browser: Client,
    accepted: models.Requisition,
    tmp_path: Path,
) -> None:
    address = f"/desk/requisitions/{accepted.id}/exports/"
    assert "10 minutes" not in browser.get(address).content.decode()
    assert browser.post(address, export(accepted, footage("02-carpark").read_bytes())).status_code == 302
    page = browser.get(address).content.decode()
    taken = models.Intake.objects.get()
    assert taken.sha256[:12] in page
    assert "contient du son" in page
    assert (tmp_path / "intake" / taken.id).stat().st_mode & 0o077 == 0
    made = browser.post(f"/desk/requisitions/{accepted.id}/packages/make/", {"language": "fr"})
    assert made.status_code == 302, made.content.decode()
    audit_jobs.sequence(NOW)
    assert reconcile_extractions(MemorySource(), NOW, clock=ManualClock(NOW)) == 1
    package = models.Extraction.objects.get()
    assert (package.state, package.intake) == ("built", [taken.id])
    assert "provenance externe" in browser.get(f"/desk/packages/{package.id}/").content.decode()
    assert browser.post(f"{address}{taken.id}/drop/", {"why": ""}).status_code == 302
    assert models.Intake.objects.get().dropped_at is None
    browser.post(f"{address}{taken.id}/drop/", {"why": "mauvaise caméra"})
    assert models.Intake.objects.get().dropped_at == NOW


@pytest.mark.media
def test_what_is_wrong_is_said_where_it_was_typed(browser: Client, accepted: models.Requisition) -> None:
    address = f"/desk/requisitions/{accepted.id}/exports/"
    for changed, said in (
        ({"file": SimpleUploadedFile("x.mp4", b"no video at all")}, "pas une vidéo lisible"),
        ({"start": "2020-01-01T00:00:00"}, "hors de la période demandée"),
        ({"camera": "elsewhere"}, "elsewhere"),
        ({"system": ""}, "obligatoire"),
    ):
        answer = browser.post(address, export(accepted, footage("02-carpark").read_bytes()) | changed)
        assert answer.status_code == 422
        assert said in answer.content.decode(), said
    assert not models.Intake.objects.exists()


@pytest.mark.parametrize("path", ["/desk/", "/desk/map/", "/desk/health/"])
def test_pages_say_why_there_is_no_live_picture(browser: Client, path: str) -> None:
    page = browser.get(path, follow=True).content.decode()
    assert "pas d’enregistreur" in page


def test_without_exports_no_package_is_asked_for(browser: Client, accepted: models.Requisition) -> None:
    answer = browser.post(f"/desk/requisitions/{accepted.id}/packages/make/", {"language": "fr"})
    assert answer.status_code == 422
    assert "recevez d’abord les exports" in answer.content.decode()
