"""Hand over what the gates' answers want told, and say aloud where a review did not come in time."""

from collections.abc import Mapping
from datetime import datetime

from beffroi.channels import Channel
from beffroi.governance.actions import forgetting
from beffroi.governance.actions import notices as acts
from beffroi.governance.queries import notices
from beffroi.kernel.delivery import Delivery


def send_notices(ways_out: Mapping[str, Channel], now: datetime) -> int:
    """Hand over everything whose turn it is; returns how many were taken."""
    taken = 0
    for notice, channel in notices.due(now):
        state = acts.hand_over(notice=notice, way_out=ways_out.get(channel), now=now)
        taken += state not in {Delivery.RETRYING, Delivery.EXPIRED}
    return taken


def tell_late_reviews(now: datetime) -> int:
    """The alarm of a review that did not come in time, once an access; returns of how many."""
    late = notices.late_reviews(now)
    for grant in late:
        acts.tell_late(grant=grant, now=now)
    return len(late)


def forget_told(now: datetime) -> int:
    """Messages and guests that have served; once an hour."""
    return forgetting.forget_told(now=now)
