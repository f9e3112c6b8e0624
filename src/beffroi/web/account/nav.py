"""The account surface in the main navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.people.core.roles import Role
from beffroi.web.shared.navigation import PEOPLE, NavItem

ITEMS = [
    NavItem(
        _("Persons and accounts"),
        "account:people",
        Permission.ACCOUNT_PEOPLE,
        order=94,
        icon="persons",
        landing=frozenset({Role.ADMINISTRATOR}),
        group=PEOPLE,
    ),
    NavItem(_("Rule of sign-in"), "account:rule", Permission.ACCOUNT_RULE, order=95, icon="lock", group=PEOPLE),
]
