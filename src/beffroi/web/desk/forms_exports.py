"""Forms of exports of another video system."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.intake import MAX_BYTES
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.dates import MomentField


class ExportForm(forms.Form):
    """One file and what the officer states of it."""

    camera = forms.ChoiceField(label=_("Camera"))
    start = MomentField(
        label=_("First picture at"),
        help_text=_("As it stands on the pictures, corrected by what you know of that system’s clock."),
        seconds=True,
    )
    system = forms.CharField(label=_("Video system"), max_length=120, help_text=_("Maker, product, export tool."))
    handed_by = forms.CharField(label=_("Exported or handed over by"), max_length=160)
    clock = forms.CharField(
        label=_("Its clock"),
        max_length=200,
        required=False,
        help_text=_("For instance: 42 s late on 23/11/2026, compared with a radio clock. Empty: not compared."),
    )
    file = forms.FileField(label=_("File"), help_text=_("MP4, MKV, AVI, TS, MPEG; 8 GB at most. It is never changed."))

    def __init__(self, *args: Any, cameras: Iterable[CameraFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["camera"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.id), f"{one.number} · {one.name}") for one in cameras]

    def clean_file(self) -> Any:
        """Refused by its size before a byte of it is kept."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 8 GB."))
        return file


class DropForm(forms.Form):
    """Why a file is destroyed."""

    why = forms.CharField(label=_("Why"), max_length=200)
