"""Forms of the bell. Each is one act; a mistake loses nothing that was typed."""

import json
from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.words import Posture
from beffroi.web.building.words import ARRIVALS, HAZARDS, MISSIONS, POSTURES, VERDICTS
from beffroi.web.shared.dates import MomentField

MAX_PLAN_BYTES = 1024 * 1024
ORDERS = [posture for posture in Posture if posture not in (Posture.NORMAL, Posture.RELEASED)]


class RelayForm(forms.Form):
    """Level 0: somebody ordered it by telephone or in person."""

    hazard = forms.ChoiceField(label=_("What happens"), choices=[(one.value, words) for one, words in HAZARDS.items()])
    authority = forms.CharField(
        label=_("Who orders it"), max_length=200, help_text=_("Name and function of whoever gave the order.")
    )


class BoxLanguageForm(forms.Form):
    """What the box in the building speaks."""

    language = forms.ChoiceField(
        label=_("Language of its screens"), choices=[("fr", _("French")), ("en", _("English"))]
    )


class VerdictForm(forms.Form):
    """What the verification found; the alarm goes on whatever it says."""

    verdict = forms.ChoiceField(
        label=_("Verification"),
        choices=[(one.value, words) for one, words in VERDICTS.items()],
        widget=forms.RadioSelect,
    )


class PostureForm(forms.Form):
    """A posture for a zone or for all."""

    posture = forms.ChoiceField(label=_("Posture"), choices=[(one.value, POSTURES[one]) for one in ORDERS])
    zone = forms.ChoiceField(label=_("Zone"))
    authority = forms.CharField(label=_("On whose order"), max_length=200, required=False)

    def __init__(self, *args: object, plan: Plan | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
        zones = [(zone.id, zone.name) for zone in plan.zones] if plan else []
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ALL_ZONES, _("All zones")), *zones]


class AuthorityForm(forms.Form):
    """The authority behind an act: mandatory for a real all-clear."""

    authority = forms.CharField(
        label=_("Authority that orders the all-clear"),
        max_length=200,
        required=False,
        help_text=_("Name, function, unit. Needed with one of the two keys of a real alert."),
    )


class FalseAlarmForm(forms.Form):
    """The second key of a false alarm: who was called back on site."""

    call_back = forms.CharField(
        label=_("Call back"),
        max_length=300,
        required=False,
        help_text=_("Who answered on the line of the site, and what was said. The chief's key needs it."),
    )


class SafeForm(forms.Form):
    """Nobody is forced any more, on whose word."""

    authority = forms.CharField(label=_("On whose word"), max_length=200)


class CodeForm(forms.Form):
    """What a telephone code is for."""

    reference = forms.CharField(
        label=_("Reference"),
        min_length=6,
        max_length=6,
        help_text=_("Six characters that the box shows and the site reads out."),
    )
    act = forms.ChoiceField(
        label=_("What the code opens"), choices=[("lift", _("All-clear")), ("cancel", _("False alarm"))]
    )
    zone = forms.ChoiceField(label=_("Zone"))
    authority = forms.CharField(
        label=_("Authority that orders the all-clear"),
        max_length=200,
        required=False,
        help_text=_("Needed for an all-clear."),
    )

    def __init__(self, *args: object, plan: Plan | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ALL_ZONES, _("All zones")), *([(zone.id, zone.name) for zone in plan.zones] if plan else [])]


class CallForm(forms.Form):
    """A call to 17, 18, 15 or 112 that was made."""

    number = forms.ChoiceField(label=_("Number"), choices=[(one, one) for one in ("17", "18", "15", "112", "114")])
    note = forms.CharField(label=_("What was said"), max_length=500, required=False)


class NoteForm(forms.Form):
    """A line of the alert's log."""

    text = forms.CharField(label=_("Note"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))
    about = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[("", _("What goes on")), *ARRIVALS.items()],
        help_text=_("Somebody at the closed gate: who it is, and whether she was let in."),
    )


class MissionForm(forms.Form):
    """A mission of the plan, ticked off."""

    mission = forms.ChoiceField(choices=list(MISSIONS.items()))


class RequalifyForm(forms.Form):
    """What it was, said afterwards."""

    what = forms.ChoiceField(
        label=_("What it was"),
        choices=[
            ("confirmed", _("As it was raised")),
            ("false_alarm", _("False alarm")),
            ("unannounced_test", _("A test nobody had announced")),
        ],
    )


class PlanForm(forms.Form):
    """A plan as a document (JSON)."""

    document = forms.FileField(label=_("Plan file"), help_text=_("The document of the plan, JSON, 1 MB at most."))

    def clean_document(self) -> object:
        """The parsed document."""
        file = self.cleaned_data["document"]
        if file.size is None or file.size > MAX_PLAN_BYTES:
            raise forms.ValidationError(_("This file is larger than 1 MB."))
        try:
            return json.loads(file.read())
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This file is not JSON: %(why)s"), params={"why": str(error)}) from error


class DrillForm(forms.Form):
    """A drill: what, when, and what it is to show. Times are the commune's own."""

    hazard = forms.ChoiceField(label=_("Scenario"), choices=[(one.value, words) for one, words in HAZARDS.items()])
    start = MomentField(label=_("Window opens"))
    end = MomentField(end=True, label=_("Window closes"))
    objectives = forms.CharField(label=_("Objectives"), max_length=500, required=False)
    devices = forms.MultipleChoiceField(
        label=_("Triggers of the building that raise it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only these, only while two persons have armed it. Every other trigger is real at every moment."),
    )

    def __init__(self, *args: object, devices: Sequence[str] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
        field = self.fields["devices"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one, one) for one in devices]
        if not devices:
            del self.fields["devices"]

    def clean(self) -> dict[str, object]:
        """The window must open before it closes."""
        given: dict[str, object] = super().clean() or {}
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and start >= end:
            self.add_error("end", _("The window closes after it opens."))
        return given


class AnnounceForm(forms.Form):
    """Who was told."""

    informed = forms.CharField(
        label=_("Who was told"),
        max_length=500,
        help_text=_("Mayor, forces, call centre, parents: a drill is no surprise."),
    )
