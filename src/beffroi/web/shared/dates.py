"""Days and moments as people type them: the browser's own picker, and only years that can be reckoned with.

The calendar's first and last year have days without a midnight in UTC, or without a day after them.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, overload

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1900, 2199


def _in_reach(value: date | None) -> None:
    if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(
            _("Write a year from %(first)d to %(last)d."), params={"first": FIRST_YEAR, "last": LAST_YEAR}
        )


class DayField(forms.DateField):
    """A day."""

    def __init__(self, **named: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **named)

    def validate(self, value: date | None) -> None:
        """Refuse years out of reach."""
        super().validate(value)
        _in_reach(value)


class MomentField(forms.DateTimeField):
    """A moment in the centre's zone: to the minute, or to the second where it is one of a picture.

    In the night that has an hour twice a time typed within it is its first, or its second for an ``end``: a span typed
    so holds both. The time that spring leaves out is refused.
    """

    def __init__(self, *, seconds: bool = False, end: bool = False, **named: Any) -> None:
        self._end = end
        style = "%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M"
        attrs = {"type": "datetime-local"} | ({"step": "1"} if seconds else {})
        super().__init__(widget=forms.DateTimeInput(attrs=attrs, format=style), **named)

    def to_python(self, value: Any) -> datetime | None:
        """The moment; where the wall clock does not say which, by the rule above."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone" or error.params is None:
                raise
            wall = error.params["datetime"]
        first, last = instants(wall)
        if timezone.localtime(first).replace(tzinfo=None) != wall:
            raise ValidationError(_("That time did not exist: clocks went forward that night."), code="skipped")
        return timezone.localtime(last if self._end else first)

    def validate(self, value: datetime | None) -> None:
        """Refuse years out of reach."""
        super().validate(value)
        _in_reach(value)


def instants(wall: datetime) -> tuple[datetime, datetime]:
    """The earliest and the latest instant that a wall clock of the centre may mean by this; nearly always one."""
    zone = timezone.get_current_timezone()
    both = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return both[0], both[1]


@overload
def midnight(day: date, later: int = 0) -> datetime: ...
@overload
def midnight(day: date | None, later: int = 0) -> datetime | None: ...
def midnight(day: date | None, later: int = 0) -> datetime | None:
    """The first instant of a day of the centre, ``later`` days on."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time())) if day else None
