"""Forms of a prefect's order, as its paper is read from top to bottom."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.entered_orders import MAX_DAYS, MAX_RECIPIENTS, OrderEntry, RecipientEntry
from beffroi.governance.core.order_text import RECIPIENTS
from beffroi.governance.core.requisition_fields import MAX_DOCUMENT_BYTES
from beffroi.governance.documents.incoming import IncomingDocument, read_incoming
from beffroi.kernel.errors import Invalid
from beffroi.people.queries.directory import OrganisationLine
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.dates import DayField
from beffroi.web.shared.gate_words import FORCES, PURPOSES
from beffroi.web.shared.requisition_forms import paper_field
from beffroi.web.shared.requisition_words import FIELD_PROBLEMS

USES = [("live_view", _("live pictures")), ("replay", _("a look back"))]
_SPARE_LINES = 2


class OrderForm(forms.Form):
    """What stands on the paper, and the paper."""

    use_required_attribute = False

    document = paper_field(_("The order itself"))
    reference = forms.CharField(label=_("Number of the order"), max_length=64)
    prefecture = forms.CharField(label=_("Département"), max_length=3, help_text=_("For instance 41 or 2A."))
    signed_on = DayField(label=_("Signed on"))
    first_day = DayField(label=_("In force from"))
    last_day = DayField(label=_("Last day in force"), help_text=_("Five years at most (CSI L252-4)."))
    cameras = forms.MultipleChoiceField(label=_("Cameras that it names"), widget=forms.CheckboxSelectMultiple)
    purposes = forms.MultipleChoiceField(
        label=_("Purposes that it names"), choices=list(PURPOSES.items()), widget=forms.CheckboxSelectMultiple
    )
    retention_min_days = forms.IntegerField(
        label=_("Days kept at least"), min_value=0, max_value=MAX_DAYS, initial=0, help_text=_("0: it sets no minimum.")
    )
    retention_max_days = forms.IntegerField(
        label=_("Days kept at most"), min_value=1, max_value=MAX_DAYS, initial=30,
        help_text=_("One month at most (CSI L252-5)."),
    )  # fmt: skip
    authorises = forms.BooleanField(
        label=_("It authorises these cameras to record (CSI L252-1)"), required=False, initial=True
    )
    recipient_days = forms.IntegerField(
        label=_("Days that recipients may keep what they received"), min_value=1, max_value=MAX_DAYS, initial=30,
        help_text=_("CSI L252-3: one month at most."),
    )  # fmt: skip
    doubt_waived = forms.BooleanField(
        label=_("It lets live pictures go out without a local check of the alarm first"), required=False
    )

    def __init__(self, *args: Any, cameras: Iterable[CameraFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cameras"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.number), f"{one.number} · {one.name}") for one in cameras]

    def clean_document(self) -> IncomingDocument | None:
        """Sniffed by its bytes, never by its name."""
        file = self.cleaned_data["document"]
        if file is None:
            return None
        try:
            if (file.size or 0) > MAX_DOCUMENT_BYTES:
                raise forms.ValidationError(str(FIELD_PROBLEMS["too-large"]))
            return read_incoming(file.name or "", file.read())
        except Invalid as error:
            raise forms.ValidationError(str(FIELD_PROBLEMS[error.fields["document"]])) from error

    def entry(self, recipients: tuple[RecipientEntry, ...]) -> OrderEntry:
        """What was typed, of a valid form."""
        data = self.cleaned_data
        return OrderEntry(
            reference=" ".join(data["reference"].split()),
            prefecture=data["prefecture"].upper(),
            signed_on=data["signed_on"],
            first_day=data["first_day"],
            last_day=data["last_day"],
            cameras=tuple(sorted(int(number) for number in data["cameras"])),
            communes=(),
            purposes=tuple(sorted(data["purposes"])),
            retention_min_days=data["retention_min_days"],
            retention_max_days=data["retention_max_days"],
            authorises=data["authorises"],
            recipients=recipients,
            recipient_days=data["recipient_days"],
            doubt_waived=data["doubt_waived"],
        )


class RecipientForm(forms.Form):
    """One service, or named agents of it. An empty line is left out."""

    use_required_attribute = False

    service = forms.ChoiceField(label=_("Service"), required=False)
    persons = forms.CharField(
        label=_("Only these agents (numbers)"),
        required=False,
        max_length=400,
        help_text=_("Service numbers with commas between. Agents of a prefecture are always named."),
    )
    uses = forms.MultipleChoiceField(
        label=_("What for"), choices=USES, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, services: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("no further service")), *services]

    def recipient(self) -> RecipientEntry | None:
        """The line of a valid form."""
        data = self.cleaned_data
        if not data.get("service"):
            return None
        force, _sign, unit = data["service"].partition("|")
        persons = tuple(sorted({name.strip() for name in data["persons"].split(",")} - {""}))
        return RecipientEntry(force, unit, persons, tuple(data["uses"]))


class WithdrawForm(forms.Form):
    """Why an order no longer holds."""

    reference = forms.CharField(max_length=80, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), min_length=4, max_length=200)


def services(bodies: Iterable[OrganisationLine], also: Collection[RecipientEntry] = ()) -> list[tuple[str, Any]]:
    """What may be named: a force with all its units, or one unit that is entered here."""
    found: dict[str, Any] = {f"{force}|": f"{FORCES[force]} — {_('every unit')}" for force in RECIPIENTS}
    for body in bodies:
        if body.force.value in RECIPIENTS:
            found |= {
                f"{body.force.value}|{one.name}": f"{FORCES[body.force.value]} — {one.name}" for one in body.units
            }
    for one in also:  # a unit that an earlier order named and that is not entered here any more
        found.setdefault(f"{one.force}|{one.unit}", f"{FORCES[one.force]} — {one.unit}")
    return sorted(found.items())


def recipient_lines(
    data: Any, *, choices: Sequence[tuple[str, Any]], known: Sequence[RecipientEntry] = ()
) -> list[RecipientForm]:
    """The lines of the table of recipients: those of ``known`` and some empty ones, or those that were posted."""
    count = min(MAX_RECIPIENTS, max(4, len(known) + _SPARE_LINES))
    if data is not None:
        posted = str(data.get("lines", ""))
        count = int(posted) if posted.isascii() and posted.isdigit() and 0 < int(posted[:4]) <= MAX_RECIPIENTS else 1
    initial: list[dict[str, Any]] = [
        {"service": f"{one.force}|{one.unit}", "persons": ", ".join(one.persons), "uses": list(one.uses)}
        for one in known
    ]
    initial += [{}] * max(0, count - len(known))
    return [
        RecipientForm(data, prefix=f"line{number}", initial=initial[number], services=choices)
        for number in range(count)
    ]


def initial_of(entry: OrderEntry) -> dict[str, Any]:
    """A form filled with an entry."""
    plain = ("reference", "prefecture", "retention_min_days", "retention_max_days", "authorises", "recipient_days")
    days: dict[str, date] = {name: getattr(entry, name) for name in ("signed_on", "first_day", "last_day")}
    return {
        **{name: getattr(entry, name) for name in plain},
        **days,
        "doubt_waived": entry.doubt_waived,
        "cameras": [str(number) for number in entry.cameras],
        "purposes": list(entry.purposes),
    }
