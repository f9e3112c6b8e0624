"""The hours of a camera inside a building, as they are typed: a line for each day of the week."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.hours import DAY_MINUTES, Period, of_day
from beffroi.web.shared.hours_words import day_texts

_RANGE = re.compile(r"(\d{1,2})[:h](\d{2})?\s*[-–]\s*(\d{1,2})[:h](\d{2})?", re.ASCII)
_MANY = 8  # ranges of one day


class DayField(forms.CharField):
    """``07:30-08:20, 16:30-18:00`` of one day, as periods."""

    def __init__(self, day: int) -> None:
        self.day = day
        example = _("As 18:00-24:00, several with commas; 22:00-06:00 goes on into the next day. Empty: never.")
        super().__init__(
            label=WEEKDAYS[day],
            required=False,
            max_length=120,
            help_text=example if day == 0 else "",
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self, value: Any) -> tuple[Period, ...]:
        """The periods; what cannot be read is named."""
        ranges = [part.strip() for part in str(super().clean(value)).split(",") if part.strip()]
        if len(ranges) > _MANY:
            raise ValidationError(_("At most eight ranges a day."))
        return tuple(period for text in ranges for period in self._periods(text))

    def _periods(self, text: str) -> tuple[Period, ...]:
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValidationError(_("“%(text)s” is not a range of hours as 18:00-24:00."), params={"text": text})
        hour, minute, end_hour, end_minute = (int(part or 0) for part in found.groups())
        since, until = hour * 60 + minute, end_hour * 60 + end_minute
        if minute > 59 or end_minute > 59 or since >= DAY_MINUTES or until > DAY_MINUTES or since == until:
            raise ValidationError(_("“%(text)s”: there is no such range in a day."), params={"text": text})
        return of_day(self.day, since, until)


class HoursForm(forms.Form):
    """When a camera inside a building may record. Nothing entered: never, but in a real alert."""

    def __init__(self, *args: Any, periods: tuple[Period, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, (_name, text) in enumerate(day_texts(periods)):
            self.fields[f"day_{day}"] = DayField(day)
            self.initial[f"day_{day}"] = text

    @property
    def periods(self) -> list[Period]:
        """What a valid form says."""
        return [period for day in self.cleaned_data.values() for period in day]
