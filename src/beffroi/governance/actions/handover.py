"""Acts of the hand-over (R-21): open a download, copy to a medium, take the receipt, withdraw."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions.access import stop_access
from beffroi.governance.actions.deliveries import open_package
from beffroi.governance.actions.guests import ask_again
from beffroi.governance.actions.requisition_progress import advance
from beffroi.governance.core.evidence import Channel, HandoverState, State
from beffroi.governance.core.requisitions import Act
from beffroi.governance.core.requisitions import State as RequisitionState
from beffroi.governance.files.media import is_medium
from beffroi.governance.queries.guests import guest_of
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import new_id

DOWNLOAD_LIFE = timedelta(days=14)
"""How long a recipient may download: as other systems' recipients (research/law.md §4)."""
LONGEST = 160


def open_download(
    *, actor: Actor, extraction: str, recipient: str, days: int = DOWNLOAD_LIFE.days, now: datetime
) -> models.Handover:
    """Let a person with an account, or the guest who asked, download a finished package for some days; the requisition
    is handed over.

    ``Conflict`` when it is not built or is open for her already; ``Forbidden`` when the gate says no (on record).
    """
    if not 1 <= days <= 31:
        raise Invalid("Between 1 and 31 days.", code="handover_fields", fields={"days": "out-of-range"})
    until = now + timedelta(days=days)
    row = _free_for(extraction, recipient, now)
    grant = open_package(
        person=recipient, requisition=row.requisition_id, package=row.package, until=until, actor=actor, now=now
    )
    if grant.refusal:
        raise Forbidden("This person may not have the package.", code=grant.refusal, article=grant.article)
    with transaction.atomic():
        row = _free_for(extraction, recipient, now)
        made = models.Handover(
            id=new_id(to_us(now)),
            extraction=row,
            channel=Channel.DOWNLOAD,
            recipient=recipient,
            recipient_name=grant.person_name,
            recipient_unit=grant.unit,
            grant=grant.id,
            until=grant.until or until,
            opened_at=now,
            opened_by=actor.id,
            opened_by_name=actor.name,
        )
        made.fact = _record(actor, "package:open", made, now, {"until": iso(made.until or until), "grant": grant.id})
        made.save(force_insert=True)
        _advance(row, Act.HAND_OVER, actor, now)
        if guest_of(row.requisition_id, now) is not None:  # a guest hears of it where he was verified
            ask_again(number=row.requisition.number, language=row.language, now=now)
    return made


@transaction.atomic
def _free_for(extraction: str, recipient: str, now: datetime) -> models.Extraction:
    row = _built(extraction)
    open_now = row.handovers.filter(
        channel=Channel.DOWNLOAD, recipient=recipient, state=HandoverState.OPEN, until__gt=now
    )
    if open_now.exists():
        raise Conflict("This person may download it already.", code="handover_open")
    return row


@transaction.atomic
def copy_to_medium(
    *,
    actor: Actor,
    extraction: str,
    medium: str,
    label: str,
    recipient_name: str,
    recipient_unit: str,
    roots: list[str],
    now: datetime,
) -> models.Handover:
    """Ask that the package be copied as a folder to a medium; the job copies and verifies it.

    ``medium`` is a folder that ``files.media.media(roots)`` offers; ``label`` is what is written on it. ``Invalid``
    names what is wrong, ``Conflict`` when the package is not built.
    """
    row = _built(extraction)
    said = {"label": label, "recipient_name": recipient_name, "recipient_unit": recipient_unit}
    cleaned = {name: _line(text) for name, text in said.items()}
    wrong = {name: "missing" for name in ("label", "recipient_name") if not cleaned[name]}
    if not is_medium(medium, roots):
        wrong["medium"] = "no-medium"
    if wrong:
        raise Invalid("This copy cannot be made as it stands.", code="handover_fields", fields=wrong)
    made = models.Handover(
        id=new_id(to_us(now)),
        extraction=row,
        channel=Channel.USB,
        recipient_name=cleaned["recipient_name"],
        recipient_unit=cleaned["recipient_unit"],
        medium=medium,
        medium_label=cleaned["label"][:80],
        opened_at=now,
        opened_by=actor.id,
        opened_by_name=actor.name,
    )
    made.fact = _record(actor, "package:copy", made, now, {"medium": made.medium_label})
    made.save(force_insert=True)
    return made


@transaction.atomic
def note_copied(*, handover: str, folder: Path, now: datetime) -> None:
    """The copy stands on the medium and was read back and verified; the requisition is handed over."""
    row = _locked(handover)
    if row.state != HandoverState.OPEN:
        return
    row.state, row.medium = HandoverState.DELIVERED, str(folder)[:200]
    row.save(update_fields=["state", "medium"])
    _record(SYSTEM, "package:copied", row, now, {"medium": row.medium_label})
    _advance(row.extraction, Act.HAND_OVER, SYSTEM, now)


