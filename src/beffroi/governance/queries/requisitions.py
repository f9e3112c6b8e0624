"""The only reader of requisitions. Who may see which: the desk by confidentiality (CPP 11), the counter by requester.

The desk sees the requisitions of its communes (``reach``); a confidential one is seen by its assigned officers and by
those who decide on requisitions (video officer, chief). A requester sees her own, and those of her unit that are not
confidential. Absent and foreign look the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from beffroi.governance import models
from beffroi.governance.core.answers import Answer, Verdict, lines_from_json
from beffroi.governance.core.mail_in import MAIL_KINDS
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing, RequisitionFacts
from beffroi.governance.core.requisition_fields import TEXT_LIMITS
from beffroi.governance.core.requisitions import OPEN, Act, State, open_acts
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality, Role
from beffroi.sites import queries as sites

RequisitionRow = models.Requisition
PaperRow = models.StoredDocument
EventRow = models.RequisitionEvent
GateRow = models.Decision
"""What pages are handed: they read it and write nothing."""

DECIDERS = frozenset({Role.VIDEO_OFFICER, Role.CHIEF})
"""Roles that see every requisition: it is theirs to decide."""
OFFICERS = frozenset({Role.DUTY_OFFICER}) | DECIDERS
"""Roles that have a desk at all."""


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One requisition in the inbox or a requester's list."""

    id: str
    number: str
    state: State
    result: str
    received_at: datetime
    unit_name: str
    officer_name: str
    offence: str
    place: str
    span: Span | None
    urgent: bool
    deadline: datetime | None
    kept_until: datetime | None
    verdict: Verdict | None
    unsafe_holds: int  # pending or refused by the recorder
    waiting_since: timedelta


def inbox(
    person: PersonFacts, now: datetime, *, closed: bool = False, limit: int = 200, offset: int = 0
) -> list[InboxLine]:
    """What the person may see at the desk: urgent first, then by what dies first, then by age; closed ones by age."""
    rows = _desk(person).exclude(state__in=OPEN) if closed else _desk(person).filter(state__in=OPEN)
    lines = _lines(rows.order_by("-received_at")[offset : offset + limit], now)
    if closed:
        return lines
    never = now + timedelta(days=3_650)
    return sorted(lines, key=lambda line: (not line.urgent, line.kept_until or never, line.received_at))


def of_requester(person: PersonFacts, now: datetime, limit: int = 200) -> list[InboxLine]:
    """The requisitions a requester may follow at the counter, newest first."""
    return _lines(_counter(person).order_by("-received_at")[:limit], now)


def line_of(row: models.Requisition, now: datetime) -> InboxLine:
    """One requisition as the lists show it."""
    return _lines(models.Requisition.objects.filter(pk=row.pk), now)[0]


def for_desk(person: PersonFacts, requisition: str) -> models.Requisition:
    """One requisition for an officer of the centre; ``NotFound`` when absent or not for this person."""
    return _one(_desk(person), requisition)


def by_number(person: PersonFacts, number: str) -> models.Requisition:
    """The same by its number in the register."""
    found = _desk(person).filter(number=number).first()
    return _one(_desk(person), found.id if found else "")


def for_counter(person: PersonFacts, requisition: str) -> models.Requisition:
    """One requisition for its requester; ``NotFound`` when absent or another unit's."""
    return _one(_counter(person), requisition)


def desk_rows(person: PersonFacts) -> QuerySet[models.Requisition]:
    """All that an officer of the centre may see."""
    return _desk(person)


def papers_named(digests: Iterable[str]) -> set[str]:
    """Those of the digests that a paper of a requisition has."""
    return set(models.StoredDocument.objects.filter(sha256__in=list(digests)).values_list("sha256", flat=True))


def own(person: PersonFacts, requisition: str) -> models.Requisition:
    """One requisition to act on for the requester herself; colleagues read, they do not act. ``NotFound``."""
    return _one(models.Requisition.objects.filter(requester=person.id), requisition)


def by_id(requisition: str) -> models.Requisition:
    """One requisition for acts and jobs, which ask no page's question; ``NotFound``."""
    return _one(models.Requisition.objects.all(), requisition)


def document_for_desk(person: PersonFacts, requisition: str, document: str) -> models.StoredDocument:
    """One paper of a requisition the person may see at the desk; ``NotFound``."""
    return _document(for_desk(person, requisition), document)


