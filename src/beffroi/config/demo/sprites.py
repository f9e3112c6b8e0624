"""Those who pass: walkers, cyclists, cars and a train, as flat figures with soft edges.

Nobody is anybody: a figure is a coat of some colour. Pictures are cached by size, step and look.
"""

from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beffroi.config.demo.drawing import shade

STEPS = 8
_SCALE = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody or something is painted."""

    kind: str  # walker | cyclist | car | van | train
    body: str
    legs: str = "#33394a"
    hair: str = "#4a3426"
    tall: float = 1.0  # against a grown-up


@dataclass(frozen=True, slots=True)
class Sprite:
    """Pixels and opacity (0 … 255), both of even width and height; the foot is the middle of the lower edge."""

    pixels: NDArray[np.uint8]
    alpha: NDArray[np.uint8]


@cache
def sprite(look: Look, height: int, step: int, view: str) -> Sprite:
    """``height``: of a grown-up at that place, in pixels; ``view``: left, right, towards or away."""
    draw_it = {"walker": _walker, "cyclist": _cyclist, "car": _car, "van": _car, "train": _train}[look.kind]
    image = draw_it(look, height, step, view)
    small = image.resize((image.width // _SCALE, image.height // _SCALE), Image.Resampling.BOX)
    if view == "left":
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pixels = np.asarray(small)
    return Sprite(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))


def _empty(width: float, height: float, ground: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A transparent picture of even size. Its colour is that of the figure, so that soft edges do not darken."""
    w, h = max(2, round(width / 2) * 2) * _SCALE, max(2, round(height / 2) * 2) * _SCALE
    r, g, b = (int(ground[i : i + 2], 16) for i in (1, 3, 5))
    image = Image.new("RGBA", (w, h), (r, g, b, 0))
    return image, ImageDraw.Draw(image)


def _walker(look: Look, height: int, step: int, view: str) -> Image.Image:
    tall = height * look.tall
    image, draw = _empty(tall * 0.62, tall * 1.06, look.body)
    u, cx, foot = tall * _SCALE / 100, image.width / 2, image.height - 2
    swing = sin(2 * pi * step / STEPS)
    sideways = view in ("left", "right")
    bob = abs(cos(2 * pi * step / STEPS)) * 1.6
    hip, shoulder = foot - (47 + bob) * u, foot - (79 + bob) * u
    draw.ellipse((cx - 20 * u, foot - 3.4 * u, cx + 20 * u, foot), fill=(30, 34, 44, 70))
    for side in (1, -1):
        reach = swing * side * (15 if sideways else 3)
        lift = max(0.0, swing * side) * (4 if sideways else 8)
        knee = (cx + reach * 0.55 * u + (0 if sideways else side * 5 * u), hip + 23 * u - lift * u)
        end = (cx + reach * u + (0 if sideways else side * 5 * u), foot - 3 * u - lift * u)
        tone = look.legs if side == 1 else shade(look.legs, 0.8)
        draw.line(
            [(cx + (0 if sideways else side * 4 * u), hip), knee, end], fill=tone, width=round(8.4 * u), joint="curve"
        )
        toe = 6 * u if sideways else 3 * u
        draw.ellipse((end[0] - 4 * u, end[1] - 2.5 * u, end[0] + toe, end[1] + 3 * u), fill="#2b2622")
    for side in (-1, 1):
        arm = -swing * side * (15 if sideways else 2)
        at = cx + (0 if sideways else side * 12 * u)
        draw.line(
            [(at, shoulder + 4 * u), (at + arm * 0.5 * u, shoulder + 18 * u), (at + arm * u, hip + 2 * u)],
            fill=shade(look.body, 0.8 if side == -1 else 0.9),
            width=round(6.6 * u),
            joint="curve",
        )
        if side == -1:
            half = 10.5 if sideways else 13
            draw.rounded_rectangle((cx - half * u, shoulder, cx + half * u, hip + 8 * u), 6 * u, fill=look.body)
    head = shoulder - 9.5 * u
    skin, ahead = "#e2b893", (2.4 * u if sideways else 0)
    draw.rectangle((cx - 2.5 * u, shoulder - 4 * u, cx + 2.5 * u, shoulder + 2 * u), fill=shade(skin, 0.9))
    draw.ellipse((cx - 7.4 * u, head - 8.6 * u, cx + 7.4 * u, head + 8.4 * u), fill=look.hair)
    if view != "away":
        draw.ellipse((cx - 5.6 * u + ahead, head - 4.6 * u, cx + 5.6 * u + ahead, head + 7.6 * u), fill=skin)
    return image


