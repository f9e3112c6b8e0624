"""Looking at what was recorded with tools that are not ours: ffmpeg and ffprobe."""

import subprocess
from pathlib import Path

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.core.nal import Family, nal_type, split_annex_b
from beffroi.media.core.words import Fragment, StreamName

ALL_TIME = Span.of_us(0, 2**52)
_PICTURES = {"h264": (Family.H264, range(1, 6)), "hevc": (Family.H265, range(32))}


def joined(archive: Path, camera: str, to: Path, *, run: str | None = None) -> list[Fragment]:
    """Init and all fragments of the camera's last (or given) run as one file: what an extraction does."""
    reader = CatalogueReader(archive)
    try:
        found = reader.fragments(CameraId(camera), StreamName.MAIN, ALL_TIME)
        of_run = [each for each in found if each.run == (run or found[-1].run)]
        to.write_bytes(reader.run(of_run[0].run).init + b"".join(reader.read(each) for each in of_run))
    finally:
        reader.close()
    return of_run


def ffprobe(path: Path, entries: str) -> list[str]:
    """Lines of ``ffprobe -show_entries``; fails on any complaint of ffprobe."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", entries, "-of", "csv=p=0", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def picture_nals(path: Path, codec: str) -> list[bytes]:
    """Every slice NAL unit of a file, in order, as ffmpeg's own demuxer gives them."""
    kind = "h264" if codec == "h264" else "hevc"
    bsf = ["-bsf:v", f"{kind}_mp4toannexb"] if path.suffix == ".mp4" else []
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", *bsf, "-f", kind, "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    family, pictures = _PICTURES[codec]
    return [nal for nal in split_annex_b(data) if nal_type(family, nal) in pictures]


def decoded(path: Path) -> list[str]:
    """A digest of each decoded picture, in the order in which it is shown."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-map",
        "0:v",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return [line.rpartition(",")[2].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def is_stretch_of(part: list[bytes] | list[str], whole: list[bytes] | list[str]) -> bool:
    """Whether ``part`` is found in ``whole`` (or across its loop), in order and without a hole."""
    twice = [*whole, *whole]
    return any(twice[at : at + len(part)] == part for at in range(len(whole)) if twice[at] == part[0])