def document_for_counter(person: PersonFacts, requisition: str, document: str) -> models.StoredDocument:
    """One paper of a requisition its requester may see; ``NotFound``."""
    found = _document(for_counter(person, requisition), document)
    if found.kind in MAIL_KINDS:
        raise NotFound("There is no such paper.", code="no-such-document")
    return found


def facts_of(row: models.Requisition) -> RequisitionFacts:
    """The requisition as gate A reads it, with the cameras that are authorised for the span."""
    cameras = tuple(one.camera for one in row.cameras.all())
    span = span_of(row)
    moment = span.start if span else row.received_at
    known = frozenset(
        camera.id
        for camera in sites.cameras(retired=True)
        if camera.id in cameras and (order := camera.authorisation_at(moment)) is not None and order.in_force(moment)
    )
    return RequisitionFacts(
        number=row.number,
        requesting_unit=row.unit_name,
        officer_name=row.officer_name,
        officer_rank=row.rank,
        officer_quality=Quality(row.quality),
        officer_matricule=row.matricule,
        procedure_number=row.procedure_number,
        legal_basis=row.legal_basis,
        frame=Frame(row.frame),
        offence=row.offence,
        place=row.place,
        cameras=cameras,
        span=span,
        things=things_of(row),
        delivery=row.delivery,
        document_sha256=request_digest(row),
        received_at=row.received_at,
        typed_by=row.received_by,
        requester_person=row.requester,
        supervising_opj=row.supervising_opj,
        magistrate=row.magistrate,
        authorisation=AuthorisationKind(row.authorisation_kind),
        authorisation_reference=row.authorisation_reference,
        authorised_on=row.authorisation_date,
        authorised_until=row.authorisation_until,
        natinf=row.natinf,
        known_cameras=known,
        reuse_of_case=row.reuse_of_case,
    )


def span_of(row: models.Requisition) -> Span | None:
    """The span of footage asked for, without tolerance."""
    if row.span_from is None or row.span_to is None:
        return None
    return Span(row.span_from, row.span_to)


def things_of(row: models.Requisition) -> frozenset[RequestedThing]:
    """What is asked for."""
    return frozenset(RequestedThing(one) for one in row.things)


def acts_of(row: models.Requisition) -> frozenset[Act]:
    """The acts that fit its state: what a page may offer."""
    return open_acts(State(row.state), things_of(row))


def request_digest(row: models.Requisition) -> str:
    """SHA-256 of the paper that came in, empty when there is none."""
    return next((one.sha256 for one in row.documents.all() if one.kind == "request"), "")


def latest_answer(row: models.Requisition) -> Answer | None:
    """The newest first answer as values."""
    rows = list(row.first_answers.all())
    return answer_of(rows[-1]) if rows else None


def answer_of(row: models.FirstAnswer) -> Answer:
    """A stored first answer as values."""
    return Answer(row.at, Verdict(row.verdict), lines_from_json(row.lines), row.kept_until)


def gate_decision(number: str) -> models.Decision | None:
    """The newest answer of gate A on a requisition, with its trace."""
    return models.Decision.objects.filter(gate="A", subject=f"requisition:{number}").order_by("-at", "-id").first()


def without_paper(limit: int = 50) -> tuple[list[str], list[str]]:
    """First answers and decisions whose paper is still to be made: ids of each."""
    answers = models.FirstAnswer.objects.filter(document=None).order_by("at").values_list("id", flat=True)
    decisions = models.RequisitionDecision.objects.filter(document=None).exclude(act=Act.ACCEPT)
    return list(answers[:limit]), list(decisions.order_by("at").values_list("id", flat=True)[:limit])


def without_outcome(now: datetime, *, outcome_after: timedelta, again_after: timedelta) -> list[str]:
    """Requisitions handed over long enough ago whose outcome nobody has said, to be reminded at ``now``."""
    rows = models.Requisition.objects.filter(
        Q(outcome_reminded_at=None) | Q(outcome_reminded_at__lte=now - again_after),
        state__in=(State.HANDED_OVER, State.ACKNOWLEDGED, State.CLOSED, State.PURGED),
        answered_at__lte=now - outcome_after,
        result__in=("positive", "partial"),
        facts__helped="unknown",
    )
    return list(rows.distinct().order_by("answered_at").values_list("id", flat=True)[:200])


