"""Forms of guests: who they are, and the code an officer dictated."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.guests import FORCES, Method
from beffroi.people import queries as people
from beffroi.people.core.roles import Quality
from beffroi.sites import queries as sites
from beffroi.web.shared import requisition_words as words

METHODS = {
    Method.MAILBOX: _("a link to your unit’s mailbox"),
    Method.CALL_BACK: _("the officer on duty calls your unit back"),
}


class GuestForm(forms.Form):
    """Who asks to come in. The unit is one that is registered here; its mailbox is never typed."""

    unit = forms.ChoiceField(label=_("Your unit"))
    commune = forms.ChoiceField(label=_("Commune concerned"), help_text=_("Its room calls you back."))
    rank = forms.CharField(label=_("Rank"), max_length=80)
    name = forms.CharField(label=_("Name"), max_length=120)
    matricule = forms.CharField(label=_("Service number (NIGEND, RIO)"), max_length=40)
    quality = forms.ChoiceField(
        label=_("Quality"), choices=[(one.value, words.QUALITIES[one]) for one in (Quality.OPJ, Quality.APJ)]
    )
    method = forms.ChoiceField(
        label=_("How we make sure"),
        choices=[(one.value, said) for one, said in METHODS.items()],
        widget=forms.RadioSelect,
        initial=Method.MAILBOX.value,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.id, f"{one.organisation} · {one.name}") for one in people.units() if one.force in FORCES]
        communes = sites.communes()
        if len(communes) > 1:
            commune = self.fields["commune"]
            assert isinstance(commune, forms.ChoiceField)
            commune.choices = [("", ""), *((one.insee, one.name) for one in communes)]
        else:
            del self.fields["commune"]
        if not settings.BEFFROI_SMTP_URL:  # a link that cannot leave is not offered
            method = self.fields["method"]
            assert isinstance(method, forms.ChoiceField)
            method.choices = [(Method.CALL_BACK.value, METHODS[Method.CALL_BACK])]
            method.initial = Method.CALL_BACK.value


class CodeForm(forms.Form):
    """The dictated code."""

    code = forms.CharField(
        label=_("Code the officer dictates"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )  # fmt: skip


class AgainForm(forms.Form):
    """A new link for a requisition that was sent, or the code that an officer has just dictated."""

    number = forms.CharField(label=_("Number of the requisition"), max_length=20, help_text=_("Example: 2026-0144"))
    code = forms.CharField(
        label=_("Code the officer dictates"), max_length=20, required=False,
        help_text=_("Empty: a link is sent to your unit’s mailbox."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )  # fmt: skip
