"""Communes and the named places in them."""

from dataclasses import dataclass
from typing import Any

from beffroi.kernel.errors import NotFound
from beffroi.sites.core.coverage import Position
from beffroi.sites.models import (
    Commune,
    Site,
)


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """A commune and its drawing."""

    insee: str
    name: str
    department: str
    latitude: float
    longitude: float
    boundary: tuple[Position, ...]
    plan: dict[str, Any]  # GeoJSON FeatureCollection


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A named place with cameras."""

    id: str
    insee: str
    name: str
    kind: str
    address: str


def communes() -> list[CommuneFacts]:
    """All communes, by INSEE code."""
    return [_commune(row) for row in Commune.objects.order_by("insee")]


def commune(insee: str) -> CommuneFacts:
    """One commune; ``NotFound``."""
    row = Commune.objects.filter(insee=insee).first()
    if row is None:
        raise NotFound("There is no such commune here.", code="no_such_commune")
    return _commune(row)


def sites() -> list[SiteFacts]:
    """All sites, by name."""
    rows = Site.objects.order_by("name")
    return [SiteFacts(row.id, row.commune_id, row.name, row.kind, row.address) for row in rows]


def _commune(row: Commune) -> CommuneFacts:
    boundary = tuple((point[0], point[1]) for point in row.boundary)
    return CommuneFacts(row.insee, row.name, row.department, row.latitude, row.longitude, boundary, row.plan)
