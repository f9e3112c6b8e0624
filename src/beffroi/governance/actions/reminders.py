"""Reminders are events on the requisition: who follows it sees them on the page."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisitions import Act


@transaction.atomic
def remind_of_outcome(*, actor: Actor, requisition: str, now: datetime) -> None:
    """Ask the requester whether the images helped. ``Conflict`` where the state does not fit."""
    row = locked(requisition)
    step(row, Act.REMIND, actor=actor, now=now, note="outcome")
    row.outcome_reminded_at = now
    row.save(update_fields=["state", "outcome_reminded_at"])
