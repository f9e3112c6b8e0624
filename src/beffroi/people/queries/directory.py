"""Reader for those who manage persons: organisations, units and persons within reach of a commune, with all they hold.

Within reach are the bodies of the reader's communes and those of no commune (gendarmerie, prefecture, a company), which
serve the whole centre. Absent and foreign look the same (I1).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from beffroi.kernel.errors import NotFound
from beffroi.people import models
from beffroi.people.core.facts import ApprovalFacts, ClearanceFacts, Term, TrainingFacts
from beffroi.people.core.holdings import Holdings, RoleHeld, RunsOut, running_out
from beffroi.people.core.roles import Force, Quality, Role

_RELATED = ("role_grants", "clearances", "approvals", "trainings")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with its mailbox."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation with its units."""

    id: str
    name: str
    force: Force
    insee: str
    units: tuple[UnitLine, ...]


@dataclass(frozen=True, slots=True)
class PersonFile:
    """A person as whoever manages persons sees her."""

    id: str
    name: str
    rank: str
    matricule: str
    quality: Quality
    email: str
    unit: str
    organisation: str
    force: Force
    username: str
    duty_ended_at: datetime | None
    held: Holdings
    roles: tuple[Role, ...]
    runs_out: tuple[RunsOut, ...]

    @property
    def called(self) -> str:
        """Rank and name, as on papers."""
        return f"{self.rank} {self.name}".strip()

    def serves(self, at: datetime) -> bool:
        """Whether her duty goes on at ``at``."""
        return self.duty_ended_at is None or at < self.duty_ended_at


def organisations(communes: Collection[str]) -> list[OrganisationLine]:
    """Organisations within reach by name, with their units."""
    rows = models.Organisation.objects.filter(_near(communes)).prefetch_related("units").order_by("name", "id")
    return [
        OrganisationLine(
            row.id,
            row.name,
            Force(row.force),
            row.insee,
            tuple(
                UnitLine(unit.id, unit.name, unit.email) for unit in sorted(row.units.all(), key=lambda one: one.name)
            ),
        )
        for row in rows
    ]


def persons(communes: Collection[str], *, now: datetime, words: str = "", ended: bool = False) -> list[PersonFile]:
    """Persons within reach by name; ``words`` are found in name, unit, organisation or service number."""
    rows = _persons(communes)
    if not ended:
        rows = rows.filter(Q(duty_ended_at=None) | Q(duty_ended_at__gt=now))
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(matricule__icontains=word)
            | Q(unit__name__icontains=word)
            | Q(unit__organisation__name__icontains=word)
        )
    return [_file(row, now) for row in rows.order_by("name", "id")]


def person(communes: Collection[str], person_id: str, *, now: datetime) -> PersonFile:
    """One person within reach; ``NotFound``."""
    row = _persons(communes).filter(id=person_id).first()
    if row is None:
        raise NotFound("There is no such person.", code="person_unknown")
    return _file(row, now)


def _near(communes: Collection[str], prefix: str = "") -> Q:
    return Q(**{f"{prefix}insee__in": [*communes, ""]})


def _persons(communes: Collection[str]) -> QuerySet[models.Person]:
    rows = models.Person.objects.filter(_near(communes, "unit__organisation__"))
    return rows.select_related("unit__organisation", "account").prefetch_related(*_RELATED)


def _file(row: models.Person, now: datetime) -> PersonFile:
    held = _held(row)
    serves = row.duty_ended_at is None or now < row.duty_ended_at
    roles = tuple(dict.fromkeys(one.role for one in held.roles if serves and one.holds(now)))
    return PersonFile(
        id=row.id,
        name=row.name,
        rank=row.rank,
        matricule=row.matricule,
        quality=Quality(row.quality),
        email=row.email,
        unit=row.unit.name,
        organisation=row.unit.organisation.name,
        force=Force(row.unit.organisation.force),
        username=row.account.username if hasattr(row, "account") else "",
        duty_ended_at=row.duty_ended_at,
        held=held,
        roles=roles,
        runs_out=running_out(held, now) if serves else (),
    )


def _held(row: models.Person) -> Holdings:
    roles = (RoleHeld(one.id, Role(one.role), _term(one), one.withdrawn_at) for one in row.role_grants.all())
    clearances = (
        ClearanceFacts(one.id, one.reference, one.issuer, frozenset(one.territory), _term(one), one.withdrawn_at)
        for one in row.clearances.all()
    )
    approvals = (
        ApprovalFacts(one.id, one.reference, one.issuer, one.department, _term(one), one.reviewed_at, one.suspended_at)
        for one in row.approvals.all()
    )
    trainings = (TrainingFacts(one.id, one.reference, _term(one)) for one in row.trainings.all())
    return Holdings(_newest(roles), _newest(clearances), _newest(approvals), _newest(trainings))


_Held = TypeVar("_Held", RoleHeld, ClearanceFacts, ApprovalFacts, TrainingFacts)


def _newest(held: Iterable[_Held]) -> tuple[_Held, ...]:
    return tuple(sorted(held, key=lambda one: one.term.start, reverse=True))


def _term(row: models.Dated) -> Term:
    return Term(row.start, row.until)
