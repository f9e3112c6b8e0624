"""Real clips as samples, and archives born from them by the archive's own writer."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from beffroi.kernel.clock import ManualClock, from_us
from beffroi.kernel.ids import CameraId
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.core.fmp4 import Sample
from beffroi.media.core.formats import StreamFormat, format_of
from beffroi.media.core.nal import Family
from beffroi.media.core.words import GapCause
from tests.media.rtsp import footage

CARPARK = "02-carpark"
HALL_B_FRAMES = "04-indoor"
SHOP_HEVC = "08-shop"
_FAMILIES = {"h264": Family.H264, "hevc": Family.H265}


@dataclass(frozen=True)
class Clip:
    """A clip's video, in decode order."""

    form: StreamFormat
    samples: tuple[Sample, ...]

    @property
    def duration_us(self) -> int:
        return sum(one.duration_90k for one in self.samples) * 100 // 9


def clip(name: str) -> Clip:
    """Read a clip of the material, unchanged."""
    with av.open(str(footage(name)), options={"ignore_editlist": "1"}) as container:
        stream = container.streams.video[0]
        family = _FAMILIES[stream.codec_context.name]
        form = format_of(family, bytes(stream.codec_context.extradata or b""))
        assert form is not None
        unit = Fraction(90_000) * stream.time_base
        packets = [packet for packet in container.demux(stream) if packet.dts is not None]
    default = int(packets[1].dts - packets[0].dts)
    steps = [int((after.dts - one.dts) or default) for one, after in pairwise(packets)]
    samples = tuple(
        Sample(bytes(packet), int(step * unit), int((packet.pts - packet.dts) * unit), packet.is_keyframe)
        for packet, step in zip(packets, [*steps, default], strict=True)
    )
    return Clip(form, samples)


def fragments(samples: tuple[Sample, ...]) -> list[list[Sample]]:
    """Cut as the recorder cuts: a new fragment at each key frame and after one second."""
    cut: list[list[Sample]] = []
    length = 0
    for sample in samples:
        if not cut or sample.key or length + sample.duration_90k > 90_000:
            cut.append([])
            length = 0
        cut[-1].append(sample)
        length += sample.duration_90k
    return cut


@dataclass(frozen=True)
class Past:
    """What an archive was made to hold."""

    start_us: int
    gap_us: tuple[int, int]
    end_us: int
    clip: Clip


def archive(folder: Path, name: str, camera: str, start_us: int, *, gap_s: int = 20) -> Past:
    """A clip, a gap of the network, the clip again."""
    source = clip(name)
    recorder = SyntheticRecorder(folder, ManualClock(from_us(start_us)))
    track = recorder.track(CameraId(camera), source.form)
    at_us = start_us
    for turn in range(2):
        for group in fragments(source.samples):
            track.add(group, start_us=at_us)
            at_us += sum(one.duration_90k for one in group) * 100 // 9
        if turn == 0:
            gap = (at_us, at_us + gap_s * 1_000_000)
            track.gap(start_us=gap[0], end_us=gap[1], cause=GapCause.NETWORK)
            at_us = gap[1]
    recorder.close()
    return Past(start_us, gap, at_us, source)
