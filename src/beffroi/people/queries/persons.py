"""Persons and what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from beffroi.audit.core.facts import Actor
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import PersonId
from beffroi.people import models
from beffroi.people.core.facts import ApprovalFacts, ClearanceFacts, PersonFacts, Term, TrainingFacts, territory_of
from beffroi.people.core.roles import Force, Quality, Role

_RELATED = ("role_grants", "clearances", "approvals", "trainings")


def person_facts(person_id: str, now: datetime) -> PersonFacts:
    """A person as gates see her at ``now``: only roles in force. ``NotFound`` for an unknown id."""
    row = models.Person.objects.filter(id=person_id).select_related("unit__organisation").first()
    if row is None:
        raise NotFound("There is no such person.", code="person_unknown")
    return _facts(row, now)


def actor(person_id: str, *, station: str = "") -> Actor:
    """Who acts, for the log. ``NotFound`` for an unknown id."""
    row = models.Person.objects.filter(id=person_id).select_related("unit__organisation").first()
    if row is None:
        raise NotFound("There is no such person.", code="person_unknown")
    return Actor(row.id, f"{row.rank} {row.name}".strip(), row.unit.organisation.force, row.unit.name, station)


def actor_of(person: PersonFacts, *, station: str = "") -> Actor:
    """The same from facts already read, without asking the database."""
    return Actor(person.id, person.called, person.force.value, person.unit, station)


def home_of(person_id: str) -> str:
    """INSEE code of the commune whose own agent the person is; empty for everybody else."""
    row = models.Person.objects.filter(id=person_id).values_list("unit__organisation__insee", flat=True).first()
    return row or ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as forms offer it."""

    id: str
    name: str
    organisation: str
    force: Force
    email: str


def units() -> list[UnitFacts]:
    """Every unit, by organisation and name."""
    rows = models.Unit.objects.select_related("organisation").order_by("organisation__name", "name")
    return [_unit(row) for row in rows]


def unit(unit_id: str) -> UnitFacts:
    """One unit; ``NotFound``."""
    row = models.Unit.objects.select_related("organisation").filter(id=unit_id).first()
    if row is None:
        raise NotFound("There is no such unit.", code="unit_unknown")
    return _unit(row)


def _unit(row: models.Unit) -> UnitFacts:
    return UnitFacts(row.id, row.name, row.organisation.name, Force(row.organisation.force), row.email)


def mailbox_of(unit_id: str) -> str:
    """The registered mailbox of a unit; empty where none was entered."""
    return models.Unit.objects.filter(id=unit_id).values_list("email", flat=True).first() or ""


def persons(
    *, now: datetime, role: Role | None = None, force: Force | None = None, ended: bool = False
) -> list[PersonFacts]:
    """All persons by name, narrowed to a role in force or a body; those whose duty ended only where asked for."""
    rows = models.Person.objects.select_related("unit__organisation").prefetch_related(*_RELATED).order_by("name", "id")
    if not ended:
        rows = rows.filter(Q(duty_ended_at=None) | Q(duty_ended_at__gt=now))
    if force is not None:
        rows = rows.filter(unit__organisation__force=force.value)
    found: Iterable[PersonFacts] = (_facts(row, now) for row in rows)
    return [one for one in found if role is None or role in one.roles]


def _facts(row: models.Person, now: datetime) -> PersonFacts:
    ended = row.duty_ended_at is not None and row.duty_ended_at <= now
    clearances = tuple(_clearance(one) for one in row.clearances.all())
    approvals = [_approval(one) for one in row.approvals.all()]
    trainings = [_training(one) for one in row.trainings.all()]
    return PersonFacts(
        id=PersonId(row.id),
        name=row.name,
        rank=row.rank,
        matricule=row.matricule,
        force=Force(row.unit.organisation.force),
        unit=row.unit.name,
        unit_id=row.unit_id,
        organisation=row.unit.organisation.name,
        quality=Quality(row.quality),
        roles=frozenset() if ended else _roles(row, now),
        territory=frozenset() if ended else territory_of(clearances, now),
        clearances=() if ended else clearances,
        approval=max(approvals, key=lambda one: (one.holds(now), one.term.start), default=None),
        training=max(trainings, key=lambda one: (one.holds(now), one.term.start), default=None),
        email=row.email,
    )


def _roles(row: models.Person, now: datetime) -> frozenset[Role]:
    return frozenset(
        Role(one.role)
        for one in row.role_grants.all()
        if now in Term(one.start, one.until) and (one.withdrawn_at is None or now < one.withdrawn_at)
    )


def _clearance(row: models.Clearance) -> ClearanceFacts:
    term = Term(row.start, row.until)
    return ClearanceFacts(row.id, row.reference, row.issuer, frozenset(row.territory), term, row.withdrawn_at)


def _approval(row: models.Approval) -> ApprovalFacts:
    return ApprovalFacts(
        row.id, row.reference, row.issuer, row.department, Term(row.start, row.until), row.reviewed_at, row.suspended_at
    )


def _training(row: models.Training) -> TrainingFacts:
    return TrainingFacts(row.id, row.reference, Term(row.start, row.until))
