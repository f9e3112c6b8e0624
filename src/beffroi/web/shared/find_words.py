"""What finds of the commune's own agents are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.operations.core.finds import FindKind

FINDS: dict[FindKind, Promise] = {
    FindKind.MISSING_PERSON: _("missing person found"),
    FindKind.PERSON_IN_DANGER: _("person in danger"),
    FindKind.OFFENCE: _("offence seen"),
    FindKind.FLY_TIPPING: _("fly-tipping"),
    FindKind.ACCIDENT: _("accident"),
    FindKind.DAMAGE: _("damage"),
    FindKind.OTHER: _("something else"),
}
