"""Who sees what of a plan: confidential zones, marks and telephone numbers are for those who need them (ppms.md §1.2).

Whoever answers for the building, writes or validates its plan sees all of it. The room sees all of it while an alert
or a drill goes on there, and else the part that anybody of the centre may see.
"""

from dataclasses import replace

from beffroi.people.core.roles import Role
from beffroi.safety.core.alerts import ALL_ZONES, Alert
from beffroi.safety.core.plan_levels import Level
from beffroi.safety.core.plans import Plan, Zone, ZoneKind
from beffroi.safety.core.words import Posture

ALWAYS = frozenset({Role.SCHOOL_HEAD, Role.CHIEF, Role.VIDEO_OFFICER, Role.MAYOR})
"""Roles that write or validate plans."""
_OUTDOORS = frozenset({Posture.EVACUATE, Posture.RELEASED})


def sees_all(roles: frozenset[Role], *, alert: bool) -> bool:
    """Whether somebody with these roles, who may open the building's page, sees the confidential parts now."""
    return bool(roles & ALWAYS) or alert


def open_part(plan: Plan) -> Plan:
    """The plan without its confidential parts."""
    hidden = {zone.id for zone in plan.zones if zone.confidential}
    return replace(
        plan,
        zones=tuple(zone for zone in plan.zones if zone.id not in hidden),
        rooms=tuple(replace(room, zone="") if room.zone in hidden else room for room in plan.rooms),
        levels=tuple(_open_level(level, hidden) for level in plan.levels),
        directory=tuple(entry for entry in plan.directory if not entry.confidential),
    )


def zones_told(plan: Plan, alert: Alert) -> tuple[tuple[Zone, Posture], ...]:
    """Each zone with its posture. Of an assembly point only what was ordered to it, or that people come there: nobody
    seals himself in outdoors because the whole building does."""
    everywhere = alert.posture_of(ALL_ZONES)
    told = ((zone, alert.posture_of(zone.id)) for zone in plan.zones if zone.id in alert.zones)
    return tuple(
        (zone, posture)
        for zone, posture in told
        if zone.kind is not ZoneKind.ASSEMBLY or posture in _OUTDOORS or posture is not everywhere
    )


def _open_level(level: Level, hidden: set[str]) -> Level:
    return replace(level, marks=tuple(mark for mark in level.marks if not mark.confidential and mark.ref not in hidden))
