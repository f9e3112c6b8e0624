"""Counting refusals against guessing; each refusal has its fact where it happens."""

from datetime import datetime

from axes.utils import reset
from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.audit.queries import lived_us
from beffroi.people import models, queries
from beffroi.people.core.sign_in_rule import Limit, counted, name_digest


@transaction.atomic
def count_refusal(*, key: str, limit: Limit, now: datetime) -> None:
    """One refusal more under ``key``."""
    row = models.Refusals.objects.select_for_update().filter(key=key).first()
    tally = counted(limit, queries.tally_of(row), now)
    lived = row.since_lived_us if row is not None and tally.count > 1 else lived_us()
    kept = {"count": tally.count, "since": tally.since, "since_lived_us": lived}
    models.Refusals.objects.update_or_create(key=key, defaults=kept)


@transaction.atomic
def lift_pause(*, person: str, actor: Actor, now: datetime) -> None:
    """Somebody answers for the person: whatever was counted against her name and codes is forgotten."""
    reset(username=name_digest(queries.username_of(person)))
    forget_refusals(key=codes_key(person))
    audit.record(actor=actor, name="account:unlock", subject=f"person:{person}", body={}, at=now)


def codes_key(person: str) -> str:
    """Under which wrong codes of a person are counted."""
    return f"codes:{person}"


@transaction.atomic
def forget_refusals(*, key: str) -> None:
    """It was she after all, or somebody answers for her: begin anew."""
    models.Refusals.objects.filter(key=key).delete()
