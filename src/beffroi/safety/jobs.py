"""What the worker does for the bell: plan what must be told, and hand it over until it is taken."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from beffroi.audit.files import office_key
from beffroi.channels import Channel
from beffroi.safety import queries
from beffroi.safety.actions import drills, escalation, pictures
from beffroi.safety.actions import follow_up as follow_up_acts
from beffroi.safety.actions import notices as acts
from beffroi.safety.actions import plans as plan_acts
from beffroi.safety.core.notices import Delivery
from beffroi.safety.core.plan_dues import owed_now
from beffroi.safety.documents.pack import pack_pdf
from beffroi.safety.queries import follow_up
from beffroi.safety.queries import plans as plan_queries


def plan_notices(now: datetime) -> int:
    """Write the notices owed by every alert whose telling may be incomplete."""
    return sum(acts.plan(alert=alert, now=now) for alert in queries.alerts_to_tell(now))


def send_notices(channels: Mapping[str, Channel], now: datetime) -> int:
    """Hand over everything whose turn it is; returns how many were taken. Never gives up while the alert is kept."""
    taken = 0
    for notice, channel in queries.notices_due(now):
        state = acts.hand_over(notice=notice, channel=channels.get(channel), now=now)
        taken += state is not Delivery.RETRYING
    return taken


def escalate(now: datetime) -> int:
    """Pass on every alert that nobody has taken; returns how many facts were written."""
    views = queries.active_alerts()
    return sum(escalation.escalate(view=view, key=office_key(), now=now) for view in views)


def follow_pictures(now: datetime) -> int:
    """Open and shut the pictures of real alerts; returns for how many anything changed."""
    views = queries.alerts_with_pictures(now)
    return sum(pictures.follow_pictures(view.file, view.building, now=now) for view in views)


def settle_drills(now: datetime) -> int:
    """End, interrupt and disarm drills."""
    return drills.settle_drills(key=office_key(), now=now)


def watch_plans(now: datetime) -> int:
    """Raise what plans owe (nobody responsible, a drill, the transmission) and settle what is owed no more."""
    today = timezone.localtime(now).date()
    changed = 0
    for building in plan_queries.planned():
        plan = queries.plan_in_force(building)
        if plan is not None:
            owed = owed_now(plan, plan_queries.owed(building, today), now=now, today=today)
            changed += plan_acts.settle_reminders(building=building, owed=owed, now=now)
    return changed


def mail_reminders(now: datetime) -> int:
    """Write the mails owed about what plans owe by a day, and about what was decided after alerts and drills; returns
    how many. Repeating it adds none."""
    owed = plan_queries.reminders(frozenset(plan_queries.planned()))
    today = timezone.localtime(now).date()
    made = sum(plan_acts.mail_reminder(reminder=one, today=today, now=now) for one in owed)
    decided = follow_up.to_remind(today)
    return made + sum(follow_up_acts.mail_owed(owed=one, today=today, now=now) for one in decided)


PACK_HOUR = 3


def make_packs(now: datetime) -> int:
    """Each night at three, the paper pack of every building: what the drawer of its crisis cell needs when all is dark.

    A night that was missed is made up for as soon as the worker runs again.
    """
    local = timezone.localtime(now)
    night = local.date() if local.hour >= PACK_HOUR else local.date() - timedelta(days=1)
    made = 0
    for building in plan_queries.without_pack(night):
        plan = queries.plan_in_force(building)
        if plan is None:
            continue
        data = pack_pdf(plan_queries.pack_facts(building, plan), language=settings.LANGUAGE_CODE[:2], now=now)
        plan_acts.keep_pack(building=building, version=plan.version, night=night, data=data, now=now)
        made += 1
    return made
