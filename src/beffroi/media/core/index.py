"""The index of a segment: where its fragments lie, as one compact value in the catalogue.

Layout (docs/design/archive.md, "Index"): a version byte, then 81 bytes a fragment. It can always be made again from
the file; it is there so that a seek reads one row and no file.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from beffroi.media.core.stamp import Stamp

VERSION = 1
_NO_CAMERA_CLOCK = -(2**63)
_ENTRY = struct.Struct(">IIIqIQBIqI32s")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fragment in its segment."""

    sequence: int
    offset: int  # bytes; a segment is under 4 GiB
    length: int
    start_us: int
    end_us: int
    decode_time_90k: int
    flags: int
    frames: int
    camera_offset_us: int | None
    uncertainty_us: int
    sha256: bytes


def entry_of(stamp: Stamp, *, offset: int, length: int, decode_time_90k: int, sha256: bytes) -> Entry:
    """The entry of a fragment that stands at ``offset``."""
    return Entry(
        stamp.sequence,
        offset,
        length,
        stamp.start_us,
        stamp.end_us,
        decode_time_90k,
        stamp.flags,
        stamp.frames,
        stamp.camera_offset_us,
        stamp.uncertainty_us,
        sha256,
    )


def pack(entries: Iterable[Entry]) -> bytes:
    """The index as bytes."""
    return bytes((VERSION,)) + b"".join(pack_entry(each) for each in entries)


def pack_entry(each: Entry) -> bytes:
    """One fragment as bytes."""
    offset = _NO_CAMERA_CLOCK if each.camera_offset_us is None else each.camera_offset_us
    return _ENTRY.pack(
        each.sequence,
        each.offset,
        each.length,
        each.start_us,
        min(each.end_us - each.start_us, 0xFFFFFFFF),
        each.decode_time_90k,
        each.flags,
        each.frames,
        offset,
        min(each.uncertainty_us, 0xFFFFFFFF),
        each.sha256,
    )


def unpack_entry(data: bytes) -> Entry:
    """The fragment in ``data``; ``ValueError`` when it is none."""
    if len(data) != _ENTRY.size:
        raise ValueError("this is no index entry")
    return _entry(_ENTRY.unpack(data))


def unpack(data: bytes) -> list[Entry]:
    """The fragments of an index; ``ValueError`` for another version or a torn value."""
    if not data or data[0] != VERSION or (len(data) - 1) % _ENTRY.size:
        raise ValueError("this is no segment index of version 1")
    return [_entry(fields) for fields in _ENTRY.iter_unpack(data[1:])]


def stretches(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Fragments in rows that follow on without a break."""
    found: list[list[Entry]] = []
    for each in entries:
        if found and found[-1][-1].end_us == each.start_us:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _entry(fields: tuple[int, int, int, int, int, int, int, int, int, int, bytes]) -> Entry:
    sequence, offset, length, start, lasts, decode, flags, frames, camera, uncertainty, digest = fields
    return Entry(
        sequence,
        offset,
        length,
        start,
        start + lasts,
        decode,
        flags,
        frames,
        None if camera == _NO_CAMERA_CLOCK else camera,
        uncertainty,
        digest,
    )
