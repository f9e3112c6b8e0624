"""Permissions, ``surface:resource:act``, and which role holds which.

A permission opens a page or a form. It never opens a picture: that takes a gate and a ticket (I1).
"""

from enum import StrEnum

from beffroi.people.core.roles import Role


class Permission(StrEnum):
    """Everything a route may ask for. ``PUBLIC`` and ``SIGNED_IN`` are said aloud, never by omission."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"

    DESK_WALL = "desk:wall:watch"
    DESK_SHIFT = "desk:shift:begin"
    DESK_MAP = "desk:map:read"
    DESK_CAMERA = "desk:camera:read"
    DESK_INCIDENTS = "desk:incident:read"
    DESK_INCIDENT_WRITE = "desk:incident:write"
    DESK_LOGBOOK = "desk:logbook:write"
    DESK_HEALTH = "desk:health:read"
    TECHNICAL_CAMERAS = "technical:camera:read"
    TECHNICAL_CAMERA_WRITE = "technical:camera:write"
    TECHNICAL_NETWORKS = "technical:network:declare"
    TECHNICAL_ALARMS = "technical:alarm:read"
    LOOKERS_READ = "desk:lookers:read"
    ACCESS_STOP = "desk:access:stop"
    RELAY_OFFER = "desk:relay:offer"
    DUTY_PHONE = "duty:phone:open"
    DUTY_DECIDE = "duty:access:decide"
    ACCESS_READ = "duty:access:read"
    DUTY_ROTA = "duty:rota:write"
    DUTY_HOLDS = "duty:hold:read"
    DUTY_HOLD_RELEASE = "duty:hold:release"

    BUILDING_READ = "building:alert:read"
    BUILDING_ACT = "building:alert:act"
    BUILDING_PLAN = "building:plan:write"

    DESK_REQUISITIONS = "desk:requisition:read"
    DESK_REQUISITION_ENTER = "desk:requisition:enter"
    DESK_REQUISITION_DECIDE = "desk:requisition:decide"
    DESK_PACKAGES = "desk:package:read"
    DESK_PACKAGE_MAKE = "desk:package:make"
    COUNTER_PACKAGES = "counter:package:read"
    COUNTER_ACCESS = "counter:access:ask"
    COUNTER_CASES = "counter:case:open"
    OFFICE_CONVENTIONS = "office:convention:read"
    OFFICE_CONVENTION_ASK = "office:convention:ask"
    OFFICE_CONVENTION_WRITE = "office:convention:write"
    OFFICE_ORDERS = "office:order:read"
    OFFICE_ORDER_WRITE = "office:order:write"
    OFFICE_CONSENT_WRITE = "office:consent:write"
    COUNTER_REQUISITIONS = "counter:requisition:read"
    COUNTER_REQUISITION_SUBMIT = "counter:requisition:submit"
    OFFICE_REGISTERS = "office:register:read"
    OFFICE_FIGURES = "office:figures:read"
    OFFICE_LOOKS = "office:look:read"
    OFFICE_AUDIT = "office:audit:read"
    OFFICE_ANOMALIES = "office:anomaly:read"
    OFFICE_PROCESSING = "office:processing:read"
    OFFICE_RULES = "office:rule:read"
    OFFICE_COMPLIANCE = "office:compliance:write"
    OFFICE_INSPECTION = "office:inspection:make"
    OFFICE_RIGHTS = "office:rights:answer"
    ACCOUNT_PEOPLE = "account:person:manage"
    ACCOUNT_RULE = "account:rule:set"
    OFFICE_MAILBOX = "office:mailbox:set"
    OFFICE_PERSONS = "office:person:manage"


_ROOM = frozenset({Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF})

ROLE_PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.DESK_WALL: _ROOM,
    Permission.DESK_SHIFT: _ROOM,
    Permission.DESK_MAP: _ROOM,
    Permission.DESK_CAMERA: _ROOM,
    Permission.DESK_INCIDENTS: _ROOM,
    Permission.DESK_INCIDENT_WRITE: _ROOM,
    Permission.DESK_LOGBOOK: _ROOM,
    Permission.DESK_HEALTH: _ROOM | {Role.TECHNICIAN},
    Permission.TECHNICAL_CAMERAS: frozenset({Role.TECHNICIAN, Role.CHIEF, Role.VIDEO_OFFICER}),
    Permission.TECHNICAL_CAMERA_WRITE: frozenset({Role.TECHNICIAN, Role.CHIEF, Role.VIDEO_OFFICER}),
    Permission.TECHNICAL_ALARMS: _ROOM | {Role.TECHNICIAN},
    Permission.TECHNICAL_NETWORKS: frozenset({Role.TECHNICIAN, Role.CHIEF}),
    Permission.LOOKERS_READ: _ROOM,
    Permission.ACCESS_STOP: _ROOM | {Role.MAYOR},
    Permission.RELAY_OFFER: _ROOM,
    Permission.DUTY_PHONE: _ROOM,
    Permission.DUTY_DECIDE: _ROOM | {Role.MAYOR},
    Permission.DUTY_HOLDS: _ROOM,
    Permission.DUTY_HOLD_RELEASE: frozenset({Role.VIDEO_OFFICER, Role.CHIEF}),
    Permission.DUTY_ROTA: frozenset({Role.VIDEO_OFFICER, Role.CHIEF}),
    Permission.ACCESS_READ: _ROOM | {Role.MAYOR, Role.DPO},
    Permission.DESK_REQUISITIONS: _ROOM,
    Permission.DESK_REQUISITION_ENTER: _ROOM,
    Permission.DESK_REQUISITION_DECIDE: frozenset({Role.VIDEO_OFFICER, Role.CHIEF}),
    Permission.DESK_PACKAGES: _ROOM,
    Permission.DESK_PACKAGE_MAKE: frozenset({Role.VIDEO_OFFICER, Role.CHIEF}),
    Permission.COUNTER_PACKAGES: frozenset({Role.INVESTIGATOR}),
    Permission.COUNTER_ACCESS: frozenset({Role.INVESTIGATOR, Role.OPERATIONS_CENTRE, Role.PREFECTURE_DUTY}),
    Permission.COUNTER_CASES: frozenset({Role.INVESTIGATOR}),
    Permission.OFFICE_CONVENTIONS: _ROOM | {Role.MAYOR, Role.DPO, Role.ADMINISTRATOR},
    Permission.OFFICE_CONVENTION_ASK: frozenset({Role.VIDEO_OFFICER, Role.CHIEF, Role.MAYOR, Role.DPO}),
    Permission.OFFICE_CONVENTION_WRITE: frozenset({Role.CHIEF, Role.MAYOR, Role.ADMINISTRATOR}),
    Permission.OFFICE_ORDERS: _ROOM | {Role.MAYOR, Role.DPO, Role.ADMINISTRATOR},
    Permission.OFFICE_ORDER_WRITE: frozenset({Role.CHIEF, Role.MAYOR, Role.ADMINISTRATOR}),
    Permission.OFFICE_CONSENT_WRITE: frozenset({Role.MAYOR}),
    Permission.COUNTER_REQUISITIONS: frozenset({Role.INVESTIGATOR}),
    Permission.COUNTER_REQUISITION_SUBMIT: frozenset({Role.INVESTIGATOR}),
    Permission.OFFICE_LOOKS: frozenset({Role.DPO}),
    Permission.OFFICE_ANOMALIES: frozenset({Role.DPO}),
    Permission.OFFICE_AUDIT: frozenset({Role.DPO, Role.CHIEF, Role.ADMINISTRATOR}),
    Permission.OFFICE_FIGURES: frozenset({Role.MAYOR, Role.CHIEF, Role.VIDEO_OFFICER, Role.DPO}),
    Permission.OFFICE_REGISTERS: frozenset({Role.VIDEO_OFFICER, Role.CHIEF, Role.DPO}),
}


_BELL = _ROOM | {Role.SCHOOL_HEAD, Role.MAYOR}
ROLE_PERMISSIONS |= {
    Permission.OFFICE_PROCESSING: frozenset({Role.DPO, Role.CHIEF, Role.MAYOR}),
    Permission.OFFICE_RULES: frozenset({Role.DPO, Role.CHIEF, Role.MAYOR}),
    Permission.OFFICE_COMPLIANCE: frozenset({Role.DPO, Role.CHIEF}),
    Permission.OFFICE_INSPECTION: frozenset({Role.DPO, Role.CHIEF, Role.MAYOR}),
    Permission.OFFICE_RIGHTS: frozenset({Role.DPO, Role.CHIEF}),
    Permission.ACCOUNT_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.CHIEF}),
    Permission.ACCOUNT_RULE: frozenset({Role.ADMINISTRATOR, Role.CHIEF}),
    Permission.OFFICE_MAILBOX: frozenset({Role.CHIEF, Role.ADMINISTRATOR}),
    Permission.OFFICE_PERSONS: frozenset({Role.CHIEF, Role.ADMINISTRATOR}),
    Permission.BUILDING_READ: _BELL,
    Permission.BUILDING_ACT: _BELL,
    Permission.BUILDING_PLAN: frozenset({Role.SCHOOL_HEAD, Role.CHIEF, Role.VIDEO_OFFICER, Role.MAYOR}),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All permissions that a person with these roles holds, ``PUBLIC`` and ``SIGNED_IN`` included."""
    held = {permission for permission, holders in ROLE_PERMISSIONS.items() if holders & roles}
    return frozenset(held | {Permission.PUBLIC, Permission.SIGNED_IN})
