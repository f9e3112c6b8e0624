"""A camera's address is tried before it is entered; what was typed is kept sealed until then, for a day at most."""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import CameraId, new_id
from beffroi.media.core.secrets import open_secret, seal_secret
from beffroi.media.core.trials import FoundStreams
from beffroi.sites.actions.cameras import add_camera, set_source
from beffroi.sites.core.cameras import Device, device_problem, is_device, source_problem
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import camera_key
from beffroi.sites.models import Camera, CameraPlacement, CameraTrial

KEPT = timedelta(days=1)


@transaction.atomic
def begin_trial(
    *,
    actor: Actor,
    main_url: str,
    sub_url: str = "",
    username: str = "",
    password: str = "",
    camera: str = "",
    now: datetime,
) -> str:
    """Keep what was typed, sealed, and return the trial's id. ``camera``: whose device is to be replaced.

    With ``camera`` and an empty password the one that is known is tried again, on the same machine only: nobody gets a
    camera's password by naming a machine of his own. ``Invalid`` names a faulty address; one with user and password in
    it is taken apart, as cameras' own pages show such.
    """
    main_url, found_user, found_password = _apart(_completed(main_url))
    sub_url = _apart(sub_url)[0]
    username, password = username or found_user, password or found_password
    problems = {
        "main_url": ""
        if not main_url
        else device_problem(main_url)
        if is_device(main_url)
        else source_problem(main_url)
    }
    problems["sub_url"] = source_problem(sub_url) if sub_url else ""
    fields = {name: problem for name, problem in problems.items() if problem}
    if not main_url:
        fields["main_url"] = "address_missing"
    elif main_url.startswith("file:") or sub_url.startswith("file:"):
        fields["main_url"] = "address_scheme"
    if fields:
        raise Invalid("This address cannot be a camera's.", code="source_invalid", fields=fields)
    key, trial = camera_key(), new_id(to_us(now))
    if camera:
        row = _camera(camera)
        known = open_secret(key, row.main_url_sealed, camera=row.id) if row.password_sealed else ""
        if known and not password and all(_same_host(url, known) for url in (main_url, sub_url) if url):
            password = open_secret(key, row.password_sealed, camera=row.id)
    return _keep(actor, trial, camera, (main_url, sub_url, username, password), now)


@transaction.atomic
def look_at_camera(*, actor: Actor, camera: str, now: datetime) -> str:
    """Try a camera at its own address, for the picture that it gives now; returns the trial's id.

    Also of one that is not recorded: its mask is drawn and reviewed before it is. ``Conflict`` without an address.
    """
    row = _camera(camera)
    if not row.main_url_sealed:
        raise Conflict("This camera has no address yet.", code="no_source", hint="Enter its address first.")
    key, trial = camera_key(), new_id(to_us(now))
    main_url, username, password = (
        open_secret(key, sealed, camera=row.id) if sealed else ""
        for sealed in (row.main_url_sealed, row.username_sealed, row.password_sealed)
    )
    return _keep(actor, trial, row.id, (main_url, "", username, password), now)


def _keep(actor: Actor, trial: str, camera: str, plain: tuple[str, str, str, str], now: datetime) -> str:
    """Address, small stream's address, user and password, sealed under the trial's id."""
    key = camera_key()
    CameraTrial.objects.filter(began_at__lt=now - KEPT).delete()
    sealed = [seal_secret(key, one, camera=trial) if one else "" for one in plain]
    CameraTrial.objects.create(
        id=trial,
        camera=camera,
        author=actor.id,
        main_url_sealed=sealed[0],
        sub_url_sealed=sealed[1],
        username_sealed=sealed[2],
        password_sealed=sealed[3],
        began_at=now,
    )
    record(actor=actor, name="camera:try", subject=f"trial:{trial}", body={"camera": camera}, at=now)
    return trial


