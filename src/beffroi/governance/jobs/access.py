"""End what must end: accesses at their term, those the gate no longer carries (*expiry total*), those nobody uses."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import tickets
from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access
from beffroi.kernel.outcome import Refused
from beffroi.media.core.answers import LookSession
from beffroi.media.core.tickets import Mode

IDLE = timedelta(minutes=15)
"""Design default: an access at which nobody has looked for so long ends, although its term has not come."""
_LOOKED_AT = (Mode.RELAY.value, Mode.REPLAY.value, Mode.STILL.value, Mode.PTZ.value)


class LooksAtTheDoor(Protocol):
    """What the recorder's client offers here."""

    def sessions(self) -> Sequence[LookSession]:
        """Who is looking now; ``Unavailable`` when the door does not answer."""


def expire_grants(now: datetime) -> int:
    """Ends every access whose time is up, whose ground closed, or that the gate now refuses; returns how many.

    Runs twice a second: with the heartbeat of one second and the door's quarter, a closed incident or a withdrawn
    clearance stops pictures within two.
    """
    ended = 0
    for row in AccessGrant.objects.filter(state=AccessGrant.State.ACTIVE).order_by("until"):
        if access.over(row, now):
            ended += tickets.end_at_term(grant=row.id, actor=SYSTEM, now=now)
            continue
        outcome = tickets.ask_again(row, now)
        if isinstance(outcome, Refused):
            ended += tickets.end_by_gate(grant=row.id, outcome=outcome, actor=SYSTEM, now=now)
    return ended


def stop_idle(door: LooksAtTheDoor, now: datetime) -> int:
    """Ends what is open and not looked at; returns how many. ``Unavailable`` where the door does not answer: not to
    know is no idleness (I9). Looks on duty live as long as their shift."""
    tickets.note_looking({one.grant for one in door.sessions()}, now)
    silent = Q(looked_at__lte=now - IDLE) | Q(looked_at=None, opened_at__lte=now - IDLE)
    rows = AccessGrant.objects.filter(
        silent, state=AccessGrant.State.ACTIVE, heartbeat=True, mode__in=_LOOKED_AT
    ).exclude(
        basis_kind__in=("alert", "duty")  # lives and dies with its alert (J4), with its shift
    )
    ids = list(rows.values_list("id", flat=True))
    return sum(tickets.end_idle(grant=grant, actor=SYSTEM, now=now) for grant in ids)
