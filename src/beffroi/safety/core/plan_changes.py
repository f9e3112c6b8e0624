"""What one version of a plan changes of another, item by item, in words short enough to be read aloud."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from enum import Enum

from beffroi.safety.core.plans import Plan
from beffroi.safety.core.words import Hazard


@dataclass(frozen=True, slots=True)
class Difference:
    """One change between two versions: ``kind`` added, removed or changed."""

    kind: str
    where: str
    before: str = ""
    after: str = ""


def compare(old: Plan, new: Plan) -> list[Difference]:
    """What changed between two versions of one site's plan."""
    found: list[Difference] = []
    before, after = _items(old), _items(new)
    for where in sorted(before.keys() | after.keys()):
        first, then = before.get(where), after.get(where)
        if first == then:
            continue
        kind = "added" if first is None else "removed" if then is None else "changed"
        found.append(Difference(kind, where, said(first), said(then)))
    return found


def _items(plan: Plan) -> dict[str, object]:
    """Every item of a plan by its place; what stands on a drawing is an item of its own."""
    found: dict[str, object] = {}
    for name in ("zones", "rooms", "groups", "directory"):
        found |= {f"{name}/{row.id}": row for row in getattr(plan, name)}
    for regime in plan.regimes:
        hours = (regime.name, sorted(regime.days), regime.start, regime.end, regime.first_day, regime.last_day)
        found[f"regimes/{regime.id}"] = tuple(hours)
        found |= {
            f"regimes/{regime.id}/{holder.mission.value}{f'/{holder.zone}' if holder.zone else ''}": (
                holder.person,
                holder.substitutes,
            )
            for holder in regime.holders
        }
    for level in plan.levels:
        found[f"levels/{level.id}"] = (level.name, level.drawing[:12])
        found |= {f"levels/{level.id}/{mark.id}": mark for mark in level.marks}
    for row in plan.instructions:
        hazard = row.hazard.value if row.hazard else "any"
        found[f"instructions/{row.role}/{row.posture.value}/{hazard}"] = row.steps
    found["valid_until"] = plan.valid_until
    found |= {f"postures/{hazard.value}": plan.posture_for(hazard) for hazard in Hazard}
    return found


def said(item: object) -> str:
    """An item in a few words: its values without names, the empty ones left out."""
    if item is None or item is False or item == "":
        return ""
    if isinstance(item, Enum):
        return str(item.value)
    if isinstance(item, time):
        return f"{item:%H:%M}"
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, float):
        return f"{item:.3f}".rstrip("0")
    if isinstance(item, tuple | list | frozenset):
        return ", ".join(filter(None, map(said, item)))
    if is_dataclass(item):
        return " · ".join(filter(None, (said(getattr(item, one.name)) for one in fields(item) if one.name != "id")))
    return str(item)
