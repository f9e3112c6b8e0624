"""Forms of the technician's room. A password is typed and never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.kernel.errors import Invalid
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.queries import CommuneFacts, SiteFacts
from beffroi.web.shared.camera_words import PURPOSES
from beffroi.web.shared.errors import sentence
from beffroi.web.technical.words import FIELD_PROBLEMS

NEW = "new"
EQUIPMENT_KINDS = [
    ("cabinet", _("Cabinet")),
    ("bridge", _("Radio bridge")),
    ("switch", _("Switch")),
    ("power", _("Battery or power feed")),
]
SITE_KINDS = [("public_road", _("Public road")), ("school", _("School")), ("building", _("Building"))]
_QUIET = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def blame(form: forms.Form, error: Invalid) -> None:
    """Put what is wrong beside its fields; what has no field stands above the form."""
    told = {name: code for name, code in error.fields.items() if name in form.fields}
    for name, code in told.items():
        form.add_error(name, str(FIELD_PROBLEMS.get(code, code)))
    if not told:
        form.add_error(None, sentence(error))


class SourceForm(forms.Form):
    """Where the pictures come from."""

    main_url = forms.CharField(
        label=_("Address of the camera"),
        max_length=500,
        help_text=_(
            "192.168.1.20 asks the camera for its streams (ONVIF). Or the address of its stream, as its manual says."
        ),
        widget=forms.TextInput(attrs={**_QUIET, "inputmode": "url"}),
    )
    username = forms.CharField(
        label=_("User name"), max_length=120, required=False, widget=forms.TextInput(attrs=_QUIET)
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        help_text=_("Kept encrypted, never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    sub_url = forms.CharField(
        label=_("Address of the small stream"),
        max_length=500,
        required=False,
        help_text=_("A second stream with a small picture, for walls of many cameras. ONVIF finds it by itself."),
        widget=forms.TextInput(attrs={**_QUIET, "inputmode": "url"}),
    )


class NetworkForm(forms.Form):
    """A network in which cameras may be."""

    network = forms.CharField(
        label=_("Network"), max_length=43, help_text=_("As 192.168.10.0/24."), widget=forms.TextInput(attrs=_QUIET)
    )
    reason = forms.CharField(
        label=_("What it is"), max_length=200, help_text=_("Example: cameras of the market hall, radio bridge.")
    )


class ViewForm(forms.Form):
    """Where a camera stands and what it sees."""

    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    bearing = forms.FloatField(
        label=_("Looks towards"), min_value=0, max_value=359.9, help_text=_("Degrees: 0 north, 90 east.")
    )
    angle = forms.FloatField(label=_("Opening"), min_value=1, max_value=360, help_text=_("Degrees; 360 for a dome."))
    range_m = forms.FloatField(
        label=_("Range"), min_value=1, max_value=5_000, help_text=_("Metres up to where a person can be made out.")
    )

    @property
    def view(self) -> View:
        """The view that a valid form says."""
        chosen = self.cleaned_data
        return View(chosen["latitude"], chosen["longitude"], chosen["bearing"], chosen["angle"], chosen["range_m"])


class AmendForm(forms.Form):
    """What is said of a camera."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        choices=[(purpose.value, words) for purpose, words in PURPOSES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    retention_days = forms.IntegerField(label=_("Days kept"), min_value=1, max_value=31)
    tags = forms.CharField(
        label=_("Tags"),
        max_length=200,
        required=False,
        help_text=_(
            "Words with commas, used by the convention. erp_interieur and ppms: inside a building, recorded at its own "
            "hours alone."
        ),
    )

    @property
    def changes(self) -> dict[str, Any]:
        """Arguments of the acts."""
        chosen = self.cleaned_data
        return {
            "name": chosen["name"],
            "purposes": [Purpose(one) for one in chosen["purposes"]],
            "retention_days": chosen["retention_days"],
            "tags": sorted({tag.strip() for tag in chosen["tags"].split(",") if tag.strip()}),
        }


class ChangeForm(AmendForm):
    """The same of a camera that is there, with what its disk keeps."""

    sub_retention_days = forms.IntegerField(
        label=_("Days kept, small stream"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("At most as long as the main stream. Empty: as long as it."),
    )
    quota_gb = forms.IntegerField(
        label=_("Most footage, in gigabytes"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_(
            "On each disk. When the camera has more, its oldest footage goes before its days are over; what is held "
            "stays. Empty: as the installation says."
        ),
    )
    field_order = ("name", "purposes", "retention_days", "sub_retention_days", "quota_gb", "tags")

    @property
    def changes(self) -> dict[str, Any]:
        """Arguments of the act."""
        chosen = self.cleaned_data
        return super().changes | {
            "sub_retention_days": chosen["sub_retention_days"],
            "quota_gb": chosen["quota_gb"],
        }


class PlaceForm(AmendForm, ViewForm):
    """A tried camera's number, name, place, view and purposes."""

    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=9_999, help_text=_("As called on the radio."))
    site = forms.ChoiceField(label=_("Place"))
    site_name = forms.CharField(label=_("Name of the new place"), max_length=120, required=False)
    site_kind = forms.ChoiceField(label=_("Kind of the new place"), choices=[], required=False)
    public_road = forms.BooleanField(
        label=_("It sees the public road"),
        required=False,
        help_text=_("Then its dwelling mask is looked at by two persons, and sound is never kept."),
    )
    field_order = (
        "number", "name", "site", "site_name", "site_kind", "latitude", "longitude", "bearing", "angle", "range_m",
        "public_road", "purposes", "retention_days", "tags",
    )  # fmt: skip

    def __init__(self, *args: Any, communes: list[CommuneFacts], sites: list[SiteFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {one.insee: one.name for one in communes}
        choices = [(one.id, one.name) for one in sites if one.insee in known]
        new = [(f"{NEW}:{insee}", _("A new place in %(name)s") % {"name": name}) for insee, name in known.items()]
        self._choose("site", [*choices, *new])
        self._choose("site_kind", SITE_KINDS)

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A new place has a name."""
        found = super().clean() or {}
        if str(found.get("site", "")).startswith(NEW) and not found.get("site_name", "").strip():
            self.add_error("site_name", _("Give the new place a name."))
        return found


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class CoverForm(forms.Form):
    """Which order covers it."""

    authorisation = forms.ChoiceField(label=_("Prefect’s order"))

    def __init__(self, *args: Any, orders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authorisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = orders


class EquipmentForm(forms.Form):
    """What several cameras hang on."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Example: radio bridge of the church tower."))
    kind = forms.ChoiceField(label=_("Kind"), choices=EQUIPMENT_KINDS)
    parent = forms.ChoiceField(label=_("Hangs on"), required=False)

    def __init__(self, *args: Any, parents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("nothing that is entered")), *parents]


class HangForm(forms.Form):
    """What a camera hangs on."""

    equipment = forms.ChoiceField(label=_("Hangs on"), required=False)

    def __init__(self, *args: Any, equipment: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["equipment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("nothing that is entered")), *equipment]
