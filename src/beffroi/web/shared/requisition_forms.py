"""The form of a requisition, the same at the desk (typing a paper) and at the counter (filled by its requester).

Django's form reads single values; what they mean together is read by ``governance.core.requisition_fields``, whose
codes come back to the fields here. Nothing typed is lost: an uploaded paper is kept under its digest and travels on in
a signed token while the rest is corrected.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.law import LegalBasis
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing
from beffroi.governance.core.requisition_fields import (
    MAX_DOCUMENT_BYTES,
    TEXT_LIMITS,
    ZONES,
    RequisitionEntry,
    Twice,
    TypedTime,
)
from beffroi.governance.core.requisitions import Channel, Delivery
from beffroi.governance.documents import store
from beffroi.governance.documents.incoming import IncomingDocument, read_incoming
from beffroi.governance.queries import law
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.people.core.roles import Quality
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import PlaceClass
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.dates import DayField, MomentField

UPLOAD_SALT = "beffroi requisition upload"
UPLOAD_LIFE = timedelta(hours=12)
_SMALL_WORDS = frozenset({"place", "avenue", "chemin", "route", "square", "angle", "devant", "vers", "sous", "avec"})


def _choices(table: Mapping[Any, Any], *, empty: Any = None) -> list[tuple[str, Any]]:
    head = [("", empty)] if empty is not None else []
    return [*head, *((key.value, shown) for key, shown in table.items())]


class _Time(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"step": "60"})


class _Text(forms.CharField):
    """Text whose limit is the core's; what is too long comes back cut, so that no page grows without end."""

    def __init__(self, name: str, label: Any, *, required: bool = False, **more: Any) -> None:
        self.limit = TEXT_LIMITS[name]
        attrs = {"maxlength": str(self.limit), "autocomplete": "off", **more.pop("attrs", {})}
        super().__init__(label=label, required=required, widget=forms.TextInput(attrs=attrs), **more)

    def prepare_value(self, value: Any) -> Any:
        """What is shown again."""
        return value[: self.limit] if isinstance(value, str) else value


NEEDED = (
    "document", "unit_name", "officer_name", "quality", "matricule", "procedure_number", "legal_basis", "offence",
    "place", "since_day", "since_time", "until_time", "things", "channel",
)  # fmt: skip
"""Fields shown as needed. At the counter the account stands for the paper."""


