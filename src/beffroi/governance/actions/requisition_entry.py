"""How a requisition comes in: typed from a paper, or filled by an investigator at the counter; and how it is completed.

Whoever types a paper is not its requester. Through the counter the requester is the account: name, unit, quality and
matricule are the account's, never typed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.actions.holds import place_hold
from beffroi.governance.actions.requisition_steps import locked, note_event, step
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.core.requisition_fields import ReadEntry, RequisitionEntry, read
from beffroi.governance.core.requisitions import Act, Channel, State
from beffroi.governance.documents import store
from beffroi.governance.documents.incoming import IncomingDocument
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import PlaceClass

_TEXTS = (
    "unit_name", "unit_code", "department", "officer_name", "rank", "matricule", "supervising_opj", "contact",
    "procedure_number", "magistrate", "authorisation_reference", "offence", "natinf", "place", "reuse_of_case",
)  # fmt: skip


def receive(
    *,
    actor: Actor,
    person: PersonFacts,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    key: str = "",
    now: datetime,
) -> models.Requisition:
    """Enter a requisition in the register: number, paper, fact, and a hold on every camera it is about.

    ``Invalid`` names each wrong field; nothing is written then. The paper is on disk before the row that names it. With
    a ``key`` it is entered once: ``Conflict`` where another has it, whatever came at the same moment.
    """
    value = _read(person, entry, document, now)
    if document is not None:
        store.put(document.data)
    try:
        return _receive(actor, person, value, document, key, now)
    except IntegrityError as error:
        if key and models.Requisition.objects.filter(entry_key=key).exists():
            raise Conflict("This requisition was sent already.", code="requisition_sent") from error
        raise


def complete(
    *,
    actor: Actor,
    person: PersonFacts,
    requisition: str,
    entry: RequisitionEntry,
    document: IncomingDocument | None,
    now: datetime,
) -> None:
    """Fill in what was missing, or correct what was wrong: the whole form again. It is to be checked anew.

    ``Conflict`` where it was decided already.
    """
    has_paper = models.StoredDocument.objects.filter(requisition_id=requisition).exists()
    value = _read(person, replace(entry, has_document=entry.has_document or has_paper), document, now)
    if document is not None:
        store.put(document.data)
    _complete(actor, requisition, value, document, now)


@transaction.atomic
def _receive(
    actor: Actor, person: PersonFacts, value: ReadEntry, document: IncomingDocument | None, key: str, now: datetime
) -> models.Requisition:
    year = value.received_at.astimezone(ZoneInfo(settings.TIME_ZONE)).year
    sequence = next_number("requisition", year)
    row = models.Requisition(
        id=new_id(to_us(now)), number=f"{year}-{sequence:04d}", year=year, sequence=sequence, state=State.RECEIVED,
        channel=value.entry.channel, entered_at=now, received_by=actor.id, received_by_name=actor.name,
        entry_key=key or None,
    )  # fmt: skip
    if value.entry.channel is Channel.COUNTER:
        row.requester = person.id
        row.requester_unit = person.unit_id
    cameras = _cameras(value)
    _fill(row, value, cameras)
    row.save(force_insert=True)
    _write_cameras(row, cameras)
    if value.entry.channel is not Channel.COUNTER:
        models.RequisitionOfficer.objects.create(
            requisition=row, person=actor.id, name=actor.name, assigned_at=now, assigned_by=actor.id
        )
    _new_fact(row, value, now)
    if document is not None:
        add_document(row, "request", document, actor, now)
    note_event(row, "receive", before=None, actor=actor, now=now, body=_body(row, cameras, document))
    _hold(actor, row, cameras, now)
    return row


@transaction.atomic
def _complete(
    actor: Actor, requisition: str, value: ReadEntry, document: IncomingDocument | None, now: datetime
) -> None:
    row = locked(requisition)
    act = Act.COMPLETE if row.state == State.INCOMPLETE else Act.AMEND
    channel, received = row.channel, row.received_at
    cameras = _cameras(value)
    _fill(row, value, cameras)
    row.channel, row.received_at = channel, received
    row.asked = ""
    step(row, act, actor=actor, now=now, body=_body(row, cameras, document))
    row.save()
    row.cameras.all().delete()
    _write_cameras(row, cameras)
    if document is not None:
        add_document(row, "request", document, actor, now)
    held = set(models.Hold.objects.filter(requisition=row).values_list("camera", "start", "end"))
    _hold(actor, row, cameras, now, held)


def next_number(register: str, year: int) -> int:
    """The next number of a register in a year; its row stays locked until the transaction ends."""
    counter, _ = models.RegisterCounter.objects.select_for_update().get_or_create(register=register, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def add_document(
    row: models.Requisition, kind: str, document: IncomingDocument, actor: Actor, now: datetime
) -> models.StoredDocument:
    """Name a paper that lies in the store already."""
    return add_paper(row, kind, document.name, document.media_type, document.sha256, len(document.data), actor, now)


def add_paper(
    row: models.Requisition, kind: str, name: str, media_type: str, digest: str, size: int, actor: Actor, now: datetime
) -> models.StoredDocument:
    """The same by what is known of it."""
    return models.StoredDocument.objects.create(
        id=new_id(to_us(now)), requisition=row, kind=kind, name=name, media_type=media_type, sha256=digest, size=size,
        stored_at=now, stored_by=actor.id,
    )  # fmt: skip


def _read(person: PersonFacts, entry: RequisitionEntry, document: IncomingDocument | None, now: datetime) -> ReadEntry:
    if entry.channel is Channel.COUNTER:
        given = {
            **entry.texts, "unit_name": person.unit, "officer_name": person.name, "rank": person.rank,
            "matricule": person.matricule,
        }  # fmt: skip
        entry = replace(entry, texts=given, quality=person.quality)
    value = read(replace(entry, has_document=entry.has_document or document is not None), now)
    wrong: dict[str, str] = {}
    if entry.channel is not Channel.COUNTER and person.matricule and value.texts["matricule"] == person.matricule:
        wrong["matricule"] = "typist-is-requester"
    known = {camera.id for camera in sites.cameras(retired=True) if camera.insee in person.territory}
    if not known.issuperset(entry.cameras):
        wrong["cameras"] = "unknown-camera"
    if wrong:
        raise Invalid("Some fields of the requisition cannot be right.", code="requisition-fields", fields=wrong)
    return value


def _cameras(value: ReadEntry) -> list[CameraFacts]:
    """Those asked for by name; else those that see the place at that time."""
    entry = value.entry
    if entry.cameras:
        return [camera for camera in sites.cameras(retired=True) if camera.id in entry.cameras]
    if entry.latitude is None or entry.longitude is None or value.span is None:
        return []
    return sites.covering(entry.latitude, entry.longitude, value.span.start)


def _fill(row: models.Requisition, value: ReadEntry, cameras: Sequence[CameraFacts]) -> None:
    entry = value.entry
    for name in _TEXTS:
        setattr(row, name, value.texts[name])
    row.received_at = value.received_at
    row.quality = entry.quality
    row.legal_basis = entry.legal_basis
    row.frame = entry.frame
    row.authorisation_kind = entry.authorisation_kind
    row.authorisation_date = entry.authorisation_date
    row.authorisation_until = entry.authorisation_until
    row.latitude, row.longitude = entry.latitude, entry.longitude
    row.span_from = value.span.start if value.span else None
    row.span_to = value.span.end if value.span else None
    row.zone = entry.zone
    row.tolerance_seconds = int(entry.tolerance.total_seconds())
    row.things = sorted(thing.value for thing in entry.things)
    row.delivery = entry.delivery
    row.deadline = entry.deadline
    row.urgent = entry.urgent
    row.confidential = entry.confidential
    row.place_class = _place_class(value, cameras)


def _place_class(value: ReadEntry, cameras: Sequence[CameraFacts]) -> PlaceClass:
    entry = value.entry
    if entry.place_class is not PlaceClass.UNKNOWN:
        return entry.place_class
    if entry.latitude is not None and value.span is not None:
        found = {
            sites.place_class(entry.latitude, entry.longitude, commune.insee, value.span.start)
            for commune in sites.communes()
        }
        order = (PlaceClass.COVERED, PlaceClass.UNCOVERED, PlaceClass.OUTSIDE)
        return next((one for one in order if one in found), PlaceClass.UNKNOWN)
    return PlaceClass.COVERED if cameras else PlaceClass.UNKNOWN


def _write_cameras(row: models.Requisition, cameras: Sequence[CameraFacts]) -> None:
    models.RequisitionCamera.objects.bulk_create(
        models.RequisitionCamera(requisition=row, camera=camera.id, number=camera.number, name=camera.name)
        for camera in cameras
    )


def _new_fact(row: models.Requisition, value: ReadEntry, now: datetime) -> None:
    zone = ZoneInfo(row.zone)
    day = value.entry.committed_on or (row.span_from.astimezone(zone).date() if row.span_from else None)
    communes = [commune.insee for commune in sites.communes()]
    inside = row.place_class in {PlaceClass.COVERED, PlaceClass.UNCOVERED}
    fact = models.RecordedFact.objects.create(
        id=new_id(to_us(now)),
        reference=row.procedure_number,
        nature=row.offence,
        natinf=row.natinf,
        committed_on=day,
        place=row.place,
        insee=communes[0] if inside and len(communes) == 1 else "",
        place_class=row.place_class,
        created_at=now,
    )
    fact.requisitions.add(row)


def _hold(
    actor: Actor,
    row: models.Requisition,
    cameras: Sequence[CameraFacts],
    now: datetime,
    held: set[tuple[str, datetime, datetime]] | None = None,
) -> None:
    """Hold at once, before anybody has read it: footage that is gone cannot be given back."""
    if row.span_from is None or row.span_to is None:
        return
    span = Span(row.span_from, row.span_to).widened(timedelta(seconds=row.tolerance_seconds))
    for camera in cameras:
        if held and (camera.id, span.start, span.end) in held:
            continue
        place_hold(
            actor=actor, camera=camera.id, span=span, kind=HoldReference.REQUISITION, reference=row.id,
            label=row.number, reason=f"requisition {row.number}",
            judicial_reference=row.procedure_number or row.number,
            requester_key=row.requester_unit or row.unit_code or row.unit_name, now=now,
        )  # fmt: skip


def _body(
    row: models.Requisition, cameras: Sequence[CameraFacts], document: IncomingDocument | None
) -> dict[str, Json]:
    return {
        "channel": row.channel,
        "received_at": iso(row.received_at),
        "unit": row.unit_name,
        "basis": row.legal_basis,
        "procedure": row.procedure_number,
        "cameras": [camera.id for camera in cameras],
        "from": iso(row.span_from) if row.span_from else "",
        "to": iso(row.span_to) if row.span_to else "",
        "things": list(row.things),
        "document": document.sha256 if document else "",
    }
