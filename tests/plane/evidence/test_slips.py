"""The paper that goes with a package: what a reader's telephone finds in its square is what the log says."""

import io
import subprocess

import pytest
import zxingcpp
from PIL import Image

from beffroi.audit import jobs as audit_jobs
from beffroi.audit import queries as audit
from beffroi.audit.core.growth import Growth, pasted
from beffroi.governance import models
from beffroi.governance.actions import handover
from beffroi.governance.actions.slips import print_slip
from beffroi.governance.jobs import reconcile_extractions
from beffroi.governance.queries import evidence
from beffroi.kernel.clock import ManualClock
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from tests.conftest import NOW
from tests.unit.governance.evidence_packages import MemorySource

pytestmark = pytest.mark.django_db
DOTS_PER_INCH = 150
"""What a photograph of the paper has at least."""


def squares(pdf: bytes) -> list[str]:
    """The text of every QR code on the first page, as printed."""
    drawn = subprocess.run(
        ["pdftoppm", "-f", "1", "-l", "1", "-r", str(DOTS_PER_INCH), "-png", "-"],
        input=pdf, capture_output=True, check=True,
    ).stdout  # fmt: skip
    with Image.open(io.BytesIO(drawn)) as page:
        found = zxingcpp.read_barcodes(page.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    return [one.text for one in found]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_square_of_a_slip_carries_the_seal_and_a_checkpoint_that_todays_log_contains(
    accepted: models.Requisition, officer: PersonFacts, investigator: PersonFacts, language: str
) -> None:
    actor = people.actor_of(officer)
    audit_jobs.sequence(NOW)
    assert reconcile_extractions(MemorySource(), NOW, clock=ManualClock(NOW)) == 1
    package = evidence.for_desk(officer, models.Extraction.objects.get().id)
    handover.open_download(actor=actor, extraction=package.id, recipient=investigator.id, now=NOW)
    slip = print_slip(actor=actor, handover=evidence.handovers_of(package.id)[0], language=language, now=NOW)
    (text,) = squares(slip)
    kind, seal, checkpoint = text.split("\n", 2)
    assert (kind, seal) == ("BEFFROI1", package.seal_sha256)
    assert checkpoint.rstrip("\n") == package.checkpoint.rstrip("\n") != ""
    audit_jobs.sequence(NOW)
    found = audit.grown_from(pasted(text))
    assert found.growth is Growth.CONTAINED
    assert found.earlier is not None
    assert found.size > found.earlier.size > 0, "printing the slip stands in the log, after what it carries"
    wrong = text.replace(checkpoint.splitlines()[2], "A" * len(checkpoint.splitlines()[2]))
    assert audit.grown_from(pasted(wrong)).growth is not Growth.CONTAINED
