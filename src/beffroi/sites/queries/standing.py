"""Where cameras stood and looked, and what they may have seen from there."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import PlaceClass, View, classify, distance_m, sees
from beffroi.sites.models import (
    CameraPlacement,
)
from beffroi.sites.queries.facts import cameras_among
from beffroi.sites.queries.places import commune


@dataclass(frozen=True, slots=True)
class PlacementFacts:
    """Where a camera stood, from when to when."""

    since: datetime
    until: datetime | None
    view: View


def placements(camera_id: str) -> list[PlacementFacts]:
    """Every place of a camera, newest first."""
    rows = CameraPlacement.objects.filter(camera_id=camera_id).order_by("-since")
    return [PlacementFacts(row.since, row.until, _view(row)) for row in rows]


def covering(latitude: float, longitude: float, at: datetime) -> list[CameraFacts]:
    """The cameras that may have seen this place at ``at``, nearest first, by where each stood *then*."""
    seen: dict[str, float] = {}
    for row in _standing(at):
        if sees(_view(row), (latitude, longitude)):
            seen[row.camera_id] = distance_m((row.latitude, row.longitude), (latitude, longitude))
    facts = cameras_among(seen)
    return sorted(facts, key=lambda camera: seen[camera.id])


def place_class(latitude: float | None, longitude: float | None, insee: str, at: datetime) -> PlaceClass:
    """Covered sector, uncovered part of the commune, outside, or unknown, at ``at``."""
    if latitude is None or longitude is None:
        return PlaceClass.UNKNOWN
    return classify((latitude, longitude), commune(insee).boundary, (_view(row) for row in _standing(at)))


def _standing(at: datetime) -> QuerySet[CameraPlacement]:
    since = Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))
    service = Q(camera__commissioned_at__lte=at) & (Q(camera__retired_at__isnull=True) | Q(camera__retired_at__gt=at))
    return CameraPlacement.objects.filter(since & service)


def _view(row: CameraPlacement) -> View:
    return View(row.latitude, row.longitude, row.bearing_degrees, row.view_angle_degrees, row.view_range_m)
