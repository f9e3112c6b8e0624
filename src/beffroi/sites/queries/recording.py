"""What the recorder is told: sealed sources, networks, trials, and which devices are asked who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import F, Q

from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.trials import TrialRequest
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.networks import LOOPBACK, cut_off
from beffroi.sites.files import camera_key
from beffroi.sites.models import (
    Camera,
    CameraNetwork,
    CameraTrial,
    SettingsPush,
)
from beffroi.sites.queries.facts import cameras_among


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
    lost = cut_off(hosts, networks_in_force(), tuple(after) or LOOPBACK)
    return cameras_among(lost)


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


def devices_to_ask(before: datetime) -> list[CameraId]:
    """The cameras that are devices and were last asked before then, those that wait longest first."""
    rows = Camera.objects.filter(retired_at__isnull=True).exclude(device_url_sealed="")
    due = rows.filter(Q(device_tried_at__isnull=True) | Q(device_tried_at__lt=before))
    return [
        CameraId(id_) for id_ in due.order_by(F("device_tried_at").asc(nulls_first=True)).values_list("id", flat=True)
    ]
