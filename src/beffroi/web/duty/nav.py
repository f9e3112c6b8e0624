"""The duty phone's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import NavItem

ITEMS = (NavItem(_("Duty phone"), "duty:phone", Permission.DUTY_PHONE, 11, "inbox"),)
