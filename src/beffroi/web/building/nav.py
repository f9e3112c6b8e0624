"""The bell's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.people.core.roles import Role
from beffroi.web.shared.navigation import NavItem

ITEMS = (NavItem(_("Safety"), "building:home", Permission.BUILDING_READ, 20, "school", frozenset({Role.SCHOOL_HEAD})),)
