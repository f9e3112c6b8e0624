"""Papers in the world of roles: another system's export, a plan's drawing and pack, an order of the prefect."""

from dataclasses import asdict
from datetime import timedelta

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.channels.inbox import InboxAddress, Letter
from beffroi.governance import models
from beffroi.governance.actions import mail, uploads
from beffroi.governance.actions.entered_orders import draft_order
from beffroi.governance.core.entered_orders import OrderEntry
from beffroi.governance.core.intake import Probe
from beffroi.governance.documents.incoming import read_incoming
from beffroi.governance.files.mail_tags import tag
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.safety import models as safety
from beffroi.safety.actions import bulletins, plans
from beffroi.safety.documents.drawings import read_drawing
from tests.conftest import INSEE, NOW
from tests.requisition_world import PDF

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="200" height="100"/></svg>'

CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>CRUE-1</identifier>
<sender>prefecture@drome.example</sender><sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType>
<scope>Public</scope><info><language>fr-FR</language><category>Met</category><event>Crue</event>
<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty></info></alert>"""


def keep_plan(actor: Actor, building: str, version: int) -> dict[str, str]:
    """A draft, a drawing and a paper pack of a building's plan, as the objects that routes name."""
    draft = plans.start_draft(actor=actor, building=building, now=NOW)
    plans.keep_pack(building=building, version=version, night=NOW.date(), data=b"%PDF-1.7", now=NOW)
    drawing = plans.keep_drawing(actor=SYSTEM, building=building, drawing=read_drawing(DRAWING), now=NOW)
    edited = {f"building:{route}.version": str(draft) for route in ("plan-edit", "plan-edit-act")}
    return {"drawing": drawing} | edited


def decided(chief: PersonFacts, alert: str) -> dict[str, str]:
    """Something to be done after an alert."""
    row = safety.Measure.objects.create(
        id="01a2-measure",
        alert_id=alert,
        what="Serrure du portail",
        owner_name="Services techniques",
        due=NOW.date() + timedelta(days=30),
        decided_by=chief.id,
        decided_at=NOW,
    )
    return {"measure": row.id}


def brought(chief: PersonFacts) -> dict[str, str]:
    """An alert from outside that waits for a decision."""
    document = CAP.format(sent=(NOW - timedelta(minutes=5)).isoformat()).encode()
    bulletin, _ = bulletins.receive(actor=actor_of(chief), person=chief, document=document, now=NOW)
    return {"bulletin": bulletin}


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


def send_exports(row: models.Requisition, home: dict[Role, PersonFacts]) -> dict[tuple[Role, str], str]:
    """An upload on its way of everybody who may send one."""
    return {
        (role, "upload"): uploads.begin(
            actor=actor_of(home[role]), requisition=row.pk, name="export.mp4", length=9, now=NOW
        ).id
        for role in (Role.VIDEO_OFFICER, Role.CHIEF)
    }


def type_order(person: PersonFacts) -> models.EnteredOrder:
    """A prefect's order that was typed and waits to be confirmed."""
    today = NOW.date()
    entry = OrderEntry(
        "AP-99-2026-044", "99", today, today, today + timedelta(days=700), (3,), (), ("L251-2:5",), 0, 30, True
    )
    return draft_order(
        person=person, entry=entry, document=read_incoming("arrete.pdf", PDF), actor=actor_of(person), now=NOW
    )


def take_mail(row: models.Requisition, officer: PersonFacts) -> dict[str, str]:
    """A mailbox, a message that waits with its attachment, and one that found the requisition."""
    address = InboxAddress("imap.saint-aubin.example", 993, starttls=False, user="centre", password="clé")
    mail.set_mailbox(address=address, insee=INSEE, actor=actor_of(officer), now=NOW)
    box = models.Mailbox.objects.get()
    pdf = b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\n%%EOF\n"
    given = {1: b"", 2: f"Subject: [{tag(row.number)}]\r\n".encode()}
    waits, found = (
        mail.take_in(box=box, letter=Letter(uid, 99, head + pdf, whole=True), uid=uid, now=NOW)
        for uid, head in given.items()
    )
    part = models.IncomingPart.objects.get(mail=waits)
    return {"mail": waits, "part": part.id, "desk:mail-note.mail": found}