@transaction.atomic
def note_copy_failed(*, handover: str, why: str, now: datetime) -> None:
    """The copy could not be made; the page says why, and a new one may be asked for."""
    row = _locked(handover)
    if row.state != HandoverState.OPEN:
        return
    row.state, row.failure = HandoverState.FAILED, why[:300]
    row.save(update_fields=["state", "failure"])
    _record(SYSTEM, "package:copy-fail", row, now, {"why": row.failure})


@transaction.atomic
def acknowledge_receipt(
    *, actor: Actor, handover: str, name: str, quality: str, unit: str, digest: str, now: datetime
) -> None:
    """The discharge: who received, in what quality, which unit, when, which digest (R-21). It closes the hand-over.

    By the recipient's own click, or typed by an officer from the signed slip. ``NotFound`` for another person's
    download; ``Invalid`` for an empty field or a digest that is not the package's; ``Conflict`` when closed already.
    """
    row = _locked(handover)
    if row.state not in {HandoverState.OPEN, HandoverState.DELIVERED}:
        raise Conflict("This hand-over is closed.", code="handover_closed")
    if row.channel == Channel.USB and row.state == HandoverState.OPEN:
        raise Conflict("The copy is not finished.", code="handover_not_ready", hint="Wait until it is verified.")
    digest = "".join(digest.split()).lower()
    said = {"name": _line(name), "quality": _line(quality)[:80], "unit": _line(unit)}
    wrong = {field: "missing" for field, text in said.items() if not text}
    if digest not in {row.extraction.zip_sha256, row.extraction.seal_sha256}:
        wrong["digest"] = "other-digest" if digest else "missing"
    if wrong:
        raise Invalid("The receipt is not complete.", code="handover_fields", fields=wrong)
    row.state, row.received_at, row.received_digest = HandoverState.RECEIVED, now, digest
    row.received_name, row.received_quality, row.received_unit = said["name"], said["quality"], said["unit"]
    row.received_entered_by = actor.id
    row.save()
    body: dict[str, Json] = {**said, "digest": digest, "by_recipient": actor.id == row.recipient}
    _record(actor, "package:receive", row, now, body)
    _advance(row.extraction, Act.ACKNOWLEDGE, actor, now)


@transaction.atomic
def withdraw_handover(*, actor: Actor, handover: str, reason: str, now: datetime) -> None:
    """Close the way before it was used to the end: wrong person, wrong medium. A reason is due."""
    row = _locked(handover)
    reason = _line(reason)
    if not reason:
        raise Invalid("Say why.", code="handover_fields", fields={"reason": "missing"})
    if row.state not in {HandoverState.OPEN, HandoverState.DELIVERED, HandoverState.FAILED}:
        raise Conflict("This hand-over is closed.", code="handover_closed")
    if row.grant:
        stop_access(grant=row.grant, reason=reason, actor=actor, now=now)
    row.state = HandoverState.WITHDRAWN
    row.save(update_fields=["state"])
    _record(actor, "package:withdraw", row, now, {"reason": reason})


@transaction.atomic
def stop_download(*, actor: Actor, grant: str, reason: str, now: datetime) -> None:
    """The room stops a download: its hand-over is withdrawn with it, so that both pages say so and it can be opened
    anew. One that has its receipt already keeps it."""
    row = models.Handover.objects.filter(grant=grant, state=HandoverState.OPEN).first()
    if row is None:
        stop_access(grant=grant, reason=reason, actor=actor, now=now)
    else:
        withdraw_handover(actor=actor, handover=row.id, reason=reason, now=now)


def _line(text: str) -> str:
    """Words on one line: no control character, not endless."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:LONGEST]


def _built(extraction: str) -> models.Extraction:
    row = models.Extraction.objects.select_for_update().filter(pk=extraction).first()
    if row is None:
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    if row.state != State.BUILT:
        raise Conflict("This package is not finished.", code="extraction_state", hint="Wait until it is built.")
    return row


def _locked(handover: str) -> models.Handover:
    row = models.Handover.objects.select_for_update().filter(pk=handover).first()
    if row is None:
        raise NotFound("There is no such hand-over.", code="no_such_handover")
    return row


def _advance(extraction: models.Extraction, act: Act, actor: Actor, now: datetime) -> None:
    """Move the requisition on, where it has not moved already by another hand-over of it."""
    wanted = {Act.HAND_OVER: RequisitionState.PACKAGED, Act.ACKNOWLEDGE: RequisitionState.HANDED_OVER}[act]
    state = models.Requisition.objects.values_list("state", flat=True).get(pk=extraction.requisition_id)
    if state == wanted:
        advance(actor=actor, requisition=extraction.requisition_id, act=act, note=extraction.package, now=now)


def _record(actor: Actor, name: str, row: models.Handover, now: datetime, more: dict[str, Json]) -> str:
    body: dict[str, Json] = {
        "handover": row.id,
        "channel": str(row.channel),
        "recipient": row.recipient,
        "recipient_name": row.recipient_name,
        "recipient_unit": row.recipient_unit,
        "zip_sha256": row.extraction.zip_sha256,
    }
    return record(actor=actor, name=name, subject=f"extraction:{row.extraction.package}", body=body | more, at=now)
