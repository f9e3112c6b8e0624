"""A small kit to draw village streets in flat colours: houses, roofs, trees, lamps, roads in perspective.

Coordinates are picture pixels (768 × 400); everything is drawn three times larger and scaled down once, which gives
soft edges. What shines at night (windows, lamps) is noted while drawing, so that the night is the same picture under
another light.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 768, 400
SCALE = 3

Colour = str
Point = tuple[float, float]

STONE, CREAM, OCHRE, ROSE, SAND = "#d9cbb2", "#efe3cb", "#e3b877", "#dba594", "#e6d3ad"
SLATE, TILE, TILE_DARK, ZINC = "#5b6577", "#b4573c", "#944632", "#8f98a3"
SKY_HIGH, SKY_LOW = "#7fb0d8", "#dbe9ee"
GRASS, LEAF, LEAF_DARK, TRUNK = "#8fb06a", "#6f9a58", "#557f49", "#77604d"
ROAD, ROAD_EDGE, PAVEMENT, KERB, WHITE = "#7d8087", "#6d7077", "#c9c3b6", "#a9a498", "#f2f0ea"
WINDOW, FRAME, DOOR, SHUTTER = "#5f7485", "#f6f1e6", "#6b4a3a", "#6e93a6"
NIGHT = (0.20, 0.24, 0.40)


def shade(colour: Colour, factor: float) -> Colour:
    """``colour`` darker (< 1) or lighter (> 1)."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{max(0, min(255, round(part * factor))):02x}" for part in parts)


def write(image: Image.Image, x: float, y: float, words: str, size: float, colour: Colour, anchor: str) -> None:
    """Words on a picture. The built-in font has no accents: acute, grave and circumflex are drawn above the letter."""
    font = ImageFont.load_default(size)
    draw = ImageDraw.Draw(image)
    plain = "".join(_ACCENTS.get(letter, (letter, 0))[0] for letter in words)
    draw.text((x, y), plain, font=font, fill=colour, anchor=anchor)
    left, top, _, _ = draw.textbbox((x, y), plain, font=font, anchor=anchor)
    for n, letter in enumerate(words):
        if letter not in _ACCENTS:
            continue
        base, lean = _ACCENTS[letter]
        middle = left + font.getlength(plain[:n]) + font.getlength(base) / 2
        over = top - size * 0.05 if base.isupper() else top + size * 0.06
        rise = size * 0.09
        ends = [(middle - rise, over + rise * lean), (middle + rise, over - rise * lean)]
        if lean == 0:
            ends = [(middle - rise, over + rise * 0.6), (middle, over - rise * 0.6), (middle + rise, over + rise * 0.6)]
        draw.line(ends, fill=colour, width=max(1, round(size * 0.09)))


_ACCENTS = {"É": ("E", 1), "È": ("E", -1), "Ê": ("E", 0), "é": ("e", 1), "è": ("e", -1), "ê": ("e", 0)}


