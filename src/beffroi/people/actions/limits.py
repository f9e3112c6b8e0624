"""Counting refusals against guessing. No fact of its own: each refusal has one where it happens."""

from datetime import datetime

from django.db import transaction

from beffroi.people import models
from beffroi.people.core.sign_in_rule import Limit, Tally, counted


@transaction.atomic
def count_refusal(*, key: str, limit: Limit, now: datetime) -> None:
    """One refusal more under ``key``."""
    row = models.Refusals.objects.select_for_update().filter(key=key).first()
    tally = counted(limit, Tally(row.count, row.since) if row is not None else None, now)
    models.Refusals.objects.update_or_create(key=key, defaults={"count": tally.count, "since": tally.since})


@transaction.atomic
def forget_refusals(*, key: str) -> None:
    """It was she after all, or somebody answers for her: begin anew."""
    models.Refusals.objects.filter(key=key).delete()
