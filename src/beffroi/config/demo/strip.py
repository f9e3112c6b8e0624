"""The clock strip: two rows of macroblocks with date, time, offset from UTC and the word that the picture is drawn.

One small picture a second, shared by all cameras. Below the strip the encoder sees a checkerboard in a slice of its
own that is thrown away: nothing in it is worth referring to, so no motion vector ever leaves the strip.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from beffroi.config.demo.slices import NAL_PPS, NAL_SPS, Sequence, Slice, picture_slices, read_sequence, read_slice
from beffroi.config.demo.slices import split_annex_b as split

WIDTH = 768
ROWS = 2  # of macroblocks
HEIGHT = ROWS * 16
ZONE = ZoneInfo("Europe/Paris")
LABEL = "SAINT-AUBIN-DU-BEFFROI   IMAGE FICTIVE / SYNTHETIC"
_DARK, _LIGHT = 26, 232
_X264 = (
    "scenecut=0:bframes=0:ref=1:weightp=0:stitchable=1:psy=0:threads=1:sliced-threads=0:8x8dct=0:"
    "aq-mode=0:level=31:no-deblock=1:slices=2:me=dia:subme=1:rc-lookahead=0:trellis=0:ipratio=1:qp=35"
)


def stamp(at: datetime) -> str:
    """What the strip says of ``at``: local date and time with the offset, so that 02:30 twice is told apart."""
    local = at.astimezone(ZONE)
    offset = local.strftime("%z")
    return f"{local:%d/%m/%Y  %H:%M:%S}  UTC{offset[:3]}"


@cache
def _glyph(letter: str, size: int) -> NDArray[np.uint8]:
    font = ImageFont.load_default(size)
    width = round(font.getlength("0" if letter.isdigit() else letter))
    image = Image.new("L", (max(width, 1), HEIGHT), _DARK)
    ImageDraw.Draw(image).text((width / 2, HEIGHT / 2), letter, font=font, fill=_LIGHT, anchor="mm")
    return np.asarray(image)


@cache
def _empty() -> NDArray[np.uint8]:
    frame = np.full((HEIGHT * 3, WIDTH), 128, np.uint8)
    frame[:HEIGHT] = _DARK
    y, x = np.mgrid[HEIGHT : 2 * HEIGHT, 0:WIDTH]
    frame[HEIGHT : 2 * HEIGHT] = np.where((x // 4 + y // 4) % 2, 235, 16)
    font = ImageFont.load_default(13)
    label = Image.new("L", (round(font.getlength(LABEL)) + 2, HEIGHT), _DARK)
    ImageDraw.Draw(label).text((0, HEIGHT / 2), LABEL, font=font, fill=190, anchor="lm")
    pixels = np.asarray(label)
    frame[:HEIGHT, WIDTH - 12 - pixels.shape[1] : WIDTH - 12] = pixels
    return frame


def draw(at: datetime) -> NDArray[np.uint8]:
    """The picture given to the encoder: planar YUV 4:2:0, strip above, checkerboard below."""
    frame = _empty().copy()
    x = 12
    for letter in stamp(at):
        pixels = _glyph(letter, 21)
        frame[:HEIGHT, x : x + pixels.shape[1]] = pixels
        x += pixels.shape[1]
    return frame


class StripEncoder:
    """Encodes strips in order; each begins a new group of pictures or refers to the one before it."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height, self._codec.pix_fmt = WIDTH, 2 * HEIGHT, "yuv420p"
        self._codec.framerate, self._codec.time_base, self._codec.thread_count = Fraction(1), Fraction(1), 1
        self._codec.options = {
            "preset": "veryfast",
            "profile": "main",
            "tune": "zerolatency",
            "x264-params": f"cabac=1:keyint=100000:forced-idr=1:{_X264}",
        }
        self._count = 0
        self._sequence: Sequence | None = None

    def encode(self, at: datetime, *, key: bool) -> Slice:
        """The strip of ``at``; ``key`` begins a group of pictures."""
        return self._encode(draw(at), key=key)

    def _encode(self, pixels: NDArray[np.uint8], *, key: bool) -> Slice:
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, self._count = self._count, self._count + 1
        frame.pict_type = av.video.frame.PictureType.I if key else av.video.frame.PictureType.P
        (packet,) = self._codec.encode(frame)
        nals = split(bytes(packet))
        sets = {nal[0] & 31: nal for nal in nals}
        if NAL_SPS in sets:
            self._sequence = read_sequence(sets[NAL_SPS], sets[NAL_PPS])
        if self._sequence is None:
            raise ValueError("the encoder gave no parameter sets")
        return read_slice(picture_slices(nals)[0], self._sequence)

    @property
    def pps(self) -> bytes:
        """The picture parameter set, which must be the scene's too."""
        if self._sequence is None:
            raise ValueError("nothing encoded yet")
        return self._sequence.pps


@cache
def unchanged() -> Slice:
    """The strip that says "as in the picture before"."""
    coder, pixels = StripEncoder(), np.full((HEIGHT * 3, WIDTH), 128, np.uint8)
    coder._encode(pixels, key=True)
    return coder._encode(pixels, key=False)


def strips(first: datetime, seconds: Iterator[datetime], *, group_s: int) -> Iterator[Slice]:
    """Strips for whole seconds; a group of pictures begins when ``group_s`` divides the seconds since ``first``."""
    coder = StripEncoder()
    for at in seconds:
        yield coder.encode(at, key=int((at - first).total_seconds()) % group_s == 0)
