"""Forms of the recipient."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReceiptForm(forms.Form):
    """The discharge by click: the digest is the package's own, shown on the page."""

    name = forms.CharField(label=_("Rank and name"), max_length=160)
    quality = forms.CharField(label=_("Quality"), max_length=80, help_text=_("For example OPJ, APJ, clerk."))
    unit = forms.CharField(label=_("Unit"), max_length=160)
    confirmed = forms.BooleanField(label=_("I have received the package with this digest, and it verifies."))
