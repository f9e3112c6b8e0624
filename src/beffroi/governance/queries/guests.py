"""The only reader of guests' visits."""

from dataclasses import dataclass
from datetime import datetime

from beffroi.governance.core.evidence import HandoverState
from beffroi.governance.core.guests import Method, VisitState
from beffroi.governance.core.mail_in import MAIL_KINDS
from beffroi.governance.models import GuestVisit, Handover, Requisition, StoredDocument
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import PersonId
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Quality
from beffroi.sites import queries as sites


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as pages show it."""

    id: str
    unit_name: str
    name: str
    rank: str
    matricule: str
    method: Method
    state: VisitState
    asked_at: datetime
    called: bool  # an officer has called back and dictates the code
    until: datetime | None
    requisition: str  # id; empty until it was sent


@dataclass(frozen=True, slots=True)
class ToTell:
    """A guest to be telephoned: her package is there, and nothing says so to her."""

    visit: Visit
    number: str  # of the requisition
    called_number: str  # at which she was verified; empty: by a mailbox that is there no more
    until: datetime | None  # end of the download


def visit(visit_id: str, now: datetime) -> Visit | None:
    """A visit that is verified and not over; ``None`` for every other id."""
    row = GuestVisit.objects.filter(pk=visit_id, state=VisitState.VERIFIED.value, until__gt=now).first()
    return visit_of(row) if row else None


def asked(visit_id: str) -> Visit | None:
    """A visit that still waits to be verified."""
    row = GuestVisit.objects.filter(pk=visit_id, state=VisitState.ASKED.value).first()
    return visit_of(row) if row else None


def to_call_back(person: PersonFacts, now: datetime) -> list[Visit]:
    """Guests of today who wait for a call back of this person's room, the oldest first."""
    waiting = GuestVisit.objects.filter(state=VisitState.ASKED.value, method=Method.CALL_BACK.value)
    near = [row for row in waiting.order_by("asked_at") if concerned(row.insee, person)]
    return [visit_of(row) for row in near if (now - row.asked_at).days < 1]


def to_tell(person: PersonFacts, now: datetime) -> list[ToTell]:
    """Guests of this person's room whose package is open and whom no mail reaches, until an officer has telephoned."""
    sent = GuestVisit.objects.filter(state=VisitState.VERIFIED.value, until__gt=now).exclude(requisition=None)
    visits = {row.id: row for row in sent.select_related("requisition") if concerned(row.insee, person)}
    opened = Handover.objects.filter(recipient__in=visits, state=HandoverState.OPEN, until__gt=now).order_by(
        "opened_at"
    )
    found = {}
    for one in opened:
        row = visits[one.recipient]
        if row.requisition is not None and (row.told_at is None or row.told_at < one.opened_at):
            found[row.id] = ToTell(visit_of(row), row.requisition.number, row.called_number, one.until)
    return [one for key, one in found.items() if not people.mailbox_of(visits[key].unit)]


def concerned(insee: str, person: PersonFacts) -> bool:
    """Whether a guest who named this commune is this room's: where the centre has one commune, none is named."""
    return not insee or insee in person.territory


def guest_of(requisition: str, now: datetime) -> Visit | None:
    """The guest who sent this requisition, while it is in his sight."""
    row = GuestVisit.objects.filter(requisition=requisition, state=VisitState.VERIFIED.value, until__gt=now).first()
    return visit_of(row) if row else None


def taker(person_id: str, now: datetime) -> PersonFacts:
    """Whoever receives a package: somebody with an account, or the guest of a visit."""
    if GuestVisit.objects.filter(pk=person_id, state=VisitState.VERIFIED.value).exists():
        return person_of(person_id)
    return people.person_facts(person_id, now)


def person_of(visit_id: str) -> PersonFacts:
    """The guest as forms and acts take a person: of her unit, without role, account or clearance. The communes are
    those of the centre, so that cameras can be named in words; no picture hangs on it."""
    row = GuestVisit.objects.get(pk=visit_id)
    unit = people.unit(row.unit)
    return PersonFacts(
        id=PersonId(row.id),
        name=row.name,
        rank=row.rank,
        matricule=row.matricule,
        force=Force(row.force),
        unit=row.unit_name,
        unit_id=row.unit,
        organisation=unit.organisation,
        quality=Quality(row.quality),
        roles=frozenset(),
        territory=frozenset(commune.insee for commune in sites.communes()),
    )


def requisition_of(one: Visit) -> Requisition:
    """The one requisition that this visit sees; ``NotFound`` before it was sent."""
    if not one.requisition:
        raise NotFound("There is no such requisition.", code="no-such-requisition")
    return rows.by_id(one.requisition)


def document_of(one: Visit, document: str) -> StoredDocument:
    """One paper of it; ``NotFound`` for any other."""
    found = requisition_of(one).documents.filter(pk=document).exclude(kind__in=MAIL_KINDS).first()
    if found is None:
        raise NotFound("There is no such paper.", code="no-such-document")
    return found


def visit_of(row: GuestVisit) -> Visit:
    """The values of a row."""
    return Visit(
        id=row.id,
        unit_name=row.unit_name,
        name=row.name,
        rank=row.rank,
        matricule=row.matricule,
        method=Method(row.method),
        state=VisitState(row.state),
        asked_at=row.asked_at,
        called=bool(row.called_by),
        until=row.until,
        requisition=row.requisition_id or "",
    )
