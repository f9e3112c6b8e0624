"""Six hours of archive from before the demonstration began, by the archive's own writer under an injected clock.

The pictures are the loops of the same streets, joined with the clock of each second, and every run is marked
synthetic. Nothing is encoded but the strips, so that 48 hours of footage take seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from beffroi.config.demo.loops import PAST, Loop, Loops
from beffroi.config.demo.scenes import SCENES, Scene
from beffroi.config.demo.slices import Slice
from beffroi.config.demo.strip import StripEncoder
from beffroi.kernel.clock import ManualClock, from_us, to_us
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.synthetic import SyntheticRecorder, SyntheticTrack
from beffroi.media.core.fmp4 import Sample
from beffroi.media.core.formats import format_of_nals
from beffroi.media.core.nal import Family, to_sample
from beffroi.media.core.words import StreamName

LENGTH = timedelta(hours=6)
PICTURE_90K = 90_000 // PAST.fps
BLOCK_S = 60  # light changes with whole minutes, and so may groups of pictures


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole groups of pictures: seconds since 1970, the end not in it."""

    start_s: int
    end_s: int


def stretch_before(now: datetime, length: timedelta = LENGTH) -> Stretch:
    """The whole groups of pictures in the ``length`` before ``now``."""
    end = to_us(now) // 1_000_000 // PAST.group_s * PAST.group_s
    start = end - int(length.total_seconds()) // PAST.group_s * PAST.group_s
    return Stretch(start, end)


def write_past(
    archive: Path,
    loops: Path,
    cameras: Mapping[int, CameraId],
    stretch: Stretch,
    *,
    writer_key: bytes,
    told: Callable[[int, int], None],
) -> int:
    """Write the stretch for each camera (by number), minute by minute; ``told(done, all)`` counts minutes. Returns the
    bytes of the pictures."""
    clock = ManualClock(from_us(stretch.start_s * 1_000_000))
    recorder = SyntheticRecorder(archive, clock, key=SigningKey(writer_key))
    written = 0
    try:
        tracks = [
            _track(recorder, loops, scene, cameras[scene.number], stretch)
            for scene in SCENES
            if scene.number in cameras
        ]
        encoder = StripEncoder()
        for minute in range(stretch.start_s, stretch.end_s, BLOCK_S):
            seconds = range(minute, min(minute + BLOCK_S, stretch.end_s))
            strips = [encoder.encode(_at(second), key=second % PAST.group_s == 0) for second in seconds]
            clock.at = _at(seconds.stop)
            for source, track in tracks:
                loop = source.at(_at(minute))
                for second, strip in zip(seconds, strips, strict=True):
                    samples = list(_samples(loop, second, strip))
                    track.add(samples, start_us=second * 1_000_000)
                    written += sum(len(sample.data) for sample in samples)
            told(seconds.stop - stretch.start_s, stretch.end_s - stretch.start_s)
    finally:
        recorder.close()
    return written


def _at(second: int) -> datetime:
    return from_us(second * 1_000_000)


def _track(
    recorder: SyntheticRecorder, loops: Path, scene: Scene, camera: CameraId, stretch: Stretch
) -> tuple[Loops, SyntheticTrack]:
    source = Loops(loops, scene, PAST)
    sequence = source.at(_at(stretch.start_s)).sequence
    form = format_of_nals(Family.H264, [sequence.sps, sequence.pps])
    if form is None:
        raise ValueError("the loop's parameter sets are not understood")
    return source, recorder.track(camera, form, stream=StreamName.MAIN)


def _samples(loop: Loop, second: int, strip: Slice) -> Iterator[Sample]:
    """The pictures of one second. Parameter sets stand in the run's head, not in the pictures."""
    for n in range(PAST.fps):
        number = second * PAST.fps + n
        key = number % PAST.group_frames == 0
        nals = loop.nals(number, strip if n == 0 else None)[-2:]
        yield Sample(to_sample(nals), PICTURE_90K, 0, key)
