"""RTP over RTSP: H.264 (RFC 6184) and H.265 (RFC 7798) into packets, and RTCP sender reports (RFC 3550 §6.4.1)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MTU = 1400
PAYLOAD_TYPE = 96
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
Codec = Literal["H264", "H265"]


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture to be sent: its NAL units, when it was taken (microseconds of UTC), whether decoding may begin."""

    nals: tuple[bytes, ...]
    taken_us: int
    key: bool


def rtp_time(taken_us: int, offset: int) -> int:
    """The 90 kHz time stamp of an instant."""
    return (taken_us * 9 // 100 + offset) & 0xFFFF_FFFF


class Packetizer:
    """Cuts access units into RTP packets of one stream."""

    def __init__(self, codec: Codec, *, ssrc: int, sequence: int, offset: int) -> None:
        self._codec, self.ssrc, self.sequence, self.offset = codec, ssrc, sequence & 0xFFFF, offset
        self.packets = self.octets = 0

    def packets_of(self, unit: AccessUnit) -> Iterator[bytes]:
        """All packets of one picture; the last one carries the marker."""
        stamp = rtp_time(unit.taken_us, self.offset)
        payloads = [part for nal in unit.nals for part in self._payloads(nal)]
        for n, payload in enumerate(payloads):
            marker = 0x80 if n == len(payloads) - 1 else 0
            head = struct.pack(">BBHII", 0x80, marker | PAYLOAD_TYPE, self.sequence, stamp, self.ssrc)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.packets += 1
            self.octets += len(payload)
            yield head + payload

    def _payloads(self, nal: bytes) -> Iterator[bytes]:
        """The NAL unit itself where it fits, else its fragments (FU-A, or FU of H.265)."""
        if len(nal) <= MTU:
            yield nal
            return
        if self._codec == "H264":
            head, kind, body = bytes([nal[0] & 0xE0 | 28]), nal[0] & 0x1F, nal[1:]
        else:
            head, kind, body = bytes([nal[0] & 0x81 | 49 << 1, nal[1]]), nal[0] >> 1 & 0x3F, nal[2:]
        room = MTU - len(head) - 1
        for at in range(0, len(body), room):
            flags = (0x80 if at == 0 else 0) | (0x40 if at + room >= len(body) else 0)
            yield head + bytes([flags | kind]) + body[at : at + room]

    def sender_report(self, now_us: int) -> bytes:
        """What time of day the RTP time stamps mean, with an SDES item that RFC 3550 wants beside it."""
        seconds, rest = divmod(now_us, 1_000_000)
        fraction = (rest << 32) // 1_000_000
        report = struct.pack(
            ">BBHIIIIII", 0x80, 200, 6, self.ssrc, (seconds + NTP_EPOCH_S) & 0xFFFF_FFFF, fraction,
            rtp_time(now_us, self.offset), self.packets & 0xFFFF_FFFF, self.octets & 0xFFFF_FFFF,
        )  # fmt: skip
        name = b"camera@saint-aubin"
        item = struct.pack(">IBB", self.ssrc, 1, len(name)) + name + b"\x00"
        item += b"\x00" * (-len(item) % 4)
        return report + struct.pack(">BBH", 0x81, 202, len(item) // 4) + item
