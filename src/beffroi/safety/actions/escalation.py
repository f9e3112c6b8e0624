"""When nobody takes an alert: pass it on rung by rung, and notice when its holder has left (ppms.md §4.1, F8, F19).

Waiting is counted by the centre's own clock, from when it received the trigger: a box an hour apart hurries nobody.
"""

from datetime import datetime

from django.db import transaction

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.canonical import Json
from beffroi.kernel.signing import SigningKey
from beffroi.operations import queries as operations
from beffroi.safety import queries
from beffroi.safety.actions.events import append
from beffroi.safety.core.escalation import LAST, NEXT_IN_LINE, rungs_due
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import FIRST_CALL, Nature
from beffroi.safety.queries import AlertView


@transaction.atomic
def escalate(*, view: AlertView, key: SigningKey, now: datetime) -> int:
    """Pass the rungs that are due on this alert; returns how many facts were written. Repeating it adds none."""
    file, alert = view.file, view.file.alert
    if _left(view, now):
        _write(Kind.UNHELD, view, {"person": alert.acknowledged_by}, key, now)
        return 1
    if not alert.untaken:
        return 0
    since = queries.untaken_since(file)
    written = 0
    for rung in rungs_due(now - since, file.rung_now):
        names = sorted({one.name for one in queries.reaches(view.building.id, now) if one.rung == rung})
        line = queries.next_in_line(now) if rung == NEXT_IN_LINE else None
        if line is not None:
            names.append(f"{line.person_name} {line.phone}".strip())  # to be dialled, whatever else reaches her
        body: dict[str, Json] = {"rung": rung, "text": ", ".join(names)[:500]}
        if rung == LAST and alert.nature is Nature.REAL:
            body["number"] = FIRST_CALL[alert.hazard]  # for a person to dial; no program ever does
        _write(Kind.ESCALATED, view, body, key, now)
        written += 1
    return written


def _left(view: AlertView, now: datetime) -> bool:
    """Whether whoever holds the alert was on duty when she took it and is not any more."""
    holder = view.file.alert.acknowledged_by
    if not holder or operations.shift_of(holder, now) is not None:
        return False
    taken = queries.taken_at(view.file)
    return taken is not None and operations.was_on_duty(holder, taken)


def _write(kind: Kind, view: AlertView, body: dict[str, Json], key: SigningKey, now: datetime) -> None:
    append(kind, alert=view.file.alert.id, building=view.building.id, body=body, key=key, actor=SYSTEM, now=now)
