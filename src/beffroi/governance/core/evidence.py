"""The evidence package, profile ``beffroi-evidence-1``: names, tag files and metadata (docs/design/evidence.md).

Pure: values in, text out. BagIt 1.0 (RFC 8493); layout of research/law.md §7.1; rules R-20, R-22, R-29, R-31.
Numbers in its JSON are whole and its keys ASCII, so that anybody can tell the canonical form again.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us, iso
from beffroi.kernel.spans import Span, subtract

PROFILE = "beffroi-evidence-1"
PROFILE_IDENTIFIER = "urn:beffroi:bagit-profile:evidence-1"
BAGIT_TEXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
STAMP, STAMP_SUM = TAG_MANIFEST + ".tsr", TAG_MANIFEST + ".tsr.sha256"
ORIGINAL_NOTE = (
    "The video files are the bytes that were recorded: every NAL unit in order, unchanged, from the key frame at or "
    "before the span asked for to the end of the last fragment that meets it. Nothing was re-encoded, drawn over or "
    "masked afterwards. They are the camera's own bytes, save where masks.json names a mask burned before storage."
)
EXTERNAL_NOTE = (
    "Files whose provenance is external were not recorded by this centre: they are exports of another video system, "
    "kept byte by byte as they were handed over, with their digest from that moment on. Nothing was re-encoded, cut or "
    "drawn over here. Their times are those stated by the officer who took them in; what happened to them before is "
    "that system's word."
)
SIGNING_NOTE = "a camera's signatures in the stream are kept unchanged; none was examined here"
MASKED_NOTE = "masked at ingest, mask version {version}"


class State(StrEnum):
    """Where an extraction stands; never back, except from failed to requested by "try again"."""

    REQUESTED = "requested"
    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"


class Channel(StrEnum):
    """How a package leaves."""

    DOWNLOAD = "download"
    USB = "usb"


class HandoverState(StrEnum):
    """Where a hand-over stands. ``received`` closes it (R-21); a withdrawn one leaves no way open."""

    OPEN = "open"  # the recipient may download, or the copy on the medium is being made
    FAILED = "failed"  # the copy could not be made
    DELIVERED = "delivered"  # the medium is ready and verified; the receipt is missing
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"


class StampKind(StrEnum):
    """Who stamped: the centre itself (proves little), or an authority outside."""

    OWN = "own"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class CameraSheet:
    """What the package says of one camera. Coordinates in degrees as text, so that no float is signed."""

    id: str
    number: int
    name: str
    insee: str
    latitude: str
    longitude: str
    authorisation: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class FragmentSheet:
    """One stretch of bytes of a video file: the init section, or a fragment of a second or less."""

    kind: str  # init | fragment
    offset: int
    length: int
    sha256: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class ExternalSheet:
    """What is stated of a file that another video system exported. Times as text, as they stand in the package."""

    name: str  # as it was called when it came
    system: str
    handed_by: str
    taken_by: str
    taken_at: str
    container: str
    audio_tracks: int
    clock: str  # what is stated of the clock of its pictures


@dataclass(frozen=True, slots=True)
class VideoSheet:
    """One video file of the package: an uninterrupted piece of one run of one camera."""

    file: str
    camera: CameraSheet
    run: str
    codec: str
    width: int
    height: int
    frames: int
    start_us: int
    end_us: int
    bytes: int
    sha256: str
    clock_offset_us: int  # camera minus recorder, largest by size
    uncertainty_us: int
    synthetic: bool
    mask_version: str
    external: ExternalSheet | None = None


@dataclass(frozen=True, slots=True)
class GapSheet:
    """A stretch of the span asked for without pictures, and why (I5)."""

    camera: CameraSheet
    start_us: int
    end_us: int
    cause: str
    detail: str = ""


def package_name(insee: str, year: int, sequence: int) -> str:
    """``99123-2026-000017``: the commune, the year, the count within it."""
    return f"{insee}-{year}-{sequence:06d}"


def stamp_us(at_us: int) -> str:
    """A time inside a file name: ``20261123T101500.123Z``, no colon, sorts by time."""
    at = from_us(at_us)
    return at.strftime("%Y%m%dT%H%M%S.") + f"{at.microsecond // 1_000:03d}Z"


def video_path(camera_number: int, start_us: int, end_us: int, run: str) -> str:
    """``data/video/c012_<start>_<end>_<run>.mp4``; the tail of the run's id keeps two runs of one second apart."""
    tail = re.sub(r"[^a-z0-9]", "", run.lower())[-6:]
    return f"data/video/c{camera_number:03d}_{stamp_us(start_us)}_{stamp_us(end_us)}_{tail}.mp4"


