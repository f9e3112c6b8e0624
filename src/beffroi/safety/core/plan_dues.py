"""What a plan owes now, under stable names: missions nobody holds, drills and the transmission that come near. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from beffroi.safety.core.plans import Due, Plan, missions_without_holder

REMIND_BEFORE = timedelta(days=21)
REVISE_BEFORE = timedelta(days=90)
"""A revision passes by the head (six weeks to comment) and three parties: it is begun a quarter before."""
LOOK_AHEAD = timedelta(minutes=30)
"""A regime that is about to leave a mission without holder is told while there is time to name somebody."""


def owed_now(plan: Plan, dues: Iterable[Due], *, now: datetime, today: date) -> dict[str, date | None]:
    """Everything to remind of, with its day where it has one."""
    unheld = {*missions_without_holder(plan, now), *missions_without_holder(plan, now + LOOK_AHEAD)}
    found: dict[str, date | None] = {f"nobody:{mission.value}": None for mission in unheld}
    found |= {due.what: due.by for due in dues if not due.done and today >= due.by - _ahead(due)}
    return found


def _ahead(due: Due) -> timedelta:
    return REVISE_BEFORE if due.what == "plan_validity" else REMIND_BEFORE
