"""What Beffroi writes around a fragment: the stamp (where it stands in chain and time), and who the run is.

Both are ``uuid`` boxes (ISO/IEC 14496-12 §11.1), passed over by every player, that begin with a version byte. Layout:
docs/design/archive.md, "Stamp" and "Run box". The stamp stands before the fragment and is part of its bytes: the
fragment's SHA-256 covers it, and with it the previous head, so each head vouches for all before it.
"""

import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.ids import CameraId, RunId
from beffroi.media.core.boxes import box, full_box, walk
from beffroi.media.core.fmp4 import TRACK
from beffroi.media.core.words import StreamName

VERSION = 1
STAMP_ID = bytes.fromhex("b5d40f6cf2cf4bb89d2e62656666726f")
RUN_ID = bytes.fromhex("7a1fe9c45d0b4c5f8b1c62656666726f")
_STAMP = struct.Struct(">BBHIqqqQqII32s")
STAMP_BYTES = 8 + 16 + _STAMP.size
PRFT_BYTES = 32
_SAMPLE_STEP = 251
_NTP_EPOCH_US = 2_208_988_800_000_000
_NO_CAMERA_CLOCK = -(2**63)

RANDOM_ACCESS = 1
CLOCK_TRUSTED = 2
TIMES_MADE = 4  # the camera gave no usable time stamps: the recorder made some
SYNTHETIC = 8
CLOCK_STEPPED = 16  # the recorder's wall clock has stepped since the run began
SAMPLED = 64  # ``sample`` is of the bytes behind the stamp: a page that a power cut lost is found out
UNITS_LOST = 32  # the recorder lost units before this fragment (it was too slow, or the disk was)
PACKETS_LOST = 128  # packets of the camera are missing before or in this fragment: what they belonged to was left out


@dataclass(frozen=True, slots=True)
class Stamp:
    """Place and time of one fragment."""

    sequence: int
    start_us: int
    end_us: int
    received_us: int  # the recorder's wall clock when the first unit came
    received_ns: int  # its monotonic clock at that moment
    camera_offset_us: int | None  # camera clock minus recorder clock, by RTCP sender reports (RFC 3550 §6.4.1)
    uncertainty_us: int
    frames: int
    flags: int
    previous: bytes  # SHA-256 of the fragment before in this stream; 32 zero bytes for the first ever
    sample: int = 0  # see ``sample_of``; meant when flag SAMPLED is set

    @property
    def random_access(self) -> bool:
        return bool(self.flags & RANDOM_ACCESS)


def encode_stamp(stamp: Stamp) -> bytes:
    """The stamp as a box."""
    offset = _NO_CAMERA_CLOCK if stamp.camera_offset_us is None else stamp.camera_offset_us
    return box(
        b"uuid",
        STAMP_ID,
        _STAMP.pack(
            VERSION,
            stamp.flags,
            stamp.sample,
            stamp.sequence,
            stamp.start_us,
            stamp.end_us,
            stamp.received_us,
            stamp.received_ns,
            offset,
            min(stamp.uncertainty_us, 0xFFFFFFFF),
            stamp.frames,
            stamp.previous,
        ),
    )


def decode_stamp(payload: bytes | memoryview) -> Stamp | None:
    """The stamp in the payload of a ``uuid`` box; ``None`` when it is another box or another version."""
    if len(payload) != 16 + _STAMP.size or bytes(payload[:16]) != STAMP_ID or payload[16] != VERSION:
        return None
    fields = _STAMP.unpack_from(payload, 16)
    _, flags, sample, sequence, start, end, received, received_ns, offset, uncertainty, frames, previous = fields
    camera = None if offset == _NO_CAMERA_CLOCK else offset
    return Stamp(sequence, start, end, received, received_ns, camera, uncertainty, frames, flags, previous, sample)


def sample_of(behind: bytes) -> int:
    """16 bits over each 251st byte of what stands behind a stamp. The newest fragment of a file has none after it that
    names its SHA-256; a page of it that never reached the disk shows here, at next to no cost."""
    return crc32(behind[::_SAMPLE_STEP]) & 0xFFFF


def encode_prft(*, at_us: int, media_time_90k: int) -> bytes:
    """A producer reference time (ISO/IEC 14496-12 §8.16.5): this media time is that UTC, for players that care."""
    seconds, micros = divmod(at_us + _NTP_EPOCH_US, 1_000_000)
    ntp = (seconds & 0xFFFFFFFF) << 32 | (micros << 32) // 1_000_000
    return full_box(b"prft", 1, 0, struct.pack(">IQQ", TRACK, ntp, media_time_90k))


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Who a run is: enough to adopt a file that nothing else knows."""

    run: RunId
    camera: CameraId
    stream: StreamName
    codec: str
    width: int
    height: int
    synthetic: bool
    mask_version: str
    born_us: int


def encode_run(facts: RunFacts) -> bytes:
    """The run box, for ``moov/udta`` of the init section."""
    return box(b"uuid", RUN_ID, bytes((VERSION,)), canonical_bytes(run_json(facts)))


def run_json(facts: RunFacts) -> dict[str, Json]:
    """The facts in JSON form (run box, journal, writer's socket)."""
    return {
        "run": facts.run,
        "camera": facts.camera,
        "stream": facts.stream.value,
        "codec": facts.codec,
        "width": facts.width,
        "height": facts.height,
        "synthetic": facts.synthetic,
        "mask_version": facts.mask_version,
        "born_us": facts.born_us,
    }


def run_facts(data: dict[str, Any]) -> RunFacts:
    """The facts in JSON form (run box, journal); ``ValueError``, ``KeyError`` or ``TypeError`` when they are not."""
    return RunFacts(
        RunId(str(data["run"])),
        CameraId(str(data["camera"])),
        StreamName(data["stream"]),
        str(data["codec"]),
        int(data["width"]),
        int(data["height"]),
        bool(data["synthetic"]),
        str(data["mask_version"]),
        int(data["born_us"]),
    )


@lru_cache(maxsize=256)
def decode_run(moov: bytes) -> RunFacts | None:
    """The run box inside the payload of a ``moov``; ``None`` when there is none that can be read."""
    for kind, start, end in walk(moov):
        if kind != b"udta":
            continue
        for inner, begin, until in walk(moov, start, end):
            if inner == b"uuid" and moov[begin : begin + 16] == RUN_ID and moov[begin + 16 : begin + 17] == b"\x01":
                try:
                    return run_facts(json.loads(moov[begin + 17 : until]))
                except (ValueError, KeyError, TypeError):
                    return None
    return None
