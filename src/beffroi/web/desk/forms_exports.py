"""Forms of exports of another video system."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.intake import MAX_BYTES
from beffroi.governance.queries.uploads import UploadFacts
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
    upload = forms.ChoiceField(
        label=_("File that is here already"),
        required=False,
        help_text=_("What you sent before. Leave it empty to send a file now."),
    )
    chain = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    file = forms.FileField(
        label=_("File"),
        help_text=_("MP4, MKV, AVI, TS, MPEG; 8 GB at most. It is never changed."),
    )

    def __init__(
        self, *args: Any, cameras: Iterable[CameraFacts], here: Iterable[UploadFacts] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whole = {one.id: one for one in here if one.whole}
        sent = self.fields["upload"]
        assert isinstance(sent, forms.ChoiceField)
        sent.choices = [("", _("None")), *((one.id, one.name) for one in self.whole.values())]
        self.fields["file"].required = not self.whole
        if not self.whole:
            sent.widget = sent.hidden_widget()
        field = self.fields["camera"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.id), f"{one.number} · {one.name}") for one in cameras]

    def clean_file(self) -> Any:
        """Refused by its size before a byte of it is kept."""
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 8 GB."))
        return file

    def clean(self) -> dict[str, Any]:
        """A file, or one that is here already."""
        data = super().clean() or self.cleaned_data
        if not data.get("file") and not data.get("upload") and not self.errors:
            self.add_error("file", _("Choose a file."))
        return data


class DropForm(forms.Form):
    """Why a file is destroyed."""

    why = forms.CharField(label=_("Why"), max_length=200)


def upload_texts() -> dict[str, str]:
    """What the page says while a file is sent; words in braces are filled in by the script."""
    return {
        "progress": gettext("File sent"),
        "sending": gettext("{done} of {whole} MB sent ({percent} %)"),
        "comparing": gettext("Comparing with what is here already…"),
        "cut": gettext("The line is cut after {done} of {whole} MB. Sending goes on by itself as soon as it is back."),
        "examining": gettext("Everything is here. The file is being examined…"),
        "stop": gettext("Stop sending"),
        "stopped": gettext(
            "Stopped after {done} of {whole} MB. Press the button again to go on; within a day you can also come back "
            "to this page and choose the same file."
        ),
        "refused": gettext("Sending was refused: {why}"),
        "signed_out": gettext("You are signed out. Sign in, choose the same file again, and sending goes on."),
        "too_large": gettext("This file is larger than 8 GB."),
    }
