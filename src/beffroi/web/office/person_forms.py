"""Forms about persons. A field that names something held offers only what this very person holds."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.people.core.roles import WHOLE_CENTRE, Force, Quality, Role
from beffroi.people.queries.directory import OrganisationLine, PersonFile
from beffroi.sites.queries import CommuneFacts
from beffroi.web.office.person_words import ROLES
from beffroi.web.shared.dates import DayField, midnight
from beffroi.web.shared.gate_words import FORCES, QUALITIES

Choices = list[tuple[str, str | Promise]]


class TermForm(forms.Form):
    """From a first day to a last one, both in it."""

    since = DayField(label=_("First day"), required=False, help_text=_("Empty: from now on."))
    last = DayField(label=_("Last day"), required=False, help_text=_("Empty: until it is withdrawn."))

    def term(self) -> tuple[datetime | None, datetime | None]:
        """Half-open, as the acts take it."""
        return midnight(self.cleaned_data["since"]), midnight(self.cleaned_data["last"], 1)


class OrganisationForm(forms.Form):
    """A body: the commune itself, a gendarmerie company, a prefecture, a school …"""

    name = forms.CharField(label=_("Name"), max_length=200)
    force = forms.ChoiceField(label=_("Kind of body"), choices=[(one.value, FORCES[one.value]) for one in Force])
    insee = forms.ChoiceField(
        label=_("Commune"), required=False, help_text=_("For a body of one commune; a partner of all has none.")
    )

    def __init__(self, *args: Any, communes: Iterable[CommuneFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "insee", [("", _("none: a partner")), *((one.insee, one.name) for one in communes)])


class UnitForm(forms.Form):
    """A unit of a body."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("Mailbox of the unit"), required=False, help_text=_("Guests of the unit are verified through it.")
    )

    def __init__(self, *args: Any, organisations: Iterable[OrganisationLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "organisation", [(one.id, one.name) for one in organisations])


class IdentityForm(forms.Form):
    """Who somebody is."""

    name = forms.CharField(label=_("First and last name"), max_length=200)
    rank = forms.CharField(label=_("Rank or function"), max_length=80, required=False)
    matricule = forms.CharField(label=_("Service number"), max_length=40, required=False)
    quality = forms.ChoiceField(
        label=_("Judicial quality"),
        required=False,
        choices=[("", _("none")), *((one.value, QUALITIES[one.value]) for one in Quality if one)],
    )
    email = forms.EmailField(label=_("Professional e-mail"), required=False)


class PersonForm(IdentityForm):
    """A new person of a unit."""

    unit = forms.ChoiceField(label=_("Unit"))

    def __init__(self, *args: Any, organisations: Iterable[OrganisationLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = [(one.name, [(unit.id, unit.name) for unit in one.units]) for one in organisations if one.units]
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = grouped


class RoleForm(TermForm):
    """A role for a time."""

    role = forms.ChoiceField(label=_("Role"))
    field_order = ("role", "since", "last")

    def __init__(self, *args: Any, administrator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [one for one in Role if administrator or one not in WHOLE_CENTRE]
        _offer(self, "role", [(one.value, ROLES[one]) for one in offered])


class HeldForm(forms.Form):
    """Choose one of the things that the person holds, and say why it ends."""

    held = forms.ChoiceField(label=_("Which"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "held", offered)


class RoleBackForm(forms.Form):
    """Choose a role that the person holds."""

    held = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "held", offered)


class ClearanceForm(TermForm):
    """An individual clearance (habilitation): by whom, for which communes, from when to when."""

    reference = forms.CharField(label=_("Reference of the decision"), max_length=120)
    issuer = forms.CharField(label=_("Issued by"), max_length=200)
    territory = forms.MultipleChoiceField(label=_("Communes"), widget=forms.CheckboxSelectMultiple)
    field_order = ("reference", "issuer", "territory", "since", "last")

    def __init__(self, *args: Any, communes: Iterable[CommuneFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "territory", [(one.insee, one.name) for one in communes])


class ApprovalForm(TermForm):
    """A prefectoral approval (agrément)."""

    reference = forms.CharField(label=_("Reference of the decision"), max_length=120)
    issuer = forms.CharField(label=_("Issued by"), max_length=200)
    department = forms.RegexField(
        r"^(\d{2,3}|2[AB])$",
        label=_("Département (number)"),
        max_length=3,
        error_messages={"invalid": _("2 or 3 figures, 2A or 2B.")},
    )
    reviewed = DayField(label=_("Last reviewed"), required=False, help_text=_("Empty: on the first day."))
    field_order = ("reference", "issuer", "department", "since", "last", "reviewed")


class ReviewForm(forms.Form):
    """An approval was reviewed by the prefect's services."""

    held = forms.ChoiceField(label=_("Which"))
    reviewed = DayField(label=_("Day of the review"))

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "held", offered)


class TrainingForm(TermForm):
    """A training certificate."""

    reference = forms.CharField(
        label=_("Certificate"), max_length=200, help_text=_("What was taught, by whom, which number.")
    )
    field_order = ("reference", "since", "last")


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class SearchForm(forms.Form):
    """What the list is narrowed to."""

    words = forms.CharField(label=_("Words"), required=False, max_length=100)
    ended = forms.BooleanField(label=_("Also those who left"), required=False)


def roles_held(person: PersonFile, now: datetime, *, administrator: bool) -> Choices:
    """The roles that may be taken back."""
    return [
        (one.role.value, ROLES[one.role])
        for one in person.held.roles
        if one.withdrawn_at is None
        and (one.term.until is None or now < one.term.until)
        and (administrator or one.role not in WHOLE_CENTRE)
    ]


def clearances_held(person: PersonFile, now: datetime) -> Choices:
    """The clearances that may be withdrawn."""
    return [
        (one.id, f"{one.reference} · {one.issuer}")
        for one in person.held.clearances
        if one.withdrawn_at is None and (one.term.until is None or now < one.term.until)
    ]


def approvals_held(person: PersonFile, now: datetime) -> Choices:
    """The approvals that may be reviewed or suspended."""
    return [
        (one.id, f"{one.reference} · {one.issuer}")
        for one in person.held.approvals
        if one.suspended_at is None and (one.term.until is None or now < one.term.until)
    ]


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
