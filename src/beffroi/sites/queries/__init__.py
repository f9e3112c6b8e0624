"""The only reader of communes, sites, cameras and orders. Rows leave as values; addresses and passwords never do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F, Q, QuerySet

from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.trials import TrialRequest
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites.core.authorisations import AuthorisationFacts, MaskFacts
from beffroi.sites.core.cameras import CameraFacts, DeviceSaid
from beffroi.sites.core.coverage import PlaceClass, Position, View, classify, distance_m, sees
from beffroi.sites.core.networks import LOOPBACK, cut_off
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.core.topology import Equipment, EquipmentKind
from beffroi.sites.files import camera_key
from beffroi.sites.models import (
    Acknowledgement,
    Authorisation,
    Camera,
    CameraNetwork,
    CameraPlacement,
    CameraTrial,
    Commune,
    DwellingMask,
    SettingsPush,
    Site,
)
from beffroi.sites.models import Equipment as EquipmentRow
from beffroi.sites.queries.masks import mask_facts


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
class Source:
    """Where a camera's pictures come from, still sealed; for ``jobs.push_cameras`` alone."""

    main_url: str
    sub_url: str
    username: str
    password: str
    synthetic: bool
    masks_on_camera: bool
    device_url: str
    device_profile: str
    moves: bool


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


def sources() -> dict[str, Source]:
    """The sealed source of every camera that is not retired, by its id."""
    return {
        row.id: Source(
            row.main_url_sealed,
            row.sub_url_sealed,
            row.username_sealed,
            row.password_sealed,
            row.synthetic,
            row.masks_on_camera,
            row.device_url_sealed,
            row.device_profile,
            row.moves,
        )
        for row in Camera.objects.filter(retired_at__isnull=True)
    }


def pushed(recorder: str) -> tuple[int, str]:
    """Version and digest of what the recorder last took in; ``(0, "")`` when it never did."""
    row = SettingsPush.objects.filter(pk=recorder).first()
    return (0, "") if row is None else (row.version, row.digest)


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """A network declared for cameras."""

    network: str
    reason: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """A camera being tried; its address and password still sealed, for the recorder alone."""

    id: str
    camera: str
    request: TrialRequest
    host: str  # all that a page shows of the address: some cameras want the password in the path


def networks() -> list[NetworkFacts]:
    """Every network declared for cameras."""
    return [NetworkFacts(row.network, row.reason, row.declared_at) for row in CameraNetwork.objects.order_by("network")]


def networks_in_force() -> tuple[str, ...]:
    """What the recorder may call: the declared networks; this machine alone while none is."""
    return tuple(one.network for one in networks()) or LOOPBACK


def cut_off_by(after: Sequence[str]) -> list[CameraFacts]:
    """The cameras that would be called no more if ``after`` were the declared networks (empty: this machine alone)."""
    key = camera_key()
    hosts: dict[CameraId, str] = {}
    for id_, sealed, device in Camera.objects.filter(retired_at__isnull=True).values_list(
        "id", "main_url_sealed", "device_url_sealed"
    ):
        if sealed or device:
            hosts[CameraId(id_)] = urlsplit(open_secret(key, sealed or device, camera=id_)).hostname or ""
    return _facts(Camera.objects.filter(pk__in=cut_off(hosts, networks_in_force(), tuple(after) or LOOPBACK)))


def trial_of(author: str, trial: str) -> TrialFacts:
    """One's own trial; another's and an absent one are the same ``NotFound``."""
    row = CameraTrial.objects.filter(pk=trial, author=author).first()
    if row is None:
        raise NotFound("There is no such trial.", code="no_such_trial")
    key = camera_key()
    url = open_secret(key, row.main_url_sealed, camera=row.id)
    username = open_secret(key, row.username_sealed, camera=row.id) if row.username_sealed else ""
    host = urlsplit(url).hostname or ""
    return TrialFacts(
        row.id, row.camera, TrialRequest(row.id, url, username, row.password_sealed, networks_in_force()), host
    )


def covering(latitude: float, longitude: float, at: datetime) -> list[CameraFacts]:
    """The cameras that may have seen this place at ``at``, nearest first, by where each stood *then*."""
    seen: dict[str, float] = {}
    for row in _standing(at):
        if sees(_view(row), (latitude, longitude)):
            seen[row.camera_id] = distance_m((row.latitude, row.longitude), (latitude, longitude))
    facts = _facts(Camera.objects.filter(pk__in=seen))
    return sorted(facts, key=lambda camera: seen[camera.id])


