"""Levels of a plan as pages draw them: the drawing below, what stands on it above, and the same as a list to read."""

from collections.abc import Mapping
from dataclasses import dataclass

from beffroi.people.core.facts import PersonFacts
from beffroi.safety.core.plan_levels import Level, MarkKind
from beffroi.safety.core.plan_views import open_part, zones_told
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.words import Posture
from beffroi.safety.queries import AlertView
from beffroi.safety.queries.plans import seen_by
from beffroi.web.building.plan_words import MARKS
from beffroi.web.building.words import POSTURES

_ACCESS = frozenset(
    {
        MarkKind.ASSEMBLY_POINT,
        MarkKind.EMERGENCY_EXIT,
        MarkKind.VEHICLE_ACCESS,
        MarkKind.FOOT_ACCESS,
        MarkKind.RESPONDERS,
    }
)


@dataclass(frozen=True, slots=True)
class MarkView:
    """One thing on a drawing, in the drawing's own units."""

    id: str
    number: int
    x: int
    y: int
    kind: str
    style: str
    words: str
    confidential: bool
    posture: str


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level."""

    id: str
    name: str
    drawing: str
    width: int
    height: int
    radius: int
    marks: tuple[MarkView, ...]


def levels_of(plan: Plan, postures: Mapping[str, Posture] | None = None) -> list[LevelView]:
    """Every level; ``postures`` of an alert are written beside their zones."""
    names = {zone.id: zone.name for zone in plan.zones} | {room.id: room.name for room in plan.rooms}
    return [_level(level, names, postures or {}) for level in plan.levels]


def _level(level: Level, names: Mapping[str, str], postures: Mapping[str, Posture]) -> LevelView:
    marks = []
    for number, mark in enumerate(level.marks, start=1):
        posture = postures.get(mark.ref)
        said = [str(MARKS[mark.kind]), names.get(mark.ref, ""), mark.label]
        marks.append(
            MarkView(
                id=mark.id,
                number=number,
                x=round(mark.x * level.width),
                y=round(mark.y * level.height),
                kind=mark.kind.value,
                style=_style(mark.kind),
                words=" · ".join(filter(None, said)),
                confidential=mark.confidential,
                posture=str(POSTURES[posture]) if posture else "",
            )
        )
    radius = max(10, round(max(level.width, level.height) / 60))
    return LevelView(level.id, level.name, level.drawing, level.width, level.height, radius, tuple(marks))


def _style(kind: MarkKind) -> str:
    if kind is MarkKind.ROOM:
        return "room"
    if kind is MarkKind.SAFETY_ZONE:
        return "zone"
    return "access" if kind in _ACCESS else "danger"


def open_levels(view: AlertView) -> list[LevelView]:
    """What every console of the commune sees under an alarm: the plan without its confidential parts."""
    return levels_of(open_part(view.plan), _postures(view)) if view.plan else []


def alert_levels(person: PersonFacts, view: AlertView) -> list[LevelView]:
    """What this person sees of the plan on the alert's page, with the posture of each zone while it goes on."""
    if view.plan is None:
        return []
    plan, _whole = seen_by(person, view.building.id, view.plan)
    return levels_of(plan, _postures(view))


def _postures(view: AlertView) -> dict[str, Posture]:
    told = zones_told(view.plan, view.file.alert) if view.plan and view.file.alert.active else ()
    return {zone.id: posture for zone, posture in told}