@transaction.atomic
def add_tried_camera(
    *,
    actor: Actor,
    trial: str,
    site: str,
    number: int,
    name: str,
    view: View,
    public_road: bool,
    purposes: Collection[Purpose],
    retention_days: int,
    tags: Collection[str] = (),
    found: FoundStreams | None = None,
    now: datetime,
) -> CameraId:
    """Enter the camera that was tried, with its address; ``found`` is what it said of its streams when it was asked.

    ``NotFound`` for another person's trial; ``Conflict`` where a device never said which streams it has.
    """
    row = _trial(actor, trial)
    if row.camera:
        raise Conflict("This trial was for another camera.", code="trial_other")
    added = add_camera(
        actor=actor,
        site=site,
        number=number,
        name=name,
        view=view,
        public_road=public_road,
        purposes=purposes,
        retention_days=retention_days,
        tags=tags,
        now=now,
    )
    _take_source(actor, row, added, found, now)
    return added


@transaction.atomic
def replace_device(
    *, actor: Actor, trial: str, reason: str, found: FoundStreams | None = None, now: datetime
) -> CameraId:
    """Another device, or another address, under the same number: place, footage, holds and history stay.

    Where dwellings stand in view the mask must be looked at again, since another device sees otherwise (R-05).
    """
    row = _trial(actor, trial)
    if not row.camera:
        raise Conflict("This trial was for a new camera.", code="trial_other")
    if not reason.strip():
        raise Invalid("Say why.", code="reason_missing", fields={"reason": "reason_missing"})
    camera = _camera(row.camera)
    _take_source(actor, row, camera.id, found, now)
    latest = camera.masks.order_by("-version").first()
    again = latest is not None and bool(latest.polygons)
    if again:
        standing = CameraPlacement.objects.get(camera=camera, until__isnull=True)
        CameraPlacement.objects.filter(pk=standing.pk).update(until=now)
        standing.pk, standing.since, standing.until = None, now, None
        standing.save(force_insert=True)
    body: dict[str, Json] = {"reason": reason.strip()[:200], "mask_again": again}
    record(actor=actor, name="camera:replace", subject=f"camera:{camera.id}", body=body, at=now)
    return CameraId(camera.id)


def _take_source(actor: Actor, row: CameraTrial, camera: str, found: FoundStreams | None, now: datetime) -> None:
    key = camera_key()
    main_url, sub_url, username, password = (
        open_secret(key, sealed, camera=row.id) if sealed else ""
        for sealed in (row.main_url_sealed, row.sub_url_sealed, row.username_sealed, row.password_sealed)
    )
    device = None
    if main_url.startswith("http:") and found is None:
        raise Conflict(
            "This device never said which streams it has.", code="streams_unknown", hint="Test it until it answers."
        )
    if main_url.startswith("http:") and found is not None:
        device = Device(main_url, found.profile, found.ptz)
        main_url, sub_url = found.main_url, sub_url or found.sub_url
    set_source(
        actor=actor,
        camera=camera,
        main_url=main_url,
        sub_url=sub_url,
        username=username,
        password=password,
        device=device,
        now=now,
    )
    row.delete()


def _trial(actor: Actor, trial: str) -> CameraTrial:
    row = CameraTrial.objects.select_for_update().filter(pk=trial, author=actor.id).first()
    if row is None:
        raise NotFound("There is no such trial.", code="no_such_trial")
    return row


def _camera(camera: str) -> Camera:
    row = Camera.objects.filter(pk=camera, retired_at__isnull=True).first()
    if row is None:
        raise NotFound("There is no such camera.", code="no_such_camera")
    return row


def _same_host(url: str, known: str) -> bool:
    return urlsplit(url).hostname == urlsplit(known).hostname


def _completed(text: str) -> str:
    """A bare name or address is a device's: it is asked for its streams by ONVIF."""
    bare = text.strip()
    return f"http://{bare}/onvif/device_service" if bare and "/" not in bare and "@" not in bare else bare


def _apart(url: str) -> tuple[str, str, str]:
    """Address, user and password of an address as cameras' own pages show it. A faulty one is left for its check."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return text, "", ""
    if not user:
        return text, "", ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, "")), user, password
