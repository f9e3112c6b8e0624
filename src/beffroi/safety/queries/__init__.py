"""The only reader of the bell's tables. A failed read raises: it is never taken for "no alert" (I9)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from django.db.models import Max, Q

from beffroi.governance.queries import access
from beffroi.kernel.errors import NotFound
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models
from beffroi.safety.core.alerts import most_severe_first
from beffroi.safety.core.drills import DrillState
from beffroi.safety.core.events import AlertFile, Event, fold, from_json
from beffroi.safety.core.false_alarms import TriggerCount, by_trigger
from beffroi.safety.core.plan_json import plan_from_json
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.wire import Stored
from beffroi.safety.core.words import ACTIVE, Hazard, Nature
from beffroi.safety.queries.buildings import BuildingFacts as BuildingFacts
from beffroi.safety.queries.buildings import building as building
from beffroi.safety.queries.buildings import building_facts as building_facts
from beffroi.safety.queries.buildings import building_ids_visible_to as building_ids_visible_to
from beffroi.safety.queries.buildings import building_visible_to as building_visible_to
from beffroi.safety.queries.buildings import buildings_visible_to as buildings_visible_to
from beffroi.safety.queries.buildings import sees_duress as sees_duress
from beffroi.safety.queries.telling import NoticeFacts as NoticeFacts
from beffroi.safety.queries.telling import Reach as Reach
from beffroi.safety.queries.telling import alerts_to_tell as alerts_to_tell
from beffroi.safety.queries.telling import next_in_line as next_in_line
from beffroi.safety.queries.telling import notices_due as notices_due
from beffroi.safety.queries.telling import notices_of as notices_of
from beffroi.safety.queries.telling import reaches as reaches
from beffroi.safety.queries.telling import taken_at as taken_at
from beffroi.safety.queries.telling import untaken_since as untaken_since
from beffroi.safety.queries.telling import ways_of as ways_of
from beffroi.safety.queries.waking import woken_by_events as woken_by_events


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A contact wired to a box, as the box said last; ``fault`` is empty where it is well."""

    name: str
    kind: str
    place: str
    simulated: bool
    fault: str


@dataclass(frozen=True, slots=True)
class EdgeFacts:
    """A box: its building, its key, and when it was last heard."""

    id: str
    building: str
    public_key: bytes
    heard_at: datetime | None
    devices: tuple[str, ...] = ()
    language: str = ""
    contacts: tuple[ContactFacts, ...] = ()

    @property
    def faulty(self) -> list[ContactFacts]:
        """Its contacts that are not well."""
        return [one for one in self.contacts if one.fault]


REOPENS_WITHIN = timedelta(hours=1)
"""A trigger this soon after an end says that it was not over (the box counts the same, edge/engine.py)."""


FALSE_ALARMS_OVER = timedelta(days=365)


LATE_AFTER = timedelta(minutes=1)
"""An event that took longer to the centre is shown as received late (design default)."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with its building and its plan, for pages."""

    file: AlertFile
    building: BuildingFacts
    plan: Plan | None


def active_visible_to(person: PersonFacts) -> list[AlertView]:
    """Every active alert of this person's communes that she may know of, most severe first."""
    return _known_to(active_of(building_ids_visible_to(person)), room=sees_duress(person))


def active_on_screens(buildings: Iterable[str], *, room: bool) -> list[AlertView]:
    """What screens show of these buildings: all of it to the ``room``, to others what is no secret."""
    return _known_to(active_of(buildings), room=room)


def active_of(buildings: Iterable[str]) -> list[AlertView]:
    """Every active alert of these buildings, most severe first."""
    states = [state.value for state in ACTIVE]
    return _views(models.Alert.objects.filter(building__in=list(buildings), state__in=states))


def active_alerts() -> list[AlertView]:
    """Every active alert of every building, most severe first: for the centre's own work."""
    return _views(models.Alert.objects.filter(state__in=[state.value for state in ACTIVE]))


def alert_visible_to(person: PersonFacts, alert_id: str) -> AlertView:
    """One alert, whatever its state; ``NotFound``."""
    rows = models.Alert.objects.filter(id=alert_id, building__in=building_ids_visible_to(person))
    views = _known_to(_views(rows), room=sees_duress(person))
    return views[0] if views else _nothing("alert")


