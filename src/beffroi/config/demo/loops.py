"""Encoded loops, kept in the data folder, and how a picture with the true clock is made of them.

One file a scene and light: for the live stream ten pictures a second and a key frame every two seconds; for the past
five a second and a key frame every fifteen, so that six hours of eight cameras stay small. Loop file: ``BDL1``,
length of the JSON head (4 bytes, big endian), head, NAL units.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from beffroi.config.demo.drawing import HEIGHT
from beffroi.config.demo.render import SceneEncoder, pictures
from beffroi.config.demo.scenes import SCENES, Scene
from beffroi.config.demo.slices import (
    NAL_PPS,
    NAL_SPS,
    Sequence,
    Slice,
    picture_slices,
    read_sequence,
    read_slice,
    split_annex_b,
    write_slice,
)
from beffroi.config.demo.strip import ROWS, unchanged
from beffroi.config.demo.sun import is_night
from beffroi.config.demo.traffic import LOOP_S
from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.errors import Corrupt

MAGIC = b"BDL1"
SCENE_ROWS = HEIGHT // 16  # of macroblocks; as many stand above them while encoding, and are thrown away


@dataclass(frozen=True, slots=True)
class Rate:
    """How a loop is encoded: pictures a second, seconds from key frame to key frame, quality, effort."""

    name: str
    fps: int
    group_s: int
    qp: int
    preset: str

    @property
    def group_frames(self) -> int:
        return self.fps * self.group_s


LIVE = Rate("live", 10, 2, 24, "superfast")
PAST = Rate("past", 5, 15, 29, "veryfast")


@dataclass(frozen=True, slots=True)
class Loop:
    """Two minutes of one scene: parameter sets of the whole picture, and each picture's lower slice.

    A key picture has two forms, because pictures that follow one another may not carry the same ``idr_pic_id``.
    """

    rate: Rate
    sequence: Sequence
    scenes: tuple[tuple[bytes, ...], ...]

    @property
    def fps(self) -> int:
        return self.rate.fps

    def nals(self, number: int, strip: Slice | None) -> list[bytes]:
        """The NAL units of picture ``number``, counted since 1970 (so the same for all cameras); ``strip`` is the new
        clock strip, or ``None`` while the second has not changed."""
        place = number % self.rate.group_frames
        group = number // self.rate.group_frames
        forms = self.scenes[number % len(self.scenes)]
        upper = _upper(strip or unchanged(), self.sequence, place, group % 2)
        lower = forms[group % len(forms)]
        return [self.sequence.sps, self.sequence.pps, upper, lower] if place == 0 else [upper, lower]


@lru_cache(maxsize=1024)
def _upper(strip: Slice, sequence: Sequence, place: int, idr_id: int) -> bytes:
    """The strip as the first slice of a picture: the same for all cameras, and mostly "as before"."""
    return write_slice(strip, sequence, first_mb=0, frame_num=place, idr_id=idr_id if strip.idr else 0)


def file_of(folder: Path, scene: Scene, rate: Rate, *, night: bool) -> Path:
    """Where the loop is kept."""
    return folder / f"{scene.name}-{'night' if night else 'day'}-{rate.name}.loop"


def build(folder: Path, scene: Scene, *, night: bool, rates: Iterable[Rate] = (LIVE, PAST)) -> None:
    """Draw a scene once and keep its loops; files that are there already are left alone."""
    wanted = [rate for rate in rates if not file_of(folder, scene, rate, night=night).exists()]
    if not wanted:
        return
    fastest = max(rate.fps for rate in wanted)
    encoders = [SceneEncoder(fps=r.fps, group_frames=r.group_frames, qp=r.qp, preset=r.preset) for r in wanted]
    coded: list[list[bytes]] = [[] for _ in wanted]
    for n, picture in enumerate(pictures(scene, night=night, fps=fastest)):
        for rate, encoder, out in zip(wanted, encoders, coded, strict=True):
            if n % (fastest // rate.fps) == 0:
                out += encoder.encode(picture)
    folder.mkdir(parents=True, exist_ok=True)
    for rate, encoder, out in zip(wanted, encoders, coded, strict=True):
        out += encoder.flush()
        _keep(file_of(folder, scene, rate, night=night), rate, out)


def _keep(path: Path, rate: Rate, access_units: list[bytes]) -> None:
    if len(access_units) != LOOP_S * rate.fps:
        raise ValueError("the encoder lost pictures")
    sequence: Sequence | None = None
    sizes: list[list[int]] = []
    body: list[bytes] = []
    for n, unit in enumerate(access_units):
        nals = split_annex_b(unit)
        sets = {nal[0] & 31: nal for nal in nals}
        if sequence is None:
            sequence = read_sequence(sets[NAL_SPS], sets[NAL_PPS])
            whole = sequence.taller(ROWS - SCENE_ROWS)
        part = read_slice(picture_slices(nals)[1], sequence, first_mb=SCENE_ROWS * sequence.width_mbs)
        place, first_mb = n % rate.group_frames, ROWS * whole.width_mbs
        if part.idr != (place == 0):
            raise ValueError("a key frame is not where it belongs")
        ids = (0, 1) if part.idr else (0,)
        forms = [write_slice(part, whole, first_mb=first_mb, frame_num=place, idr_id=i) for i in ids]
        sizes.append([len(form) for form in forms])
        body += forms
    head = json.dumps({"sps": b64(whole.sps), "pps": b64(whole.pps), "sizes": sizes}).encode()
    beside = path.with_suffix(".new")
    beside.write_bytes(MAGIC + struct.pack(">I", len(head)) + head + b"".join(body))
    beside.replace(path)


def load(folder: Path, scene: Scene, rate: Rate, *, night: bool) -> Loop:
    """Read a loop; ``FileNotFoundError`` while it has not been drawn, ``Corrupt`` when the file is damaged."""
    path = file_of(folder, scene, rate, night=night)
    data = path.read_bytes()
    try:
        if data[:4] != MAGIC:
            raise ValueError("wrong mark")
        (length,) = struct.unpack(">I", data[4:8])
        head = json.loads(data[8 : 8 + length])
        sequence = read_sequence(unb64(head["sps"]), unb64(head["pps"]))
        at = 8 + length
        scenes = []
        for forms in head["sizes"]:
            parts = []
            for size in forms:
                parts.append(data[at : at + size])
                at += size
            scenes.append(tuple(parts))
        if at != len(data):
            raise ValueError("wrong length")
    except (ValueError, KeyError, struct.error) as error:
        raise Corrupt(f"The picture loop {path} is damaged: {error}.", hint="Delete it; it is drawn again.") from error
    return Loop(rate, sequence, tuple(scenes))


@dataclass(slots=True)
class Loops:
    """A scene's loops by day and by night, read when first needed."""

    folder: Path
    scene: Scene
    rate: Rate
    _kept: dict[bool, Loop] = field(default_factory=dict)

    def at(self, when: datetime) -> Loop:
        """The loop for the light of ``when``; the other one while that has not been drawn yet. ``FileNotFoundError``
        when neither is there."""
        night = is_night(when)
        for light in (night, not night):
            found = self._kept.get(light)
            if found is None:
                try:
                    found = load(self.folder, self.scene, self.rate, night=light)
                except FileNotFoundError:
                    continue
                self._kept[light] = found
            return found
        raise FileNotFoundError(file_of(self.folder, self.scene, self.rate, night=night))


def needed(now: datetime, since: datetime) -> Iterator[tuple[Scene, bool, tuple[Rate, ...]]]:
    """What must be drawn before the recorder starts: the live pictures of now, and those of the past from ``since``."""
    past = {is_night(since + timedelta(minutes=n)) for n in range(int((now - since).total_seconds()) // 60 + 1)}
    for night in (is_night(now), not is_night(now)):
        rates = ((LIVE,) if night is is_night(now) else ()) + ((PAST,) if night in past else ())
        if rates:
            yield from ((scene, night, rates) for scene in SCENES)


def everything() -> Iterator[tuple[Scene, bool, tuple[Rate, ...]]]:
    """All loops there are: for when the light changes."""
    yield from ((scene, night, (LIVE,)) for night in (False, True) for scene in SCENES)
