"""A small map to click on, drawn by the server and sent as the image of a form's button: it needs no JavaScript.

The browser sends where the button was clicked (``pin.x``, ``pin.y``, in pixels of the drawing); ``place_of`` turns
that into a place. Cameras are dots with numbers and fields of view: no picture is ever near it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, radians
from typing import Any

from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import Position, sector

WIDTH, HEIGHT = 560, 400
_MARGIN_M = 220.0
_METRES_A_DEGREE = 111_195.0
_GROUND = {
    "wood": "#cfe0c4", "green": "#dcebd0", "water_area": "#c3dcec", "river": "#c3dcec", "road": "#ffffff",
    "parking": "#e4e1da", "square": "#efe7d8", "yard": "#efe7d8", "building": "#d3cbbd",
}  # fmt: skip
_LINES = {"road": 6.0, "river": 7.0, "rail": 2.0}


@dataclass(frozen=True, slots=True)
class MapFrame:
    """Which part of the earth is drawn: a middle and metres a pixel."""

    latitude: float
    longitude: float
    metres_a_pixel: float

    def xy(self, place: Position) -> tuple[float, float]:
        """Pixels of ``place`` (latitude, longitude)."""
        east = (place[1] - self.longitude) * _METRES_A_DEGREE * cos(radians(self.latitude))
        north = (place[0] - self.latitude) * _METRES_A_DEGREE
        return WIDTH / 2 + east / self.metres_a_pixel, HEIGHT / 2 - north / self.metres_a_pixel

    def place_of(self, x: float, y: float) -> Position:
        """The place (latitude, longitude) under a pixel."""
        north = (HEIGHT / 2 - y) * self.metres_a_pixel
        east = (x - WIDTH / 2) * self.metres_a_pixel
        latitude = self.latitude + north / _METRES_A_DEGREE
        longitude = self.longitude + east / (_METRES_A_DEGREE * cos(radians(self.latitude)))
        return round(latitude, 6), round(longitude, 6)


def frame_of(cameras: Iterable[CameraFacts], middle: Position) -> MapFrame:
    """A frame that shows all cameras with some ground around, or a kilometre about ``middle`` where there are none."""
    places = [camera.view.position for camera in cameras] or [middle]
    south, north = min(place[0] for place in places), max(place[0] for place in places)
    west, east = min(place[1] for place in places), max(place[1] for place in places)
    latitude, longitude = (south + north) / 2, (west + east) / 2
    high = (north - south) * _METRES_A_DEGREE + 2 * _MARGIN_M
    wide = (east - west) * _METRES_A_DEGREE * cos(radians(latitude)) + 2 * _MARGIN_M
    return MapFrame(latitude, longitude, max(high / HEIGHT, wide / WIDTH, 1.0))


def draw_svg(
    frame: MapFrame,
    plan: Mapping[str, Any],
    cameras: Sequence[CameraFacts],
    *,
    chosen: Collection[str] = (),
    pin: Position | None = None,
) -> str:
    """The drawing as an SVG document; chosen cameras stand out by shape and colour."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f3f0e8"/>',
        *(_feature(frame, feature) for feature in plan.get("features", ())),
        *(_cone(frame, camera, camera.id in chosen) for camera in cameras),
        *(_dot(frame, camera, camera.id in chosen) for camera in cameras),
    ]
    if pin is not None:
        x, y = frame.xy(pin)
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}l-9 -20a10 10 0 1 1 18 0z" fill="#a11d28" stroke="#ffffff" stroke-width="2"/>'
        )
    return "".join([*parts, "</svg>"])


def _feature(frame: MapFrame, feature: Mapping[str, Any]) -> str:
    kind, geometry = feature["properties"].get("kind", ""), feature["geometry"]
    if geometry["type"] not in {"LineString", "Polygon"}:
        return ""
    closed = geometry["type"] == "Polygon"
    ring = geometry["coordinates"][0] if closed else geometry["coordinates"]
    points = [frame.xy((latitude, longitude)) for longitude, latitude in ring]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")
    colour = _GROUND.get(kind, "#b9b3a4")
    if closed:
        fill = "none" if kind == "boundary" else colour
        return f'<path d="{path}" fill="{fill}" stroke="#b9b3a4" stroke-width="0.6"/>'
    width = max(_LINES.get(kind, 1.0) / frame.metres_a_pixel, 1.0)
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" stroke-linecap="round"/>'


def _cone(frame: MapFrame, camera: CameraFacts, chosen: bool) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (frame.xy(place) for place in sector(camera.view)))
    return f'<polygon points="{points}" fill="{"#9c3b22" if chosen else "#1d4477"}" fill-opacity="0.16"/>'


def _dot(frame: MapFrame, camera: CameraFacts, chosen: bool) -> str:
    x, y = frame.xy(camera.view.position)
    shape = (
        f'<rect x="{x - 10:.1f}" y="{y - 10:.1f}" width="20" height="20" rx="3" fill="#9c3b22" stroke="#ffffff"/>'
        if chosen
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="#1d4477" stroke="#ffffff"/>'
    )
    text = escape(str(camera.number))
    return (
        f'{shape}<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-family="sans-serif" font-size="11" '
        f'font-weight="700" fill="#ffffff">{text}</text>'
    )
