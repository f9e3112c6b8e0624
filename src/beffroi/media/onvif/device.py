"""One camera by ONVIF: its clock, name, services, stream profiles and stream addresses.

Only the address that was checked is called: of the service addresses that a device gives, the path is taken and the
host is not, so that a camera cannot send us to another machine.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from beffroi.kernel.clock import Clock
from beffroi.media.onvif.documents import Element, every, first, local, text, whole
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.soap import DEVICE, MEDIA, SCHEMA, Token, answer, envelope
from beffroi.media.onvif.wire import Endpoint, Wire

DEVICE_PATH = "/onvif/device_service"
_MAX_PROFILES = 32
_CODECS = {"H264": "H.264", "H265": "H.265", "HEVC": "H.265", "JPEG": "MJPEG"}


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What a device says it is. Typed by its maker: shown, never trusted."""

    maker: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream that a device offers."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    ptz: bool


@dataclass(slots=True)
class OnvifDevice:
    """A camera at ``endpoint``. Blocking: one thread at a time."""

    endpoint: Endpoint
    username: str
    password: str
    clock: Clock
    path: str = DEVICE_PATH
    _offset: timedelta | None = field(default=None, compare=False)
    _services: dict[str, str] = field(default_factory=dict, compare=False)

    def clock_offset(self) -> timedelta:
        """How far the camera's clock is from ours (positive: it is ahead). Asked without a password."""
        found = answer(*self._wire().post(self.path, envelope(f'<GetSystemDateAndTime xmlns="{DEVICE}"/>')),
                       "GetSystemDateAndTimeResponse")  # fmt: skip
        utc = first(found, "UTCDateTime")
        if utc is None:
            raise OnvifFailed("onvif_clock", "the camera does not say what time it is")
        parts = [whole(utc, *path) for path in _TIME]
        try:
            year, month, day, hour, minute, second = (part if part is not None else -1 for part in parts)
            at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        except (ValueError, OverflowError):
            raise OnvifFailed("onvif_clock", "the camera's clock says a time that there is not") from None
        self._offset = at - self.clock.now()
        return self._offset

    def information(self) -> DeviceInformation:
        """Maker, model, firmware, serial number."""
        found = self.call(self.path, f'<GetDeviceInformation xmlns="{DEVICE}"/>', "GetDeviceInformationResponse")
        texts = (text(found, name)[:120] for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber"))
        return DeviceInformation(*texts)

    def services(self) -> dict[str, str]:
        """Paths of the services by namespace, from GetServices, or GetCapabilities where the device is older."""
        if not self._services:
            try:
                body = f'<GetServices xmlns="{DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
                found = self.call(self.path, body, "GetServicesResponse")
                self._services = {
                    text(one, "Namespace"): path_of(text(one, "XAddr")) for one in every(found, "Service")
                }
            except OnvifFailed as failure:
                if failure.refused:
                    raise
            if not self._services:
                self._services = self._capabilities()
        return self._services

    def _capabilities(self) -> dict[str, str]:
        body = f'<GetCapabilities xmlns="{DEVICE}"><Category>All</Category></GetCapabilities>'
        found = self.call(self.path, body, "Capabilities")
        spaces = {"Media": MEDIA, "PTZ": _PTZ, "Events": _EVENTS, "Device": DEVICE}
        return {spaces[local(one)]: path_of(text(one, "XAddr")) for one in found if local(one) in spaces}

    def service(self, namespace: str) -> str:
        """The path of a service; ``OnvifFailed`` where the device has none."""
        found = self.services().get(namespace, "")
        if not found:
            raise OnvifFailed("onvif_unsupported", "the camera cannot do this")
        return found

    def profiles(self) -> list[Profile]:
        """The streams on offer, the largest picture first."""
        found = self.call(self.service(MEDIA), f'<GetProfiles xmlns="{MEDIA}"/>', "GetProfilesResponse")
        read = [_profile(one) for one in list(every(found, "Profiles"))[:_MAX_PROFILES]]
        return sorted((one for one in read if one.codec), key=lambda one: one.width * one.height, reverse=True)

    def stream_address(self, profile: str) -> str:
        """The RTSP address of a profile, on the camera's own host and without user or password."""
        body = (
            f'<GetStreamUri xmlns="{MEDIA}"><StreamSetup><Stream xmlns="{SCHEMA}">RTP-Unicast</Stream>'
            f'<Transport xmlns="{SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
            f"<ProfileToken>{escape(profile)}</ProfileToken></GetStreamUri>"
        )
        said = text(self.call(self.service(MEDIA), body, "GetStreamUriResponse"), "Uri")
        try:
            parts = urlsplit(said)
            port = parts.port or 554
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme not in {"rtsp", "rtsps"} or any(ord(letter) < 33 for letter in said):
            raise OnvifFailed("onvif_no_stream", "the camera gives no RTSP address for its stream")
        host = f"[{self.endpoint.host}]" if ":" in self.endpoint.host else self.endpoint.host
        return f"{parts.scheme}://{host}:{port}{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"

    def call(self, path: str, body: str, wanted: str, *, action: str = "", timeout_s: float | None = None) -> Element:
        """One call with the user's token, in the camera's own time; the element ``wanted`` of its answer."""
        if self._offset is None:
            try:
                self.clock_offset()
            except OnvifFailed as failure:
                if failure.code not in {"onvif_clock", "password_refused", "onvif_fault", "onvif_empty"}:
                    raise
                self._offset = timedelta(0)
        token = None
        if self.username:
            at = self.clock.now() + (self._offset or timedelta(0))
            token = Token(self.username, self.password, secrets.token_bytes(16), at)
        to = f"http://{self.endpoint.authority}{path}"
        sent = envelope(body, token=token, action=action, to=to)
        return answer(*self._wire().post(path, sent, timeout_s=timeout_s), wanted)

    def _wire(self) -> Wire:
        return Wire(self.endpoint, self.username, self.password)


_PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_TIME = (
    ("Date", "Year"), ("Date", "Month"), ("Date", "Day"), ("Time", "Hour"), ("Time", "Minute"), ("Time", "Second"),
)  # fmt: skip


def streams_of(profiles: Sequence[Profile]) -> tuple[Profile, Profile | None]:
    """Which profile to record, and which small one for walls; ``OnvifFailed`` where none can be recorded.

    The largest H.264 or H.265 picture is recorded; the small one is the widest below 1,000 pixels in H.264, which
    every browser shows.
    """
    moving = [one for one in profiles if one.codec in {"H.264", "H.265"}] or list(profiles)
    if not moving:
        raise OnvifFailed("onvif_no_stream", "the camera offers no stream that can be recorded")
    main = moving[0]
    small = [one for one in moving if one.codec == "H.264" and one.token != main.token and one.width < 1_000]
    return main, small[0] if small else None


def _profile(element: Element) -> Profile:
    encoder = first(element, "VideoEncoderConfiguration")
    codec, width, height = "", 0, 0
    if encoder is not None:
        codec = _CODECS.get(text(encoder, "Encoding").upper(), "")
        width = whole(encoder, "Resolution", "Width") or 0
        height = whole(encoder, "Resolution", "Height") or 0
    token = element.get("token") or ""
    return Profile(
        token[:64], text(element, "Name")[:120], codec, width, height, first(element, "PTZConfiguration") is not None
    )


def path_of(address: str) -> str:
    """The path of a service address; empty for one that cannot be called."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    good = path.startswith("/") and path.isascii() and path.isprintable() and " " not in path
    return path if good and len(path) < 500 else ""
