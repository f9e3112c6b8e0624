"""The counter's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.people.core.roles import Role
from beffroi.web.shared.navigation import NavItem

ITEMS = (
    NavItem(
        _("Access to pictures"),
        "counter:access-list",
        Permission.COUNTER_ACCESS,
        32,
        "eye",
        frozenset({Role.OPERATIONS_CENTRE, Role.PREFECTURE_DUTY}),
    ),
    NavItem(
        _("My requisitions"),
        "counter:requisitions",
        Permission.COUNTER_REQUISITIONS,
        30,
        "inbox",
        frozenset({Role.INVESTIGATOR}),
    ),
    NavItem(_("Packages"), "counter:packages", Permission.COUNTER_PACKAGES, 34, "lock"),
)