def typed(row: models.Requisition) -> dict[str, Any]:
    """The requisition as the form takes it, times in the zone they were written in."""
    zone = ZoneInfo(row.zone)
    since = row.span_from.astimezone(zone) if row.span_from else None
    until = row.span_to.astimezone(zone) if row.span_to else None
    values: dict[str, Any] = {name: getattr(row, name) for name in TEXT_LIMITS}
    for name in ("quality", "legal_basis", "frame", "authorisation_kind", "authorisation_date", "authorisation_until",
                 "place_class", "zone", "things", "delivery", "deadline", "urgent", "confidential", "channel",
                 "received_at"):  # fmt: skip
        values[name] = getattr(row, name)
    values["cameras"] = [one.camera for one in row.cameras.all()]
    values["tolerance"] = row.tolerance_seconds // 60
    if row.latitude is not None:
        values["pin"] = f"{row.latitude},{row.longitude}"
    if since and until:
        values |= {"since_day": since.date(), "since_time": since.time(), "until_time": until.time()}
        if until.date() != since.date():
            values["until_day"] = until.date()
    return values


def known_units(person: PersonFacts, limit: int = 30) -> list[tuple[str, str]]:
    """Units and requesters of requisitions the person may see, newest first: what the form proposes while typing."""
    rows = _desk(person).order_by("-received_at").values_list("unit_name", "officer_name")[: limit * 4]
    return list(dict.fromkeys((unit, officer) for unit, officer in rows))[:limit]


def _desk(person: PersonFacts) -> QuerySet[models.Requisition]:
    if not person.roles & OFFICERS:
        return models.Requisition.objects.none()
    rows = of_reach(models.Requisition.objects.all(), person)
    if person.roles & DECIDERS:
        return rows
    return rows.filter(Q(confidential=False) | Q(officers__person=person.id)).distinct()


def of_reach(rows: QuerySet[models.Requisition], person: PersonFacts) -> QuerySet[models.Requisition]:
    """Those that name a camera of the person's communes, and those that name none: no commune's yet."""
    known = cameras_in_reach(person)
    if known is None:
        return rows
    named = models.RequisitionCamera.objects.filter(requisition=OuterRef("pk"))
    mine = named.filter(camera__in=known)
    return rows.filter(Exists(mine) | ~Exists(named))  # asked row by row: a page of fifty reads fifty, not ten years


def _counter(person: PersonFacts) -> QuerySet[models.Requisition]:
    own = Q(requester=person.id)
    if person.unit_id:
        own |= Q(requester_unit=person.unit_id, confidential=False)
    return models.Requisition.objects.filter(own)


def _one(rows: QuerySet[models.Requisition], requisition: str) -> models.Requisition:
    found = rows.filter(pk=requisition).prefetch_related(
        "cameras", "officers", "documents", "events", "facts", "decisions", "first_answers"
    )
    row = found.first()
    if row is None:
        raise NotFound("There is no such requisition.", code="no-such-requisition")
    return row


def _document(row: models.Requisition, document: str) -> models.StoredDocument:
    found = next((one for one in row.documents.all() if one.id == document), None)
    if found is None:
        raise NotFound("There is no such paper.", code="no-such-document")
    return found


def _lines(rows: Iterable[models.Requisition] | QuerySet[models.Requisition], now: datetime) -> list[InboxLine]:
    if isinstance(rows, QuerySet):
        waiting = models.Hold.objects.filter(state__in=("pending", "failed"))
        answers = models.FirstAnswer.objects.only("requisition", "at", "verdict", "kept_until")
        rows = rows.prefetch_related(
            Prefetch("first_answers", queryset=answers), Prefetch("holds", queryset=waiting, to_attr="waiting_holds")
        )
    return [_line(row, now) for row in rows]


def _line(row: models.Requisition, now: datetime) -> InboxLine:
    answers = list(row.first_answers.all())
    last = answers[-1] if answers else None
    return InboxLine(
        id=row.id,
        number=row.number,
        state=State(row.state),
        result=row.result,
        received_at=row.received_at,
        unit_name=row.unit_name,
        officer_name=row.officer_name,
        offence=row.offence,
        place=row.place,
        span=span_of(row),
        urgent=row.urgent,
        deadline=row.deadline,
        kept_until=last.kept_until if last else None,
        verdict=Verdict(last.verdict) if last else None,
        unsafe_holds=len(getattr(row, "waiting_holds", ())),
        waiting_since=now - row.received_at,
    )
