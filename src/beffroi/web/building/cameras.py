"""The cameras of a building as its pages name them, and when those inside it record."""

from collections.abc import Sequence
from datetime import datetime

from beffroi.governance.queries import access as grants
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.hours_words import HoursTold, hours_told


def cameras_told(cameras: Sequence[str], now: datetime) -> list[tuple[CameraFacts, HoursTold | None]]:
    """In the order of the call-up; one that was removed is left out."""
    if not cameras:
        return []
    known, lifted = {str(camera.id): camera for camera in sites.cameras()}, grants.lifted_by_alerts(now)
    return [(known[one], hours_told(known[one], now, lifted)) for one in cameras if one in known]