def alert_of_access(alert_id: str) -> AlertView:
    """The alert that an open access to pictures hangs on; whoever asks has shown the access. ``NotFound``."""
    views = _views(models.Alert.objects.filter(id=alert_id))
    return views[0] if views else _nothing("alert")


def alerts_of(person: PersonFacts, building_id: str, *, limit: int = 50) -> list[AlertView]:
    """The last alerts of a building that this person may know of, newest first."""
    rows = models.Alert.objects.filter(building=building_id).order_by("-opened_at")[:limit]
    return sorted(
        _known_to(_views(rows), room=sees_duress(person)), key=lambda view: view.file.alert.opened_at, reverse=True
    )


def false_alarms(building_id: str, now: datetime) -> list[TriggerCount]:
    """Over the past year, which triggers of a building were wrong how often."""
    rows = models.Alert.objects.filter(building=building_id, opened_at__gt=now - FALSE_ALARMS_OVER)
    return by_trigger(file.alert for file in files(rows.values_list("id", flat=True)).values())


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """A drill as pages show it."""

    id: str
    building: str
    hazard: Hazard
    window_from: datetime
    window_to: datetime
    state: DrillState
    objectives: str
    informed: str
    keys: int
    alert: str
    devices: tuple[str, ...]


def drills_of(building_id: str) -> list[DrillFacts]:
    """The drills of a building, newest window first."""
    return [_drill(row) for row in models.Drill.objects.filter(building=building_id).order_by("-window_from")]


def drill_visible_to(person: PersonFacts, drill_id: str) -> DrillFacts:
    """One drill; ``NotFound`` for a foreign one."""
    rows = models.Drill.objects.filter(id=drill_id, building__in=building_ids_visible_to(person))
    row = rows.first()
    return _drill(row) if row else _nothing("drill")


def just_over(building_id: str, nature: Nature, now: datetime) -> str:
    """The alert that a new one of this nature re-opens: the last of the building, if it ended within the hour."""
    rows = models.Alert.objects.filter(building=building_id, nature=nature.value, ended_at__gt=now - REOPENS_WITHIN)
    last = rows.exclude(state__in=[state.value for state in ACTIVE]).order_by("-opened_at").first()
    return last.id if last else ""


def armed_drill(building_id: str, now: datetime) -> DrillFacts | None:
    """The drill that this building's triggers raise now, if two persons armed one."""
    states = (DrillState.ARMED.value, DrillState.RUNNING.value)
    rows = models.Drill.objects.filter(building=building_id, state__in=states, window_from__lte=now, window_to__gt=now)
    row = rows.exclude(alert="").first()
    return _drill(row) if row else None


def phone_codes(building_id: str, reference: str) -> dict[int, tuple[str, str, datetime]]:
    """The telephone codes read out for an alert: number → who read it, for which act and zone, when."""
    rows = models.PhoneCode.objects.filter(building=building_id, reference=reference)
    return {row.number: (row.person_name, f"{row.act}/{row.zone}", row.issued_at) for row in rows}


def late(alert_id: str) -> dict[tuple[str, str, int], timedelta]:
    """The events of an alert that reached the centre long after they happened, and by how much."""
    rows = models.Event.objects.filter(alert=alert_id)
    delays = {(row.origin, row.boot, row.sequence): row.received_at - _event(row).at for row in rows}
    return {key: delay for key, delay in delays.items() if delay > LATE_AFTER}


@dataclass(frozen=True, slots=True)
class Version:
    """Numbers that change whenever an alert of any building does, and when there is another building or another head
    of one: then it is another question who sees what."""

    event: int
    alerts: int
    places: tuple[int, int]


def version() -> Version:
    """What is there now."""
    last = models.Event.objects.aggregate(top=Max("arrived"))["top"] or 0
    heads = models.BuildingStaff.objects.filter(until=None).count()
    return Version(last, models.Alert.objects.count(), (models.Building.objects.count(), heads))


def files(alerts: Iterable[str]) -> dict[str, AlertFile]:
    """The files of these alerts, folded from their events."""
    rows = models.Event.objects.filter(alert__in=list(alerts))
    return fold(_event(row) for row in rows)


