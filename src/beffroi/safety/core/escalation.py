"""Who is reached when nobody takes an alert: the next persons after 15, 30 and 60 seconds (ppms.md §4.1, F19). Pure.

Rung 1 is reached at once. The centre writes each further rung into the alert's log as it is passed, so that who was
owed a message is read from the log and a restart changes nothing. The ladder begins anew when whoever held the alert
has left duty while it went on.
"""

from datetime import timedelta

from beffroi.people.core.roles import Role

AFTER: dict[int, timedelta] = {2: timedelta(seconds=15), 3: timedelta(seconds=30), 4: timedelta(seconds=60)}
"""Seconds without anybody taking it, until each rung is reached."""
NEXT_IN_LINE = 2
LAST = max(AFTER)


def rungs_due(waited: timedelta, passed: int) -> range:
    """The rungs to pass now, when ``passed`` is the last one and nobody has taken the alert for ``waited``."""
    due = max((rung for rung, after in AFTER.items() if waited >= after), default=1)
    return range(max(passed, 1) + 1, due + 1)


def rung_of(*, on_duty: bool, answers_for_building: bool, next_in_line: bool, roles: frozenset[Role]) -> int:
    """On which rung a person stands at this moment. Whoever is on duty or answers for the building is told at once."""
    if on_duty or answers_for_building:
        return 1
    if next_in_line:
        return NEXT_IN_LINE
    return 3 if Role.CHIEF in roles else 4
