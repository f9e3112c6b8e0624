"""The safety plan of a site (PPMS unifié, circulaire of 8 June 2023, MENE2307453C) as data, checked as a whole.

A plan is written by the education authority, the commune and security staff; it is imported, versioned and never
edited in place. Regimes say who is responsible at which hour of which day: the responsible adult changes with the
canteen and after school, and a mission nobody holds now is an alarm, not a blank.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from beffroi.safety.core import plan_levels
from beffroi.safety.core.plan_levels import DirectoryEntry, Level
from beffroi.safety.core.words import DEFAULT_POSTURE, Hazard, Posture


class ZoneKind(StrEnum):
    """What a zone is for."""

    SAFETY = "safety_zone"
    ASSEMBLY = "assembly_point"
    ORIGIN = "origin"


class MissionKind(StrEnum):
    """The missions every plan must have holders for."""

    HEAD = "head"
    CRISIS_CELL = "crisis_cell"
    ZONE_LEAD = "zone_lead"
    RESPONDER_RECEPTION = "responder_reception"
    CUT_OFFS = "cut_offs"
    PHONE_LINE = "phone_line"


@dataclass(frozen=True, slots=True)
class Zone:
    """A safety zone (ZMS), an assembly point or a place people come from."""

    id: str
    name: str
    kind: ZoneKind
    capacity: int | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A room: on which level, and to which zone its people go."""

    id: str
    name: str
    level: str
    zone: str


