"""The hours before the demonstration are an archive like any other: read, decoded, whole, and said to be made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from beffroi.config.demo import loops, strip
from beffroi.config.demo.past import stretch_before, write_past
from beffroi.config.demo.scenes import SCENES
from beffroi.kernel.clock import from_us
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.core.words import StreamName

NOW = datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC)
LENGTH = timedelta(minutes=3)
CAMERAS = {SCENES[0].number: CameraId("cam-a"), SCENES[1].number: CameraId("cam-b")}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    for scene in SCENES[:2]:
        loops.build(folder / "loops", scene, night=False, rates=(loops.PAST,))
    told: list[tuple[int, int]] = []
    written = write_past(
        folder / "archive",
        folder / "loops",
        CAMERAS,
        stretch_before(NOW, LENGTH),
        writer_key=bytes(32),
        told=lambda done, whole: told.append((done, whole)),
    )
    assert told[-1] == (180, 180)
    assert written > 0
    return folder / "archive"


def test_the_stretch_is_whole_groups_and_ends_before_now() -> None:
    stretch = stretch_before(NOW)
    assert stretch.end_s - stretch.start_s == 6 * 3600
    assert stretch.end_s <= NOW.timestamp() < stretch.end_s + loops.PAST.group_s
    assert stretch.start_s % loops.PAST.group_s == 0


def test_it_is_recorded_without_a_hole_and_marked_synthetic(archive: Path) -> None:
    reader = CatalogueReader(archive)
    stretch = stretch_before(NOW, LENGTH)
    span = Span.of_us(stretch.start_s * 1_000_000, stretch.end_s * 1_000_000)
    for camera in CAMERAS.values():
        timeline = reader.timeline(camera, StreamName.MAIN, span)
        assert [(piece.start_us, piece.end_us) for piece in timeline.pieces] == [(span.start_us, span.end_us)]
        assert not timeline.gaps
        run = reader.run(timeline.pieces[0].run)
        assert run.synthetic
        assert (run.width, run.height, run.codec[:5]) == (768, 432, "avc1.")
    reader.close()


def test_every_picture_decodes_and_shows_its_own_second(archive: Path, tmp_path: Path) -> None:
    reader = CatalogueReader(archive)
    stretch = stretch_before(NOW, LENGTH)
    asked = Span.of_us((stretch.start_s + 40) * 1_000_000, (stretch.start_s + 50) * 1_000_000)
    fragments = reader.fragments(CAMERAS[1], StreamName.MAIN, asked)
    assert fragments[0].random_access
    assert fragments[0].start_us == (stretch.start_s + 30) * 1_000_000, "the key frame at or before the span"
    made = tmp_path / "piece.mp4"
    made.write_bytes(reader.run(fragments[0].run).init + b"".join(reader.read(one) for one in fragments))
    with av.open(str(made)) as container:
        frames = [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]
    assert len(frames) == sum(one.frames for one in fragments) == 20 * loops.PAST.fps
    for n, frame in enumerate(frames):
        at = from_us(fragments[0].start_us + n * 1_000_000 // loops.PAST.fps)
        shown = frame[: strip.HEIGHT].astype(int)
        right, wrong = (strip.draw(at + timedelta(seconds=off))[: strip.HEIGHT].astype(int) for off in (0, 1))
        assert np.abs(shown - right).mean() < np.abs(shown - wrong).mean(), f"the clock of picture {n}"
    reader.close()