def vector() -> dict[str, int]:
    """The last number the centre holds of every ``origin/boot``."""
    rows = models.Event.objects.values_list("origin", "boot").annotate(last=Max("sequence"))
    return {f"{origin}/{boot}": last for origin, boot, last in rows}


def lacking(building_id: str, have: dict[str, int], *, limit: int) -> list[Stored]:
    """Events of this building's alerts that its edge does not have yet, in order of arrival."""
    alerts = models.Alert.objects.filter(building=building_id).values("id")
    rows = models.Event.objects.filter(alert__in=alerts)
    behind = Q(pk=None)
    for origin, boot, last in rows.values_list("origin", "boot").annotate(last=Max("sequence")):
        if last > have.get(f"{origin}/{boot}", 0):
            behind |= Q(origin=origin, boot=boot, sequence__gt=have.get(f"{origin}/{boot}", 0))
    return [
        Stored(_event(row), row.document.encode(), bytes(row.signature))
        for row in rows.filter(behind).order_by("arrived")[:limit]
    ]


def edge(edge_id: str) -> EdgeFacts:
    """A paired edge; ``NotFound`` when unknown or withdrawn."""
    row = models.Edge.objects.filter(id=edge_id, withdrawn_at=None).first()
    return _edge(row) if row else _nothing("edge")


def edges() -> list[EdgeFacts]:
    """All paired edges."""
    return [_edge(row) for row in models.Edge.objects.filter(withdrawn_at=None).order_by("id")]


def plan_in_force(building_id: str) -> Plan | None:
    """The plan in force of a building, if it has one."""
    row = models.PlanVersion.objects.filter(building=building_id, state="in_force").first()
    return plan_from_json(row.document) if row else None


def plans_of(building_id: str) -> list[tuple[int, str, datetime]]:
    """Version, state and date of import of every plan of a building, newest first."""
    rows = models.PlanVersion.objects.filter(building=building_id).order_by("-version")
    return [(row.version, row.state, row.imported_at) for row in rows]


def plan(building_id: str, version: int) -> Plan:
    """One version of a plan; ``NotFound``."""
    row = models.PlanVersion.objects.filter(building=building_id, version=version).first()
    return plan_from_json(row.document) if row else _nothing("plan")


def alerts_with_pictures(now: datetime) -> list[AlertView]:
    """Real alerts that are active, or whose pictures have no end yet: what the convention opens and shuts by (G6)."""
    active = Q(state__in=[state.value for state in ACTIVE]) | Q(id__in=access.open_alert_grounds(now))
    return _views(models.Alert.objects.filter(active, nature=Nature.REAL.value))


def _known_to(views: list[AlertView], *, room: bool) -> list[AlertView]:
    return [view for view in views if room or not view.file.alert.secret]


def _views(rows: Iterable[models.Alert]) -> list[AlertView]:
    found = {row.id: row for row in rows}
    folded = files(found)
    buildings = {
        row.id: building_facts(row)
        for row in models.Building.objects.filter(id__in={one.building_id for one in found.values()}).prefetch_related(
            "cameras"
        )
    }
    plans = {
        row.pk: plan_from_json(row.document)
        for row in models.PlanVersion.objects.filter(pk__in={one.plan_id for one in found.values() if one.plan_id})
    }
    active = [alert.id for alert in most_severe_first([file.alert for file in folded.values()])]
    order = active + sorted(set(folded) - set(active), reverse=True)
    return [
        AlertView(folded[name], buildings[found[name].building_id], plans.get(found[name].plan_id or 0))
        for name in order
    ]


def _drill(row: models.Drill) -> DrillFacts:
    return DrillFacts(
        row.id,
        row.building_id,
        Hazard(row.hazard),
        row.window_from,
        row.window_to,
        DrillState(row.state),
        row.objectives,
        row.informed,
        len(row.armed_by),
        row.alert,
        tuple(row.devices),
    )


def _edge(row: models.Edge) -> EdgeFacts:
    devices, contacts = tuple(row.devices), tuple(ContactFacts(**one) for one in row.contacts)
    return EdgeFacts(row.id, row.building_id, bytes(row.public_key), row.heard_at, devices, row.language, contacts)


def _event(row: models.Event) -> Event:
    return from_json(json.loads(row.document))


def _nothing(what: str) -> NoReturn:
    raise NotFound(f"There is no such {what}.", code=f"no_such_{what}")
