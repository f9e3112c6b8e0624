"""The centre's rule of sign-in: a new version each time, never an edited one."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.kernel.errors import Invalid
from beffroi.people import models
from beffroi.people.actions.persons import fresh_id
from beffroi.people.core.roles import Force, Role

STEP_UP_MINUTES = range(1, 12 * 60 + 1)
LOCK_MINUTES = range(1, 4 * 60 + 1)


@transaction.atomic
def set_sign_in_rule(
    *,
    forces: Collection[Force],
    roles: Collection[Role],
    step_up_minutes: int,
    lock_minutes: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Say who needs a second factor and how long proofs and pages last; holds at the next sign-in."""
    fields = {}
    if step_up_minutes not in STEP_UP_MINUTES:
        fields["step_up_minutes"] = "1 … 720"
    if lock_minutes not in LOCK_MINUTES:
        fields["lock_minutes"] = "1 … 240"
    if fields:
        raise Invalid("These minutes are out of bounds.", code="sign_in_minutes", fields=fields)
    row = models.SignInRuleVersion(
        id=fresh_id(now),
        forces=sorted(one.value for one in forces),
        roles=sorted(one.value for one in roles),
        step_up_minutes=step_up_minutes,
        lock_minutes=lock_minutes,
        set_at=now,
        set_by=actor.name,
    )
    row.save(force_insert=True)
    body = {
        "forces": row.forces,
        "roles": row.roles,
        "step_up_minutes": step_up_minutes,
        "lock_minutes": lock_minutes,
    }
    audit.record(actor=actor, name="account:rule", subject="sign-in-rule", body=body, at=now)
    return row.id
