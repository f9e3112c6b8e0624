"""Files in the world of roles: an export of another video system, a drawing and a paper pack of a plan."""

from dataclasses import asdict

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.core.intake import Probe
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.safety.actions import plans
from beffroi.safety.documents.drawings import read_drawing
from tests.conftest import NOW

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="200" height="100"/></svg>'


def keep_plan(actor: Actor, building: str, version: int) -> dict[str, str]:
    """A draft, a drawing and a paper pack of a building's plan, as the objects that routes name."""
    draft = plans.start_draft(actor=actor, building=building, now=NOW)
    plans.keep_pack(building=building, version=version, night=NOW.date(), data=b"%PDF-1.7", now=NOW)
    drawing = plans.keep_drawing(actor=SYSTEM, building=building, drawing=read_drawing(DRAWING), now=NOW)
    edited = {f"building:{route}.version": str(draft) for route in ("plan-edit", "plan-edit-act")}
    return {"drawing": drawing} | edited


def take_export(row: models.Requisition, camera: str, officer: PersonFacts, span: Span) -> models.Intake:
    """A file that was taken in for the requisition."""
    return models.Intake.objects.create(
        id="01a2-intake",
        requisition_id=row.pk,
        camera=camera,
        name="export.mp4",
        system="NVR",
        handed_by="X",
        footage_from=span.start,
        footage_until=span.end,
        bytes=1,
        sha256="0" * 64,
        taken_by=officer.id,
        taken_by_name=officer.called,
        taken_at=NOW,
        probe=asdict(Probe("mov", "h264", 1, 1, 1, 1, 0)),
    )
