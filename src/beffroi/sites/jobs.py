"""Reconciler: the recorder has the camera settings that the tables say, within one turn of the worker."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from django.conf import settings

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import NotFound, Unavailable
from beffroi.media.client import RecorderClient
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.settings import CameraSettings, DeviceSettings, RecorderSettings, StreamSettings, sign_settings
from beffroi.media.core.storage import GB
from beffroi.media.core.words import StreamName
from beffroi.sites import queries
from beffroi.sites.actions import note_push
from beffroi.sites.actions.devices import note_device, note_mask
from beffroi.sites.core.cameras import CameraFacts, why_off
from beffroi.sites.files import camera_key, office_key
from beffroi.sites.queries.masks import dwellings

_NOTHING: Mapping[str, datetime] = MappingProxyType({})
RECORDER = "recorder-1"  # one recorder host for now; leases come with several


def push_cameras(recorder: RecorderClient, now: datetime, lifted: Mapping[str, datetime] = _NOTHING) -> bool:
    """Hand the signed settings to the recorder when they changed; returns whether they did.

    A camera that the law does not let record now (R-01, R-03, R-05, R-08), that is suspended or not commissioned
    travels as *not enabled*: an order that runs out stops it without anyone's act. One inside a building travels with
    its hours, and with the moment until which a real alert lifts them (``lifted``). ``Unavailable`` when the recorder
    does not answer: the next turn tries again.
    """
    wanted = _settings(now, lifted)
    key = office_key()
    digest = sha256(sign_settings(wanted, key)).hex()
    version, last = queries.pushed(RECORDER)
    if digest == last:
        return False
    version = max(version + 1, to_us(now))  # grows also after the database came back from a backup
    signed = sign_settings(replace(wanted, version=version, issued_us=to_us(now)), key)
    recorder.push_cameras(signed)
    note_push(actor=SYSTEM, recorder=RECORDER, version=version, digest=digest, cameras=len(wanted.cameras), now=now)
    return True


ASK_EVERY = timedelta(hours=6)
ASKED_AT_ONCE = 8


def ask_devices(recorder: RecorderClient, now: datetime) -> int:
    """Ask some cameras that are due who they are and what time it is there; returns how many answered.

    One that does not answer waits as long as the others: a refused password is not tried until the camera locks itself.
    """
    answered = 0
    for camera in queries.devices_to_ask(now - ASK_EVERY)[:ASKED_AT_ONCE]:
        said = None
        try:
            said = recorder.device(camera)
            answered += 1
        except Unavailable as error:
            if error.code in {"recorder_silent", "recorder_answer"}:
                raise  # nobody was asked
        except NotFound:
            pass  # the recorder does not have it yet
        note_device(actor=SYSTEM, camera=camera, said=said, now=now)
    return answered


def note_masks(recorder: RecorderClient, now: datetime) -> None:
    """Take over what the recorder knows of the masks in the cameras."""
    for one in recorder.status().cameras:
        if one.stream is StreamName.MAIN and one.masked is not None:
            note_mask(camera=one.camera, state=one.masked, now=now)


def _settings(now: datetime, lifted: Mapping[str, datetime] = _NOTHING) -> RecorderSettings:
    """What the tables say, version and time left at zero so that its digest changes only with what it says."""
    sources, wanted = queries.sources(), dwellings()
    key = camera_key()
    cameras = tuple(
        replace(
            _camera(camera, sources[camera.id], key, now),
            dwellings=wanted.get(camera.id),
            hours=camera.hours(settings.TIME_ZONE, to_us(lifted[camera.id]) if camera.id in lifted else 0),
        )
        for camera in queries.cameras()
        if sources[camera.id].main_url
    )
    return RecorderSettings(version=0, issued_us=0, networks=queries.networks_in_force(), cameras=cameras)


def _camera(camera: CameraFacts, source: queries.Source, key: bytes, now: datetime) -> CameraSettings:
    def opened(sealed: str) -> str:
        return open_secret(key, sealed, camera=camera.id) if sealed else ""

    streams = tuple(
        StreamSettings(name, opened(sealed), days, opened(source.username), source.password)
        for name, sealed, days in (
            (StreamName.MAIN, source.main_url, camera.retention_days),
            (StreamName.SUB, source.sub_url, camera.sub_retention_days or camera.retention_days),
        )
        if sealed
    )
    reviewed = camera.mask is not None and bool(camera.mask.reviewer)
    masked = camera.mask is not None and source.masks_on_camera and reviewed
    off, off_detail = why_off(camera, now) or (None, "")
    return CameraSettings(
        id=camera.id,
        number=camera.number,
        name=camera.name,
        insee=camera.insee,
        streams=streams,
        quota_bytes=(camera.quota_gb or 0) * GB,
        public_road=camera.public_road,
        synthetic=source.synthetic,
        enabled=camera.in_service(now) and off is None,
        off=off,
        off_detail=off_detail,
        watched=camera.watch_picture,
        view_since_us=to_us(camera.view_since) if camera.view_since else 0,
        mask_version=str(camera.mask.version) if masked and camera.mask else "",
        device=(
            DeviceSettings(
                opened(source.device_url), source.device_profile, source.moves, opened(source.username), source.password
            )
            if source.device_url
            else None
        ),
    )