def paper_field(label: Any) -> forms.FileField:
    """Where the paper itself is taken in; whether it must be there is for the form to say."""
    return forms.FileField(
        label=label,
        required=False,
        help_text=_("PDF, or a picture of it (JPEG, PNG), 20 MB at most. It is kept sealed, with its digest."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


class RequisitionForm(forms.Form):
    """All fields of research/law.md §2.1. ``channel`` decides which are asked for."""

    use_required_attribute = False

    document = paper_field(_("The requisition itself"))
    upload = forms.CharField(required=False, widget=forms.HiddenInput)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=_choices({key: value for key, value in words.CHANNELS.items() if key is not Channel.COUNTER}),
        initial=Channel.MAIL.value,
    )
    received_at = MomentField(
        label=_("Received on"),
        required=False,
    )
    unit_name = _Text("unit_name", _("Requesting unit"), attrs={"list": "units"})
    unit_code = _Text("unit_code", _("Code of the unit"))
    department = _Text("department", _("Département"))
    officer_name = _Text("officer_name", _("Name of the requester"), attrs={"list": "officers"})
    rank = _Text("rank", _("Rank"))
    quality = forms.ChoiceField(
        label=_("Quality"), required=False, choices=_choices(words.QUALITIES, empty=_("Not given"))
    )
    matricule = _Text("matricule", _("Service number (NIGEND, RIO)"))
    supervising_opj = _Text("supervising_opj", _("Under the control of the OPJ"), help_text=_("Where an APJ asks."))
    contact = _Text("contact", _("Where the answer goes"), help_text=_("The unit’s mailbox or address."))
    procedure_number = _Text(
        "procedure_number", _("Procedure number"), help_text=_("As the unit writes it: unit/number/year.")
    )
    legal_basis = forms.ChoiceField(label=_("Legal basis"), required=False)
    frame = forms.ChoiceField(
        label=_("Frame of the inquiry"),
        required=False,
        choices=_choices(words.FRAMES, empty=_("As the legal basis says")),
    )
    authorisation_kind = forms.ChoiceField(
        label=_("Authorisation"), required=False, choices=_choices(words.AUTHORISATIONS, empty=_("None"))
    )
    magistrate = _Text("magistrate", _("Magistrate"))
    authorisation_reference = _Text("authorisation_reference", _("Reference of the authorisation"))
    authorisation_date = DayField(label=_("Dated"), required=False)
    authorisation_until = DayField(
        label=_("Valid until"), required=False, help_text=_("Term of a general instruction.")
    )
    offence = _Text("offence", _("Nature of the offence"))
    natinf = _Text("natinf", _("NATINF"), attrs={"inputmode": "numeric"})
    place = _Text("place", _("Place of the facts"))
    pin = forms.CharField(required=False, widget=forms.HiddenInput)
    numbers = forms.CharField(
        label=_("Camera numbers"), required=False, max_length=200, help_text=_("Separated by commas: 3, 7, 12.")
    )
    cameras = forms.MultipleChoiceField(label=_("Cameras"), required=False, widget=forms.CheckboxSelectMultiple)
    place_class = forms.ChoiceField(
        label=_("Sector"),
        required=False,
        choices=_choices(words.PLACE_CLASSES),
        help_text=_("For the year’s figures."),
    )
    since_day = DayField(label=_("Day"), required=False)
    since_time = forms.TimeField(label=_("From"), required=False, widget=_Time())
    until_time = forms.TimeField(label=_("To"), required=False, widget=_Time())
    until_day = DayField(
        label=_("Day of the end"),
        required=False,
        help_text=_("Only if it is neither the same day nor the morning after."),
    )
    since_twice = forms.ChoiceField(label=_("The beginning, that night"), required=False)
    until_twice = forms.ChoiceField(label=_("The end, that night"), required=False)
    zone = forms.ChoiceField(
        label=_("Time zone"), required=False, choices=[(zone, zone) for zone in ZONES], initial=ZONES[0]
    )
    tolerance = forms.IntegerField(label=_("Margin, in minutes"), required=False, initial=0, min_value=0, max_value=60)
    committed_on = DayField(
        label=_("Day of the facts"), required=False, help_text=_("If it is not the first day above.")
    )
    things = forms.MultipleChoiceField(
        label=_("What is asked for"),
        required=False,
        choices=_choices(words.THINGS),
        initial=[RequestedThing.COPY.value],
        widget=forms.CheckboxSelectMultiple,
    )
    delivery = forms.ChoiceField(label=_("How the answer leaves"), required=False, choices=_choices(words.DELIVERIES))
    deadline = MomentField(
        label=_("Wanted before"),
        required=False,
    )
    urgent = forms.BooleanField(label=_("Urgent"), required=False)
    confidential = forms.BooleanField(
        label=_("Secret of the inquiry (CPP, article 11): only assigned officers see it"), required=False, initial=True
    )
    reuse_of_case = _Text(
        "reuse_of_case",
        _("Footage held for another procedure"),
        help_text=_("Its procedure number, where that footage is asked for again."),
    )

    def __init__(
        self,
        *args: Any,
        cameras: Sequence[CameraFacts],
        person: str,
        now: datetime,
        counter: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(*args, **named)
        self.known, self.person, self.now, self.counter = tuple(cameras), person, now, counter
        self.paper: IncomingDocument | None = None
        fields: dict[str, Any] = self.fields
        fields["legal_basis"].choices = [("", _("Not given")), *_bases(now)]
        fields["cameras"].choices = [(one.id, f"{one.number} · {one.name}") for one in cameras]
        twice = [("", "—"), (Twice.FIRST.value, _("the first time, before clocks went back (summer time)")),
                 (Twice.SECOND.value, _("the second time (winter time)"))]  # fmt: skip
        fields["since_twice"].choices = twice
        fields["until_twice"].choices = twice
        if counter:
            for name in ("channel", "received_at", "unit_name", "officer_name", "rank", "quality", "matricule",
                         "place_class", "unit_code", "department"):  # fmt: skip
                del fields[name]

    @property
    def position(self) -> tuple[float, float] | None:
        """The clicked place; ``None`` where nothing was clicked or the hidden field is not ours."""
        text = self.data.get("pin", "") if self.is_bound else ""
        try:
            latitude, longitude = (float(part) for part in str(text).split(",", 1))
        except ValueError:
            return None
        return latitude, longitude

    @property
    def tells_apart(self) -> bool:
        """Whether an hour that was there twice must be, or has been, told apart: only then are the two fields shown."""
        asked = {"since_twice", "until_twice"}
        return bool(asked & set(self.errors)) or any(self.data.get(name) for name in asked)

    def mark_needed(self) -> None:
        """Leave the word "optional" to fields the law does not need. Called when the page is drawn: what is missing is
        said by the core, all at once."""
        for name in NEEDED:
            if name in self.fields and not (self.counter and name == "document"):
                self.fields[name].required = True

    def with_changes(self, **changes: Any) -> "RequisitionForm":
        """The same form, bound to what was typed with some values put in: after a click on the map."""
        data = self._copy()
        for name, value in changes.items():
            if isinstance(value, list):
                data.setlist(name, value)
            else:
                data[name] = value
        return type(self)(data, cameras=self.known, person=self.person, now=self.now, counter=self.counter)

    def keep_upload(self) -> None:
        """Read the uploaded paper, or the one kept before; what is wrong with it becomes the field's error."""
        file = self.files.get("document")
        try:
            if file is not None:
                if (file.size or 0) > MAX_DOCUMENT_BYTES:
                    raise Invalid("too large", fields={"document": "too-large"})
                self.paper = read_incoming(file.name or "", file.read())
                store.put(self.paper.data)
                data = self._copy()
                data["upload"] = signing.dumps(
                    [self.person, self.paper.name, self.paper.media_type, self.paper.sha256], salt=UPLOAD_SALT
                )
                self.data = data
            elif self.data.get("upload"):
                self.paper = _kept(self.data["upload"], self.person)
        except Invalid as error:
            self.take(error.fields)

    def take(self, problems: Mapping[str, str]) -> None:
        """Put the core's codes at the fields they belong to, in words."""
        for name, code in problems.items():
            shown = {"since": "since_time", "until": "until_time", "document": "document"}.get(name, name)
            said = str(words.FIELD_PROBLEMS.get(code, code))
            if name == "quality" and self.counter:
                said = str(words.FIELD_PROBLEMS["no-quality"])
            if code == "twice":
                self.add_error(f"{name}_twice", said)
            self.add_error(shown if shown in self.fields else None, said)

    def entry(self) -> RequisitionEntry:
        """What was typed, for the core to read. The form must have been validated."""
        data = self.cleaned_data
        basis = data.get("legal_basis") or ""
        zone = data.get("zone") or ZONES[0]
        pin = self.position
        return RequisitionEntry(
            channel=Channel.COUNTER if self.counter else Channel(data["channel"]),
            texts={name: data.get(name) or "" for name in TEXT_LIMITS},
            quality=Quality(data.get("quality") or ""),
            legal_basis=basis,
            frame=Frame(data.get("frame") or _frame_of(basis, self.now)),
            authorisation_kind=AuthorisationKind(data.get("authorisation_kind") or ""),
            authorisation_date=data.get("authorisation_date"),
            authorisation_until=data.get("authorisation_until"),
            since=TypedTime(data.get("since_day"), data.get("since_time"), Twice(data.get("since_twice") or "")),
            until=self._until(),
            zone=zone,
            tolerance=timedelta(minutes=data.get("tolerance") or 0),
            cameras=self.chosen(),
            latitude=pin[0] if pin else None,
            longitude=pin[1] if pin else None,
            place_class=PlaceClass(data.get("place_class") or PlaceClass.UNKNOWN),
            committed_on=data.get("committed_on"),
            things=frozenset(RequestedThing(one) for one in data.get("things") or ()),
            delivery=Delivery(data.get("delivery") or Delivery.PLATFORM),
            deadline=data.get("deadline"),
            received_at=data.get("received_at"),
            urgent=bool(data.get("urgent")),
            confidential=bool(data.get("confidential")),
            has_document=self.paper is not None,
        )

    def chosen(self) -> tuple[str, ...]:
        """Camera ids ticked or named by number; a number nobody has becomes a field error."""
        data = self.cleaned_data
        by_number = {str(one.number): one.id for one in self.known}
        named = [part for part in (data.get("numbers") or "").replace(";", ",").replace(" ", ",").split(",") if part]
        unknown = [part for part in named if part not in by_number]
        if unknown:
            self.add_error("numbers", str(words.FIELD_PROBLEMS["unknown-camera"]))
        found = [*(data.get("cameras") or ()), *(by_number[part] for part in named if part in by_number)]
        return tuple(dict.fromkeys(found))

    def _copy(self) -> QueryDict:
        data = QueryDict(mutable=True)
        if isinstance(self.data, QueryDict):
            for name in self.data:
                data.setlist(name, self.data.getlist(name))
        return data

    def _until(self) -> TypedTime:
        """The end: the same day, or the morning after where the hour is not later than the beginning's."""
        data = self.cleaned_data
        day, at = data.get("until_day") or data.get("since_day"), data.get("until_time")
        since = data.get("since_time")
        if not data.get("until_day") and day and at and since and at < since:
            day += timedelta(days=1)
        return TypedTime(day, at, Twice(data.get("until_twice") or ""))


def suggested(place: str, cameras: Iterable[CameraFacts]) -> list[str]:
    """Ids of cameras whose name or site shares a telling word with the place as it was typed."""
    wanted = _telling(place)
    return [one.id for one in cameras if wanted & (_telling(one.name) | _telling(one.site))]


def _telling(text: str) -> set[str]:
    plain = "".join(
        one for one in unicodedata.normalize("NFD", text[:500].casefold()) if not unicodedata.combining(one)
    )
    return {word for word in "".join(one if one.isalnum() else " " for one in plain).split() if len(word) > 3} - (
        _SMALL_WORDS
    )


def _judicial(now: datetime) -> list[LegalBasis]:
    return [base for base in law.law_pack(now).bases if base.judicial and now.astimezone(UTC) in base.valid]


def _bases(now: datetime) -> list[tuple[str, str]]:
    language = (get_language() or "fr")[:2]
    return [(base.id, f"{base.name} — {dict(base.title).get(language, base.id)}") for base in _judicial(now)]


def _frame_of(basis: str, now: datetime) -> str:
    """The usual frame of a legal basis: the one it names first, in the order of ``Frame``."""
    frames = next((base.frames for base in _judicial(now) if base.id == basis), frozenset())
    return next((frame.value for frame in Frame if frame.value in frames), "")


def _kept(token: str, person: str) -> IncomingDocument:
    try:
        owner, name, media_type, digest = signing.loads(token, salt=UPLOAD_SALT, max_age=UPLOAD_LIFE)
        if owner != person:
            raise signing.BadSignature
        return IncomingDocument(name, media_type, store.get(digest), digest)
    except (signing.BadSignature, ValueError, TypeError, NotFound) as error:
        raise Invalid("The paper must be chosen again.", fields={"document": "empty"}) from error
