"""The hours of a camera inside a building in words: its week, and what it does now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from beffroi.kernel.clock import from_us, to_us
from beffroi.media.core.hours import Period
from beffroi.sites.core.cameras import CameraFacts


@dataclass(frozen=True, slots=True)
class HoursTold:
    """Of one camera: what it does now, and the days of its week that have hours."""

    sentence: str
    week: tuple[tuple[str, str], ...]


def hours_told(camera: CameraFacts, now: datetime, lifted: Mapping[str, datetime]) -> HoursTold | None:
    """The hours of a camera inside a building; ``None`` for one on the street. ``lifted``: until when by an alert."""
    end = lifted.get(camera.id)
    hours = camera.hours(settings.TIME_ZONE)
    if hours is None:
        return None
    week = tuple((day, text) for day, text in day_texts(camera.periods) if text)
    if end is not None and now < end:
        return HoursTold(_("Inside a building: recorded whatever the hour, while a real alert lasts."), week)
    if not camera.periods:
        return HoursTold(_("Inside a building: never recorded, but in a real alert."), week)
    change = hours.next_change_us(to_us(now))
    if change is None:
        return HoursTold(_("Inside a building: recorded at any hour."), week)
    until = formats.date_format(timezone.localtime(from_us(change)), "l j F, H:i")
    if hours.recorded(to_us(now)):
        return HoursTold(_("Inside a building: recorded until %(until)s.") % {"until": until}, week)
    said = _("Inside a building: not recorded until %(until)s, but in a real alert.")
    return HoursTold(said % {"until": until}, week)


def day_texts(periods: Iterable[Period]) -> list[tuple[str, str]]:
    """Each day of the week with its hours as they are typed; empty where there are none."""
    found: list[list[str]] = [[] for _day in WEEKDAYS]
    for one in sorted(periods):
        found[one.day].append(f"{_clock(one.since)}-{_clock(one.until)}")
    return [(str(WEEKDAYS[day]), ", ".join(ranges)) for day, ranges in enumerate(found)]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
