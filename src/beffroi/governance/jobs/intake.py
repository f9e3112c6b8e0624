"""Reconciler of exports of other systems: what no package needs any more is destroyed."""

from datetime import datetime

from beffroi.governance.actions import intake


def drop_outlived_intake(now: datetime) -> int:
    """Destroy exports that were kept for a month, or whose requisition is over."""
    return intake.drop_outlived(now=now)
