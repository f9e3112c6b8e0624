"""Nobody waits for ever: calls go down the order of call until somebody answers."""

from datetime import datetime

from beffroi.governance.actions import calls
from beffroi.governance.queries import waiting
from beffroi.operations import queries as operations


def call_next(now: datetime) -> int:
    """Make every call that is due; returns how many."""
    staffing = operations.staffing(now)
    return sum(calls.call(one=one, staffing=staffing, now=now) for one in waiting.waiting(now))
