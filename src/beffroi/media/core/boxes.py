"""Boxes of ISO/IEC 14496-12: writing them, and walking them without trust."""

import struct
from collections.abc import Iterator

_HEAD = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
_FULL = struct.Struct(">I4sI")


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of the 4-letter ``kind`` around ``parts``."""
    return b"".join((_HEAD.pack(8 + sum(map(len, parts)), kind), *parts))


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return b"".join((_FULL.pack(12 + sum(map(len, parts)), kind, version << 24 | flags), *parts))


def read_head(head: bytes) -> tuple[bytes, int, int] | None:
    """Kind, whole size and header size of the box whose first 16 bytes are ``head``; ``None`` for what is no box.

    A box that lasts to the end of the file (size 0) is none of ours, hence ``None``.
    """
    if len(head) < 8:
        return None
    size, kind = _HEAD.unpack_from(head)
    if size == 1:
        if len(head) < 16:
            return None
        (size,) = _LARGE.unpack_from(head, 8)
        return (kind, size, 16) if size >= 16 else None
    return (kind, size, 8) if size >= 8 else None


def walk(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the payload of each whole box between ``start`` and ``end``; stops at the first broken."""
    at, stop = start, len(data) if end is None else end
    while at + 8 <= stop:
        head = read_head(bytes(data[at : at + 16]))
        if head is None or at + head[1] > stop:
            return
        kind, size, skip = head
        yield kind, at + skip, at + size
        at += size


def find(data: bytes | memoryview, *path: bytes, start: int = 0, end: int | None = None) -> tuple[int, int] | None:
    """Start and end of the payload of the first box at ``path``."""
    stop = end
    for name in path:
        inside = next(((begin, until) for kind, begin, until in walk(data, start, stop) if kind == name), None)
        if inside is None:
            return None
        start, stop = inside
    return (start, len(data) if stop is None else stop)