@dataclass(frozen=True, slots=True)
class Group:
    """A class or group, its usual room and size; ``size`` is ``None`` when nobody has said."""

    id: str
    name: str
    room: str
    size: int | None
    adults: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a mission, and who replaces her, in order."""

    mission: MissionKind
    person: str
    substitutes: tuple[str, ...] = ()
    zone: str = ""  # for zone leads


@dataclass(frozen=True, slots=True)
class Regime:
    """A stretch of the week with its own holders: school time, canteen, after school, holidays. First match wins."""

    id: str
    name: str
    days: frozenset[int]  # 0 is Monday
    start: time  # local time of the site
    end: time
    holders: tuple[Holder, ...]
    first_day: date | None = None
    last_day: date | None = None

    def holds_at(self, local: datetime) -> bool:
        """Whether the regime is in force at this local time; the last day is in it."""
        if self.first_day and local.date() < self.first_day:
            return False
        if self.last_day and local.date() > self.last_day:
            return False
        return local.weekday() in self.days and self.start <= local.time() < self.end


@dataclass(frozen=True, slots=True)
class Instruction:
    """What one role does in one posture, in the order of the steps."""

    hazard: Hazard | None  # None: whatever the hazard
    posture: Posture
    role: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a site's plan."""

    site: str
    version: int
    zone_info: str
    zones: tuple[Zone, ...]
    rooms: tuple[Room, ...]
    groups: tuple[Group, ...]
    regimes: tuple[Regime, ...]
    instructions: tuple[Instruction, ...]
    postures: dict[Hazard, Posture] = field(default_factory=dict)
    validated_by: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    directory: tuple[DirectoryEntry, ...] = ()
    valid_until: date | None = None  # the last day it is valid; no day where drills and revisions keep it so

    def posture_for(self, hazard: Hazard) -> Posture:
        """The posture the plan orders first for this hazard, else the usual one."""
        return self.postures.get(hazard, DEFAULT_POSTURE[hazard])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a plan: where, what, and whether it may enter into force all the same."""

    where: str
    what: str
    blocking: bool = True


VALIDATORS = ("edu_authority", "commune", "security")
"""Who validates a school's plan together (code de l'éducation L411-4)."""


def check(plan: Plan, validated: Iterable[str] = ()) -> list[Finding]:
    """Everything wrong with the plan, most of it blocking; an empty list says it may enter into force.

    ``validated`` are the parties that validated it here, beside those its document names.
    """
    found: list[Finding] = []
    zones = {zone.id for zone in plan.zones}
    rooms = {room.id for room in plan.rooms}
    found += _twice("zones", [zone.id for zone in plan.zones])
    found += _twice("rooms", [room.id for room in plan.rooms])
    found += _twice("groups", [group.id for group in plan.groups])
    if not any(zone.kind is ZoneKind.SAFETY for zone in plan.zones):
        found.append(Finding("zones", "no_safety_zone"))
    found += [Finding(f"rooms/{room.id}", "unknown_zone") for room in plan.rooms if room.zone not in zones]
    found += [Finding(f"groups/{group.id}", "unknown_room") for group in plan.groups if group.room not in rooms]
    found += [
        Finding(f"groups/{group.id}", "size_unknown", blocking=False) for group in plan.groups if group.size is None
    ]
    found += _over_capacity(plan)
    found += [
        Finding(where, what)
        for where, what in plan_levels.faults(plan.levels, zones=frozenset(zones), rooms=frozenset(rooms))
    ]
    safe = [zone.id for zone in plan.zones if zone.kind is ZoneKind.SAFETY]
    found += [Finding(f"zones/{one}", "not_placed", blocking=False) for one in plan_levels.unplaced(plan.levels, safe)]
    found += _twice("directory", [entry.id for entry in plan.directory])
    for regime in plan.regimes:
        if regime.start >= regime.end:
            found.append(Finding(f"regimes/{regime.id}", "ends_before_it_starts"))
        held = {holder.mission for holder in regime.holders}
        found += [
            Finding(f"regimes/{regime.id}", f"nobody_holds_{mission.value}", blocking=mission is MissionKind.HEAD)
            for mission in MissionKind
            if mission not in held
        ]
        leads = {holder.zone for holder in regime.holders if holder.mission is MissionKind.ZONE_LEAD}
        found += [Finding(f"regimes/{regime.id}", "unknown_zone") for zone in leads if zone and zone not in zones]
    given = {*plan.validated_by, *validated}
    found += [Finding("validation", f"not_validated_by_{who}") for who in VALIDATORS if who not in given]
    return found


def _twice(where: str, ids: list[str]) -> list[Finding]:
    return [Finding(f"{where}/{one}", "named_twice") for one in sorted({one for one in ids if ids.count(one) > 1})]


def _over_capacity(plan: Plan) -> list[Finding]:
    zone_of = {room.id: room.zone for room in plan.rooms}
    heads: dict[str, int] = {}
    for group in plan.groups:
        zone = zone_of.get(group.room, "")
        heads[zone] = heads.get(zone, 0) + (group.size or 0) + (group.adults or 0)
    return [
        Finding(f"zones/{zone.id}", "over_capacity", blocking=False)
        for zone in plan.zones
        if zone.capacity is not None and heads.get(zone.id, 0) > zone.capacity
    ]


def regime_at(plan: Plan, at: datetime) -> Regime | None:
    """The regime in force at this instant, or ``None``: then nobody is known to be responsible."""
    local = at.astimezone(ZoneInfo(plan.zone_info))
    return next((regime for regime in plan.regimes if regime.holds_at(local)), None)


def holders_at(plan: Plan, at: datetime, absent: frozenset[str] = frozenset()) -> dict[MissionKind, str]:
    """Who holds each mission now, substitutes in their order for the absent. A mission not in the answer has nobody."""
    regime = regime_at(plan, at)
    held: dict[MissionKind, str] = {}
    for holder in regime.holders if regime else ():
        present = next((one for one in (holder.person, *holder.substitutes) if one not in absent), "")
        if present:
            held.setdefault(holder.mission, present)
    return held


def missions_without_holder(plan: Plan, at: datetime, absent: frozenset[str] = frozenset()) -> list[MissionKind]:
    """The missions nobody holds now; all of them when no regime is in force."""
    held = holders_at(plan, at, absent)
    return [mission for mission in MissionKind if mission not in held]


TEACHER = "teacher"
"""The role whose steps the screens of rooms show."""


def instructions_for(plan: Plan, *, hazard: Hazard, posture: Posture, role: str) -> tuple[str, ...]:
    """The steps for this role: those written for the hazard, else those for the posture alone."""
    rows = [row for row in plan.instructions if row.posture is posture and row.role == role]
    exact = next((row for row in rows if row.hazard is hazard), None)
    general = next((row for row in rows if row.hazard is None), None)
    row = exact or general
    return row.steps if row else ()


def steps_by_role(plan: Plan, *, hazard: Hazard, posture: Posture) -> list[tuple[str, tuple[str, ...]]]:
    """The steps of every role that has any in this posture, in the order in which the plan names the roles."""
    roles = dict.fromkeys(row.role for row in plan.instructions)
    found = [(role, instructions_for(plan, hazard=hazard, posture=posture, role=role)) for role in roles]
    return [(role, steps) for role, steps in found if steps]


@dataclass(frozen=True, slots=True)
class Due:
    """Something owed by a date: a drill, the yearly transmission, a plan to follow one that ends."""

    what: str
    by: date
    done: bool


def school_year_of(day: date) -> int:
    """The year in which the school year of ``day`` began (1 September)."""
    return day.year if day.month >= 9 else day.year - 1


def dues(
    drills: Iterable[date],
    *,
    sent: Iterable[date],
    today: date,
    winter_holidays: date,
    valid_until: date | None = None,
) -> list[Due]:
    """What the school year owes: a drill in September–October, a second before the winter holidays (circulaire of
    8 June 2023), the plan sent to forces and rescue by 15 July, and another plan where this one ends."""
    year = school_year_of(today)
    first = (date(year, 9, 1), date(year, 10, 31))
    days = sorted(drills)
    in_first = [day for day in days if first[0] <= day <= first[1]]
    second = [day for day in days if date(year, 9, 1) <= day < winter_holidays and day not in in_first[:1]]
    transmission = date(year + 1, 7, 15)
    return [
        Due("drill_autumn", first[1], bool(in_first)),
        Due("drill_before_winter_holidays", winter_holidays - timedelta(days=1), bool(second)),
        Due("plan_transmission", transmission, any(date(year, 7, 16) <= day <= transmission for day in sent)),
        *([Due("plan_validity", valid_until, done=False)] if valid_until else []),
    ]
