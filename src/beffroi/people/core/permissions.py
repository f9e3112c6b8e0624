"""Permissions, ``surface:resource:act``, and which role holds which.

A permission opens a page or a form. It never opens a picture: that takes a gate and a ticket (I1).
"""

from enum import StrEnum

from beffroi.people.core.roles import Role


class Permission(StrEnum):
    """Everything a route may ask for. ``PUBLIC`` and ``SIGNED_IN`` are said aloud, never by omission."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"


ROLE_PERMISSIONS: dict[Permission, frozenset[Role]] = {}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All permissions that a person with these roles holds, ``PUBLIC`` and ``SIGNED_IN`` included."""
    held = {permission for permission, holders in ROLE_PERMISSIONS.items() if holders & roles}
    return frozenset(held | {Permission.PUBLIC, Permission.SIGNED_IN})
