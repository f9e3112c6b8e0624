"""End what must end: accesses at their term, and those that the gate no longer carries (*expiry total*)."""

from datetime import datetime

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import tickets
from beffroi.governance.models import AccessGrant
from beffroi.kernel.outcome import Refused


def expire_grants(now: datetime) -> int:
    """Ends every access whose time is up, whose ground closed, or that the gate now refuses; returns how many.

    Runs twice a second: with the heartbeat of one second and the door's quarter, a closed incident or a withdrawn
    clearance stops pictures within two.
    """
    ended = 0
    for row in AccessGrant.objects.filter(state=AccessGrant.State.ACTIVE).order_by("until"):
        if row.until is not None and row.until <= now:
            ended += tickets.end_at_term(grant=row.id, actor=SYSTEM, now=now)
            continue
        outcome = tickets.ask_again(row, now)
        if isinstance(outcome, Refused):
            ended += tickets.end_by_gate(grant=row.id, outcome=outcome, actor=SYSTEM, now=now)
    return ended
