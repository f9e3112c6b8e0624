"""Whether a zip file is, byte for byte, the one our writer makes of these contents.

The delivered zip is stored, in a fixed order, with fixed dates, so it can be told again from its contents: a file
packed anew keeps valid contents in another container, and a flipped bit in a header has a place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from beffroi.governance.files.verifier.reading import CHUNK_BYTES

DOS_DATE = 0x0021  # 1980-01-01: the zip says nothing about time
UTF8_NAMES = 0x0800
LIMIT_32 = 0xFFFFFFFF


def delivery_order(names: list[str]) -> list[str]:
    """Tag files first, so that a reader knows early what must come; then by name."""
    return sorted(names, key=lambda name: (name.startswith("data/"), name))


def local_header(name: bytes, size: int, crc: int) -> bytes:
    """The header before a stored file (APPNOTE 4.3.7), with Zip64 sizes from 4 GiB on."""
    large = size >= LIMIT_32
    extra = struct.pack("<HHQQ", 1, 16, size, size) if large else b""
    shown = LIMIT_32 if large else size
    version = 45 if large else 20
    head = struct.pack("<IHHHHHIII", 0x04034B50, version, UTF8_NAMES, 0, 0, DOS_DATE, crc, shown, shown)
    return head + struct.pack("<HH", len(name), len(extra)) + name + extra


def central_header(name: bytes, size: int, crc: int, offset: int) -> bytes:
    """The entry of the directory at the end (APPNOTE 4.3.12)."""
    values = [value for value in (size, size, offset) if value >= LIMIT_32]
    extra = struct.pack("<HH", 1, 8 * len(values)) + struct.pack(f"<{len(values)}Q", *values) if values else b""
    version = 45 if values else 20
    shown = min(size, LIMIT_32)
    head = struct.pack(
        "<IHHHHHHIII", 0x02014B50, 3 << 8 | version, version, UTF8_NAMES, 0, 0, DOS_DATE, crc, shown, shown
    )
    mode = 0o100644 << 16
    return head + struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, mode, min(offset, LIMIT_32)) + name + extra


def end_records(count: int, size: int, offset: int) -> bytes:
    """The end of the directory (APPNOTE 4.3.14–16)."""
    zip64 = b""
    if count >= 0xFFFF or size >= LIMIT_32 or offset >= LIMIT_32:
        zip64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 3 << 8 | 45, 45, 0, 0, count, count, size, offset)
        zip64 += struct.pack("<IIQI", 0x07064B50, 0, offset + size, 1)
    shown = min(count, 0xFFFF)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, shown, shown, min(size, LIMIT_32), min(offset, LIMIT_32), 0)
    return zip64 + end


def first_difference(path: str, root: str, entries: list[tuple[str, int, int]]) -> int | None:
    """The first byte at which the zip at ``path`` differs from ours, made of ``entries`` (name, size, CRC-32 of
    what is stored); ``None`` when it is ours. File contents are not compared here: digests do that."""
    at, directory = 0, []
    with open(path, "rb") as file:
        for name, size, crc in entries:
            full = (root + "/" + name).encode("utf-8")
            wrong = _compare(file, at, local_header(full, size, crc))
            if wrong is not None:
                return wrong
            directory.append(central_header(full, size, crc, at))
            at += len(local_header(full, size, crc)) + size
        tail = b"".join(directory)
        return _compare(file, at, tail + end_records(len(entries), len(tail), at), last=True)


def _compare(file: IO[bytes], at: int, wanted: bytes, last: bool = False) -> int | None:
    file.seek(at)
    found = file.read(len(wanted) + 1 if last else len(wanted))
    if found == wanted:
        return None
    same = 0
    while same < min(len(found), len(wanted)) and found[same] == wanted[same]:
        same += 1
    return at + same


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, a mebibyte at a time."""
    while True:
        chunk = file.read(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk
