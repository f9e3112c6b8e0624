"""Forms about who is reached in an alert."""

from django import forms
from django.utils.translation import gettext_lazy as _

CHANNELS = [("sms", _("text message")), ("email", _("e-mail"))]
RUNGS = [
    (1, _("at once")),
    (2, _("after 15 seconds, if nobody takes it")),
    (3, _("after 30 seconds, if nobody takes it")),
    (4, _("after 60 seconds, if nobody takes it")),
]
LANGUAGES = [("fr", "français"), ("en", "English")]


class ContactForm(forms.Form):
    """Somebody of a building, or who must know of it: the mayor on call, the education authority."""

    name = forms.CharField(label=_("Who"), max_length=120)
    channel = forms.ChoiceField(label=_("By"), choices=CHANNELS)
    address = forms.CharField(label=_("Number or address"), max_length=200)
    tier = forms.TypedChoiceField(label=_("When"), choices=RUNGS, coerce=int)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    drill_ok = forms.BooleanField(
        label=_("May be told of drills"), required=False, help_text=_("Unticked, no drill ever reaches this address.")
    )


class OwnNumberForm(forms.Form):
    """One's own number for text messages."""

    address = forms.CharField(label=_("My number"), max_length=20)
