"""The office's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.people.core.roles import Role
from beffroi.web.shared.navigation import EQUIPMENT, PEOPLE, REGISTERS, RULES, NavItem

ITEMS = (
    NavItem(_("Convention"), "office:conventions", Permission.OFFICE_CONVENTIONS, 58, "paper", group=RULES),
    NavItem(_("Prefect’s orders"), "office:orders", Permission.OFFICE_ORDERS, 59, "chest", group=RULES),
    NavItem(_("Viewings"), "office:looks", Permission.OFFICE_LOOKS, 60, "eye", frozenset({Role.DPO}), group=REGISTERS),
    NavItem(_("Audit log"), "office:audit", Permission.OFFICE_AUDIT, 62, "scales", group=REGISTERS),
    NavItem(
        _("Figures"), "office:figures", Permission.OFFICE_FIGURES, 70, "chart", frozenset({Role.MAYOR}), group=REGISTERS
    ),
    NavItem(_("Registers"), "office:registers", Permission.OFFICE_REGISTERS, 58, "book", group=REGISTERS),
    NavItem(_("Rules"), "office:rules", Permission.OFFICE_RULES, 64, "check", group=RULES),
    NavItem(_("Inspection"), "office:inspection", Permission.OFFICE_INSPECTION, 66, "search", group=REGISTERS),
    NavItem(_("Requests of persons"), "office:rights", Permission.OFFICE_RIGHTS, 68, "person", group=PEOPLE),
    NavItem(_("Clearances and units"), "office:persons", Permission.OFFICE_PERSONS, 69, "persons", group=PEOPLE),
    NavItem(_("Mailbox"), "office:mailbox", Permission.OFFICE_MAILBOX, 71, "inbox", group=EQUIPMENT),
)
