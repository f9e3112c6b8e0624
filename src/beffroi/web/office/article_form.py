"""The form that writes an article of a convention for whoever writes no text."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.article_text import Article, Occasion, Way
from beffroi.people.core.roles import Force
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.gate_words import APPROVERS, FORCES, PURPOSES

RECEIVERS = (Force.GN, Force.PN, Force.PREF, Force.SDIS)


class ArticleForm(forms.Form):
    """An article by choices; what the law asks in any case is written without being asked."""

    use_required_attribute = False  # its fields stand beside the text's own buttons

    number = forms.CharField(label=_("Article"), max_length=40, help_text=_("As it stands on paper: article 17."))
    title = forms.CharField(label=_("What it is called"), max_length=120)
    force = forms.ChoiceField(
        label=_("For whom"),
        choices=[(force.value, FORCES[force.value]) for force in RECEIVERS],
        help_text=_("The prefecture’s agents are named one by one in the order: this is written by itself."),
    )
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    way = forms.ChoiceField(
        label=_("What"),
        choices=[
            (Way.LIVE.value, _("live pictures")),
            (Way.STEER.value, _("live pictures, with the controls of the camera")),
            (Way.REPLAY.value, _("a look back on an open judicial case, without a copy")),
        ],
    )
    occasion = forms.ChoiceField(
        label=_("When"),
        choices=[
            (Occasion.INCIDENT.value, _("during an incident that the room opened")),
            (Occasion.CRISIS.value, _("during a declared crisis")),
        ],
        help_text=_("For live pictures."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("For what purpose"),
        choices=list(PURPOSES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For live pictures: one at least, of those that the cameras serve."),
    )
    cameras = forms.TypedMultipleChoiceField(
        label=_("Which cameras"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all on the public road."),
    )
    minutes = forms.TypedChoiceField(
        label=_("For how long at most"),
        coerce=int,
        choices=[
            (15, _("15 minutes")),
            (30, _("30 minutes")),
            (60, _("1 hour")),
            (120, _("2 hours")),
            (240, _("4 hours")),
        ],
        initial=60,
    )
    renewable = forms.BooleanField(label=_("May be renewed"), required=False)
    approvers = forms.MultipleChoiceField(
        label=_("Who says yes"),
        choices=list(APPROVERS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["duty_officer", "chief"],
        help_text=_("Any one of them, but never who asks."),
    )

    def __init__(self, *args: Any, units: Sequence[str], cameras: Sequence[CameraFacts], **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "article", **kwargs})
        choices: dict[str, list[tuple[Any, Any]]] = {
            "unit": [("", _("every unit")), *((name, name) for name in units)],
            "cameras": [(one.number, f"{one.number} · {one.name}") for one in cameras],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found

    def clean(self) -> dict[str, Any]:
        """What does not go together, said at the field that should change."""
        data = super().clean() or {}
        if data.get("way") == Way.REPLAY.value:
            if data.get("force") in {Force.PREF.value, Force.SDIS.value}:
                self.add_error("way", _("Only police and gendarmerie have judicial cases: choose live pictures."))
        elif "purposes" in data and not data["purposes"]:
            self.add_error("purposes", _("Tick at least one purpose."))
        return data

    def article(self) -> Article:
        """What was chosen."""
        data = self.cleaned_data
        return Article(
            number=data["number"],
            title=data["title"],
            force=data["force"],
            unit=data["unit"],
            way=Way(data["way"]),
            occasion=Occasion(data["occasion"]),
            purposes=tuple(data["purposes"]),
            cameras=tuple(data["cameras"]),
            minutes=data["minutes"],
            renewable=data["renewable"],
            approvers=tuple(data["approvers"]),
        )
