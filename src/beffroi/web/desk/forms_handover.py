"""Forms of the hand-over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, str]]


class MakeForm(forms.Form):
    """In which language the papers inside are."""

    language = forms.ChoiceField(label=_("Language of the papers"), choices=[("fr", "Français"), ("en", "English")])


class DownloadForm(forms.Form):
    """Who may download, and how long."""

    recipient = forms.ChoiceField(label=_("Recipient"))
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=31, initial=14)

    def __init__(self, *args: Any, persons: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["recipient"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = persons


class CopyForm(forms.Form):
    """To which medium, for whom."""

    medium = forms.ChoiceField(label=_("Medium"))
    label = forms.CharField(
        label=_("Label"),
        max_length=80,
        help_text=_("What you write on the medium or its envelope, so that it is found again."),
    )
    recipient_name = forms.CharField(label=_("Name of whoever takes it"), max_length=160)
    recipient_unit = forms.CharField(label=_("Unit"), max_length=160, required=False)

    def __init__(self, *args: Any, media: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["medium"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = media


class ReceiptForm(forms.Form):
    """The discharge, as it stands on the signed slip."""

    name = forms.CharField(label=_("Name"), max_length=160)
    quality = forms.CharField(label=_("Quality"), max_length=80, help_text=_("For example OPJ, APJ, clerk."))
    unit = forms.CharField(label=_("Unit"), max_length=160)
    digest = forms.CharField(
        label=_("Digest found"), max_length=80, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )


class WithdrawForm(forms.Form):
    """Why it is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=160)
