"""Reading a segment file back: its run, its whole fragments, and where the last of them ends. Pure.

Used by recovery after a crash, by ``archive rebuild`` and by ``archive check``. It trusts nothing: a fragment counts
only when stamp, prft, moof and mdat are whole and fit together; the first thing that is not ends the scan.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from beffroi.kernel.digest import sha256
from beffroi.media.core.boxes import find, read_head
from beffroi.media.core.fmp4 import MOOF_HEAD
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
from beffroi.media.core.trailer import read_trailer, trailer_size

_MAX_MOOV = 1 << 20
_MAX_MOOF = 4 << 20
_BLOCK = 1 << 20
_TFDT = struct.Struct(">IQ")
_KINDS = (b"moof", b"mfhd", b"traf", b"tfhd", b"tfdt", b"trun")


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
    index: list[Entry] | None = None  # what the file's own index says, where it has one
    index_bytes: int = 0
    size: int = 0

    @property
    def torn(self) -> bool:
        """Whether bytes follow that are no whole fragment, and not the file's index."""
        return self.whole_bytes + self.index_bytes < self.size


def scan(source: Bytes, *, strict: bool = False, flushed: Iterable[Entry] = ()) -> Scan:
    """Everything whole in a segment file, every digest computed anew. ``strict`` is for a file that nobody sealed: it
    ends before the first fragment whose bytes are not all what its stamp, or the next, says. ``flushed``: fragments
    that are known to have reached the disk; of these only the stamps are read."""
    known = {each.offset: each for each in flushed}
    found = Scan(size=source.size)
    init = _init(source)
    if init is None:
        return found
    found.init, found.facts = init
    found.whole_bytes = len(found.init)
    for entry, stamp in _fragments(source, found.whole_bytes, known):
        if strict and entry.offset not in known and not _is_sound(source, entry, stamp):
            break
        follows = found.entries and entry.sequence == found.entries[-1].sequence + 1
        if strict and follows and stamp.previous != found.entries[-1].sha256:
            _forget_last(found)
            break
        found.entries.append(entry)
        found.heads.append(stamp.previous)
        found.whole_bytes = entry.offset + entry.length
    if found.torn and found.whole_bytes + trailer_size(source) == source.size:
        found.index = read_trailer(source, found.init)
        found.index_bytes = source.size - found.whole_bytes if found.index is not None else 0
    return found


def read_sealed(source: Bytes) -> Scan | None:
    """What a closed file holds by the index at its end, the pictures unread: digests are those that were sealed, heads
    are not known. ``None``: it has no such index, or no whole one; ``scan`` it."""
    if not trailer_size(source):
        return None
    init = _init(source)
    entries = read_trailer(source, init[0]) if init is not None else None
    if init is None or entries is None:
        return None
    whole = entries[-1].offset + entries[-1].length
    return Scan(init[1], init[0], entries, [], whole, entries, source.size - whole, source.size)


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


def _fragments(source: Bytes, at: int, known: Mapping[int, Entry]) -> Iterator[tuple[Entry, Stamp]]:
    sequence: int | None = None  # rises; with holes where a hold kept what is between them
    while at < source.size:
        one = _flushed(source, known[at]) if at in known else _fragment(source, at)
        if one is None or (sequence is not None and one[1].sequence <= sequence):
            return
        sequence = one[1].sequence
        yield one
        at += one[0].length


def _flushed(source: Bytes, entry: Entry) -> tuple[Entry, Stamp] | None:
    """A fragment that reached the disk, by its stamp; read whole where that is not the one."""
    stamp = decode_stamp(source.read_at(entry.offset, STAMP_BYTES)[8:])
    same = stamp is not None and (stamp.sequence, stamp.start_us) == (entry.sequence, entry.start_us)
    if stamp is not None and same and entry.offset + entry.length <= source.size:
        return entry, stamp
    return _fragment(source, entry.offset)


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
    ours = _decode_time_of_ours(fragment)
    return ours if ours is not None else _decode_time_of_any(fragment)


def _decode_time_of_ours(fragment: bytes) -> int | None:
    """Where its boxes stand as ``fmp4.fragment`` writes them: a start may have many thousands to look at."""
    if len(fragment) < MOOF_HEAD.size:
        return None
    fields = MOOF_HEAD.unpack_from(fragment)
    moof_size, count = fields[0], fields[19]
    table = 16 * count
    kinds = (fields[1], fields[3], fields[7], fields[9], fields[13], fields[17])
    lengths = (moof_size, fields[2], fields[6], fields[8], fields[12], fields[16])
    if kinds != _KINDS or lengths != (MOOF_HEAD.size + table, 16, moof_size - 24, 16, 20, 20 + table):
        return None
    if len(fragment) < moof_size + 8:
        return None
    sizes = struct.unpack_from(f">{count * 4}I", fragment, MOOF_HEAD.size)[1::4]
    return int(fields[15]) if sum(sizes) == len(fragment) - moof_size - 8 else None


def _decode_time_of_any(fragment: bytes) -> int | None:
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
