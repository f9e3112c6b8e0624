"""The technician's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import EQUIPMENT, NavItem

ITEMS = (
    NavItem(_("Alarms"), "technical:alarms", Permission.TECHNICAL_ALARMS, 17, "alert", group=EQUIPMENT),
    NavItem(_("Cameras"), "technical:cameras", Permission.TECHNICAL_CAMERAS, 19, "camera", group=EQUIPMENT),
)
