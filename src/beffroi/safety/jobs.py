"""What the worker does for the bell: plan what must be told, and hand it over until it is taken."""

from collections.abc import Mapping
from datetime import datetime

from beffroi.audit.files import office_key
from beffroi.channels import Channel
from beffroi.safety import queries
from beffroi.safety.actions import drills, escalation, pictures
from beffroi.safety.actions import notices as acts
from beffroi.safety.core.notices import Delivery


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
