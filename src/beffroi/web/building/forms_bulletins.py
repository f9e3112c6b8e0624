"""Forms of alerts from outside: brought in, relayed, set aside."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core.bulletins import MAX_BYTES
from beffroi.web.building.forms import RelayForm


class BringForm(forms.Form):
    """A CAP message, as a file or as text."""

    file = forms.FileField(
        label=_("File of the message"), required=False, help_text=_("CAP 1.2 (.xml or .cap), 1 MB at most.")
    )
    text = forms.CharField(
        label=_("Or its text, pasted"),
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two, as bytes under ``document``."""
        given: dict[str, Any] = super().clean() or {}
        file, text = given.get("file"), given.get("text", "")
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", _("This file is larger than 1 MB. A CAP alert is smaller: check which file it is."))
        elif file is None and not text:
            if not self.has_error("file"):
                self.add_error("file", _("Choose the file of the message, or paste its text."))
        else:
            given["document"] = file.read() if file is not None else _undeclared(text).encode()
        return given


class _Chosen(forms.Form):
    """For which buildings."""

    buildings = forms.MultipleChoiceField(label=_("Buildings"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, buildings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["buildings"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(buildings)
        self.initial.setdefault("buildings", [one for one, _name in buildings])


class RelayBulletinForm(_Chosen, RelayForm):
    """Level 0, filled in from the message; whoever relays may change every word."""

    note = forms.CharField(
        label=_("What the message says"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes into the log of the alert, with the identifier of the message."),
    )
    field_order = ("buildings", "hazard", "authority", "note")


class SetAsideForm(_Chosen):
    """Not relayed, and why."""

    reason = forms.CharField(label=_("Why it is not relayed"), max_length=500)


def _undeclared(text: str) -> str:
    """Pasted text without its XML declaration: the encoding it names is that of a file, not of this form."""
    if text.startswith("<?xml") and "?>" in text:
        return text[text.index("?>") + 2 :].lstrip()
    return text
