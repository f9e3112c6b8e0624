"""What the office tells the recorder about its cameras, and the signed form in which it travels and is kept.

The recorder keeps the last copy that was rightly signed and starts from it (I14). The file is JSON:
``{"body": {...}, "key": "<16 hex>", "signature": "<base64url>"}``; the Ed25519 signature is over the RFC 8785 bytes
of ``body``. A copy with a lower ``version`` than the one kept is refused, so that an old one cannot be replayed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import CameraId, is_safe_name
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.hours import Hours, Period
from beffroi.media.core.masking import Wanted, wanted_from_json, wanted_to_json
from beffroi.media.core.words import GapCause, StreamName

FORMAT = 1
MAX_BYTES = 8 * 1024 * 1024
LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """One stream of a camera: where it is, and the days it is kept (R-04: the authorised days, a month at most)."""

    name: StreamName
    url: str  # rtsp://, rtsps:// or file:; never with a user or password in it
    retention_days: int
    username: str = ""
    password: str = ""  # sealed by core.secrets; empty: none


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """The camera as a device (ONVIF): steered, listened to, masked. User and password are the streams' own."""

    url: str  # http://…/onvif/device_service
    profile: str
    moves: bool  # it can be steered
    username: str = ""
    password: str = ""  # sealed by core.secrets; empty: none


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """One camera as the recorder needs it."""

    id: CameraId
    number: int
    name: str
    insee: str
    streams: tuple[StreamSettings, ...]
    public_road: bool = True  # sound is never recorded
    synthetic: bool = False  # replays footage: every run is marked
    enabled: bool = True
    mask_version: str = ""  # non-empty: the camera masks before it sends (I3)
    device: DeviceSettings | None = None
    watched: bool = True  # its picture is looked after: frozen, black, covered (core.sight)
    view_since_us: int = 0  # since when it looks where it should, as somebody said or turned it
    dwellings: Wanted | None = None  # reviewed masks that the device is to burn in
    quota_bytes: int = 0  # most footage on each volume; 0: as the installation says
    off: GapCause | None = None  # why it is not recorded, where somebody or a rule of law wants it so
    off_detail: str = ""
    hours: Hours | None = None  # when it is recorded, of one inside a building; none: at any hour

    def stream(self, name: StreamName) -> StreamSettings | None:
        """The stream of that name, if the camera has it."""
        return next((stream for stream in self.streams if stream.name is name), None)


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """All cameras of one recorder host, and the networks its cameras may be in (CIDR)."""

    version: int
    issued_us: int
    networks: tuple[str, ...]
    cameras: tuple[CameraSettings, ...]


