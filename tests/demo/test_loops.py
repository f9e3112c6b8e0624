"""Loops: the same drawing gives the same bytes; the clock of a picture is the time it is sent for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from beffroi.config.demo import loops, strip
from beffroi.config.demo.render import Stage
from beffroi.config.demo.scenes import SCENES
from beffroi.config.demo.slices import START_CODE
from beffroi.config.demo.sun import elevation, is_night
from beffroi.config.demo.traffic import LOOP_S, PASSAGES, figures
from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.errors import Corrupt

NOON = datetime(2026, 11, 23, 12, 0, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("loops")
    loops.build(made, SCENES[0], night=False, rates=(loops.PAST,))
    return made


def test_the_same_drawing_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    loops.build(tmp_path, SCENES[0], night=False, rates=(loops.PAST,))
    name = loops.file_of(folder, SCENES[0], loops.PAST, night=False).name
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_loop_file_that_is_damaged_is_named(folder: Path, tmp_path: Path) -> None:
    source = loops.file_of(folder, SCENES[0], loops.PAST, night=False)
    damaged = tmp_path / source.name
    damaged.write_bytes(source.read_bytes()[:-7])
    with pytest.raises(Corrupt, match=str(damaged)):
        loops.load(tmp_path, SCENES[0], loops.PAST, night=False)


def test_any_two_groups_of_pictures_decode_one_after_the_other_with_their_own_clock(folder: Path) -> None:
    source = loops.Loops(folder, SCENES[0], loops.PAST)
    start = to_us(NOON) // 1_000_000 // loops.PAST.group_s * loops.PAST.group_s
    coder, stream, seconds = strip.StripEncoder(), b"", 2 * loops.PAST.group_s
    for second in range(start, start + seconds):
        at = from_us(second * 1_000_000)
        above = coder.encode(at, key=second % loops.PAST.group_s == 0)
        for n in range(loops.PAST.fps):
            number = second * loops.PAST.fps + n
            stream += b"".join(START_CODE + nal for nal in source.at(at).nals(number, above if n == 0 else None))
    codec = av.CodecContext.create("h264", "r")
    frames = [frame for packet in [*codec.parse(stream), *codec.parse(None)] for frame in codec.decode(packet)]
    frames += codec.decode(None)
    assert len(frames) == seconds * loops.PAST.fps
    assert (frames[0].width, frames[0].height) == (768, 432)
    for n, frame in enumerate(frames):
        at = from_us((start + n // loops.PAST.fps) * 1_000_000)
        shown = frame.to_ndarray()[: strip.HEIGHT].astype(int)
        wanted = strip.draw(at)[: strip.HEIGHT].astype(int)
        other = strip.draw(from_us(to_us(at) + 1_000_000))[: strip.HEIGHT].astype(int)
        assert np.abs(shown - wanted).mean() < np.abs(shown - other).mean(), f"the clock of picture {n}"


def test_the_strip_tells_the_two_hours_of_the_autumn_night_apart() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert strip.stamp(first) == "25/10/2026  02:30:00  UTC+02"
    assert strip.stamp(second) == "25/10/2026  02:30:00  UTC+01"


def test_day_and_night_fall_where_they_should() -> None:
    assert not is_night(datetime(2026, 6, 21, 12, tzinfo=UTC))
    assert is_night(datetime(2026, 6, 21, 23, tzinfo=UTC))
    assert is_night(datetime(2026, 12, 21, 5, tzinfo=UTC))
    assert abs(elevation(datetime(2026, 6, 21, 11, 52, tzinfo=UTC)) - 64.9) < 0.3  # 90 - 48.5 + 23.4 at local noon
    assert abs(elevation(datetime(2026, 12, 21, 11, 48, tzinfo=UTC)) - 18.1) < 0.3


def test_somebody_who_leaves_a_picture_is_in_no_other_before_the_way_is_walked() -> None:
    looks = {passage.look for passage in PASSAGES}
    for look in looks:
        if look.kind == "train":
            continue
        for second in range(LOOP_S):
            scenes = [scene.name for scene in SCENES for one in figures(scene, second, night=False) if one.look == look]
            assert len(set(scenes)) <= 1, f"{look} is in {scenes} at {second} s"


def test_every_way_of_a_passage_exists_and_by_night_fewer_are_out() -> None:
    ways = {(scene.name, way) for scene in SCENES for way in scene.ways}
    assert all((passage.scene, passage.way) in ways for passage in PASSAGES)
    assert sum(passage.night for passage in PASSAGES) < len(PASSAGES) / 2


def test_night_is_darker_and_figures_change_the_picture() -> None:
    day, night = (Stage(SCENES[0], night=light) for light in (False, True))
    assert night.frame(100.0)[:400].mean() < day.frame(100.0)[:400].mean() / 2
    assert not np.array_equal(day.frame(9.0), day.frame(12.0))


def test_the_start_waits_only_for_what_it_shows_and_remembers() -> None:
    noon, evening = datetime(2026, 6, 21, 12, tzinfo=UTC), datetime(2026, 11, 23, 19, tzinfo=UTC)
    day = list(loops.needed(noon, noon - timedelta(hours=6)))
    assert [(scene.name, night, rates) for scene, night, rates in day] == [
        (scene.name, False, (loops.LIVE, loops.PAST)) for scene in SCENES
    ]
    both = list(loops.needed(evening, evening - timedelta(hours=6)))
    assert [(night, rates) for _, night, rates in both] == [(True, (loops.LIVE, loops.PAST))] * 8 + [
        (False, (loops.PAST,))
    ] * 8
    assert {(scene.name, night) for scene, night, _ in loops.everything()} == {
        (scene.name, night) for scene in SCENES for night in (False, True)
    }
