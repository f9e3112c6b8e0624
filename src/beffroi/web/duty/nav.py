"""The duty phone's entry in the navigation."""

from django.utils.translation import pgettext_lazy

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import NavItem

ITEMS = (NavItem(pgettext_lazy("navigation", "Duty phone"), "duty:phone", Permission.DUTY_PHONE, 11, "phone"),)
