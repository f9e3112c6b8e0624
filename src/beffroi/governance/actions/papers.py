"""Papers of requisitions: made after the act that they tell of, signed, stored, and named in the log with their digest.

A paper that could not be made at once is made by the next turn of ``jobs.reminders``: the answer stands without it.
"""

from datetime import datetime
from io import BytesIO

from django.conf import settings
from django.db import transaction
from pyhanko.pdf_utils.reader import PdfFileReader

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.core.answers import Answer
from beffroi.governance.core.codec import outcome_from_json
from beffroi.governance.core.requisitions import Act
from beffroi.governance.documents import signature, store
from beffroi.governance.documents.compose import PaperDecision, PaperKind, PaperStamp, PaperSubject, paper
from beffroi.governance.documents.papers import set_paper
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import new_id

_KINDS = {
    Act.ACCEPT_PARTLY.value: PaperKind.PARTIAL,
    Act.ANSWER_NEGATIVE.value: PaperKind.NEGATIVE,
    Act.REFUSE.value: PaperKind.REFUSAL,
}


def paper_of_answer(*, actor: Actor, answer: str, now: datetime) -> models.StoredDocument:
    """The acknowledgement that carries a first answer; the same when it was made already."""
    row = models.FirstAnswer.objects.filter(pk=answer).first()
    if row is None:
        raise NotFound("There is no such answer.", code="no-such-answer")
    if row.document is not None:
        return row.document
    requisition = rows.by_id(row.requisition_id)
    held = requisition.holds.exists()
    pdf = _signed(PaperKind.ACKNOWLEDGEMENT, requisition, row.fact, now, answer=rows.answer_of(row), held=held)
    return _store(requisition, PaperKind.ACKNOWLEDGEMENT, pdf, row.fact, actor, now, answer=answer)


def paper_of_decision(*, actor: Actor, decision: str, now: datetime) -> models.StoredDocument | None:
    """The paper of a partial or negative answer or of a refusal; ``None`` for a full acceptance, whose slip travels
    with the package."""
    row = models.RequisitionDecision.objects.filter(pk=decision).first()
    if row is None:
        raise NotFound("There is no such decision.", code="no-such-decision")
    if row.act not in _KINDS:
        return None
    if row.document is not None:
        return row.document
    requisition = rows.by_id(row.requisition_id)
    gate = models.Decision.objects.filter(pk=row.gate_decision).first()
    said = PaperDecision(
        ground=row.ground,
        words=row.words,
        article=row.article,
        by=row.by_name,
        trace=outcome_from_json(gate.outcome).trace if gate else (),
    )
    kind = _KINDS[row.act]
    pdf = _signed(kind, requisition, row.fact, now, answer=rows.latest_answer(requisition), decision=said)
    return _store(requisition, kind, pdf, row.fact, actor, now, decision=decision)


def _signed(
    kind: PaperKind,
    requisition: models.Requisition,
    fact: str,
    now: datetime,
    *,
    answer: Answer | None,
    decision: PaperDecision | None = None,
    held: bool = False,
) -> bytes:
    subject = PaperSubject(
        number=requisition.number,
        procedure=requisition.procedure_number,
        unit=requisition.unit_name,
        officer=f"{requisition.rank} {requisition.officer_name}".strip(),
        contact=requisition.contact,
        basis=requisition.legal_basis.replace("_", " ", 1).replace("_", "-"),
        place=requisition.place,
        span=rows.span_of(requisition),
        zone=requisition.zone,
        received_at=requisition.received_at,
        document_sha256=rows.request_digest(requisition),
    )
    centre = settings.BEFFROI_CENTRE
    stamp = PaperStamp(centre, centre, now, fact, signature.fingerprint(now), settings.LANGUAGE_CODE[:2])
    data = paper(kind, subject, stamp, answer=answer, decision=decision, held=held)
    pdf = set_paper("paper", data, language=stamp.language)
    return signature.sign(pdf, reason=str(data["title"]), place=centre, now=now)


@transaction.atomic
def _store(
    requisition: models.Requisition,
    kind: PaperKind,
    pdf: bytes,
    fact: str,
    actor: Actor,
    now: datetime,
    *,
    answer: str = "",
    decision: str = "",
) -> models.StoredDocument:
    digest = store.put(pdf)
    document = models.StoredDocument.objects.create(
        id=new_id(to_us(now)),
        requisition=requisition,
        kind=kind.value,
        name=f"{requisition.number}-{kind.value}.pdf",
        media_type="application/pdf",
        sha256=digest,
        size=len(pdf),
        pages=int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"]),
        signed=True,
        fact=fact,
        stored_at=now,
        stored_by=actor.id,
    )
    if answer:
        models.FirstAnswer.objects.filter(pk=answer).update(document=document)
    if decision:
        models.RequisitionDecision.objects.filter(pk=decision).update(document=document)
    body = {"kind": kind.value, "sha256": digest, "about": fact}
    record(actor=actor, name="requisition:paper", subject=f"requisition:{requisition.number}", body=body, at=now)
    return document


@transaction.atomic
def read_paper(*, actor: Actor, document: models.StoredDocument, now: datetime) -> bytes:
    """The bytes of a paper, with the fact that somebody opened it. ``Corrupt`` when it was changed on disk."""
    data = store.get(document.sha256)
    subject = f"requisition:{document.requisition.number}"
    body = {"kind": document.kind, "sha256": document.sha256}
    record(actor=actor, name="requisition:document-read", subject=subject, body=body, at=now)
    return data
