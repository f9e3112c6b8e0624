"""The room's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.people.core.roles import Role
from beffroi.web.shared.navigation import EQUIPMENT, NavItem

ITEMS = (
    NavItem(_("Wall"), "desk:wall", Permission.DESK_WALL, 10, "wall", frozenset({Role.DUTY_OFFICER}), live=True),
    NavItem(_("Map"), "desk:map", Permission.DESK_MAP, 12, "map", live=True),
    NavItem(_("Incidents"), "desk:incidents", Permission.DESK_INCIDENTS, 14, "bell"),
    NavItem(_("Logbook"), "desk:logbook", Permission.DESK_LOGBOOK, 16, "book"),
    NavItem(
        _("Recorder"),
        "desk:health",
        Permission.DESK_HEALTH,
        18,
        "tool",
        frozenset({Role.TECHNICIAN}),
        group=EQUIPMENT,
    ),
    NavItem(
        _("Requisitions"),
        "desk:requisitions",
        Permission.DESK_REQUISITIONS,
        15,
        "inbox",
        frozenset({Role.VIDEO_OFFICER}),
    ),
)