@dataclass(slots=True)
class Canvas:
    """A picture being drawn, with its lights and with what stands in front of those who pass."""

    image: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), SKY_LOW))
    front: Image.Image = field(default_factory=lambda: Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), 0))
    lamps: list[tuple[float, float, float]] = field(default_factory=list)
    windows: list[tuple[float, float, float, float]] = field(default_factory=list)
    in_front: bool = False
    caption: str = ""

    def poly(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        ImageDraw.Draw(self.image).polygon(scaled, fill=colour)
        if self.in_front:
            ImageDraw.Draw(self.front).polygon(scaled, fill=255)

    def rect(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        """A filled rectangle; ``x, y`` is its upper left corner."""
        self.poly([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour)

    def disc(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """A filled ellipse around ``x, y``."""
        box = tuple(v * SCALE for v in (x - rx, y - ry, x + rx, y + ry))
        ImageDraw.Draw(self.image).ellipse(box, fill=colour)
        if self.in_front:
            ImageDraw.Draw(self.front).ellipse(box, fill=255)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line of ``width`` pixels."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        ImageDraw.Draw(self.image).line(scaled, fill=colour, width=round(width * SCALE), joint="curve")
        if self.in_front:
            ImageDraw.Draw(self.front).line(scaled, fill=255, width=round(width * SCALE))

    def text(self, x: float, y: float, words: str, size: float, colour: Colour, anchor: str = "mm") -> None:
        """Words, placed by ``anchor`` (as Pillow names it)."""
        write(self.image, x * SCALE, y * SCALE, words, size * SCALE, colour, anchor)

    def sky(self, down_to: float, high: Colour = SKY_HIGH, low: Colour = SKY_LOW) -> None:
        """A sky in eight bands and a few flat clouds: bands compress better than a gradient."""
        bands = 8
        top, bottom = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (high, low))
        for n in range(bands):
            mixed = top + (bottom - top) * n / (bands - 1)
            colour = "#" + "".join(f"{round(v):02x}" for v in mixed)
            self.rect(0, down_to * n / bands, WIDTH, down_to / bands + 1, colour)

    def cloud(self, x: float, y: float, size: float) -> None:
        """A flat cloud."""
        for dx, dy, r in ((-1.2, 0.1, 0.6), (-0.4, -0.25, 0.8), (0.5, -0.05, 0.75), (1.3, 0.15, 0.5)):
            self.disc(x + dx * size, y + dy * size, r * size, r * size * 0.55, "#eef4f5")

    def window(self, x: float, y: float, w: float, h: float, shutter: Colour | None = None, lit: bool = False) -> None:
        """A window with frame, cross and shutters; ``lit`` ones shine at night."""
        if shutter:
            for left in (x - w * 0.62, x + w * 1.06):
                self.rect(left, y, w * 0.56, h, shutter)
                self.rect(left + w * 0.24, y, w * 0.05, h, shade(shutter, 0.85))
        self.rect(x - 1, y - 1, w + 2, h + 2.5, FRAME)
        self.rect(x, y, w, h, WINDOW)
        self.poly([(x, y), (x + w * 0.7, y), (x, y + h * 0.6)], shade(WINDOW, 1.18))
        self.rect(x + w / 2 - 0.6, y, 1.2, h, FRAME)
        self.rect(x, y + h * 0.42, w, 1.1, FRAME)
        if lit:
            self.windows.append((x, y, w, h))

    def tree(self, x: float, y: float, size: float, leaf: Colour = LEAF) -> None:
        """A round tree whose foot stands at ``x, y``."""
        self.rect(x - size * 0.05, y - size * 0.55, size * 0.1, size * 0.55, TRUNK)
        self.disc(x, y - size * 0.85, size * 0.36, size * 0.42, shade(leaf, 0.86))
        self.disc(x - size * 0.06, y - size * 0.92, size * 0.29, size * 0.33, leaf)
        self.disc(x - size * 0.12, y - size * 1.0, size * 0.15, size * 0.16, shade(leaf, 1.1))

    def lamp(self, x: float, y: float, height: float, reach: float = 0.9) -> None:
        """A street lamp; its head shines at night."""
        self.rect(x - height * 0.015, y - height, height * 0.03, height, "#3f4650")
        self.poly(
            [
                (x - height * 0.06, y - height),
                (x + height * 0.06, y - height),
                (x + height * 0.04, y - height * 1.09),
                (x - height * 0.04, y - height * 1.09),
            ],
            "#3f4650",
        )
        self.disc(x, y - height * 0.985, height * 0.035, height * 0.025, "#f4e7bf")
        self.lamps.append((x, y - height * 0.98, height * reach))

    def house(
        self,
        x: float,
        base: float,
        w: float,
        h: float,
        wall: Colour,
        roof: Colour = TILE,
        *,
        columns: int = 3,
        floors: int = 2,
        shutter: Colour | None = SHUTTER,
        lit: Sequence[int] = (),
        chimney: bool = True,
        shop: str = "",
    ) -> None:
        """A house seen from the front; window numbers in ``lit`` shine at night; ``shop`` names a shop below."""
        rise = h * 0.30
        if chimney:
            self.rect(x + w * 0.74, base - h - rise * 0.95, w * 0.09, rise * 0.7, shade(TILE_DARK, 0.9))
        self.poly(
            [(x - 4, base - h), (x + w * 0.1, base - h - rise), (x + w * 0.9, base - h - rise), (x + w + 4, base - h)],
            roof,
        )
        self.rect(x - 4, base - h - 2, w + 8, 4, shade(roof, 0.8))
        self.rect(x, base - h + 2, w, h - 2, wall)
        self.rect(x, base - h * 0.07, w, h * 0.07, shade(wall, 0.82))
        floor_h = h / floors
        cell = w / columns
        for n in range(columns * floors):
            row, column = divmod(n, columns)
            ground = row == floors - 1
            left, top = x + cell * (column + 0.31), base - h + floor_h * (row + 0.24)
            if ground and shop:
                continue
            if ground and column == columns // 2:
                self.rect(left - 1.5, top - 1.5, cell * 0.38 + 3, base - top + 1.5, FRAME)
                self.rect(left, top, cell * 0.38, base - top, DOOR)
                continue
            self.window(left, top, cell * 0.38, floor_h * 0.52, shutter, n in lit)
        if shop:
            top = base - floor_h * 0.86
            self.rect(x + w * 0.06, top, w * 0.88, floor_h * 0.2, shade(roof, 0.75))
            self.text(x + w / 2, top + floor_h * 0.1, shop, floor_h * 0.15, WHITE)
            self.rect(x + w * 0.08, top + floor_h * 0.22, w * 0.54, floor_h * 0.55, WINDOW)
            self.poly(
                [
                    (x + w * 0.08, top + floor_h * 0.22),
                    (x + w * 0.4, top + floor_h * 0.22),
                    (x + w * 0.08, top + floor_h * 0.7),
                ],
                shade(WINDOW, 1.15),
            )
            self.rect(x + w * 0.68, top + floor_h * 0.22, w * 0.2, floor_h * 0.64, DOOR)
            self.windows.append((x + w * 0.08, top + floor_h * 0.22, w * 0.54, floor_h * 0.55))

    def crossing(self, points: Sequence[Point], stripes: int) -> None:
        """A zebra crossing inside the quadrilateral ``points`` (upper left, upper right, lower right, lower left)."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        for n in range(stripes):
            p, q = n / stripes, (n + 0.55) / stripes
            self.poly(
                [
                    (ax + (bx - ax) * p, ay + (by - ay) * p),
                    (ax + (bx - ax) * q, ay + (by - ay) * q),
                    (dx + (cx - dx) * q, dy + (cy - dy) * q),
                    (dx + (cx - dx) * p, dy + (cy - dy) * p),
                ],
                WHITE,
            )

    def facade(
        self, near: tuple[float, float, float], far: tuple[float, float, float], wall: Colour, roof: Colour,
        *, columns: int = 3, floors: int = 2, shutter: Colour | None = SHUTTER, lit: Sequence[int] = (),
        awning: Colour | None = None,
    ) -> None:  # fmt: skip
        """A house front that recedes: ``near`` and ``far`` are ``(x, base, eaves)`` of its two vertical edges."""
        (xa, ba, ta), (xb, bb, tb) = near, far

        def at(u: float, v: float) -> Point:
            """The point at ``u`` along the front (0 near) and ``v`` up its height (0 ground)."""
            x = xa + (xb - xa) * u
            base, top = ba + (bb - ba) * u, ta + (tb - ta) * u
            return x, base + (top - base) * v

        self.poly([at(0, 1.28), at(1, 1.28), at(1.0, 0.99), at(0.0, 0.99)], roof)
        self.poly([at(0, 0), at(1, 0), at(1, 1), at(0, 1)], wall)
        self.poly([at(0, 0.97), at(1, 0.97), at(1, 1.0), at(0, 1.0)], shade(roof, 0.75))
        self.poly([at(0, 0), at(1, 0), at(1, 0.06), at(0, 0.06)], shade(wall, 0.8))
        for n in range(columns * floors):
            floor, column = divmod(n, columns)
            u0, u1 = (column + 0.3) / columns, (column + 0.7) / columns
            v0, v1 = (floor + 0.28) / floors, (floor + 0.78) / floors
            if floor == 0 and column == columns // 2:
                self.poly([at(u0, 0), at(u1, 0), at(u1, v1), at(u0, v1)], DOOR)
                continue
            if shutter:
                side = 0.16 / columns
                self.poly([at(u0 - side, v0), at(u1 + side, v0), at(u1 + side, v1), at(u0 - side, v1)], shutter)
            self.poly([at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], FRAME)
            pane = [
                at(u0 + 0.01, v0 + 0.01),
                at(u1 - 0.01, v0 + 0.01),
                at(u1 - 0.01, v1 - 0.01),
                at(u0 + 0.01, v1 - 0.01),
            ]
            self.poly(pane, WINDOW)
            if n in lit:
                xs, ys = [p[0] for p in pane], [p[1] for p in pane]
                self.windows.append((min(xs), min(ys) + 1, max(xs) - min(xs), max(ys) - min(ys) - 2))
        if awning:
            self.poly([at(0.08, 0.5), at(0.92, 0.5), at(0.95, 0.38), at(0.05, 0.38)], awning)


def finished(canvas: Canvas, *, night: bool) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture (400 × 768 × 3) by day or by night, and where something stands in front of those who pass."""
    small = canvas.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    front = np.asarray(canvas.front.resize((WIDTH, HEIGHT), Image.Resampling.BOX)) > 127
    picture = Image.fromarray(_by_night(np.asarray(small), canvas)) if night else small
    if canvas.caption:
        width = round(ImageFont.load_default(13).getlength(canvas.caption)) + 20
        box = (10, HEIGHT - 32, 10 + width, HEIGHT - 10)
        ImageDraw.Draw(picture).rectangle(box, fill="#1a1a1a")
        write(picture, 20, HEIGHT - 20, canvas.caption, 13, WHITE, "lm")
        front = front.copy()
        front[box[1] : box[3] + 1, box[0] : box[2] + 1] = True
    return np.asarray(picture), front


def _by_night(day: NDArray[np.uint8], canvas: Canvas) -> NDArray[np.uint8]:
    """The same street under lamps."""
    light = Image.new("L", (WIDTH // 2, HEIGHT // 2), 0)
    draw = ImageDraw.Draw(light)
    for x, y, reach in canvas.lamps:
        x, y, r = x / 2, y / 2, reach / 2
        draw.polygon([(x, y), (x - r * 0.9, y + r * 1.15), (x + r * 0.9, y + r * 1.15)], fill=120)
        draw.ellipse((x - r * 1.1, y + r * 0.75, x + r * 1.1, y + r * 1.45), fill=150)
    soft = light.filter(ImageFilter.GaussianBlur(13)).resize((WIDTH, HEIGHT))
    glow = np.asarray(soft).astype(np.float32)[..., None] / 255
    warm = np.array([1.0, 0.82, 0.52], np.float32)
    picture = day.astype(np.float32) * (np.array(NIGHT, np.float32) + glow * warm * 1.1)
    shining = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(shining)
    for x, y, w, h in canvas.windows:
        draw.rectangle((x, y, x + w - 1, y + h - 1), fill="#f2c46d")
        draw.line((x + w / 2, y, x + w / 2, y + h), fill="#6e5730")
        draw.line((x, y + h * 0.42, x + w, y + h * 0.42), fill="#6e5730")
    for x, y, reach in canvas.lamps:
        r = max(2.0, reach * 0.03)
        draw.ellipse((x - r, y - r, x + r, y + r), fill="#fff1c9")
    return np.asarray(shining)
