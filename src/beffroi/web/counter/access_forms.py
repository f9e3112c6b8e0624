"""Forms by which the forces and the prefecture ask for pictures under the convention. No picture helps to choose."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from beffroi.governance.queries.cases import CaseFacts
from beffroi.kernel.spans import Span
from beffroi.operations.core.words import Incident
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.dates import MomentField
from beffroi.web.shared.gate_words import BASES, PURPOSES

RELAY_MINUTES = ((15, _("15 minutes")), (30, _("30 minutes")), (60, _("1 hour")), (120, _("2 hours")))
REPLAY_MINUTES = ((60, _("1 hour")), (240, _("4 hours")), (480, _("8 hours")))
JUDICIAL = ("CPP_60_1", "CPP_77_1_1", "CPP_99_3", "CPP_74", "CPP_74_1")


class _SpanForm(forms.Form):
    since = MomentField(label=pgettext_lazy("moment", "From"), seconds=True)
    until = MomentField(end=True, label=pgettext_lazy("moment", "To"), seconds=True)

    def clean(self) -> dict[str, Any]:
        """A span has a length, of a month at most."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and not timedelta(0) < until - since <= timedelta(days=31):
            self.add_error("until", _("The end comes after the beginning, within a month."))
        return data

    @property
    def span(self) -> Span:
        """What was typed; only after ``is_valid``."""
        return Span(self.cleaned_data["since"], self.cleaned_data["until"])


class RelayForm(forms.Form):
    """Live pictures of an open incident."""

    incident = forms.ChoiceField(
        label=_("Incident"), help_text=_("Opened by the centre; its number is given by radio.")
    )
    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=list(PURPOSES.items()), initial="L251-2:5")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Why now, in your own words. Example: patrol on its way, two persons reported on the roof."),
    )
    minutes = forms.TypedChoiceField(label=_("How long"), choices=RELAY_MINUTES, coerce=int, initial=30)
    emergency = forms.BooleanField(
        label=_("Life in danger: open at once, without waiting for an answer"),
        required=False,
        help_text=_(
            "Two hours at most. The room and the data protection officer are told; a second person reviews it."
        ),
    )

    def __init__(
        self, *args: Any, cameras: Sequence[CameraFacts], incidents: Sequence[Incident], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "cameras", [(camera.id, f"{camera.number} · {camera.name}") for camera in cameras])
        _choose(self, "incident", [(one.id, one.reference) for one in incidents])


class ReplayForm(_SpanForm):
    """A look back on a case of one's own unit."""

    case = forms.ChoiceField(label=_("Case"))
    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("What is looked for, in your own words."))
    minutes = forms.TypedChoiceField(label=_("How long"), choices=REPLAY_MINUTES, coerce=int, initial=240)
    field_order = ("case", "cameras", "since", "until", "reason", "minutes")

    def __init__(self, *args: Any, cameras: Sequence[CameraFacts], cases: Sequence[CaseFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "cameras", [(camera.id, f"{camera.number} · {camera.name}") for camera in cameras])
        _choose(self, "case", [(one.id, one.number) for one in cases])


class CaseForm(_SpanForm):
    """A case: what a replay hangs on."""

    number = forms.CharField(
        label=_("Procedure number"), max_length=64, help_text=_("As your unit writes it: unit/number/year.")
    )
    legal_basis = forms.ChoiceField(label=_("Legal basis"), choices=[(code, BASES[code]) for code in JUDICIAL])
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple)
    field_order = ("number", "legal_basis", "title", "cameras", "since", "until")

    def __init__(self, *args: Any, cameras: Sequence[CameraFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "cameras", [(camera.id, f"{camera.number} · {camera.name}") for camera in cameras])


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, (forms.ChoiceField, forms.MultipleChoiceField))
    field.choices = choices
