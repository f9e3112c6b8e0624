"""From RTP packets to access units: H.264 (RFC 6184), H.265 (RFC 7798), and RTCP sender reports (RFC 3550). Pure.

This is the hottest code of the recorder: a camera of 4 Mb/s sends 350 packets a second. Each byte is copied once into
the access unit that is being put together, in the form in which it is stored (4-byte lengths). NAL units stay in order
and unchanged (I3). One of which a packet is missing was not received: it is left out, and the unit says ``lost``.

Input is hostile: nothing here raises but ``Invalid`` (``unit_too_large``).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from beffroi.kernel.errors import Invalid
from beffroi.media.core.nal import KINDS, Family

MAX_UNIT_BYTES = 16 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_SHORT = struct.Struct(">H")
_ROOM = bytes(4)
_STARTS = (b"\x00\x00\x01", b"\x00\x00\x00\x01")
_REPORT = struct.Struct(">BBHIIII")
_NTP_UNIX_S = 2_208_988_800


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One access unit as sent. ``stamp`` is the RTP time stamp, 32 bits, in the clock of the track."""

    data: bytes  # NAL units with 4-byte lengths, or a JPEG
    stamp: int
    key: bool
    sets: tuple[bytes, ...]  # the parameter sets in it
    lost: bool = False  # packets are missing before or in it


class NalUnits:
    """Access units of H.264 or H.265 out of the packets of one track."""

    def __init__(self, family: Family, done: Callable[[AccessUnit], None]) -> None:
        self._done = done
        kinds = KINDS[family]
        self._h264 = family is Family.H264
        self._sets_of, self._keys, self._pictures = frozenset(kinds.parameter_sets), kinds.key, kinds.picture
        self._unit = bytearray()
        self._open = -1  # where the length of the NAL unit goes whose fragments are coming; -1: none is open
        self._stamp = -1
        self._next = -1
        self._key = self._picture = self._lost = False
        self._sets: list[bytes] = []
        self._ended = -1  # time stamp of the last unit that a marker ended
        self._marker_lies = False  # the camera sets the marker before a picture is over

    def packet(self, view: memoryview, at: int, stop: int, sequence: int, stamp: int, marker: bool) -> None:
        """Take the payload ``view[at:stop]``."""
        if sequence != self._next and self._next >= 0:
            self._missing()
        self._next = (sequence + 1) & 0xFFFF
        if stamp != self._stamp:
            if self._unit:
                self._finish()
            self._stamp = stamp
        if stop - at < 2:
            return
        first = view[at]
        kind = first & 0x1F if self._h264 else (first >> 1) & 0x3F
        if self._h264:
            if kind == 28:
                self._fragment(view, at + 1, stop, (first & 0xE0,))
            elif kind < 24:
                self._whole(view, at, stop, kind)
            elif kind == 24:
                self._aggregate(view, at + 1, stop)
            else:
                self._lost = True  # interleaved modes, which no camera uses over TCP
        elif kind == 49:
            self._fragment(view, at + 2, stop, (first & 0x81, view[at + 1]))
        elif kind < 48:
            self._whole(view, at, stop, kind)
        elif kind == 48:
            self._aggregate(view, at + 2, stop)
        else:
            self._lost = True
        if marker and self._picture and not self._marker_lies:
            self._finish()
            self._ended = stamp

    def _fragment(self, view: memoryview, at: int, stop: int, head: tuple[int, ...]) -> None:
        if at >= stop:
            return
        flags, unit = view[at], self._unit
        if flags & 0x80:
            self._drop_open()
            kind = flags & 0x1F if self._h264 else flags & 0x3F
            self._see(kind, view[at + 1] if at + 1 < stop else 0)
            self._open = len(unit)
            unit += _ROOM
            if self._h264:
                unit.append(head[0] | kind)
            else:
                unit += bytes((head[0] | kind << 1, head[1]))
        elif self._open < 0:
            self._lost = True
            return
        unit += view[at + 1 : stop]
        if len(unit) > MAX_UNIT_BYTES:
            raise _too_large()
        if flags & 0x40:
            _LENGTH.pack_into(unit, self._open, len(unit) - self._open - 4)
            self._open = -1

    def _whole(self, view: memoryview, at: int, stop: int, kind: int) -> None:
        self._drop_open()
        unit = self._unit
        body = at + (1 if self._h264 else 2)
        self._see(kind, view[body] if body < stop else 0)
        if kind in self._sets_of:
            self._parameter_sets(bytes(view[at:stop]))
        else:
            unit += _LENGTH.pack(stop - at)
            unit += view[at:stop]
        if len(unit) > MAX_UNIT_BYTES:
            raise _too_large()

    def _parameter_sets(self, nal: bytes) -> None:
        """One, or several in one packet with start codes between them, as some cameras send them."""
        nals = [nal]
        if _STARTS[1] in nal:
            nals = [part for part in nal.split(_STARTS[1]) if part]
        for each in nals:
            self._unit += _LENGTH.pack(len(each))
            self._unit += each
            self._sets.append(each)

    def _aggregate(self, view: memoryview, at: int, stop: int) -> None:
        while at + 2 < stop:
            (length,) = _SHORT.unpack_from(view, at)
            at += 2
            if length == 0 or at + length > stop:
                self._lost = True
                return
            first = view[at]
            self._whole(view, at, at + length, first & 0x1F if self._h264 else (first >> 1) & 0x3F)
            at += length

    def _see(self, kind: int, first: int) -> None:
        """Note a NAL unit. The first bit of a slice says whether a picture begins with it (H.264 §7.3.3, H.265
        §7.3.6.1): one that does not is of the picture that a marker had ended, and the marker lied."""
        if kind in self._pictures:
            if self._ended == self._stamp and not self._picture and not first & 0x80:
                self._marker_lies = True
            self._picture = True
            if kind in self._keys:
                self._key = True

    def _missing(self) -> None:
        self._lost = True
        self._drop_open()

    def _drop_open(self) -> None:
        if self._open >= 0:
            del self._unit[self._open :]
            self._open = -1
            self._lost = True

    def _finish(self) -> None:
        """Hand over what is there; messages and parameter sets without a picture go with the next one."""
        self._drop_open()
        if self._picture:
            unit = AccessUnit(bytes(self._unit), self._stamp, self._key, tuple(self._sets), self._lost)
            self._unit.clear()
            self._key = self._picture = self._lost = False
            self._sets.clear()
            self._done(unit)


def _too_large() -> Invalid:
    return Invalid("The camera sends a picture larger than any is.", code="unit_too_large")


def sender_report(view: memoryview) -> tuple[int, int] | None:
    """UTC in µs by the camera's clock, and the RTP time stamp of that moment; ``None`` if ``view`` is no report."""
    if len(view) < 20:
        return None
    first, kind, _, _, seconds, fraction, stamp = _REPORT.unpack_from(view)
    if first >> 6 != 2 or kind != 200 or seconds == 0:
        return None
    return (seconds - _NTP_UNIX_S) * 1_000_000 + (fraction * 1_000_000 >> 32), stamp
