"""Forms of the duty phone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


def minutes() -> list[tuple[int, str]]:
    """Shorter lengths, in the language of the request."""
    return [(count, ngettext("%d minute", "%d minutes", count) % count) for count in (5, 10, 15, 30, 60)]


class LimitForm(forms.Form):
    """Yes, but to fewer cameras or for a shorter time."""

    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple())
    minutes = forms.TypedChoiceField(label=_("For"), coerce=int, initial=15, choices=minutes)

    def __init__(self, *args: Any, cameras: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cameras"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = cameras
        field.initial = [camera for camera, _name in cameras]
