"""What followed from alerts and drills: observations, and what was decided. Callers have seen that the reader may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.safety import models
from beffroi.safety.core.follow_up import NEAR, FollowUp, Measure, Remark
from beffroi.safety.queries.buildings import building_ids_visible_to


@dataclass(frozen=True, slots=True)
class OwnedMeasure:
    """Something decided, with the building it is about."""

    measure: Measure
    building: str


def follow_up(alert: str) -> FollowUp:
    """What was noticed and decided after one alert, in the order of its writing and of its dates."""
    remarks = models.Observation.objects.filter(alert=alert).order_by("at", "id")
    measures = models.Measure.objects.filter(alert=alert).order_by("due", "id")
    return FollowUp(
        tuple(Remark(one.text, one.person_name, one.at) for one in remarks), tuple(_measure(one) for one in measures)
    )


def measure_visible_to(person: PersonFacts, measure: str) -> Measure:
    """One thing decided; absent and not for this person are the same ``NotFound`` (I1)."""
    row = models.Measure.objects.filter(id=measure, alert__building__in=building_ids_visible_to(person)).first()
    if row is None:
        raise NotFound("There is no such action.", code="no_such_measure")
    return _measure(row)


def open_measures_visible_to(person: PersonFacts, buildings: Iterable[str]) -> list[OwnedMeasure]:
    """What is still to be done in these buildings, the oldest date first. Only ended alerts have any, and those are
    no secret from whoever sees the building."""
    wanted = building_ids_visible_to(person) & set(buildings)
    rows = _open().filter(alert__building__in=wanted).select_related("alert")
    return [OwnedMeasure(_measure(row), row.alert.building_id) for row in rows]


def to_remind(today: date) -> list[OwnedMeasure]:
    """What is still to be done and comes near its day, or has passed it."""
    rows = _open().filter(due__lte=today + NEAR).select_related("alert")
    return [OwnedMeasure(_measure(row), row.alert.building_id) for row in rows]


def owners(building: str, now: datetime) -> list[PersonFacts]:
    """Who of ours may be given something to do in a building: whoever sees it, by name."""
    may = [one for one in people.persons(now=now) if Permission.BUILDING_ACT in permissions_of(one.roles)]
    return [one for one in may if building in building_ids_visible_to(one)]


def _open() -> QuerySet[models.Measure]:
    return models.Measure.objects.filter(done_at=None).order_by("due", "id")


def _measure(row: models.Measure) -> Measure:
    return Measure(
        row.id,
        row.alert_id,
        row.what,
        row.owner,
        row.owner_name,
        row.due,
        row.done_at,
        row.done_by_name,
        row.outcome,
    )
