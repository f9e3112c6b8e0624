"""Cameras as values: what the planes above may know of them, and which of them a person keeps or sees."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId
from beffroi.media.core.hours import Period
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites.core.authorisations import MaskFacts
from beffroi.sites.core.cameras import CameraFacts, DeviceSaid
from beffroi.sites.models import (
    Camera,
    CameraPlacement,
    DwellingMask,
)
from beffroi.sites.queries.masks import mask_facts
from beffroi.sites.queries.orders import authorisation_facts, purposes_of
from beffroi.sites.queries.places import CommuneFacts, communes


def cameras(*, retired: bool = False) -> list[CameraFacts]:
    """Every camera by number; retired ones only when asked for."""
    return _facts(Camera.objects.all() if retired else Camera.objects.filter(retired_at__isnull=True))


def camera_ids_of(communes: frozenset[str]) -> frozenset[CameraId]:
    """Ids of the cameras of these communes, retired ones included."""
    return frozenset(map(CameraId, Camera.objects.filter(site__commune__in=communes).values_list("id", flat=True)))


def camera(camera_id: str) -> CameraFacts:
    """One camera by its id, retired or not; ``NotFound``."""
    return _one(Camera.objects.filter(pk=camera_id))


def by_number(number: int) -> CameraFacts:
    """The camera called by this number; ``NotFound``."""
    return _one(Camera.objects.filter(number=number))


def cameras_visible_to(person: PersonFacts) -> list[CameraFacts]:
    """The cameras of the communes the person is competent for (R-14), by number. Says nothing about pictures."""
    return _facts(Camera.objects.filter(retired_at__isnull=True, site__commune__in=person.territory))


def camera_visible_to(person: PersonFacts, camera_id: str) -> CameraFacts:
    """One of ``cameras_visible_to``; absent and foreign are the same ``NotFound`` (I1)."""
    return _one(Camera.objects.filter(pk=camera_id, site__commune__in=person.territory))


def communes_kept_by(person: PersonFacts) -> list[CommuneFacts]:
    """The communes whose cameras the person keeps going: those of her clearances; a technician who has none, since he
    sees no picture, keeps the whole centre."""
    whole = not person.territory and Role.TECHNICIAN in person.roles
    return [one for one in communes() if whole or one.insee in person.territory]


def cameras_kept_by(person: PersonFacts, *, retired: bool = False) -> list[CameraFacts]:
    """The cameras of those communes, by number. Says nothing about pictures."""
    rows = Camera.objects.filter(site__commune__in=[one.insee for one in communes_kept_by(person)])
    return _facts(rows if retired else rows.filter(retired_at__isnull=True))


def camera_kept_by(person: PersonFacts, camera_id: str) -> CameraFacts:
    """One of them, retired or not; absent and foreign are the same ``NotFound``."""
    return _one(Camera.objects.filter(pk=camera_id, site__commune__in=[one.insee for one in communes_kept_by(person)]))


def cameras_among(ids: Collection[str]) -> list[CameraFacts]:
    """Those of these cameras that there are, retired or not, by number."""
    return _facts(Camera.objects.filter(pk__in=list(ids)))


def _one(rows: QuerySet[Camera]) -> CameraFacts:
    found = _facts(rows)
    if not found:
        raise NotFound("There is no such camera.", code="no_such_camera")
    return found[0]


def _facts(rows: QuerySet[Camera]) -> list[CameraFacts]:
    read = rows.select_related("site").prefetch_related("authorisations", "masks", "placements").order_by("number")
    return [_camera(row) for row in read]


def _camera(row: Camera) -> CameraFacts:
    return CameraFacts(
        id=CameraId(row.id),
        number=row.number,
        name=row.name,
        insee=row.site.commune_id,
        site=row.site.name,
        tags=frozenset(row.tags),
        latitude=row.latitude,
        longitude=row.longitude,
        bearing_degrees=row.bearing_degrees,
        view_angle_degrees=row.view_angle_degrees,
        view_range_m=row.view_range_m,
        public_road=row.public_road,
        purposes=purposes_of(row.purposes),
        retention_days=row.retention_days,
        placed_at=(placed_at := _placed_at(row.placements.all())),
        commissioned_at=row.commissioned_at,
        retired_at=row.retired_at,
        authorisations=tuple(authorisation_facts(order) for order in row.authorisations.all()),
        mask=_mask(row.masks.all()),
        suspended_reason=row.suspended_reason,
        has_source=bool(row.main_url_sealed),
        moves=row.moves,
        device=_device(row.device_said),
        watch_picture=row.watch_picture,
        view_since=max(placed_at, row.view_accepted_at or placed_at),
        has_sub=bool(row.sub_url_sealed),
        sub_retention_days=row.sub_retention_days,
        quota_gb=row.quota_gb,
        periods=tuple(Period(day, since, until) for day, since, until in row.recording_hours),
    )


def _device(said: dict[str, Any]) -> DeviceSaid | None:
    if not said:
        return None
    texts = (said["maker"], said["model"], said["firmware"], said["serial"])
    return DeviceSaid(*texts, said["clock_offset_ms"], from_us(said["at_us"]))


def _placed_at(rows: Iterable[CameraPlacement]) -> datetime:
    return max(row.since for row in rows)


def _mask(rows: Iterable[DwellingMask]) -> MaskFacts | None:
    latest = max(rows, key=lambda row: row.version, default=None)
    return None if latest is None else mask_facts(latest)