def key_id(public_bytes: bytes) -> str:
    """The short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(public_bytes).hex()[:16]


def sign_settings(settings: RecorderSettings, key: SigningKey) -> bytes:
    """The signed JSON form."""
    body = _to_json(settings)
    signature = key.sign(canonical_bytes(body))
    return canonical_bytes({"body": body, "key": key_id(key.public_bytes), "signature": b64(signature)})


def open_settings(data: bytes, keys: Iterable[VerifyKey]) -> RecorderSettings:
    """The settings in ``data`` if one of ``keys`` signed them.

    Raises ``Invalid`` with code ``settings_malformed`` or ``settings_forged``.
    """
    malformed = Invalid("These are not camera settings.", code="settings_malformed")
    if len(data) > MAX_BYTES:
        raise malformed
    try:
        outer = json.loads(data)
        body, signature = outer["body"], unb64(outer["signature"])
        signed = canonical_bytes(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise malformed from None
    if not any(key.verifies(signature, signed) for key in keys):
        raise Invalid(
            "These camera settings were not signed by this centre's office.",
            code="settings_forged",
            hint="The recorder goes on with its last good copy.",
        )
    try:
        return _from_json(body)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise malformed from None


def _to_json(settings: RecorderSettings) -> Json:
    return {
        "format": FORMAT,
        "version": settings.version,
        "issued_us": settings.issued_us,
        "networks": list(settings.networks),
        "cameras": [_camera_json(camera) for camera in settings.cameras],
    }


def _camera_json(camera: CameraSettings) -> Json:
    return {
        "id": camera.id,
        "number": camera.number,
        "name": camera.name,
        "insee": camera.insee,
        "public_road": camera.public_road,
        "synthetic": camera.synthetic,
        "enabled": camera.enabled,
        "mask_version": camera.mask_version,
        "watched": camera.watched,
        "view_since_us": camera.view_since_us,
        "quota_bytes": camera.quota_bytes,
        "off": camera.off.value if camera.off else "",
        "off_detail": camera.off_detail,
        "hours": _hours_json(camera.hours) if camera.hours else None,
        "device": _device_json(camera.device) if camera.device else None,
        "dwellings": wanted_to_json(camera.dwellings) if camera.dwellings else None,
        "streams": [
            {
                "name": stream.name.value,
                "url": stream.url,
                "retention_days": stream.retention_days,
                "username": stream.username,
                "password": stream.password,
            }
            for stream in camera.streams
        ],
    }


def _from_json(body: Mapping[str, Any]) -> RecorderSettings:
    if body["format"] != FORMAT:
        raise ValueError("another format")
    cameras = tuple(_camera(each) for each in body["cameras"])
    if len({camera.id for camera in cameras}) != len(cameras):
        raise ValueError("a camera twice")
    return RecorderSettings(int(body["version"]), int(body["issued_us"]), tuple(map(str, body["networks"])), cameras)


def _camera(data: Mapping[str, Any]) -> CameraSettings:
    if not is_safe_name(data["id"]):
        raise ValueError("a camera id that cannot be a file name")
    streams = tuple(
        StreamSettings(
            name=StreamName(each["name"]),
            url=str(each["url"]),
            retention_days=int(each["retention_days"]),
            username=str(each["username"]),
            password=str(each["password"]),
        )
        for each in data["streams"]
    )
    return CameraSettings(
        id=CameraId(data["id"]),
        number=int(data["number"]),
        name=str(data["name"]),
        insee=str(data["insee"]),
        streams=streams,
        public_road=bool(data["public_road"]),
        synthetic=bool(data["synthetic"]),
        enabled=bool(data["enabled"]),
        mask_version=str(data["mask_version"]),
        device=_device(data["device"]) if data.get("device") else None,  # absent in copies from before
        dwellings=wanted_from_json(data["dwellings"]) if data.get("dwellings") else None,
        watched=bool(data.get("watched", True)),
        view_since_us=int(data.get("view_since_us", 0)),
        quota_bytes=max(0, int(data.get("quota_bytes", 0))),
        off=GapCause(data["off"]) if data.get("off") else None,
        off_detail=str(data.get("off_detail", ""))[:200],
        hours=_hours(data["hours"]) if data.get("hours") else None,
    )


def _hours_json(hours: Hours) -> Json:
    return {
        "zone": hours.zone,
        "periods": [[one.day, one.since, one.until] for one in hours.periods],
        "lifted_until_us": hours.lifted_until_us,
    }


def _hours(data: Mapping[str, Any]) -> Hours:
    periods = tuple(Period(int(day), int(since), int(until)) for day, since, until in data["periods"])
    zone = ZoneInfo(str(data["zone"])).key  # one that is not known here is refused now, not at the hour
    return Hours(zone, periods, int(data["lifted_until_us"]))


def _device_json(device: DeviceSettings) -> Json:
    return {
        "url": device.url,
        "profile": device.profile,
        "moves": device.moves,
        "username": device.username,
        "password": device.password,
    }


def _device(data: Mapping[str, Any]) -> DeviceSettings:
    return DeviceSettings(
        str(data["url"]), str(data["profile"]), bool(data["moves"]), str(data["username"]), str(data["password"])
    )
