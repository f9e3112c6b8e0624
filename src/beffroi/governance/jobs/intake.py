"""Reconciler of exports of other systems: what no package needs any more is destroyed."""

from datetime import datetime

from beffroi.governance.actions import intake, uploads


def drop_outlived_intake(now: datetime) -> int:
    """Destroy exports that were kept for a month, or whose requisition is over, and halves of given-up uploads."""
    return intake.drop_outlived(now=now) + uploads.drop_abandoned(now=now)
