"""Moving a camera by ONVIF PTZ: continuous moves that end by themselves, stop, presets, home."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from beffroi.media.core.steering import Speeds
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.documents import every, text
from beffroi.media.onvif.soap import PTZ, SCHEMA

CALL_S = 2.0
"""A steering call that takes longer is of no use any more."""
_MAX_PRESETS = 64


@dataclass(frozen=True, slots=True)
class Preset:
    """A position that the camera remembers."""

    token: str
    name: str


def move(device: OnvifDevice, profile: str, speeds: Speeds, *, timeout_s: int = 1) -> None:
    """Move, for ``timeout_s`` at most: a camera that hears nothing more stops by itself."""
    body = (
        f'<ContinuousMove xmlns="{PTZ}"><ProfileToken>{escape(profile)}</ProfileToken><Velocity>'
        f'<PanTilt xmlns="{SCHEMA}" x="{speeds.pan:.3f}" y="{speeds.tilt:.3f}"/>'
        f'<Zoom xmlns="{SCHEMA}" x="{speeds.zoom:.3f}"/></Velocity><Timeout>PT{timeout_s}S</Timeout></ContinuousMove>'
    )
    device.call(device.service(PTZ), body, "ContinuousMoveResponse", timeout_s=CALL_S)


def stop(device: OnvifDevice, profile: str) -> None:
    """Stop all motion now."""
    body = (
        f'<Stop xmlns="{PTZ}"><ProfileToken>{escape(profile)}</ProfileToken>'
        "<PanTilt>true</PanTilt><Zoom>true</Zoom></Stop>"
    )
    device.call(device.service(PTZ), body, "StopResponse", timeout_s=CALL_S)


def presets(device: OnvifDevice, profile: str) -> list[Preset]:
    """The positions that the camera remembers."""
    body = f'<GetPresets xmlns="{PTZ}"><ProfileToken>{escape(profile)}</ProfileToken></GetPresets>'
    found = device.call(device.service(PTZ), body, "GetPresetsResponse", timeout_s=CALL_S)
    read = [Preset((one.get("token") or "")[:64], text(one, "Name")[:64]) for one in every(found, "Preset")]
    return [one for one in read if one.token][:_MAX_PRESETS]


def go_to(device: OnvifDevice, profile: str, preset: str) -> None:
    """Go to a position that the camera remembers."""
    body = (
        f'<GotoPreset xmlns="{PTZ}"><ProfileToken>{escape(profile)}</ProfileToken>'
        f"<PresetToken>{escape(preset)}</PresetToken></GotoPreset>"
    )
    device.call(device.service(PTZ), body, "GotoPresetResponse", timeout_s=CALL_S)


def go_home(device: OnvifDevice, profile: str) -> None:
    """Go to the camera's home position."""
    body = f'<GotoHomePosition xmlns="{PTZ}"><ProfileToken>{escape(profile)}</ProfileToken></GotoHomePosition>'
    device.call(device.service(PTZ), body, "GotoHomePositionResponse", timeout_s=CALL_S)
