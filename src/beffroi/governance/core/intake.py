"""Files taken in from another video system: what is asked of one, and what the package says of it. Pure.

Beffroi did not record these pictures. The file is kept byte by byte as it was handed over; its times are those that the
officer read on it and stated; everything before the intake is the other system's word.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.governance.core.evidence import CameraSheet, ExternalSheet, GapSheet, VideoSheet, stamp_us, uncovered
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid
from beffroi.kernel.spans import Span

MAX_BYTES = 8 * 1024 * 1024 * 1024
SPARE_BYTES = 256 * 1024 * 1024
"""What stays free on the disk of the data folder."""
MARGIN = timedelta(minutes=10)
"""How far an export may reach beyond the span that was granted (R-20; a design default, not law)."""
KEPT = timedelta(days=31)
"""An export that no package took is destroyed after one month."""
PART_BYTES = 4 * 1024 * 1024
"""The stretch of bytes that a fault is placed to."""
CONTAINERS = frozenset(
    {"mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "asf", "flv", "h264", "hevc", "mjpeg"}
)
SUFFIXES = {
    "mov": ".mp4", "mp4": ".mp4", "matroska": ".mkv", "webm": ".mkv", "avi": ".avi", "mpegts": ".ts", "mpeg": ".mpg",
    "asf": ".asf", "flv": ".flv", "h264": ".h264", "hevc": ".h265", "mjpeg": ".mjpeg",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """What the probe found in a file: facts of its container, never of what is seen."""

    container: str
    codec: str
    width: int
    height: int
    frames: int
    duration_us: int
    audio_tracks: int


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file that was taken in, as a package needs it."""

    id: str
    camera: CameraSheet
    path: str
    bytes: int
    sha256: str
    start_us: int
    probe: Probe
    sheet: ExternalSheet


def check(probe: Probe, start: datetime, granted: Span) -> Span:
    """The span that the file covers by its stated start. ``Invalid`` where it is no video, or not what was granted."""
    if not probe.codec or probe.width <= 0 or probe.height <= 0:
        raise Invalid("There is no picture in this file.", code="intake_no_video", fields={"file": "no video"})
    if probe.duration_us <= 0:
        raise Invalid(
            "This file does not say how long it lasts.",
            code="intake_no_length",
            hint="Export it again as MP4, MKV or AVI.",
            fields={"file": "no length"},
        )
    span = Span(start, start + timedelta(microseconds=probe.duration_us))
    if not span.meets(granted):
        raise Invalid(
            "This file lies outside of the span asked for.", code="intake_outside", fields={"start": "outside"}
        )
    if not (granted.start - MARGIN <= span.start and span.end <= granted.end + MARGIN):
        raise Invalid(
            "This file reaches more than ten minutes beyond the span asked for (R-20).",
            code="intake_too_wide",
            hint="Cut the export in the video system to the span of the requisition.",
            fields={"file": "too wide"},
        )
    return span


def video_name(file: TakenFile) -> str:
    """``data/video/c012_<start>_external_<id>.mkv``; the ending is the container's, found by the probe."""
    tail = "".join(one for one in file.id.lower() if one.isalnum())[-6:]
    suffix = SUFFIXES[file.probe.container]
    return f"data/video/c{file.camera.number:03d}_{stamp_us(file.start_us)}_external_{tail}{suffix}"


def video_sheet(file: TakenFile) -> VideoSheet:
    """The file as the package lists it."""
    return VideoSheet(
        file=video_name(file),
        camera=file.camera,
        run="",
        codec=file.probe.codec,
        width=file.probe.width,
        height=file.probe.height,
        frames=file.probe.frames,
        start_us=file.start_us,
        end_us=file.start_us + file.probe.duration_us,
        bytes=file.bytes,
        sha256=file.sha256,
        clock_offset_us=0,
        uncertainty_us=0,
        synthetic=False,
        mask_version="",
        external=file.sheet,
    )


def gaps(asked: Span, cameras: tuple[CameraSheet, ...], videos: list[VideoSheet]) -> list[GapSheet]:
    """What of the span asked for no export covers: unknown here, the other system may know why."""
    found = []
    for camera in cameras:
        own = [video for video in videos if video.camera.id == camera.id]
        found += [
            GapSheet(camera, to_us(span.start), to_us(span.end), "unknown", "in no export that was taken in")
            for span in uncovered(asked, own, [])
        ]
    return found
