"""Small forms on the page of one requisition."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.requisition_decisions import GROUNDS, Ground
from beffroi.governance.core.requisitions import Helped
from beffroi.sites.core.coverage import PlaceClass
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.dates import DayField


class CompletionForm(forms.Form):
    """What is missing, said to the requester."""

    asked = forms.CharField(label=_("What is missing"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))


class DecisionForm(forms.Form):
    """The answer of a person."""

    act = forms.ChoiceField(
        label=_("Answer"), choices=[(act.value, words.ACTS[act.value]) for act in GROUNDS], widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label=_("Ground"),
        required=False,
        choices=[("", _("None: accepted as asked")), *((one.value, said) for one, said in words.GROUNDS.items())],
    )
    granted = forms.MultipleChoiceField(
        label=_("Cameras granted"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For an acceptance in part."),
    )
    words = forms.CharField(
        label=_("Remarks on the paper"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    override_reason = forms.CharField(
        label=_("Reason for accepting against a rule"),
        required=False,
        max_length=500,
        help_text=_("Only the video officer may, only for the completeness of the requisition; it leaves an alarm."),
    )

    def __init__(self, *args: Any, cameras: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        fields: dict[str, Any] = self.fields
        fields["granted"].choices = cameras

    def chosen_ground(self) -> Ground:
        """The ground; a full acceptance has none."""
        return Ground.NONE if self.cleaned_data["act"] == "accept" else Ground(self.cleaned_data["ground"])

    def take(self, problems: Mapping[str, str]) -> None:
        """Put codes at their fields, in words."""
        for name, code in problems.items():
            self.add_error(name if name in self.fields else None, str(words.FIELD_PROBLEMS.get(code, code)))


class AssignForm(forms.Form):
    """Who else may see a confidential requisition."""

    officer = forms.ChoiceField(label=_("Officer"))

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        fields: dict[str, Any] = self.fields
        fields["officer"].choices = officers


class _OfFacts(forms.Form):
    fact = forms.ChoiceField(label=_("Fact"), required=False)
    empty: Any = ""

    def __init__(self, *args: Any, facts: Iterable[Any], **named: Any) -> None:
        super().__init__(*args, **named)
        fields: dict[str, Any] = self.fields
        fields["fact"].choices = [("", self.empty), *((one.id, one.nature or one.reference or "—") for one in facts)]


class OutcomeForm(_OfFacts):
    """Whether the images helped."""

    empty = _("All facts of this requisition")
    helped_value = forms.ChoiceField(
        label=_("Did the images help?"),
        choices=[(one.value, said) for one, said in words.HELPED.items()],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def helped(self) -> Helped:
        """The answer of a valid form."""
        return Helped(self.cleaned_data["helped_value"])


class FactForm(_OfFacts):
    """What a fact is and where: the denominators of the year's figures."""

    empty = _("A new fact")
    nature = forms.CharField(label=_("Nature"), max_length=200)
    committed_on = DayField(label=_("Day"), required=False)
    place = forms.CharField(label=_("Place"), required=False, max_length=300)
    sector = forms.ChoiceField(
        label=_("Sector"), choices=[(one.value, said) for one, said in words.PLACE_CLASSES.items()]
    )

    def place_class(self) -> PlaceClass:
        """The class of a valid form."""
        return PlaceClass(self.cleaned_data["sector"])
