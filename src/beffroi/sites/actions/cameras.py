"""Acts on cameras. Addresses and passwords are sealed here and never named in a fact."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record, record_refusal
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import CameraId, new_id
from beffroi.kernel.outcome import Refused
from beffroi.media.core.secrets import seal_secret
from beffroi.sites import queries
from beffroi.sites.core.cameras import Device, may_record, source_problem
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import camera_key
from beffroi.sites.models import Camera, CameraPlacement, Site

MAX_QUOTA_GB = 1_000_000
MAX_RETENTION_DAYS = 31  # a calendar month at most; the exact month is enforced where bytes die


@transaction.atomic
def add_camera(
    *,
    actor: Actor,
    site: str,
    number: int,
    name: str,
    view: View,
    public_road: bool,
    purposes: Collection[Purpose],
    retention_days: int,
    tags: Collection[str] = (),
    now: datetime,
) -> CameraId:
    """Enter a camera; it records only once it has a source and is commissioned. Numbers are never used twice.

    ``NotFound`` for the site, ``Conflict`` for the number, ``Invalid`` for purposes or days kept.
    """
    _check(purposes, retention_days)
    if not Site.objects.filter(pk=site).exists():
        raise NotFound("There is no such site.", code="no_such_site")
    if number < 1 or Camera.objects.filter(number=number).exists():
        raise Conflict(f"Number {number} is taken or was used before.", code="number_taken", hint="Choose another.")
    row = Camera.objects.create(
        id=new_id(to_us(now)),
        number=number,
        name=name,
        site_id=site,
        public_road=public_road,
        purposes=sorted(purposes),
        tags=sorted(tags),
        retention_days=retention_days,
        **_columns(view),
    )
    CameraPlacement.objects.create(camera=row, since=now, **_columns(view))
    body: dict[str, Json] = {
        "number": number,
        "name": name,
        "site": site,
        "public_road": public_road,
        "purposes": sorted(purposes),
        "retention_days": retention_days,
        **_columns(view),
    }
    _record(actor, "camera:add", row, body, now)
    return CameraId(row.id)


@transaction.atomic
def amend_camera(
    *,
    actor: Actor,
    camera: str,
    name: str,
    purposes: Collection[Purpose],
    retention_days: int,
    tags: Collection[str],
    sub_retention_days: int | None = None,
    quota_gb: int | None = None,
    now: datetime,
) -> None:
    """Change what is said of a camera, not where it stands.

    The small stream is kept as long as the main one or shorter: what a requisition is told of the term is the main
    stream's, and no picture may outlive it. A quota takes the oldest earlier than its days.
    """
    _check(purposes, retention_days, sub_retention_days=sub_retention_days, quota_gb=quota_gb)
    row = _locked(camera)
    row.name, row.purposes, row.retention_days, row.tags = name, sorted(purposes), retention_days, sorted(tags)
    row.sub_retention_days, row.quota_gb = sub_retention_days, quota_gb
    row.save(update_fields=["name", "purposes", "retention_days", "tags", "sub_retention_days", "quota_gb"])
    body: dict[str, Json] = {
        "name": name,
        "purposes": sorted(purposes),
        "retention_days": retention_days,
        "sub_retention_days": sub_retention_days,
        "quota_gb": quota_gb,
        "tags": sorted(tags),
    }
    _record(actor, "camera:amend", row, body, now)


@transaction.atomic
def move_camera(*, actor: Actor, camera: str, view: View, now: datetime) -> None:
    """Move or turn a camera. The old place stays on record; its dwelling mask must be reviewed anew (R-05)."""
    row = _locked(camera)
    CameraPlacement.objects.filter(camera=row, until__isnull=True).update(until=now)
    CameraPlacement.objects.create(camera=row, since=now, **_columns(view))
    for column, value in _columns(view).items():
        setattr(row, column, value)
    row.save(update_fields=list(_columns(view)))
    _record(actor, "camera:move", row, dict(_columns(view)), now)


@transaction.atomic
def set_source(
    *,
    actor: Actor,
    camera: str,
    main_url: str,
    sub_url: str = "",
    username: str = "",
    password: str = "",
    synthetic: bool = False,
    masks_on_camera: bool = False,
    device: Device | None = None,
    now: datetime,
) -> None:
    """Say where the pictures come from; an empty password means none. Sealed before it is stored.

    ``Invalid`` names the field and what is wrong with it; ``Unavailable`` when the seal's key is missing.
    """
    fields = {name: source_problem(url) for name, url in (("main_url", main_url), ("sub_url", sub_url)) if url}
    fields = {name: problem for name, problem in fields.items() if problem}
    if not main_url:
        fields["main_url"] = "address_missing"
    if fields:
        raise Invalid("This address cannot be a camera's.", code="source_invalid", fields=fields)
    row = _locked(camera)
    key = camera_key()
    row.main_url_sealed, row.sub_url_sealed, row.username_sealed, row.password_sealed = (
        seal_secret(key, plain, camera=row.id) if plain else "" for plain in (main_url, sub_url, username, password)
    )
    row.synthetic, row.masks_on_camera = synthetic, masks_on_camera
    row.device_url_sealed = seal_secret(key, device.url, camera=row.id) if device else ""
    row.device_said, row.device_tried_at = {}, None  # another device, perhaps: it is asked anew
    row.device_profile, row.moves = (device.profile, device.moves) if device else ("", False)
    row.save()
    body: dict[str, Json] = {
        "sub_stream": bool(sub_url),
        "password": bool(password),
        "synthetic": synthetic,
        "moves": row.moves,
    }
    _record(actor, "camera:source", row, body, now)


def commission_camera(*, actor: Actor, camera: str, now: datetime) -> None:
    """Let a camera record, if the law's rules hold now (R-01, R-03, R-05, R-08).

    ``Forbidden`` names the first rule that does not; the refusal is recorded. ``Conflict`` without a source.
    """
    outcome = may_record(queries.camera(camera), now)
    trace: list[Json] = [{"rule": rule.rule, "held": rule.held, "reason": rule.reason} for rule in outcome.trace]
    if isinstance(outcome, Refused):
        body: dict[str, Json] = {"reason": outcome.reason, "article": outcome.article, "trace": trace}
        record_refusal(actor=actor, name="camera:refuse", subject=f"camera:{camera}", body=body, at=now)
        raise Forbidden("The law does not let this camera record yet.", code=outcome.reason, article=outcome.article)
    with transaction.atomic():
        row = _locked(camera)
        if settings.BEFFROI_RECORDING and not row.main_url_sealed:
            raise Conflict("This camera has no address yet.", code="no_source", hint="Enter its address first.")
        row.commissioned_at = row.commissioned_at or now
        row.save(update_fields=["commissioned_at"])
        _record(actor, "camera:commission", row, {"order": outcome.article, "trace": trace}, now)


@transaction.atomic
def suspend_camera(*, actor: Actor, camera: str, reason: str, now: datetime) -> None:
    """Stop recording for a stated reason (works, order of the mayor …)."""
    if not reason.strip():
        raise Invalid("Say why.", code="reason_missing", fields={"reason": "reason_missing"})
    row = _locked(camera)
    row.suspended_reason = reason.strip()[:200]
    row.save(update_fields=["suspended_reason"])
    _record(actor, "camera:suspend", row, {"reason": row.suspended_reason}, now)


@transaction.atomic
def resume_camera(*, actor: Actor, camera: str, now: datetime) -> None:
    """Record again after a suspension."""
    row = _locked(camera)
    row.suspended_reason = ""
    row.save(update_fields=["suspended_reason"])
    _record(actor, "camera:resume", row, {}, now)


@transaction.atomic
def watch_picture(*, actor: Actor, camera: str, on: bool, now: datetime) -> None:
    """Have the camera's picture looked after (frozen, black, covered), or not. Off and on again forgets its past."""
    row = _locked(camera)
    row.watch_picture = on
    row.save(update_fields=["watch_picture"])
    _record(actor, "camera:watch", row, {"on": on}, now)


