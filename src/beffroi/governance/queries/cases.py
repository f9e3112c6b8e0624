"""Who may see which case. Own officers see those of their centre; others those of their unit."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from beffroi.governance.core.context import OWN_FORCES
from beffroi.governance.models import Case
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role

READERS = frozenset({Role.VIDEO_OFFICER, Role.CHIEF, Role.DUTY_OFFICER})


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as pages show it."""

    id: str
    number: str
    title: str
    legal_basis: str
    force: str
    unit: str
    cameras: tuple[CameraId, ...]
    span: Span
    opened_at: datetime
    closed_at: datetime | None
    requisition: str
    incident: str

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def cases_visible_to(person: PersonFacts, *, open_only: bool = False, limit: int = 200) -> list[CaseFacts]:
    """Newest first."""
    rows = _visible(person)
    if open_only:
        rows = rows.filter(closed_at__isnull=True)
    return [fact_of(row) for row in rows.order_by("-opened_at")[:limit]]


def case_visible_to(person: PersonFacts, case_id: str) -> CaseFacts:
    """One of them; absent and foreign are the same ``NotFound``."""
    row = _visible(person).filter(pk=case_id).first()
    if row is None:
        raise NotFound("There is no such case.", code="no_such_case")
    return fact_of(row)


def _visible(person: PersonFacts) -> QuerySet[Case]:
    if person.force in OWN_FORCES:
        return Case.objects.all() if person.roles & READERS else Case.objects.none()
    return Case.objects.filter(force=person.force.value, unit=person.unit)


def fact_of(row: Case) -> CaseFacts:
    """The values of a row."""
    return CaseFacts(
        id=row.id,
        number=row.number,
        title=row.title,
        legal_basis=row.legal_basis,
        force=row.force,
        unit=row.unit,
        cameras=tuple(CameraId(one) for one in row.cameras),
        span=Span(row.footage_from, row.footage_until),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        requisition=row.requisition,
        incident=row.incident,
    )
