"""The living guide to the components: what it shows is what the pages are made of."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from beffroi.web.shared.dates import DayField
from beffroi.web.shared.requests import OfficeRequest

COLOURS = ("accent", "brick", "surface", "sunk", "good", "warn", "bad")
ICONS = (
    "belfry", "person", "persons", "leave", "alert", "info", "check", "cross", "sun", "moon", "eye", "camera", "wall",
    "map", "clock", "bell", "book", "paper", "inbox", "chest", "scales", "chart", "link", "lock", "stop", "play",
    "pause", "back", "forward", "download", "search", "plus", "school", "tool",
)  # fmt: skip


class ExampleForm(forms.Form):
    """One field of each kind."""

    place = forms.CharField(label=gettext_lazy("Place"), help_text=gettext_lazy("Street and number, or crossing."))
    day = DayField(label=gettext_lazy("Day"), required=False)
    quality = forms.ChoiceField(label=gettext_lazy("Quality"), choices=[("OPJ", "OPJ"), ("APJ", "APJ")])
    channel = forms.ChoiceField(
        label=gettext_lazy("Handed over"),
        choices=[("download", gettext_lazy("by download")), ("usb", gettext_lazy("on a medium, against receipt"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea, required=False)


@require_GET
def components(request: OfficeRequest) -> HttpResponse:
    """Every component once, with its class names."""
    messages.info(request, _("A message after an act looks like this."))
    form = ExampleForm({"place": "", "quality": "OPJ", "channel": "download"})
    return render(request, "office/components.html", {"form": form, "colours": COLOURS, "icons": ICONS})
