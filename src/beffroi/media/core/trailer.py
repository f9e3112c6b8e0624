"""The index at the end of a closed file: what a start without a catalogue reads instead of the pictures themselves.

A ``uuid`` box that every player passes over: the segment's index (``media/core/index.py``), the SHA-256 over the file's
init section and that index, and the box's own size as the last four bytes, so that it is found from the end. It says
what was sealed; whether the bytes are still that, only reading them tells (``archive check``). A file without it, or
with a torn one, is read whole.
"""

from typing import Protocol

from beffroi.kernel.digest import sha256
from beffroi.media.core import index
from beffroi.media.core.boxes import box
from beffroi.media.core.index import Entry

INDEX_ID = bytes.fromhex("3c0e7d5a9b1f4e6294d862656666726f")
_HEAD_BYTES = 8 + len(INDEX_ID)
_TAIL_BYTES = 32 + 4
_LIKELY_BYTES = 8192  # a minute of fragments; longer ones are read in two steps
_MAX_BYTES = 4 << 20


class Bytes(Protocol):
    """A file, read from the end."""

    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``offset``."""


def encode_trailer(init: bytes, packed: bytes) -> bytes:
    """The box for a file that begins with ``init`` and has the index ``packed`` (``index.pack``)."""
    size = _HEAD_BYTES + len(packed) + _TAIL_BYTES
    return box(b"uuid", INDEX_ID, packed, sha256(init + packed), size.to_bytes(4, "big"))


def trailer_size(source: Bytes) -> int:
    """How long the box at the end of the file is, by its own word; 0 where none ends there."""
    size = int.from_bytes(source.read_at(max(0, source.size - 4), 4), "big")
    if not _HEAD_BYTES + _TAIL_BYTES < size <= min(_MAX_BYTES, source.size):
        return 0
    head = source.read_at(source.size - size, _HEAD_BYTES)
    return size if head == size.to_bytes(4, "big") + b"uuid" + INDEX_ID else 0


def read_trailer(source: Bytes, init: bytes) -> list[Entry] | None:
    """The index at the end of a file that begins with ``init``; ``None`` where none stands there that is whole and
    accounts for every byte between the two."""
    tail = source.read_at(max(0, source.size - _LIKELY_BYTES), _LIKELY_BYTES)
    size = int.from_bytes(tail[-4:], "big")
    if not _HEAD_BYTES + _TAIL_BYTES < size <= min(_MAX_BYTES, source.size):
        return None
    if size > len(tail):
        tail = source.read_at(source.size - size, size)
    whole = tail[-size:]
    if whole[:_HEAD_BYTES] != size.to_bytes(4, "big") + b"uuid" + INDEX_ID:
        return None
    packed, digest = whole[_HEAD_BYTES:-_TAIL_BYTES], whole[-_TAIL_BYTES:-4]
    if sha256(init + packed) != digest:
        return None
    try:
        entries = index.unpack(packed)
    except ValueError:
        return None
    return entries if _accounts(entries, len(init), source.size - size) else None


def _accounts(entries: list[Entry], at: int, until: int) -> bool:
    for each in entries:
        if each.offset != at:
            return False
        at += each.length
    return bool(entries) and at == until