@transaction.atomic
def accept_view(*, actor: Actor, camera: str, now: datetime) -> None:
    """Say that the camera looks where it should: what it shows from now on is its usual view."""
    row = _locked(camera)
    row.view_accepted_at = now
    row.save(update_fields=["view_accepted_at"])
    _record(actor, "camera:accept-view", row, {}, now)


@transaction.atomic
def retire_camera(*, actor: Actor, camera: str, reason: str, now: datetime) -> None:
    """Take a camera out of service for good. Its footage lives out its term; its number is not used again."""
    row = _locked(camera)
    CameraPlacement.objects.filter(camera=row, until__isnull=True).update(until=now)
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    _record(actor, "camera:retire", row, {"reason": reason}, now)


def _check(
    purposes: Collection[Purpose],
    retention_days: int,
    *,
    sub_retention_days: int | None = None,
    quota_gb: int | None = None,
) -> None:
    fields = {}
    if not purposes:
        fields["purposes"] = "no_purpose"
    if not 1 <= retention_days <= MAX_RETENTION_DAYS:
        fields["retention_days"] = "retention_outside_law"
    if sub_retention_days is not None and not 1 <= sub_retention_days <= retention_days:
        fields["sub_retention_days"] = "sub_longer_than_main"
    if quota_gb is not None and not 1 <= quota_gb <= MAX_QUOTA_GB:
        fields["quota_gb"] = "quota_out_of_range"
    if fields:
        raise Invalid("This camera cannot be entered so.", code="camera_invalid", fields=fields)


def _columns(view: View) -> dict[str, float]:
    return {
        "latitude": view.latitude,
        "longitude": view.longitude,
        "bearing_degrees": view.bearing_degrees,
        "view_angle_degrees": view.angle_degrees,
        "view_range_m": view.range_m,
    }


def _locked(camera: str) -> Camera:
    row = Camera.objects.select_for_update().filter(pk=camera).first()
    if row is None:
        raise NotFound("There is no such camera.", code="no_such_camera")
    if row.retired_at is not None:
        raise Conflict("This camera is out of service.", code="camera_retired")
    return row


def _record(actor: Actor, name: str, row: Camera, body: dict[str, Json], now: datetime) -> None:
    record(actor=actor, name=name, subject=f"camera:{row.id}", body=body, at=now)
