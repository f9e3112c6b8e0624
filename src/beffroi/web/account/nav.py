"""The account surface in the main navigation."""

from django.utils.translation import gettext_lazy as _

from beffroi.people.core.permissions import Permission
from beffroi.web.shared.navigation import NavItem

ITEMS = [NavItem(_("Rule of sign-in"), "account:rule", Permission.ACCOUNT_RULE, order=95, icon="lock")]
