"""Forms of the account surface."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.people.actions.rules import LOCK_MINUTES, STEP_UP_MINUTES
from beffroi.web.account.words import ROLES
from beffroi.web.shared.gate_words import FORCES


class SignInForm(forms.Form):
    """Name and password. Errors never say which of the two was wrong."""

    username = forms.CharField(
        label=_("Account name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProgramForm(forms.Form):
    """A program that is to read the API."""

    label = forms.CharField(label=_("Name of the program"), max_length=60)


class PasswordForm(forms.Form):
    """A new password, with the present one as proof that it is still the same person."""

    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 12 characters; a sentence is easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LabelForm(forms.Form):
    """What a person calls a device."""

    label = forms.CharField(
        label=_("Name of the device"),
        max_length=80,
        initial=_("My telephone"),
        help_text=_("So that you know it again."),
    )


class AppForm(LabelForm):
    """The first code of an authenticator app, as proof that it was set up right."""

    code = forms.CharField(
        label=_("Code that the app shows now"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RuleForm(forms.Form):
    """The centre's rule of sign-in."""

    forces = forms.MultipleChoiceField(
        label=_("Bodies whose persons need a second factor"),
        choices=list(FORCES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles that need a second factor"),
        choices=list(ROLES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    step_up_minutes = forms.IntegerField(
        label=_("Minutes a proof counts"),
        min_value=STEP_UP_MINUTES.start,
        max_value=STEP_UP_MINUTES.stop - 1,
        help_text=_("Before an extraction or an emergency access, an older proof is asked for again."),
    )
    lock_minutes = forms.IntegerField(
        label=_("Minutes until an open page locks itself"),
        min_value=LOCK_MINUTES.start,
        max_value=LOCK_MINUTES.stop - 1,
        help_text=_("Without a sign of life pictures go dark; alarms still come through."),
    )


class JoinForm(forms.Form):
    """The first password, typed twice."""

    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=1024,
        help_text=_("At least 12 characters; a sentence is easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        data = self.cleaned_data
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("The two are not the same."))
        return data
