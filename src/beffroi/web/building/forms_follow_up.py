"""Forms of what follows from an alert or a drill."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.web.shared.dates import DayField


class RemarkForm(forms.Form):
    """Something that was noticed."""

    text = forms.CharField(
        label=_("Observation"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Heard everywhere? Understood? Rescuers received? What was missing?"),
    )


class MeasureForm(forms.Form):
    """Something to be done: what, whose, by when."""

    what = forms.CharField(label=_("What is to be done"), max_length=500)
    owner = forms.ChoiceField(label=_("By whom"), required=False)
    owner_name = forms.CharField(
        label=_("Name, if it is somebody else"),
        max_length=200,
        required=False,
        help_text=_("Somebody without an account here gets no mail: whoever answers for the building is reminded."),
    )
    due = DayField(label=_("By when"))

    def __init__(self, *args: Any, owners: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("somebody else")), *owners]

    def clean_due(self) -> date:
        """Not a day that has passed."""
        due: date = self.cleaned_data["due"]
        if due < self.today:
            raise forms.ValidationError(_("This day has passed."))
        return due

    def clean(self) -> dict[str, Any]:
        """Every action has an owner."""
        given: dict[str, Any] = super().clean() or {}
        if not given.get("owner") and not str(given.get("owner_name", "")).strip():
            self.add_error("owner_name", _("Say whose it is."))
        return given


class DoneForm(forms.Form):
    """It is done."""

    outcome = forms.CharField(label=_("What was done"), max_length=500, required=False)
