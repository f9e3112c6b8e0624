"""The technician's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import NavItem

ITEMS = (
    NavItem(_("Alarms"), "technical:alarms", Permission.TECHNICAL_ALARMS, 17, "alert"),
    NavItem(_("Cameras"), "technical:cameras", Permission.TECHNICAL_CAMERAS, 19, "camera"),
)
