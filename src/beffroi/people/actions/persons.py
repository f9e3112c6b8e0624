"""Who comes and who goes: organisations, units, persons. Each act leaves its fact in its transaction."""

from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import PersonId, new_id
from beffroi.people import models
from beffroi.people.core.roles import Force, Quality


def fresh_id(now: datetime) -> str:
    """A new identifier born at ``now``."""
    return new_id(to_us(now))


def locked_person(person: str) -> models.Person:
    """The person's row, locked until the act is done; ``NotFound``."""
    row = models.Person.objects.select_for_update().filter(id=person).first()
    if row is None:
        raise NotFound("There is no such person.", code="person_unknown")
    return row


def not_oneself(actor: Actor, person: str) -> None:
    """What one holds is entered and taken by somebody else. ``Forbidden``."""
    if actor.id == person:
        raise Forbidden(
            "What you hold yourself is entered by another person.",
            code="own_holdings",
            hint="Ask another chief or administrator, or whoever runs `beffroi commune found`.",
        )


@transaction.atomic
def create_organisation(*, name: str, force: Force, insee: str = "", actor: Actor, now: datetime) -> str:
    """Enter an organisation and return its id."""
    row = models.Organisation(id=fresh_id(now), name=name, force=force.value, insee=insee)
    row.save(force_insert=True)
    body = {"name": name, "force": force.value, "insee": insee}
    audit.record(actor=actor, name="organisation:create", subject=f"organisation:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def create_unit(*, organisation: str, name: str, email: str = "", actor: Actor, now: datetime) -> str:
    """Enter a unit of an organisation and return its id."""
    row = models.Unit(id=fresh_id(now), organisation_id=organisation, name=name, email=email)
    row.save(force_insert=True)
    body = {"organisation": organisation, "name": name, "email": email}
    audit.record(actor=actor, name="unit:create", subject=f"unit:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def create_person(
    *,
    name: str,
    unit: str,
    rank: str = "",
    matricule: str = "",
    quality: Quality = Quality.NONE,
    email: str = "",
    actor: Actor,
    now: datetime,
) -> PersonId:
    """Enter a person of a unit and return her id. She holds nothing yet."""
    if not name.strip():
        raise Invalid("A person has a name.", code="name_missing", fields={"name": "missing"})
    row = models.Person(
        id=fresh_id(now),
        name=name.strip(),
        rank=rank,
        matricule=matricule,
        quality=quality.value,
        unit_id=unit,
        email=email,
        created_at=now,
    )
    row.save(force_insert=True)
    body = {"name": row.name, "rank": rank, "matricule": matricule, "quality": quality.value, "unit": unit}
    audit.record(actor=actor, name="person:create", subject=f"person:{row.id}", body=body, at=now)
    return PersonId(row.id)


@transaction.atomic
def amend_person(
    *, person: str, name: str, rank: str, matricule: str, quality: Quality, email: str, actor: Actor, now: datetime
) -> None:
    """Correct who a person is; the log keeps what stood there before. ``NotFound``, ``Invalid``."""
    if not name.strip():
        raise Invalid("A person has a name.", code="name_missing", fields={"name": "missing"})
    row = locked_person(person)
    given = {"name": name.strip(), "rank": rank, "matricule": matricule, "quality": quality.value, "email": email}
    changed: dict[str, Json] = {
        key: {"before": str(getattr(row, key)), "after": value}
        for key, value in given.items()
        if getattr(row, key) != value
    }
    if not changed:
        return
    for key, value in given.items():
        setattr(row, key, value)
    row.save(update_fields=list(given))
    audit.record(actor=actor, name="person:amend", subject=f"person:{person}", body=changed, at=now)


@transaction.atomic
def end_duty(*, person: str, reason: str, actor: Actor, now: datetime) -> int:
    """A person leaves: nothing she holds counts any more and her sessions end at once. Returns how many ended."""
    not_oneself(actor, person)
    row = locked_person(person)
    if row.duty_ended_at is not None:
        raise Conflict("This person's duty has ended already.", code="duty_ended")
    row.duty_ended_at = now
    row.save(update_fields=["duty_ended_at"])
    models.Account.objects.filter(person=row).update(is_active=False)
    open_sessions = models.SignIn.objects.filter(account__person=row, ended_at=None)
    ended = open_sessions.update(ended_at=now, ended_by="duty-ended")
    body: dict[str, Json] = {"reason": reason, "sessions_ended": ended}
    audit.record(actor=actor, name="person:end-duty", subject=f"person:{person}", body=body, at=now)
    return ended
