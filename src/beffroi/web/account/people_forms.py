"""Forms about other persons' accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.people.actions.invitations import DAYS
from beffroi.web.account.words import ROLES
from beffroi.web.shared.gate_words import QUALITIES

USERNAME = r"^[a-z0-9._-]{2,40}$"


class DaysForm(forms.Form):
    """A link for somebody who is there: for how long, and under what name where she has no account yet."""

    username = forms.RegexField(
        USERNAME,
        label=_("Account name"),
        max_length=40,
        help_text=_("Small letters, digits, point, hyphen."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    days = forms.IntegerField(label=_("Days the link holds"), min_value=DAYS.start, max_value=DAYS.stop - 1, initial=3)

    def __init__(self, *args: Any, account: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account:
            del self.fields["username"]


class NewPersonForm(DaysForm):
    """A new person, her roles, and her account's name."""

    name = forms.CharField(label=_("First name and name"), max_length=200)
    rank = forms.CharField(label=_("Rank or function"), max_length=80, required=False)
    matricule = forms.CharField(label=_("Service number"), max_length=40, required=False)
    email = forms.EmailField(label=_("Address for mail"), required=False)
    unit = forms.ChoiceField(label=_("Unit"))
    quality = forms.ChoiceField(
        label=_("Judicial quality"), choices=[("", _("none")), *QUALITIES.items()], required=False
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=list(ROLES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A role opens pages, never pictures: those take a clearance, a ground and a gate."),
    )
    field_order = ("name", "rank", "matricule", "email", "unit", "quality", "roles", "username", "days")

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]  # a choice field


class ReasonForm(forms.Form):
    """Why, for the log."""

    reason = forms.CharField(label=_("Reason, for the log"), max_length=300)


class ProviderForm(forms.Form):
    """A provider of OpenID Connect."""

    name = forms.CharField(label=_("Name on the sign-in page"), max_length=80)
    issuer = forms.CharField(
        label=_("Address of the issuer"), max_length=255, help_text=_("https://…, as its discovery document has it.")
    )
    client = forms.CharField(label=_("Client identifier"), max_length=255)
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=255,
        required=False,
        strip=False,
        help_text=_("Kept sealed. Empty: the one that is there stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    acr = forms.CharField(
        label=_("Levels of assurance asked for (acr)"),
        max_length=255,
        required=False,
        help_text=_("One must come back."),
    )
    strong = forms.BooleanField(
        label=_("It asks for two factors itself: no second factor is asked for here."), required=False
    )
