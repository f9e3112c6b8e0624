"""What a person holds: roles, clearances, approvals, training. Each act leaves its fact in its transaction."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import models
from beffroi.people.actions.persons import fresh_id, locked_person, not_oneself
from beffroi.people.core.roles import WHOLE_CENTRE, Role
from beffroi.people.queries import person_facts


def _until(until: datetime | None) -> str | None:
    return iso(until) if until else None


def _in_order(start: datetime, until: datetime | None) -> None:
    if until is not None and until <= start:
        raise Invalid("The end must be after the start.", code="term_backwards", fields={"until": "before the start"})


def _may_give(actor: Actor, person: str, role: Role, now: datetime) -> None:
    not_oneself(actor, person)
    if role in WHOLE_CENTRE and actor != SYSTEM and Role.ADMINISTRATOR not in person_facts(actor.id, now).roles:
        raise Forbidden(
            "Only an administrator gives or takes this role: it reaches across communes.",
            code="role_of_the_whole_centre",
        )


@transaction.atomic
def grant_role(
    *,
    person: str,
    role: Role,
    start: datetime | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Give a person a role from ``start`` (default: now) until ``until``; return the grant's id."""
    _may_give(actor, person, role, now)
    start = start or now
    _in_order(start, until)
    row = models.RoleGrant(id=fresh_id(now), person=locked_person(person), role=role.value, start=start, until=until)
    row.save(force_insert=True)
    body = {"role": role.value, "from": iso(start), "until": _until(until)}
    audit.record(actor=actor, name="role:grant", subject=f"person:{person}", body=body, at=now)
    return row.id


@transaction.atomic
def withdraw_role(*, person: str, role: Role, actor: Actor, now: datetime) -> None:
    """Take a role back at once. ``Conflict`` when the person does not hold it."""
    _may_give(actor, person, role, now)
    rows = models.RoleGrant.objects.filter(person=locked_person(person), role=role.value, withdrawn_at=None)
    if not rows.update(withdrawn_at=now):
        raise Conflict("The person does not hold this role.", code="role_not_held")
    audit.record(actor=actor, name="role:withdraw", subject=f"person:{person}", body={"role": role.value}, at=now)


@transaction.atomic
def grant_clearance(
    *,
    person: str,
    reference: str,
    issuer: str,
    territory: Collection[str],
    start: datetime | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter an individual clearance (habilitation) for communes by INSEE code (R-11, R-14); return its id."""
    not_oneself(actor, person)
    start = start or now
    _in_order(start, until)
    codes = sorted(set(territory))
    if not codes or not issuer.strip():
        raise Invalid("A clearance names its issuer and at least one commune.", code="clearance_incomplete")
    row = models.Clearance(
        id=fresh_id(now),
        person=locked_person(person),
        reference=reference,
        issuer=issuer,
        territory=codes,
        start=start,
        until=until,
    )
    row.save(force_insert=True)
    body = {
        "clearance": row.id,
        "reference": reference,
        "issuer": issuer,
        "territory": codes,
        "from": iso(start),
        "until": _until(until),
    }
    audit.record(actor=actor, name="clearance:grant", subject=f"person:{person}", body=body, at=now)
    return row.id


@transaction.atomic
def withdraw_clearance(*, clearance: str, reason: str, actor: Actor, now: datetime) -> None:
    """Withdraw a clearance at once; every later decision fails R-11. ``NotFound``, ``Conflict``."""
    row = models.Clearance.objects.select_for_update().filter(id=clearance).first()
    if row is None:
        raise NotFound("There is no such clearance.", code="clearance_unknown")
    if row.withdrawn_at is not None:
        raise Conflict("This clearance has been withdrawn already.", code="clearance_withdrawn")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    body = {"clearance": clearance, "reason": reason}
    audit.record(actor=actor, name="clearance:withdraw", subject=f"person:{row.person_id}", body=body, at=now)


@transaction.atomic
def grant_approval(
    *,
    person: str,
    reference: str,
    issuer: str,
    department: str,
    reviewed_at: datetime | None = None,
    start: datetime | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter a prefectoral approval (agrément, R-12) for one département; return its id."""
    not_oneself(actor, person)
    start = start or now
    _in_order(start, until)
    reviewed = reviewed_at or start
    row = models.Approval(
        id=fresh_id(now),
        person=locked_person(person),
        reference=reference,
        issuer=issuer,
        department=department,
        reviewed_at=reviewed,
        start=start,
        until=until,
    )
    row.save(force_insert=True)
    body = {
        "approval": row.id,
        "reference": reference,
        "issuer": issuer,
        "department": department,
        "reviewed": iso(reviewed),
        "from": iso(start),
        "until": _until(until),
    }
    audit.record(actor=actor, name="approval:grant", subject=f"person:{person}", body=body, at=now)
    return row.id


@transaction.atomic
def suspend_approval(*, approval: str, reason: str, actor: Actor, now: datetime) -> None:
    """Suspend a prefectoral approval at once (R-12). ``NotFound``, ``Conflict``."""
    row = models.Approval.objects.select_for_update().filter(id=approval).first()
    if row is None:
        raise NotFound("There is no such approval.", code="approval_unknown")
    if row.suspended_at is not None:
        raise Conflict("This approval is suspended already.", code="approval_suspended")
    row.suspended_at = now
    row.save(update_fields=["suspended_at"])
    body = {"approval": approval, "reason": reason}
    audit.record(actor=actor, name="approval:suspend", subject=f"person:{row.person_id}", body=body, at=now)


@transaction.atomic
def review_approval(*, approval: str, reviewed_at: datetime, actor: Actor, now: datetime) -> None:
    """The prefect's services reviewed the approval (R-12: at least every five years). ``NotFound``, ``Invalid``."""
    row = models.Approval.objects.select_for_update().filter(id=approval).first()
    if row is None:
        raise NotFound("There is no such approval.", code="approval_unknown")
    if reviewed_at > now or reviewed_at < row.start:
        raise Invalid("A review lies between the start and today.", code="review_when", fields={"reviewed_at": "when"})
    row.reviewed_at = reviewed_at
    row.save(update_fields=["reviewed_at"])
    body = {"approval": approval, "reviewed": iso(reviewed_at)}
    audit.record(actor=actor, name="approval:review", subject=f"person:{row.person_id}", body=body, at=now)


@transaction.atomic
def enter_training(
    *,
    person: str,
    reference: str,
    start: datetime | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter a training certificate (R-13); return its id."""
    not_oneself(actor, person)
    start = start or now
    _in_order(start, until)
    row = models.Training(id=fresh_id(now), person=locked_person(person), reference=reference, start=start, until=until)
    row.save(force_insert=True)
    body = {"training": row.id, "reference": reference, "from": iso(start), "until": _until(until)}
    audit.record(actor=actor, name="training:enter", subject=f"person:{person}", body=body, at=now)
    return row.id