def fragments_path(video: str) -> str:
    """Where the digests of a video's fragments stand."""
    return "data/metadata/fragments/" + video.rsplit("/", 1)[-1].rpartition(".")[0] + ".jsonl"


def json_text(value: Json) -> str:
    """Indented JSON in a fixed order, for files that a person may open."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def fragment_line(part: FragmentSheet) -> str:
    """One line of a fragment list."""
    value = {
        "kind": part.kind,
        "offset": part.offset,
        "length": part.length,
        "sha256": part.sha256,
        "start_us": part.start_us,
        "end_us": part.end_us,
    }
    return json.dumps(value, separators=(",", ":")) + "\n"


def manifest_text(digests: Mapping[str, str]) -> str:
    """A BagIt manifest, sorted; ``%`` and line ends in names written as RFC 8493 §2.1.3 wants."""
    lines = []
    for name in sorted(digests):
        shown = name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
        lines.append(f"{digests[name]}  {shown}\n")
    return "".join(lines)


def info_text(fields: Iterable[tuple[str, str]]) -> str:
    """``bag-info.txt``: one line a field, line ends in values flattened."""
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in fields if value.strip())


def oxum(sizes: Iterable[int]) -> str:
    """``Payload-Oxum``: bytes and files of the payload."""
    listed = list(sizes)
    return f"{sum(listed)}.{len(listed)}"


def _camera(sheet: CameraSheet) -> dict[str, Json]:
    return {
        "id": sheet.id,
        "number": sheet.number,
        "name": sheet.name,
        "insee": sheet.insee,
        "latitude": sheet.latitude,
        "longitude": sheet.longitude,
        "authorisation": sheet.authorisation,
        "retention_days": sheet.retention_days,
    }


def label(sheet: CameraSheet) -> str:
    """A camera as it is called: number and name."""
    return f"{sheet.number} {sheet.name}".strip()


def recording_json(package: str, asked: Span, cameras: Iterable[CameraSheet], videos: Iterable[VideoSheet]) -> Json:
    """``recording.json``: the span asked for beside the spans delivered, and each video with its digest."""
    listed = list(videos)
    shown: list[Json] = [
        {
            "file": video.file,
            "camera": label(video.camera),
            "camera_id": video.camera.id,
            "run": video.run,
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "frames": video.frames,
            "start_us": video.start_us,
            "end_us": video.end_us,
            "start": iso(from_us(video.start_us)),
            "end": iso(from_us(video.end_us)),
            "bytes": video.bytes,
            "sha256": video.sha256,
            "fragments": fragments_path(video.file),
            "synthetic": video.synthetic,
            "masked": MASKED_NOTE.format(version=video.mask_version) if video.mask_version else "",
            "provenance": _provenance(video.external),
        }
        for video in listed
    ]
    return {
        "profile": PROFILE,
        "package": package,
        "asked": {
            "start_us": asked.start_us,
            "end_us": asked.end_us,
            "start": iso(asked.start),
            "end": iso(asked.end),
            "cameras": [label(camera) for camera in cameras],
        },
        "original": original_note(listed),
        "videos": shown,
    }


def original_note(videos: Iterable[VideoSheet]) -> str:
    """What "original" means for these files: the recorder's bytes, another system's exports, or some of each."""
    external = {video.external is not None for video in videos}
    return " ".join(note for note, said in ((ORIGINAL_NOTE, False), (EXTERNAL_NOTE, True)) if said in external)


def _provenance(external: ExternalSheet | None) -> Json:
    if external is None:
        return {"kind": "recorder"}
    return {
        "kind": "external",
        "name": external.name,
        "system": external.system,
        "handed_by": external.handed_by,
        "taken_by": external.taken_by,
        "taken_at": external.taken_at,
        "container": external.container,
        "audio_tracks": external.audio_tracks,
        "clock": external.clock,
    }


def camera_json(cameras: Iterable[CameraSheet]) -> Json:
    """``camera.json``: every camera asked for, with or without pictures."""
    return {"cameras": [_camera(camera) for camera in cameras]}


def timesync_json(videos: Iterable[VideoSheet], *, built_at: datetime, clock_source: str) -> Json:
    """``timesync.json`` (R-31): offset of each camera's clock against the recorder's, and how sure that is."""
    return {
        "recorder_clock": clock_source,
        "package_built": iso(built_at),
        "unit": "microseconds; offset is camera clock minus recorder clock, the largest by size in the file",
        "videos": [
            {
                "file": video.file,
                "camera": label(video.camera),
                **_clock_json(video),
            }
            for video in videos
        ],
    }


def _clock_json(video: VideoSheet) -> dict[str, Json]:
    """A recorded file has a measured offset; of an external one only what was stated is known (I9)."""
    if video.external is not None:
        return {"offset_us": None, "uncertainty_us": None, "within_one_second": None, "stated": video.external.clock}
    return {
        "offset_us": video.clock_offset_us,
        "uncertainty_us": video.uncertainty_us,
        "within_one_second": abs(video.clock_offset_us) <= 1_000_000,
    }


def gaps_json(gaps: Iterable[GapSheet]) -> Json:
    """``gaps.json``: every stretch of the span asked for without pictures, typed (I5)."""
    return {
        "gaps": [
            {
                "camera": label(gap.camera),
                "start_us": gap.start_us,
                "end_us": gap.end_us,
                "start": iso(from_us(gap.start_us)),
                "end": iso(from_us(gap.end_us)),
                "cause": gap.cause,
                "detail": gap.detail,
            }
            for gap in gaps
        ]
    }


def masks_json(videos: Iterable[VideoSheet]) -> Json:
    """``masks.json`` (I3): which videos were masked before they were stored."""
    return {
        "after_recording": "none",
        "videos": [
            {"file": v.file, "mask_version": v.mask_version, "note": MASKED_NOTE.format(version=v.mask_version)}
            for v in videos
            if v.mask_version
        ],
    }


def authenticity_json(videos: Iterable[VideoSheet]) -> Json:
    """``authenticity.json``: what is known of the camera's own signature. What was not examined is "not verified"."""
    listed = list(videos)
    return {
        "original": original_note(listed),
        "videos": [
            {
                "file": v.file,
                "onvif_media_signing": "not verified",
                "reason": SIGNING_NOTE,
                "synthetic": v.synthetic,
                "provenance": "external" if v.external else "recorder",
            }
            for v in listed
        ],
    }


def uncovered(asked: Span, videos: Iterable[VideoSheet], gaps: Iterable[GapSheet]) -> list[Span]:
    """What of the span asked for is in no video and no declared gap of one camera: it becomes a gap ``unknown``."""
    known = [Span.of_us(v.start_us, v.end_us) for v in videos]
    known += [Span.of_us(g.start_us, g.end_us) for g in gaps if g.start_us < g.end_us]
    return [span for span in subtract(asked, known) if span.duration > timedelta(milliseconds=1)]
