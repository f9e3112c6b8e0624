"""The words of the archive: what a run, a segment, a fragment and a gap are (docs/design/archive.md).

All times are integer microseconds of UTC (``_us``) unless a name says otherwise; media times count 1/90,000 s
(``_90k``). A *run* is one uninterrupted stretch of one stream with one set of parameter sets. A *segment* is one
file of about a minute of one run. A *fragment* is one ``moof``+``mdat`` (with its stamp boxes before it) of 1 s at
most; it begins anew at every key frame.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from beffroi.kernel.ids import CameraId, HoldId, RunId, SegmentId
from beffroi.kernel.spans import Span


class GapCause(StrEnum):
    """Why there are no pictures (I5)."""

    CAMERA = "camera"
    NETWORK = "network"
    POWER = "power"
    STORAGE = "storage"
    CLOCK = "clock"
    SCHEDULE = "schedule"
    PRIVACY = "privacy"
    RETENTION = "retention"
    ORDER = "order"
    MAINTENANCE = "maintenance"
    RECORDER = "recorder"
    UNKNOWN = "unknown"


class StreamName(StrEnum):
    """Which of a camera's streams."""

    MAIN = "main"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class Run:
    """One uninterrupted stretch of one stream: its codec and the init section every one of its files begins with."""

    id: RunId
    camera: CameraId
    stream: StreamName
    codec: str  # RFC 6381: avc1.640028, hvc1.1.6.L93.B0, mjpeg
    width: int
    height: int
    init: bytes  # ftyp + moov
    synthetic: bool = False  # made by the demonstration, not by a camera
    mask_version: str = ""  # non-empty: masked at ingest (I3)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Where one fragment lies and what it holds."""

    segment: SegmentId
    run: RunId
    sequence: int  # counts from 1 over the whole run
    offset: int  # bytes from the start of the segment's file
    length: int  # bytes, stamp boxes included
    start_us: int
    end_us: int
    decode_time_90k: int
    random_access: bool  # begins with a key frame
    frames: int
    sha256: bytes
    clock_offset_us: int  # camera clock minus recorder clock; 0 when the camera gave none
    uncertainty_us: int  # of start_us

    @property
    def span(self) -> Span:
        return Span.of_us(self.start_us, self.end_us)


@dataclass(frozen=True, slots=True)
class Gap:
    """No pictures of this stream from ``start_us`` to ``end_us`` (``None``: still going on), and why."""

    camera: CameraId
    stream: StreamName
    start_us: int
    end_us: int | None
    cause: GapCause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Recorded without a break from ``start_us`` to ``end_us``, inside one run."""

    run: RunId
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What exists for one stream in a span: pieces, gaps, holds, in order; each instant is in a piece or a gap."""

    camera: CameraId
    stream: StreamName
    span: Span
    pieces: tuple[Piece, ...]
    gaps: tuple[Gap, ...]
    holds: tuple["Hold", ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Footage that must not expire (I6): set when the recorder has it on disk."""

    id: HoldId
    camera: CameraId
    span: Span
    reference: str  # requisition, incident or case
    judicial: bool  # only a judicial reference beats the legal maximum
    set_us: int


class ArchiveReader(Protocol):
    """All that replay, stills and extraction ask of the archive. Implemented by ``media.archive.catalogue``."""

    def timeline(self, camera: CameraId, stream: StreamName, span: Span) -> Timeline:
        """What exists and what does not."""

    def fragments(self, camera: CameraId, stream: StreamName, span: Span) -> list[Fragment]:
        """The whole fragments that meet ``span``, from the key frame at or before its start (in the same run, else
        the first key frame inside) to the last fragment that meets its end, in order."""

    def run(self, run: RunId) -> Run:
        """A run by its id; ``NotFound``."""

    def read(self, fragment: Fragment) -> bytes:
        """The fragment's bytes, as written; ``NotFound`` when the file is gone, ``Corrupt`` when it is short."""

    def latest(self, camera: CameraId, stream: StreamName) -> Fragment | None:
        """The newest durable fragment."""
