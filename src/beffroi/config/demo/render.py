"""Draw a scene frame by frame and encode it once: 400 rows of picture, to which the clock strip is joined later.

Above the scene the encoder sees a checkerboard in a slice of its own that is thrown away, as below the strip: nothing
in it is worth referring to, so no motion vector leaves the scene. Slices are not filtered across their border.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from beffroi.config.demo.drawing import HEIGHT, NIGHT, WIDTH, Canvas, finished
from beffroi.config.demo.scenes import Scene
from beffroi.config.demo.sprites import Look, sprite
from beffroi.config.demo.traffic import LOOP_S, figures

Plane = NDArray[np.uint8]
Painted = tuple[Plane, Plane, Plane, NDArray[np.float32], NDArray[np.float32]]

_X264 = (
    "scenecut=0:bframes=0:ref=1:weightp=0:stitchable=1:psy=0:threads=2:sliced-threads=1:slices=2:8x8dct=0:level=31:"
    "mbtree=0:rc-lookahead=0:aq-mode=0:open-gop=0:cabac=1"
)
CODED_HEIGHT = 2 * HEIGHT  # checkerboard and scene, a slice each


def _planes(pixels: NDArray[np.uint8]) -> tuple[Plane, Plane, Plane]:
    """BT.601 limited range, 4:2:0, from RGB of even size."""
    rgb = pixels.astype(np.float32)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = 16 + 0.257 * r + 0.504 * g + 0.098 * b
    blue, red = 128 - 0.148 * r - 0.291 * g + 0.439 * b, 128 + 0.439 * r - 0.368 * g - 0.071 * b
    return luma.round().astype(np.uint8), _quartered(blue), _quartered(red)


def _quartered(plane: NDArray[np.float32]) -> Plane:
    h, w = plane.shape
    small: Plane = plane.reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3)).round().astype(np.uint8)
    return small


class Stage:
    """One scene by day or by night: the backdrop, what stands in front, and the painted figures."""

    def __init__(self, scene: Scene, *, night: bool) -> None:
        canvas = Canvas(caption=scene.caption)
        scene.draw(canvas)
        pixels, front = finished(canvas, night=night)
        self._scene, self._night = scene, night
        self._light = np.asarray(pixels).astype(np.float32).mean(axis=2)
        self._back = _planes(pixels)
        self._front = front
        self._front_small = front[::2, ::2]
        self._painted: dict[
            tuple[object, ...], tuple[Plane, Plane, Plane, NDArray[np.float32], NDArray[np.float32]]
        ] = {}

    def frame(self, second: float) -> Plane:
        """The picture at ``second`` of the loop, as the encoder takes it (planar YUV 4:2:0)."""
        luma, blue, red = (plane.copy() for plane in self._back)
        for figure in figures(self._scene, second, night=self._night):
            height = max(6, round(figure.height / 2) * 2)
            painted = self._paint(figure.look, height, figure.step, figure.view)
            rows, columns = painted[0].shape
            top, left = round((figure.y - rows) / 2) * 2, round((figure.x - columns / 2) / 2) * 2
            self._lay(luma, painted[0], painted[3], top, left, self._front, self._back[0])
            for plane, part, back in ((blue, painted[1], self._back[1]), (red, painted[2], self._back[2])):
                self._lay(plane, part, painted[4], top // 2, left // 2, self._front_small, back)
        return np.concatenate([luma.reshape(-1), blue.reshape(-1), red.reshape(-1)]).reshape(HEIGHT * 3 // 2, WIDTH)

    def _paint(self, look: Look, height: int, step: int, view: str) -> Painted:
        key = (look, height, step, view)
        if key not in self._painted:
            figure = sprite(look, height, step, view)
            pixels = figure.pixels
            if self._night:
                dimmed = pixels.astype(np.float32) * (np.array(NIGHT, np.float32) + 0.18)
                shining = (pixels[..., 0] > 245) & (pixels[..., 2] < 205)
                pixels = np.where(shining[..., None], pixels, dimmed).astype(np.uint8)
            opacity = figure.alpha.astype(np.float32) / np.float32(255)
            h, w = opacity.shape
            small = opacity.reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3), dtype=np.float32)
            self._painted[key] = (*_planes(pixels), opacity, small)
        return self._painted[key]

    @staticmethod
    def _lay(
        plane: Plane,
        part: Plane,
        opacity: NDArray[np.float32],
        top: int,
        left: int,
        front: NDArray[np.bool_],
        back: Plane,
    ) -> None:
        """Blend ``part`` into ``plane``, cut at the borders, behind what stands in front."""
        rows, columns = part.shape
        y0, x0 = max(0, top), max(0, left)
        y1, x1 = min(plane.shape[0], top + rows), min(plane.shape[1], left + columns)
        if y0 >= y1 or x0 >= x1:
            return
        inside = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        here = np.s_[y0:y1, x0:x1]
        under = plane[here].astype(np.float32)
        mixed = under + (part[inside].astype(np.float32) - under) * opacity[inside]
        plane[here] = np.where(front[here], back[here], mixed.round().astype(np.uint8))


class SceneEncoder:
    """x264 for the scene part of the picture."""

    def __init__(self, *, fps: int, group_frames: int, qp: int, preset: str = "superfast") -> None:
        self._codec = av.CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height, self._codec.pix_fmt = WIDTH, CODED_HEIGHT, "yuv420p"
        self._codec.framerate, self._codec.time_base = Fraction(fps), Fraction(1, fps)
        self._codec.thread_count = 2
        self._codec.options = {
            "preset": preset,
            "profile": "main",
            "x264-params": f"{_X264}:qp={qp}:keyint={group_frames}:min-keyint={group_frames}",
        }
        self._count = 0
        self._canvas = np.full((CODED_HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        self._canvas[:HEIGHT] = np.where((x // 4 + y // 4) % 2, 235, 16)

    def encode(self, picture: Plane) -> list[bytes]:
        """Pictures that are ready, each as a byte stream (annex B); the scene is the second slice."""
        chroma = self._canvas[CODED_HEIGHT:].reshape(2, HEIGHT, WIDTH // 2)
        self._canvas[HEIGHT:CODED_HEIGHT] = picture[:HEIGHT]
        chroma[:, HEIGHT // 2 :] = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
        frame = av.VideoFrame.from_ndarray(self._canvas, format="yuv420p")
        frame.pts, self._count = self._count, self._count + 1
        return [bytes(packet) for packet in self._codec.encode(frame)]

    def flush(self) -> list[bytes]:
        """The last pictures."""
        return [bytes(packet) for packet in self._codec.encode(None)]


def pictures(scene: Scene, *, night: bool, fps: int, seconds: int = LOOP_S) -> Iterator[Plane]:
    """All frames of a loop in order."""
    stage = Stage(scene, night=night)
    for n in range(seconds * fps):
        yield stage.frame(n / fps)


def still(scene: Scene, second: float, *, night: bool) -> Image.Image:
    """One frame as a picture: for the public page and the documents."""
    frame = av.VideoFrame.from_ndarray(Stage(scene, night=night).frame(second), format="yuv420p")
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return image
