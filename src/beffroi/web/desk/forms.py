"""Forms of the room. Times are typed in the commune's own zone."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from beffroi.kernel.spans import Span
from beffroi.sites.core.purposes import Purpose
from beffroi.web.shared.camera_words import PURPOSES
from beffroi.web.shared.dates import MomentField
from beffroi.web.shared.find_words import FINDS

Choices = list[tuple[str, str]]


def hours() -> list[tuple[int, str]]:
    """Lengths of a shift, in the language of the request."""
    return [(count, ngettext("%d hour", "%d hours", count) % count) for count in (4, 6, 8, 10, 12)]


def minutes() -> list[tuple[int, str]]:
    """Lengths of a relay, in the language of the request."""
    return [(count, ngettext("%d minute", "%d minutes", count) % count) for count in (10, 30, 60, 120)]


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class ShiftForm(forms.Form):
    """Purpose and reason, once per shift (DESIGN §2)."""

    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=[(purpose.value, words) for purpose, words in PURPOSES.items()],
        initial=Purpose.SAFETY_OF_PERSONS.value,
        help_text=_("One of the purposes of the internal security code, article L251-2."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("In a few words of your own. Example: support of the evening patrol, market day."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    hours = forms.TypedChoiceField(label=_("Length"), choices=hours, coerce=int, initial=8)


class NoteForm(forms.Form):
    """A line of the logbook."""

    text = forms.CharField(label=_("Note"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))


class FindForm(forms.Form):
    """What an agent found, on nobody's request."""

    kind = forms.ChoiceField(label=_("What was found"), choices=[(one.value, said) for one, said in FINDS.items()])
    what = forms.CharField(label=_("In a few words"), max_length=300, help_text=_("No name of a person."))
    told = forms.CharField(label=_("Passed on to"), max_length=200, required=False)


class ReasonForm(forms.Form):
    """Why an incident was opened, with a better title."""

    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("What happened, in a few words. It stays with every look back.")
    )


class CrisisForm(forms.Form):
    """Who declared a crisis on this incident, and why."""

    authority = forms.CharField(
        label=_("Declared by"), max_length=120, help_text=_("The authority: the prefect, the mayor, whoever holds it.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class CloseForm(forms.Form):
    """How it ended; the reason too where it is still missing."""

    closing = forms.CharField(label=_("How it ended"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, reason_due: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not reason_due:
            del self.fields["reason"]


class SpanForm(forms.Form):
    """A span of footage."""

    since = MomentField(label=pgettext_lazy("moment", "From"), seconds=True)
    until = MomentField(end=True, label=pgettext_lazy("moment", "To"), seconds=True)

    def clean(self) -> dict[str, object]:
        """The end comes after the beginning."""
        data: dict[str, object] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if isinstance(since, datetime) and isinstance(until, datetime) and since >= until:
            self.add_error("until", _("The end comes after the beginning."))
        return data

    def span(self) -> Span:
        """The span of a valid form."""
        return Span(self.cleaned_data["since"], self.cleaned_data["until"])


class LookBackForm(SpanForm):
    """A span to look back at, and the open incident it hangs on (DESIGN §2)."""

    incident = forms.ChoiceField(label=_("Incident"))
    field_order = ("incident", "since", "until")

    def __init__(self, *args: Any, incidents: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "incident", incidents)


class CameraSpanForm(SpanForm):
    """A span of one of an incident's cameras."""

    camera = forms.ChoiceField(label=_("Camera"))
    field_order = ("camera", "since", "until")

    def __init__(self, *args: Any, cameras: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "camera", cameras)


class TogetherForm(SpanForm):
    """A span of several of an incident's cameras."""

    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple())
    field_order = ("cameras", "since", "until")

    def __init__(self, *args: Any, cameras: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "cameras", cameras)


class HoldForm(CameraSpanForm):
    """Keep a span: the incident is its reference."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class LinkForm(forms.Form):
    """The scene goes on to another camera."""

    camera = forms.ChoiceField(label=_("Camera"))

    def __init__(self, *args: Any, cameras: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "camera", cameras)


class EarlierForm(forms.Form):
    """The scene began earlier than was thought."""

    since = MomentField(label=_("It began at"), seconds=True)


class RelayForm(forms.Form):
    """Relay live to a named person of a partner force (J1)."""

    person = forms.ChoiceField(
        label=_("To whom"), help_text=_("A named and cleared person of the operations centre; the convention decides.")
    )
    cameras = forms.MultipleChoiceField(label=_("Cameras"), widget=forms.CheckboxSelectMultiple())
    minutes = forms.TypedChoiceField(
        label=_("For"),
        coerce=int,
        initial=30,
        choices=minutes,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, persons: Choices, cameras: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "person", persons)
        _choose(self, "cameras", cameras)
        self.fields["cameras"].initial = [camera for camera, _name in cameras]

    def duration(self) -> timedelta:
        """How long, of a valid form."""
        return timedelta(minutes=self.cleaned_data["minutes"])
