"""Equipped buildings, and who may see which."""

from dataclasses import dataclass
from typing import NoReturn

from django.db.models import Q

from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force
from beffroi.safety import models


@dataclass(frozen=True, slots=True)
class BuildingFacts:
    """A building as pages and acts see it."""

    id: str
    insee: str
    name: str
    kind: str
    address: str
    phone: str
    latitude: float | None
    longitude: float | None
    cameras: tuple[str, ...]  # in the order of the call-up; which are inside, their own tags say (sites)


def building_ids_visible_to(person: PersonFacts) -> frozenset[str]:
    """The buildings of the communes this person is cleared for or serves, and those she answers for."""
    communes = person.territory | {people.home_of(person.id)}
    rows = models.Building.objects.filter(
        Q(insee__in=communes) | Q(staff__person=person.id, staff__until=None)
    ).values_list("id", flat=True)
    return frozenset(rows)


def buildings_visible_to(person: PersonFacts) -> list[BuildingFacts]:
    """The same as facts, by name."""
    rows = models.Building.objects.filter(id__in=building_ids_visible_to(person))
    return [building_facts(row) for row in rows.prefetch_related("cameras").order_by("name")]


def building_visible_to(person: PersonFacts, building_id: str) -> BuildingFacts:
    """One building; absent and foreign are the same ``NotFound`` (I1)."""
    found = next((one for one in buildings_visible_to(person) if one.id == building_id), None)
    return found or _nothing("building")


def building(building_id: str) -> BuildingFacts:
    """One building, whoever asks: for acts of the centre itself. Pages use ``building_visible_to``."""
    row = models.Building.objects.filter(id=building_id).prefetch_related("cameras").first()
    return building_facts(row) if row else _nothing("building")


def building_facts(row: models.Building) -> BuildingFacts:
    """A row as facts."""
    cameras = sorted(row.cameras.all(), key=lambda one: one.position)
    return BuildingFacts(
        id=row.id,
        insee=row.insee,
        name=row.name,
        kind=row.kind,
        address=row.address,
        phone=row.phone,
        latitude=row.latitude,
        longitude=row.longitude,
        cameras=tuple(one.camera for one in cameras),
    )


def _nothing(what: str) -> NoReturn:
    raise NotFound(f"There is no such {what}.", code=f"no_such_{what}")


def sees_duress(person: PersonFacts) -> bool:
    """Whether a code of duress is shown to this person: to the commune's police, to nobody who may stand beside whoever
    forces it to be typed."""
    return person.force is Force.PM