def _cyclist(look: Look, height: int, step: int, view: str) -> Image.Image:
    if view in ("towards", "away"):
        return _walker(look, height, step, view)
    image, draw = _empty(height * 1.1, height * 1.06, look.body)
    u, cx, foot = height * _SCALE / 100, image.width / 2, image.height - 2
    draw.ellipse((cx - 48 * u, foot - 3 * u, cx + 48 * u, foot), fill=(30, 34, 44, 70))
    for dx in (-27, 27):
        draw.ellipse(
            (cx + (dx - 17) * u, foot - 36 * u, cx + (dx + 17) * u, foot - 2 * u),
            outline="#2b2e34",
            width=round(2.6 * u),
        )
    frame = [(cx - 27 * u, foot - 19 * u), (cx - 4 * u, foot - 20 * u), (cx + 18 * u, foot - 44 * u),
             (cx - 12 * u, foot - 44 * u), (cx - 27 * u, foot - 19 * u)]  # fmt: skip
    draw.line(frame, fill="#3f7d8c", width=round(3.2 * u))
    draw.line(
        [(cx + 27 * u, foot - 19 * u), (cx + 19 * u, foot - 54 * u), (cx + 25 * u, foot - 56 * u)],
        fill="#3f7d8c",
        width=round(3.2 * u),
    )
    turn = 2 * pi * step / STEPS
    pedal = (cx - 4 * u + cos(turn) * 7 * u, foot - 19 * u + sin(turn) * 7 * u)
    draw.line(
        [(cx - 12 * u, foot - 50 * u), (cx + 3 * u, foot - 38 * u), pedal],
        fill=look.legs,
        width=round(7 * u),
        joint="curve",
    )
    draw.line([(cx - 12 * u, foot - 50 * u), (cx + 4 * u, foot - 78 * u)], fill=look.body, width=round(17 * u))
    draw.line(
        [(cx + 3 * u, foot - 74 * u), (cx + 22 * u, foot - 57 * u)], fill=shade(look.body, 0.85), width=round(5.5 * u)
    )
    draw.ellipse((cx + 1 * u, foot - 100 * u, cx + 16 * u, foot - 84 * u), fill="#e2b893")
    draw.pieslice((cx - 1 * u, foot - 104 * u, cx + 17 * u, foot - 84 * u), 180, 360, fill="#f2f0ea")
    return image


def _car(look: Look, height: int, step: int, view: str) -> Image.Image:
    if view in ("towards", "away"):
        return _car_end(look, height, view)
    van = look.kind == "van"
    image, draw = _empty(height * 2.75, height * (1.12 if van else 0.9), look.body)
    u, w, foot = height * _SCALE / 100, image.width, image.height - 2
    draw.ellipse((4 * u, foot - 7 * u, w - 4 * u, foot), fill=(30, 34, 44, 90))
    top = foot - (102 if van else 80) * u
    if van:
        draw.rounded_rectangle((8 * u, top, w - 60 * u, foot - 10 * u), 8 * u, fill=look.body)
        draw.polygon(
            [
                (w - 64 * u, top),
                (w - 42 * u, foot - 60 * u),
                (w - 10 * u, foot - 52 * u),
                (w - 10 * u, foot - 10 * u),
                (w - 64 * u, foot - 10 * u),
            ],
            fill=look.body,
        )
        draw.polygon(
            [
                (w - 62 * u, top + 8 * u),
                (w - 46 * u, foot - 58 * u),
                (w - 74 * u, foot - 58 * u),
                (w - 74 * u, top + 8 * u),
            ],
            fill="#5b7080",
        )
    else:
        roof = [(44 * u, foot - 46 * u), (74 * u, top), (158 * u, top), (198 * u, foot - 46 * u)]
        draw.polygon(roof, fill=shade(look.body, 0.9))
        for a, b, c, d in ((56, 78, 112, 112), (118, 118, 154, 184)):
            draw.polygon(
                [(a * u, foot - 47 * u), (b * u, top + 6 * u), (c * u, top + 6 * u), (d * u, foot - 47 * u)],
                fill="#5b7080",
            )
        draw.rounded_rectangle((8 * u, foot - 52 * u, w - 8 * u, foot - 12 * u), 13 * u, fill=look.body)
        draw.line(
            [(114 * u, foot - 50 * u), (114 * u, foot - 15 * u)], fill=shade(look.body, 0.8), width=round(1.6 * u)
        )
    draw.rectangle((8 * u, foot - 22 * u, w - 8 * u, foot - 15 * u), fill=shade(look.body, 0.72))
    draw.ellipse((w - 19 * u, foot - 46 * u, w - 8 * u, foot - 34 * u), fill="#fbf1c6")
    draw.rectangle((8 * u, foot - 46 * u, 14 * u, foot - 34 * u), fill="#b5393c")
    for x in (56 * u, w - 60 * u):
        draw.ellipse((x - 19 * u, foot - 38 * u, x + 19 * u, foot), fill="#26292e")
        draw.ellipse((x - 10 * u, foot - 29 * u, x + 10 * u, foot - 9 * u), fill="#9aa0a8")
        turn = 2 * pi * step / STEPS
        draw.line(
            [
                (x - cos(turn) * 9 * u, foot - 19 * u - sin(turn) * 9 * u),
                (x + cos(turn) * 9 * u, foot - 19 * u + sin(turn) * 9 * u),
            ],
            fill="#5b6068",
            width=round(3 * u),
        )
    return image


