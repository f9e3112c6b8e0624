"""A camera's own privacy masks by ONVIF (Media2: GetMaskOptions, GetMasks, CreateMask, SetMask, DeleteMask).

What it says is hostile and bounded. Its coordinates run from -1 to 1, upwards; ours in thousandths, downwards.
"""

from dataclasses import dataclass
from math import isfinite
from xml.sax.saxutils import escape, quoteattr

from beffroi.media.core.masking import MOST_POINTS, Room, Shape
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.documents import Element, every, first, text, whole
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.soap import MEDIA, MEDIA2, SCHEMA

MOST_MASKS = 64
_TYPES = ("Color", "Pixelated", "Blurred")  # what hides most comes first


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask that is at the camera and on."""

    token: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class CameraMasks:
    """The masks of one picture source of a device."""

    device: OnvifDevice
    service: str
    configuration: str
    room: Room
    kind: str

    @classmethod
    def open(cls, device: OnvifDevice, profile: str) -> "CameraMasks":
        """Ask what the camera can. ``OnvifFailed``; code ``onvif_unsupported`` where it has no masks."""
        service = device.service(MEDIA2)
        configuration = _configuration(device, profile)
        body = (
            f'<GetMaskOptions xmlns="{MEDIA2}"><ConfigurationToken>{escape(configuration)}</ConfigurationToken>'
            "</GetMaskOptions>"
        )
        found = first(device.call(service, body, "GetMaskOptionsResponse"), "Options")
        if found is None:
            raise OnvifFailed("onvif_empty", "the camera does not say which masks it can take")
        offered = {(one.text or "").strip() for one in every(found, "Types")}
        kind = next((one for one in _TYPES if one in offered), "")
        room = Room(
            min(whole(found, "MaxMasks") or 0, MOST_MASKS),
            min(whole(found, "MaxPoints") or 0, MOST_POINTS),
            (found.get("RectangleOnly") or "").strip() in {"true", "1"},
        )
        if not kind or room.most < 1:
            raise OnvifFailed("onvif_unsupported", "the camera has no privacy masks")
        return cls(device, service, configuration, room, kind)

    def read(self) -> list[Mask]:
        """The masks that are on."""
        body = (
            f'<GetMasks xmlns="{MEDIA2}"><ConfigurationToken>{escape(self.configuration)}</ConfigurationToken>'
            "</GetMasks>"
        )
        found = self.device.call(self.service, body, "GetMasksResponse")
        masks = []
        for one in list(every(found, "Masks"))[:MOST_MASKS]:
            shape = _shape(one)
            if (
                shape
                and text(one, "Enabled") in {"true", "1"}
                and text(one, "ConfigurationToken") == self.configuration
            ):
                masks.append(Mask((one.get("token") or "")[:64], shape))
        return masks

    def create(self, shape: Shape) -> str:
        """A mask more; its token."""
        body = f'<CreateMask xmlns="{MEDIA2}">{self._mask(shape, "")}</CreateMask>'
        return text(self.device.call(self.service, body, "CreateMaskResponse"), "Token")[:64]

    def change(self, token: str, shape: Shape) -> None:
        """Another shape for a mask that is there."""
        body = f'<SetMask xmlns="{MEDIA2}">{self._mask(shape, token)}</SetMask>'
        self.device.call(self.service, body, "SetMaskResponse")

    def delete(self, token: str) -> None:
        """Take a mask away."""
        body = f'<DeleteMask xmlns="{MEDIA2}"><Token>{escape(token)}</Token></DeleteMask>'
        self.device.call(self.service, body, "DeleteMaskResponse")

    def _mask(self, shape: Shape, token: str) -> str:
        points = "".join(f'<t:Point x="{x / 500 - 1:.3f}" y="{1 - y / 500:.3f}"/>' for x, y in shape)
        named = f" token={quoteattr(token)}" if token else ""
        return (
            f"<Mask{named}><ConfigurationToken>{escape(self.configuration)}</ConfigurationToken>"
            f'<Polygon xmlns:t="{SCHEMA}">{points}</Polygon><Type>{self.kind}</Type><Enabled>true</Enabled></Mask>'
        )


def _configuration(device: OnvifDevice, profile: str) -> str:
    """The picture source that a profile shows."""
    found = device.call(device.service(MEDIA), f'<GetProfiles xmlns="{MEDIA}"/>', "GetProfilesResponse")
    profiles = list(every(found, "Profiles"))
    chosen = next((one for one in profiles if one.get("token") == profile), profiles[0] if profiles else None)
    source = first(chosen, "VideoSourceConfiguration") if chosen is not None else None
    token = (source.get("token") or "")[:64] if source is not None else ""
    if not token:
        raise OnvifFailed("onvif_unsupported", "the camera does not name its picture source")
    return token


def _shape(mask: Element) -> Shape:
    """The mask's points in thousandths; empty for what is no shape."""
    points = []
    for one in list(every(mask, "Point"))[: MOST_POINTS + 1]:
        try:
            x, y = float(one.get("x") or ""), float(one.get("y") or "")
        except ValueError:
            return ()
        if not (isfinite(x) and isfinite(y) and abs(x) < 100 and abs(y) < 100):
            return ()
        points.append((round((x + 1) * 500), round((1 - y) * 500)))
    return tuple(points) if 3 <= len(points) <= MOST_POINTS else ()
