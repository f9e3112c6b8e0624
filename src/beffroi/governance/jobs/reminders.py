"""Reconcilers around requisitions: papers that are still to be made, outcomes nobody has said, orders that end."""

from datetime import datetime, timedelta

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance.actions import papers
from beffroi.governance.actions.reminders import remind_of_outcome, remind_of_renewal
from beffroi.governance.queries import entered_orders
from beffroi.governance.queries import requisitions as rows
from beffroi.kernel.errors import Conflict, Unavailable

OUTCOME_AFTER = timedelta(days=30)
AGAIN_AFTER = timedelta(days=30)
"""Design defaults: a unit is asked a month after the hand-over, and once a month until it answers."""


def make_papers(now: datetime) -> int:
    """Make the papers that could not be made with their act; returns how many. Stops where making them fails."""
    made = 0
    answers, decisions = rows.without_paper()
    try:
        for answer in answers:
            papers.paper_of_answer(actor=SYSTEM, answer=answer, now=now)
            made += 1
        for decision in decisions:
            papers.paper_of_decision(actor=SYSTEM, decision=decision, now=now)
            made += 1
    except Unavailable:
        return made
    return made


def mail_renewals(now: datetime) -> int:
    """Write the mails owed about prefect's orders that end, once each; returns how many. Repeating it adds none."""
    return sum(remind_of_renewal(order=one, months=months, now=now) for one, months in entered_orders.renewals(now))


def ask_outcomes(now: datetime) -> int:
    """Ask once a month whether images helped; returns how many were asked."""
    asked = 0
    for requisition in rows.without_outcome(now, outcome_after=OUTCOME_AFTER, again_after=AGAIN_AFTER):
        try:
            remind_of_outcome(actor=SYSTEM, requisition=requisition, now=now)
        except Conflict:
            continue  # it has moved on since it was read
        asked += 1
    return asked