def _car_end(look: Look, height: int, view: str) -> Image.Image:
    image, draw = _empty(height * 1.16, height * 0.95, look.body)
    u, cx, foot = height * _SCALE / 100, image.width / 2, image.height - 2
    draw.ellipse((cx - 56 * u, foot - 9 * u, cx + 56 * u, foot), fill=(30, 34, 44, 90))
    for dx in (-44, 26):
        draw.rectangle((cx + dx * u, foot - 22 * u, cx + (dx + 18) * u, foot - 2 * u), fill="#26292e")
    draw.polygon(
        [
            (cx - 40 * u, foot - 52 * u),
            (cx - 30 * u, foot - 86 * u),
            (cx + 30 * u, foot - 86 * u),
            (cx + 40 * u, foot - 52 * u),
        ],
        fill=shade(look.body, 0.9),
    )
    draw.polygon(
        [
            (cx - 34 * u, foot - 53 * u),
            (cx - 26 * u, foot - 80 * u),
            (cx + 26 * u, foot - 80 * u),
            (cx + 34 * u, foot - 53 * u),
        ],
        fill="#5b7080",
    )
    draw.rounded_rectangle((cx - 50 * u, foot - 55 * u, cx + 50 * u, foot - 12 * u), 10 * u, fill=look.body)
    lamp = "#fbf1c6" if view == "towards" else "#b5393c"
    for dx in (-46, 30):
        draw.rounded_rectangle((cx + dx * u, foot - 47 * u, cx + (dx + 16) * u, foot - 36 * u), 3 * u, fill=lamp)
    draw.rectangle((cx - 14 * u, foot - 28 * u, cx + 14 * u, foot - 20 * u), fill="#f2f0ea")
    return image


def _train(look: Look, height: int, step: int, view: str) -> Image.Image:
    image, draw = _empty(height * 8.4, height * 1.7, look.body)
    u, w, foot = height * _SCALE / 100, image.width, image.height
    draw.rounded_rectangle((2 * u, foot - 160 * u, w - 2 * u, foot - 20 * u), 26 * u, fill="#e9ebec")
    draw.rectangle((2 * u, foot - 60 * u, w - 2 * u, foot - 22 * u), fill=look.body)
    draw.rectangle((2 * u, foot - 66 * u, w - 2 * u, foot - 60 * u), fill="#c8414b")
    draw.rectangle((30 * u, foot - 132 * u, w - 30 * u, foot - 84 * u), fill="#4a5a68")
    for n in range(8):
        x = 30 * u + n * (w - 60 * u) / 8
        draw.rectangle((x - 3 * u, foot - 134 * u, x + 3 * u, foot - 82 * u), fill="#e9ebec")
        if n % 3 == 1:
            draw.rectangle((x + 10 * u, foot - 138 * u, x + 48 * u, foot - 26 * u), fill="#dfe2e4")
            draw.rectangle((x + 15 * u, foot - 130 * u, x + 43 * u, foot - 82 * u), fill="#4a5a68")
    draw.rectangle((10 * u, foot - 22 * u, w - 10 * u, foot - 10 * u), fill="#3a3e45")
    return image
