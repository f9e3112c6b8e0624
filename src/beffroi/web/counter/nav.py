"""The counter's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import NavItem

ITEMS = (NavItem(_("Packages"), "counter:packages", Permission.COUNTER_PACKAGES, 34, "lock"),)
