"""Cameras that lie, over real TCP, to the shipped recorder: each is told rightly, and none harms another."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.core.words import Fragment, StreamName
from tests.media.lying_camera import WAYS, LyingCamera, drawn
from tests.media.recorded import is_stretch_of, joined, picture_nals
from tests.media.recorder import Recorder, camera, running
from tests.media.rtsp import RtspCameras, footage
from tests.waiting import until

pytestmark = pytest.mark.media
TOLD = {
    "redirect": "redirected",
    "html": "rtsp_malformed",
    "endless-head": "rtsp_malformed",
    "huge-body": "rtsp_malformed",
    "udp-only": "no_tcp",
    "storm": "password_refused",
    "mute": "silent",
    "hang": "silent",
    "half-a-packet": "silent",
    "garbage": "rtsp_garbage",
    "endless-unit": "unit_too_large",
    "sound": "no_video",
    "old-video": "no_video",
    "flapping": "ended",
}
RECORDED = ("other-pictures", "one-key-frame", "jumping-stamps", "double-rate", "late-words", "a-day-off")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One recorder, two good cameras of GStreamer's, and one of each lie, all at once, until all has been told."""
    folder = tmp_path_factory.mktemp("hostile")
    with ExitStack() as stack:
        good = stack.enter_context(RtspCameras(folder))
        source = good.add("good", footage("02"))
        good.start()
        lying = stack.enter_context(LyingCamera(drawn(folder, "320x180"), drawn(folder, "640x360")))
        recorder = stack.enter_context(running(folder, workers=1))
        named = [camera(name, good.url("good"), number=at) for at, name in enumerate(("good-1", "good-2"))]
        named += [
            camera(way, lying.url(way), number=at + 10, user="agent", password="s3cr3t-lie")
            for at, way in enumerate(WAYS)
        ]
        recorder.put(*named)
        told: dict[str, set[str]] = {way: set() for way in WAYS}

        def all_told() -> bool:
            for each in (recorder.status() or {"cameras": []})["cameras"]:
                if each.get("gap"):
                    told.setdefault(each["camera"], set()).add(each["gap"]["detail"])
            return all(code in told[way] for way, code in TOLD.items())

        began = time.monotonic()
        try:
            until(all_told, 60, "each lie is told")
        except AssertionError as error:
            raise AssertionError({way: told[way] for way, code in TOLD.items() if code not in told[way]}) from error
        until(lambda: time.monotonic() - began > 12, 15, "the others have been recorded for some seconds")
        status = {each["camera"]: each for each in (recorder.status() or {})["cameras"]}
        sent = {way: lying.pictures_sent(way) for way in RECORDED}
        until(lambda: all(lying.pictures_sent(way) > sent[way] + 50 for way in RECORDED), 30, "those are in")
        recorder.stop()
        yield SimpleNamespace(
            recorder=recorder,
            sent=sent,
            told=told,
            status=status,
            lying=lying,
            source=source,
            log=recorder.log.read_text(),
        )


def kept(recorder: Recorder, name: str) -> list[Fragment]:
    reader = CatalogueReader(recorder.archive)
    try:
        return reader.fragments(CameraId(name), StreamName.MAIN, Span.of_us(0, SystemClock().now_us() + 10**12))
    finally:
        reader.close()


@pytest.mark.parametrize("way", TOLD)
def test_each_lie_is_told_by_its_own_name(centre: SimpleNamespace, way: str) -> None:
    assert TOLD[way] in centre.told[way]


@pytest.mark.parametrize("name", ["good-1", "good-2"])
def test_the_good_cameras_lose_nothing(centre: SimpleNamespace, tmp_path: Path, name: str) -> None:
    fragments = joined(centre.recorder.archive, name, tmp_path / "copy.mp4")
    assert len(fragments) > 5
    assert len({each.run for each in fragments}) == 1
    mine, theirs = picture_nals(tmp_path / "copy.mp4", "h264"), picture_nals(centre.source, "h264")
    assert is_stretch_of(mine, theirs), "pictures of a good camera are missing"


@pytest.mark.parametrize("way", RECORDED)
def test_what_can_be_recorded_of_a_liar_is(centre: SimpleNamespace, way: str) -> None:
    found = kept(centre.recorder, way)
    frames, sent = sum(each.frames for each in found), centre.sent[way]
    assert sent > 50
    assert frames >= sent, "a picture is missing"
    assert all(before.end_us <= after.start_us for before, after in pairwise(found)), "time goes on"
    runs = len({each.run for each in found})
    assert runs == (2 if way == "other-pictures" else 1), "no stream is cut for a clock"
    longest = 20_000_000  # a stamp jumps by hours; a sender on a busy machine may pause for seconds
    assert all(each.end_us - each.start_us < longest for each in found)


def test_another_resolution_is_another_run_with_its_own_format(centre: SimpleNamespace) -> None:
    reader = CatalogueReader(centre.recorder.archive)
    try:
        runs = dict.fromkeys(each.run for each in kept(centre.recorder, "other-pictures"))
        sizes = [(run.width, run.height) for run in map(reader.run, runs) if run is not None]
    finally:
        reader.close()
    assert sizes == [(320, 180), (640, 360)]


def test_a_clock_a_day_off_is_told_with_its_figure_and_moves_no_footage(centre: SimpleNamespace) -> None:
    told, good = centre.status["a-day-off"], centre.status["good-1"]
    assert abs(told["clock_offset_us"] / 1_000_000 - 86_400) < 30
    assert told["clock_off_since_us"] < told["durable_until_us"]
    assert good["clock_off_since_us"] is None
    assert all(abs(each.end_us - good["durable_until_us"]) < 600_000_000 for each in kept(centre.recorder, "a-day-off"))


def test_a_password_is_not_tried_again_and_again(centre: SimpleNamespace) -> None:
    calls: Any = centre.lying.calls
    assert calls["storm DESCRIBE"] <= 4 * max(1, calls["storm OPTIONS"])
    assert calls["storm OPTIONS"] <= 3, "a refused password waits longer than a lost connection"


def test_nothing_fell_and_nothing_was_given_away(centre: SimpleNamespace) -> None:
    assert "Traceback" not in centre.log, centre.log[-3000:]
    assert "s3cr3t-lie" not in centre.log
    assert "192.0.2.1" not in centre.log, "no word of a camera's is passed on"
    assert check_volume(centre.recorder.archive) == []