def place_class(latitude: float | None, longitude: float | None, insee: str, at: datetime) -> PlaceClass:
    """Covered sector, uncovered part of the commune, outside, or unknown, at ``at``."""
    if latitude is None or longitude is None:
        return PlaceClass.UNKNOWN
    return classify((latitude, longitude), commune(insee).boundary, (_view(row) for row in _standing(at)))


def authorisations() -> list[AuthorisationFacts]:
    """Every order over the system, the one that ends last first."""
    return [_authorisation(row) for row in Authorisation.objects.order_by("-valid_to", "reference")]


@dataclass(frozen=True, slots=True)
class AcknowledgementFacts:
    """Who took an alarm up, when, with what words."""

    key: str
    person_name: str
    note: str
    at: datetime


def equipment() -> list[Equipment]:
    """What cameras hang on, by name."""
    rows = EquipmentRow.objects.order_by("name")
    return [Equipment(row.id, row.name, EquipmentKind(row.kind), row.parent_id or "") for row in rows]


def hangs_on() -> dict[CameraId, str]:
    """What each camera hangs on; empty where nothing is entered."""
    return {CameraId(id_): found or "" for id_, found in Camera.objects.values_list("id", "hangs_on_id")}


def taken_up(key: str) -> list[AcknowledgementFacts]:
    """Who took an alarm up and with what words, in order: what was tried."""
    rows = Acknowledgement.objects.filter(key=key).order_by("at")
    return [AcknowledgementFacts(row.key, row.person_name, row.note, row.at) for row in rows]


def acknowledged(keys: Iterable[str]) -> dict[str, AcknowledgementFacts]:
    """The latest acknowledgement of each alarm."""
    rows = Acknowledgement.objects.filter(key__in=list(keys)).order_by("at")
    return {row.key: AcknowledgementFacts(row.key, row.person_name, row.note, row.at) for row in rows}


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


def _standing(at: datetime) -> QuerySet[CameraPlacement]:
    since = Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))
    service = Q(camera__commissioned_at__lte=at) & (Q(camera__retired_at__isnull=True) | Q(camera__retired_at__gt=at))
    return CameraPlacement.objects.filter(since & service)


def _view(row: CameraPlacement) -> View:
    return View(row.latitude, row.longitude, row.bearing_degrees, row.view_angle_degrees, row.view_range_m)


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
        purposes=_purposes(row.purposes),
        retention_days=row.retention_days,
        placed_at=(placed_at := _placed_at(row.placements.all())),
        commissioned_at=row.commissioned_at,
        retired_at=row.retired_at,
        authorisations=tuple(_authorisation(order) for order in row.authorisations.all()),
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
    )


def _device(said: dict[str, Any]) -> DeviceSaid | None:
    if not said:
        return None
    texts = (said["maker"], said["model"], said["firmware"], said["serial"])
    return DeviceSaid(*texts, said["clock_offset_ms"], from_us(said["at_us"]))


def devices_to_ask(before: datetime) -> list[CameraId]:
    """The cameras that are devices and were last asked before then, those that wait longest first."""
    rows = Camera.objects.filter(retired_at__isnull=True).exclude(device_url_sealed="")
    due = rows.filter(Q(device_tried_at__isnull=True) | Q(device_tried_at__lt=before))
    return [
        CameraId(id_) for id_ in due.order_by(F("device_tried_at").asc(nulls_first=True)).values_list("id", flat=True)
    ]


def _placed_at(rows: Iterable[CameraPlacement]) -> datetime:
    return max(row.since for row in rows)


def _mask(rows: Iterable[DwellingMask]) -> MaskFacts | None:
    latest = max(rows, key=lambda row: row.version, default=None)
    return None if latest is None else mask_facts(latest)


def _authorisation(row: Authorisation) -> AuthorisationFacts:
    return AuthorisationFacts(
        id=row.id,
        reference=row.reference,
        department=row.department,
        purposes=_purposes(row.purposes),
        retention_min_days=row.retention_min_days,
        retention_max_days=row.retention_max_days,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        withdrawn_at=row.withdrawn_at,
    )


def _purposes(values: Sequence[str]) -> frozenset[Purpose]:
    return frozenset(Purpose(value) for value in values)


def _commune(row: Commune) -> CommuneFacts:
    boundary = tuple((point[0], point[1]) for point in row.boundary)
    return CommuneFacts(row.insee, row.name, row.department, row.latitude, row.longitude, boundary, row.plan)
