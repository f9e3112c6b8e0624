"""Forms of the convention workshop."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.yaml_nodes import MAX_CHARACTERS
from beffroi.governance.queries.law import ConventionFacts
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.dates import MomentField
from beffroi.web.shared.gate_words import BASES, PURPOSES


class TextForm(forms.Form):
    """The text of a convention."""

    text = forms.CharField(
        label=_("Text"),
        max_length=MAX_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "autocomplete": "off", "class": "code"}),
    )


class SignForm(forms.Form):
    """A party's signature on paper, entered here."""

    party = forms.ChoiceField(label=_("Party"))
    signatory = forms.CharField(label=_("Signed by"), max_length=120)
    quality = forms.CharField(label=_("In the quality of"), max_length=120)

    def __init__(self, *args: Any, parties: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(parties)


class EffectForm(forms.Form):
    """From when a signed text holds; empty: now."""

    at = MomentField(
        label=_("In effect from"),
        required=False,
        help_text=_("Left empty: from now."),
    )


class WhyForm(forms.Form):
    """Why a convention is suspended, resumed or ended."""

    reason = forms.CharField(label=_("Reason"), max_length=300, min_length=4)


class QuestionForm(forms.Form):
    """May this person see this camera now, and why?"""

    person = forms.ChoiceField(label=_("Person"))
    camera = forms.ChoiceField(label=_("Camera"))
    mode = forms.ChoiceField(label=_("What"), choices=[("relay", _("live pictures")), ("replay", _("a look back"))])
    ground = forms.ChoiceField(
        label=_("On what"),
        choices=[
            ("incident", _("an open incident on this camera")),
            ("crisis", _("an open incident on this camera, declared a crisis")),
            ("case", _("an open case of the unit with this camera")),
            ("duty", _("the shift the person is on")),
        ],
        help_text=_("The question supposes it; nothing is opened."),
    )
    legal_basis = forms.ChoiceField(
        label=_("Legal basis"),
        choices=[(code, words) for code, words in BASES.items() if code not in {"DUTY", "EMERGENCY_LIFE"}],
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=list(PURPOSES.items()), initial="L251-2:5", required=False)
    minutes = forms.IntegerField(label=_("For how many minutes"), min_value=1, max_value=1440, initial=60)
    version = forms.ChoiceField(label=_("Under which text"), required=False)

    def __init__(
        self,
        *args: Any,
        persons: Sequence[PersonFacts],
        cameras: Sequence[CameraFacts],
        versions: Sequence[ConventionFacts],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "person": [(one.id, f"{one.called} · {one.unit}") for one in persons],
            "camera": [(one.id, f"{one.number} · {one.name}") for one in cameras],
            "version": [
                ("", _("the texts in force")),
                *((one.id, f"{one.reference} · {one.version}") for one in versions),
            ],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found
