"""Forms of drafts of plans: levels and drawings, what stands on them, directory, class sizes, validations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core import headcounts
from beffroi.safety.core.plan_levels import REFERRING, MarkKind
from beffroi.safety.core.plans import Plan
from beffroi.safety.documents.drawings import MAX_BYTES
from beffroi.web.building.plan_words import MARKS, PARTIES
from beffroi.web.shared.dates import DayField


class BoundedFile(forms.FileField):
    """A file that is refused by its size before it is read."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file."""
        found = super().clean(data, initial)
        if found and (found.size is None or found.size > self.most):
            raise forms.ValidationError(
                _("This file is too large: %(most)s kB at most."), params={"most": self.most // 1024}
            )
        return found


class LevelForm(forms.Form):
    """A level: a new one, or another drawing for one that is there."""

    level = forms.ChoiceField(label=_("Level"), required=False)
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For instance: ground floor."))
    drawing = BoundedFile(
        most=MAX_BYTES,
        label=_("Drawing"),
        required=False,
        help_text=_(
            "SVG, PNG, JPEG or WebP, 8 MB at most. Scripts, links and embedded pictures are taken out of an SVG."
        ),
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("a new one")), *((one.id, one.name) for one in plan.levels)]


class MarkForm(forms.Form):
    """Something on a drawing."""

    what = forms.ChoiceField(label=_("What"))
    level = forms.ChoiceField(label=_("Level"))
    x = forms.DecimalField(label=_("From the left (%)"), min_value=0, max_value=100, decimal_places=2)
    y = forms.DecimalField(label=_("From the top (%)"), min_value=0, max_value=100, decimal_places=2)
    label = forms.CharField(label=_("Remark"), max_length=120, required=False)
    confidential = forms.BooleanField(label=_("Confidential"), required=False)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what, level = self.fields["what"], self.fields["level"]
        assert isinstance(what, forms.ChoiceField)
        assert isinstance(level, forms.ChoiceField)
        known = {
            "rooms": [(room.id, room.name) for room in plan.rooms],
            "zones": [(zone.id, zone.name) for zone in plan.zones],
        }
        what.choices = [
            (str(MARKS[kind]), [(f"{kind.value}:{ref}", name) for ref, name in known[named]])
            for kind, named in REFERRING.items()
        ] + [(f"{kind.value}:", MARKS[kind]) for kind in MarkKind if kind not in REFERRING]
        level.choices = [(one.id, one.name) for one in plan.levels]


class EntryForm(forms.Form):
    """A line of the crisis directory."""

    name = forms.CharField(label=_("Name"), max_length=120)
    function = forms.CharField(label=_("Function"), max_length=120, required=False)
    phone = forms.RegexField(
        r"^[0-9+][0-9 .+-]{1,24}$",
        label=_("Telephone"),
        max_length=25,
        error_messages={"invalid": _("Figures, blanks and dots, with + in front of a country.")},
    )
    open = forms.BooleanField(label=_("May be shown to everybody of the centre"), required=False)


class SheetForm(forms.Form):
    """A spreadsheet of class sizes."""

    sheet = BoundedFile(most=headcounts.MAX_BYTES, label=_("Spreadsheet"))


class ValidityForm(forms.Form):
    """Until when the plan is valid."""

    last_day = DayField(
        label=_("Last day it is valid"),
        required=False,
        help_text=_("Empty: no end, as long as its drills are held and it is kept up to date."),
    )


class DropForm(forms.Form):
    """What is taken off or out; which, is in the button."""

    level = forms.CharField(max_length=200, required=False)
    mark = forms.CharField(max_length=200, required=False)
    entry = forms.CharField(max_length=200, required=False)


class TakeForm(forms.Form):
    """The rows of a preview, sent back; they are read and checked as the file was."""

    rows = forms.CharField(max_length=headcounts.MAX_BYTES // 4)


class ValidateForm(forms.Form):
    """A party validates a draft."""

    party = forms.ChoiceField(label=_("For"))
    reference = forms.CharField(label=_("Reference of the decision"), max_length=200, required=False)

    def __init__(self, *args: Any, parties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, PARTIES[one]) for one in parties]


class SendForm(forms.Form):
    """The plan was handed to the forces and to rescue."""

    recipients = forms.CharField(label=_("To whom"), max_length=300, help_text=_("Gendarmerie, fire and rescue …"))
    on = DayField(label=_("On"))
