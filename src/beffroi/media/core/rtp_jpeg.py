"""JPEG over RTP (RFC 2435): the headers that the transport leaves out are put back as its appendices A and B say.

Pure; input is hostile. The scan's bytes are the camera's, unchanged; quantisation and Huffman tables are the standard's
where the packet only names a quality (RFC 2435 §4.2), else those that the camera sent.
"""

import struct
from collections.abc import Callable

from beffroi.kernel.errors import Invalid
from beffroi.media.core.rtp import MAX_UNIT_BYTES, AccessUnit

_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMA = bytes.fromhex(
    "1112121815182f1a1a2f63423842636363636363636363636363636363636363"
    "6363636363636363636363636363636363636363636363636363636363636363"
)
_HUFFMAN = bytes.fromhex(
    "ffc4001f0000010501010101010100000000000000000102030405060708090a0b"
    "ffc400b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282"
    "090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788"
    "898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1"
    "f2f3f4f5f6f7f8f9fa"
    "ffc4001f0100030101010101010101010000000000000102030405060708090a0b"
    "ffc400b51100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a"
    "162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a8283848586"
    "8788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9ea"
    "f2f3f4f5f6f7f8f9fa"
)
_SCAN = bytes.fromhex("ffda000c03010002110311003f00")


class JpegUnits:
    """Whole JPEGs out of the packets of one track."""

    def __init__(self, done: Callable[[AccessUnit], None]) -> None:
        self._done = done
        self._head = b""
        self._scan = bytearray()
        self._stamp = -1
        self._tables: dict[int, bytes] = {}  # by quality, as sent in band (128 … 254 may be left out later)
        self._next = -1
        self._lost = False

    def packet(self, view: memoryview, at: int, stop: int, sequence: int, stamp: int, marker: bool) -> None:
        """Take the payload ``view[at:stop]``."""
        if sequence != self._next and self._next >= 0:
            self._lost = True
            self._scan.clear()
        self._next = (sequence + 1) & 0xFFFF
        if stop - at < 8:
            return
        offset = int.from_bytes(view[at + 1 : at + 4], "big")
        kind, quality, width, height = view[at + 4], view[at + 5], view[at + 6] * 8, view[at + 7] * 8
        at += 8
        interval = 0
        if kind & 0x40:
            interval = int.from_bytes(view[at : at + 2], "big")
            at += 4
        if offset == 0:
            at, tables = self._quantisation(view, at, stop, quality)
            self._stamp = stamp
            self._scan.clear()
            known = tables is not None and width and height and kind & 0x3F in (0, 1)
            self._head = _header(kind & 1, width, height, interval, tables) if known and tables is not None else b""
        if stamp != self._stamp or offset != len(self._scan) or not self._head:
            self._lost = True
            return
        self._scan += view[at:stop]
        if len(self._scan) > MAX_UNIT_BYTES:
            raise Invalid("The camera sends a picture larger than any is.", code="unit_too_large")
        if marker:
            tail = b"" if self._scan.endswith(b"\xff\xd9") else b"\xff\xd9"
            lost, self._lost = self._lost, False
            data = self._head + self._scan + tail
            self._scan.clear()
            self._done(AccessUnit(data, stamp, True, (), lost))

    def _quantisation(self, view: memoryview, at: int, stop: int, quality: int) -> tuple[int, bytes | None]:
        if quality < 128:
            return at, scaled_tables(quality)
        if at + 4 > stop:
            return at, None
        precision, length = view[at + 1], int.from_bytes(view[at + 2 : at + 4], "big")
        at += 4
        if length:
            tables = bytes(view[at : at + length])
            if precision or len(tables) != length or length not in (64, 128):
                return at + length, None
            self._tables[quality] = tables
        return at + length, self._tables.get(quality)


def scaled_tables(quality: int) -> bytes | None:
    """Luma and chroma tables for a quality of 1 … 99 (RFC 2435 appendix A); ``None`` for those that are reserved."""
    if not 1 <= quality <= 99:
        return None
    factor = 5000 // quality if quality < 50 else 200 - quality * 2
    return bytes(min(max((value * factor + 50) // 100, 1), 255) for value in _LUMA + _CHROMA)


def _header(kind: int, width: int, height: int, interval: int, tables: bytes) -> bytes:
    luma, chroma = tables[:64], tables[64:] or tables[:64]
    sampling = 0x22 if kind else 0x21
    frame = struct.pack(">HHBHHB", 0xFFC0, 17, 8, height, width, 3) + bytes((1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1))
    return b"".join(
        (
            b"\xff\xd8",
            *(b"\xff\xdb\x00\x43" + bytes((at,)) + table for at, table in enumerate((luma, chroma))),
            struct.pack(">HHH", 0xFFDD, 4, interval) if interval else b"",
            frame,
            _HUFFMAN,
            _SCAN,
        )
    )
