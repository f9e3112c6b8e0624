"""What comes over an RTSP connection after PLAY (RFC 2326 §10.12): packets of pictures, reports, answers in between.

Pure, and as hot as ``rtp``. Input is hostile: whatever comes, the next good packet is found again, or ``Invalid``
(``rtsp_garbage``) ends it.
"""

import struct

from beffroi.kernel.errors import Invalid
from beffroi.media.core.nal import Family
from beffroi.media.core.rtp import AccessUnit, NalUnits, sender_report
from beffroi.media.core.rtp_jpeg import JpegUnits
from beffroi.media.core.rtsp import MAX_HEAD_BYTES, Answer, read_answer

_HEAD = struct.Struct(">BBHBBHI")  # $, channel, length; then RTP: flags, marker and type, sequence, time stamp
_DOLLAR = 0x24
MOST_GARBAGE_BYTES = 256 * 1024


class Interleaved:
    """One track on one connection. ``feed`` it, then take what was ``taken`` and the ``answers``."""

    def __init__(self, family: Family, payload_type: int, channel: int) -> None:
        self._done: list[AccessUnit] = []
        self._answers: list[Answer] = []
        done = self._done.append
        self._packet = (JpegUnits(done) if family is Family.MJPEG else NalUnits(family, done)).packet
        self._type, self._channel = payload_type, channel
        self._garbage = 0
        self.report: tuple[int, int] | None = None  # the last sender report

    def taken(self) -> list[AccessUnit]:
        """The access units that are whole."""
        if not self._done:
            return []
        units = self._done.copy()
        self._done.clear()
        return units

    def answers(self) -> list[Answer]:
        """Answers to requests that came in between."""
        if not self._answers:
            return []
        answers = self._answers.copy()
        self._answers.clear()
        return answers

    def feed(self, view: memoryview, fill: int) -> int:
        """Take whole packets off ``view[:fill]``; how many bytes are used up."""
        at, unpack, packet = 0, _HEAD.unpack_from, self._packet
        while fill - at >= 12:
            magic, channel, length, flags, second, sequence, stamp = unpack(view, at)
            if magic != _DOLLAR:
                used = self._between(view, at, fill)
                if not used:
                    break
                at += used
                continue
            stop = at + 4 + length
            if stop > fill:
                break
            if channel == self._channel:
                if length >= 12 and second & 0x7F == self._type and flags >> 6 == 2:
                    begin, end = (at + 16, stop) if flags == 0x80 else _payload(view, at + 4, stop, flags)
                    packet(view, begin, end, sequence, stamp, second > 0x7F)
                    self._garbage = 0
            elif channel == self._channel + 1:
                self.report = sender_report(view[at + 4 : stop]) or self.report
            at = stop
        return at

    def _between(self, view: memoryview, at: int, fill: int) -> int:
        """Take an answer off, or skip to what may be the next packet; 0: more is needed to tell."""
        text = bytes(view[at:fill])
        if text.startswith(b"RTSP/"):
            try:
                found = read_answer(text)
            except Invalid:
                found = (Answer(0), 1)
            if found is None:
                return 0 if fill - at < MAX_HEAD_BYTES * 4 else 1
            if found[0].status:
                self._answers.append(found[0])
            return found[1]
        places = [place for mark in (bytes((_DOLLAR, self._channel)), b"RTSP/") if (place := text.find(mark, 1)) > 0]
        used = min(places, default=max(1, len(text) - 4))
        self._garbage += used
        if self._garbage > MOST_GARBAGE_BYTES:
            raise Invalid("What the camera sends is not a stream.", code="rtsp_garbage")
        return used


def _payload(view: memoryview, at: int, stop: int, flags: int) -> tuple[int, int]:
    """Where the payload of a packet with padding, extension or contributors begins and ends (RFC 3550 §5.1)."""
    begin = at + 12 + 4 * (flags & 0x0F)
    if flags & 0x10 and begin + 4 <= stop:
        begin += 4 + 4 * int.from_bytes(view[begin + 2 : begin + 4], "big")
    if flags & 0x20:
        stop -= view[stop - 1]
    return min(begin, stop), stop
