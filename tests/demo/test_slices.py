"""The clock strip and the looped scene make one H.264 picture, and not one pixel of either changes by it."""

from datetime import UTC, datetime, timedelta

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from beffroi.config.demo import slices
from beffroi.config.demo.loops import SCENE_ROWS
from beffroi.config.demo.render import SceneEncoder, pictures
from beffroi.config.demo.scenes import SCENES, Scene
from beffroi.config.demo.slices import (
    Bits,
    BitWriter,
    escape,
    picture_slices,
    read_sequence,
    read_slice,
    split_annex_b,
    unescape,
)
from beffroi.config.demo.strip import HEIGHT, ROWS, StripEncoder, unchanged

NOON = datetime(2026, 11, 23, 11, 59, 58, tzinfo=UTC)
FPS, GROUP, SECONDS = 5, 20, 8


def decoded(stream: bytes) -> list[NDArray[np.uint8]]:
    """The luma and chroma planes of every picture."""
    codec = av.CodecContext.create("h264", "r")
    frames = [frame for packet in [*codec.parse(stream), *codec.parse(None)] for frame in codec.decode(packet)]
    frames += codec.decode(None)
    return [frame.to_ndarray() for frame in frames]


def annex_b(nals: list[bytes]) -> bytes:
    return b"".join(slices.START_CODE + nal for nal in nals)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_joined_pictures_are_strip_above_and_scene_below_to_the_pixel(scene: Scene) -> None:
    encoder = SceneEncoder(fps=FPS, group_frames=GROUP, qp=30)
    units = []
    for n, picture in enumerate(pictures(scene, night=False, fps=FPS)):
        if n == SECONDS * FPS:
            break
        units += encoder.encode(picture)
    units += encoder.flush()
    alone = decoded(b"".join(units))  # checkerboard above, scene below

    parts = [split_annex_b(unit) for unit in units]
    sets = {nal[0] & 31: nal for nal in parts[0]}
    sequence = read_sequence(sets[slices.NAL_SPS], sets[slices.NAL_PPS])
    whole = sequence.taller(ROWS - SCENE_ROWS)
    clock, strip_alone, joined = StripEncoder(), b"", b""
    for n, nals in enumerate(parts):
        second, place, group = n // FPS, n % GROUP, n // GROUP
        strip = clock.encode(NOON + timedelta(seconds=second), key=place == 0) if n % FPS == 0 else unchanged()
        if n == 0:
            assert clock.pps == sequence.pps, "both streams need the same picture parameter set"
        sets_now = [whole.sps, whole.pps] if place == 0 else []
        upper = slices.write_slice(strip, whole, first_mb=0, frame_num=place, idr_id=group % 2)
        below = read_slice(picture_slices(nals)[1], sequence, first_mb=SCENE_ROWS * sequence.width_mbs)
        first = ROWS * whole.width_mbs
        lower = slices.write_slice(below, whole, first_mb=first, frame_num=place, idr_id=group % 2)
        joined += annex_b([*sets_now, upper, lower])
        small = sequence.taller(ROWS - sequence.height_mbs)
        small_sets = [small.sps, small.pps] if place == 0 else []
        strip_alone += annex_b(
            [*small_sets, slices.write_slice(strip, small, first_mb=0, frame_num=place, idr_id=group % 2)]
        )

    found, strips = decoded(joined), decoded(strip_alone)
    assert len(found) == len(alone) == len(strips) == SECONDS * FPS
    for n, (picture, scene_picture, strip_picture) in enumerate(zip(found, alone, strips, strict=True)):
        assert np.array_equal(picture[HEIGHT : HEIGHT + 400], scene_picture[400:800]), f"scene of picture {n}"
        assert np.array_equal(picture[:HEIGHT], strip_picture[:HEIGHT]), f"strip of picture {n}"


@given(st.binary(max_size=200))
def test_escaping_is_undone_and_hides_every_start_code(payload: bytes) -> None:
    hidden = escape(payload)
    assert unescape(hidden) == payload
    assert all(bytes((0, 0, last)) not in hidden for last in (0, 1, 2))


@given(st.lists(st.integers(-5_000, 5_000), max_size=30))
def test_exponential_golomb_numbers_come_back(values: list[int]) -> None:
    out = BitWriter()
    for value in values:
        out.se(value)
        out.ue(abs(value))
    bits = Bits(out.trailing())
    for value in values:
        assert bits.se() == value
        assert bits.ue() == abs(value)


def test_a_stream_that_cannot_be_spliced_is_refused() -> None:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt, codec.framerate = 64, 64, "yuv420p", 5
    codec.options = {"profile": "high"}
    frame = av.VideoFrame(64, 64, "yuv420p")
    packets = [*codec.encode(frame), *codec.encode(None)]
    sets = {nal[0] & 31: nal for nal in split_annex_b(bytes(packets[0]))}
    with pytest.raises(ValueError, match="Main profile"):
        read_sequence(sets[slices.NAL_SPS], sets[slices.NAL_PPS])
