"""Reading a segment file back: its run, its whole fragments, and where the last of them ends. Pure.

Used by recovery after a crash, by ``archive rebuild`` and by ``archive check``. It trusts nothing: a fragment counts
only when stamp, prft, moof and mdat are whole and fit together; the first thing that is not ends the scan.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from beffroi.kernel.digest import sha256
from beffroi.media.core.boxes import find, read_head
from beffroi.media.core.index import Entry, entry_of
from beffroi.media.core.stamp import (
    PRFT_BYTES,
    SAMPLED,
    STAMP_BYTES,
    STAMP_ID,
    RunFacts,
    Stamp,
    decode_run,
    decode_stamp,
    sample_of,
)

_MAX_MOOV = 1 << 20
_MAX_MOOF = 4 << 20
_BLOCK = 1 << 20
_TFDT = struct.Struct(">IQ")


class Bytes(Protocol):
    """A file as the scan sees it."""

    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``offset``."""


@dataclass(slots=True)
class Scan:
    """What a segment file holds."""

    facts: RunFacts | None = None
    init: bytes = b""
    entries: list[Entry] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)  # the previous head each fragment names
    whole_bytes: int = 0  # up to here the file is whole
    size: int = 0

    @property
    def torn(self) -> bool:
        """Whether bytes follow that are no whole fragment."""
        return self.whole_bytes < self.size


def scan(source: Bytes, *, strict: bool = False) -> Scan:
    """Everything whole in a segment file, every digest computed anew. ``strict`` is for a file that nobody sealed: it
    ends before the first fragment whose bytes are not all what its stamp, or the next, says."""
    found = Scan(size=source.size)
    init = _init(source)
    if init is None:
        return found
    found.init, found.facts = init
    found.whole_bytes = len(found.init)
    for entry, stamp in _fragments(source, found.whole_bytes):
        if strict and not _is_sound(source, entry, stamp):
            break
        follows = found.entries and entry.sequence == found.entries[-1].sequence + 1
        if strict and follows and stamp.previous != found.entries[-1].sha256:
            _forget_last(found)
            break
        found.entries.append(entry)
        found.heads.append(stamp.previous)
        found.whole_bytes = entry.offset + entry.length
    return found


def _is_sound(source: Bytes, entry: Entry, stamp: Stamp) -> bool:
    if not stamp.flags & SAMPLED:
        return True
    behind = source.read_at(entry.offset + STAMP_BYTES, entry.length - STAMP_BYTES)
    return sample_of(behind) == stamp.sample


def _forget_last(found: Scan) -> None:
    """The fragment after it names another one: what stands there is not what was written."""
    last = found.entries.pop()
    found.heads.pop()
    found.whole_bytes = last.offset


def _init(source: Bytes) -> tuple[bytes, RunFacts | None] | None:
    ftyp = read_head(source.read_at(0, 16))
    if ftyp is None or ftyp[0] != b"ftyp" or ftyp[1] > 4096:
        return None
    moov = read_head(source.read_at(ftyp[1], 16))
    if moov is None or moov[0] != b"moov" or moov[1] > _MAX_MOOV:
        return None
    data = source.read_at(0, ftyp[1] + moov[1])
    if len(data) < ftyp[1] + moov[1]:
        return None
    return data, decode_run(data[ftyp[1] + moov[2] :])


def _fragments(source: Bytes, at: int) -> Iterator[tuple[Entry, Stamp]]:
    sequence: int | None = None  # rises; with holes where a hold kept what is between them
    while at < source.size:
        one = _fragment(source, at)
        if one is None or (sequence is not None and one[1].sequence <= sequence):
            return
        sequence = one[1].sequence
        yield one
        at += one[0].length


def later_fragments(source: Bytes, at: int) -> Iterator[tuple[Entry, Stamp]]:
    """Whole fragments anywhere from byte ``at`` on, whatever stands between them."""
    while at < source.size:
        block = source.read_at(at, _BLOCK)
        found = block.find(STAMP_ID)
        if found < 0:
            at += max(1, len(block) - len(STAMP_ID) + 1)
            continue
        begins = at + found - 8
        one = _fragment(source, begins) if begins >= 0 else None
        if one is not None:
            yield one
        at = begins + one[0].length if one is not None else at + found + 1


def _fragment(source: Bytes, at: int) -> tuple[Entry, Stamp] | None:
    """The fragment that begins at ``at``, if it is whole."""
    lead = source.read_at(at, STAMP_BYTES + PRFT_BYTES + 16)
    stamp = decode_stamp(lead[8:STAMP_BYTES]) if lead[4:8] == b"uuid" else None
    moof = read_head(lead[STAMP_BYTES + PRFT_BYTES :])
    if stamp is None or lead[STAMP_BYTES + 4 : STAMP_BYTES + 8] != b"prft" or moof is None:
        return None
    if moof[0] != b"moof" or moof[1] > _MAX_MOOF:
        return None
    mdat_at = at + STAMP_BYTES + PRFT_BYTES + moof[1]
    mdat = read_head(source.read_at(mdat_at, 16))
    if mdat is None or mdat[0] != b"mdat" or mdat_at + mdat[1] > source.size:
        return None
    data = source.read_at(at, mdat_at + mdat[1] - at)
    decode_time = _decode_time(data[STAMP_BYTES + PRFT_BYTES :])
    if len(data) != mdat_at + mdat[1] - at or decode_time is None:
        return None
    entry = entry_of(stamp, offset=at, length=len(data), decode_time_90k=decode_time, sha256=sha256(data))
    return entry, stamp


def _decode_time(fragment: bytes) -> int | None:
    """The ``tfdt`` of a fragment, if its ``trun`` accounts for every byte of its ``mdat``."""
    tfdt = find(fragment, b"moof", b"traf", b"tfdt")
    trun = find(fragment, b"moof", b"traf", b"trun")
    mdat = find(fragment, b"mdat")
    if tfdt is None or trun is None or mdat is None or tfdt[1] - tfdt[0] != _TFDT.size:
        return None
    count = int.from_bytes(fragment[trun[0] + 4 : trun[0] + 8], "big")
    if trun[1] - trun[0] != 12 + 16 * count:
        return None
    sizes = struct.unpack_from(f">{count * 4}I", fragment, trun[0] + 12)[1::4]
    if sum(sizes) != mdat[1] - mdat[0]:
        return None
    return int(_TFDT.unpack_from(fragment, tfdt[0])[1])
