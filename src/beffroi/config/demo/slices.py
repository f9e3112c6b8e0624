"""Put one H.264 picture together from two streams: a clock strip above, a looped scene below.

A picture may consist of several slices that do not depend on one another inside the picture (ITU-T H.264 §7.3.2.8).
The scene is encoded once and looped for ever; only the strip, two rows of macroblocks that carry the clock, is
encoded anew each second. Only slice headers (§7.3.3) are rewritten; the coded macroblocks stay as x264 made them.
So eight cameras with a true burnt-in clock cost no encoder, live as well as in the past.

Both streams come from x264 in Main profile with CABAC, one reference, no B-frames and picture order count type 2;
anything else is refused with ``ValueError``. The deblocking filter is told not to cross slices.
"""

from dataclasses import dataclass

NAL_SLICE, NAL_IDR, NAL_SPS, NAL_PPS = 1, 5, 7, 8
SLICE_P, SLICE_I = 0, 2
START_CODE = b"\x00\x00\x00\x01"


class Bits:
    """Reads a raw byte sequence payload bit by bit."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self.length = len(data) * 8
        self.at = 0

    def u(self, count: int) -> int:
        """``count`` bits as an unsigned number."""
        self.at += count
        if self.at > self.length:
            raise ValueError("the NAL unit ends too early")
        return (self._value >> (self.length - self.at)) & ((1 << count) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number (§9.1.1)."""
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)


class BitWriter:
    """Collects bits."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def u(self, value: int, count: int) -> None:
        """Write ``value`` in ``count`` bits."""
        if count:
            self._bits.append(f"{value:0{count}b}")

    def ue(self, value: int) -> None:
        """Write an unsigned Exp-Golomb number."""
        self.u(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """Write a signed Exp-Golomb number."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def aligned(self, fill: str) -> bytes:
        """All bits, filled up to a whole byte with ``fill``."""
        text = "".join(self._bits)
        text += fill * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def trailing(self) -> bytes:
        """All bits with ``rbsp_trailing_bits``."""
        self.u(1, 1)
        return self.aligned("0")


def escape(payload: bytes) -> bytes:
    """Insert emulation prevention bytes (§7.4.1.1)."""
    out = bytearray()
    done = at = 0
    while (at := payload.find(b"\x00\x00", at)) != -1:
        if at + 2 < len(payload) and payload[at + 2] <= 3:
            out += payload[done : at + 2] + b"\x03"
            done = at = at + 2
        else:
            at += 1
    return bytes(out + payload[done:])


def unescape(nal: bytes) -> bytes:
    """Take emulation prevention bytes out."""
    parts = nal.split(b"\x00\x00\x03")
    return b"\x00\x00".join(parts)


def split_annex_b(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream with start codes (annex B)."""
    return [part.rstrip(b"\x00") for part in stream.split(b"\x00\x00\x01")[1:] if part]


@dataclass(frozen=True, slots=True)
class Sequence:
    """What slice headers depend on, with the parameter sets themselves (NAL units, without start codes)."""

    sps: bytes
    pps: bytes
    width_mbs: int
    height_mbs: int
    frame_num_bits: int

    def taller(self, rows: int) -> "Sequence":
        """The same sequence with ``rows`` more rows of macroblocks."""
        bits, head = Bits(unescape(self.sps[1:])), BitWriter()
        head.u(bits.u(24), 24)
        for _ in range(4):
            head.ue(bits.ue())
        head.u(bits.u(1), 1)
        head.ue(bits.ue())
        head.ue(bits.ue() + rows)
        last = bits.length
        while not (bits._value >> (bits.length - last)) & 1:  # the stop bit
            last -= 1
        rest = last - 1 - bits.at
        head.u(bits.u(rest), rest)
        sps = self.sps[:1] + escape(head.trailing())
        return Sequence(sps, self.pps, self.width_mbs, self.height_mbs + rows, self.frame_num_bits)


def read_sequence(sps: bytes, pps: bytes) -> Sequence:
    """Read both parameter sets and refuse what this module does not splice."""
    bits = Bits(unescape(sps[1:]))
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    frame_num_bits = bits.ue() + 4
    poc_type = bits.ue()
    if profile != 77 or poc_type != 2 or bits.ue() != 1:
        raise ValueError("only Main profile, picture order count type 2 and one reference can be spliced")
    bits.u(1)
    width, height, frames_only = bits.ue() + 1, bits.ue() + 1, bits.u(1)
    bits.u(1)
    if not frames_only or bits.u(1):
        raise ValueError("only whole progressive frames without cropping can be spliced")
    _check_pps(Bits(unescape(pps[1:])))
    return Sequence(sps, pps, width, height, frame_num_bits)


def _check_pps(bits: Bits) -> None:
    ids, cabac, bottom = (bits.ue(), bits.ue()), bits.u(1), bits.u(1)
    groups, refs, weighted = bits.ue(), (bits.ue(), bits.ue()), bits.u(1)
    bits.u(2)
    bits.se(), bits.se(), bits.se()
    deblocking, _, redundant = bits.u(1), bits.u(1), bits.u(1)
    if ids != (0, 0) or not cabac or bottom or groups or refs[0] or weighted or not deblocking or redundant:
        raise ValueError("the picture parameter set is not one of those that can be spliced")


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of a whole picture: the header fields that stay, and the coded macroblocks (CABAC, byte aligned)."""

    kind: int  # SLICE_I or SLICE_P
    idr: bool
    qp_delta: int
    cabac_init: int
    deblock: tuple[int, int, int]  # disable_deblocking_filter_idc, alpha, beta
    data: bytes  # unescaped


def picture_slices(nals: list[bytes]) -> list[bytes]:
    """The coded slices among the NAL units of one picture, in order."""
    return [nal for nal in nals if nal[0] & 31 in (NAL_SLICE, NAL_IDR)]


def read_slice(nal: bytes, sequence: Sequence, *, first_mb: int = 0) -> Slice:
    """Take a slice apart; ``ValueError`` where it does not begin at macroblock ``first_mb``."""
    payload = unescape(nal[1:])
    idr = nal[0] & 31 == NAL_IDR
    bits = Bits(payload[:24])
    if bits.ue() != first_mb:
        raise ValueError("this slice does not begin where it should")
    kind = bits.ue() % 5
    bits.ue()
    bits.u(sequence.frame_num_bits)
    if idr:
        bits.ue()
    if kind == SLICE_P and ((bits.u(1) and bits.ue() != 0) or bits.u(1)):
        raise ValueError("reordered or several references cannot be spliced")
    if idr:
        bits.u(2)
    elif bits.u(1):
        raise ValueError("adaptive reference marking cannot be spliced")
    cabac_init = bits.ue() if kind == SLICE_P else 0
    qp_delta, disable = bits.se(), bits.ue()
    deblock = (disable, *((bits.se(), bits.se()) if disable != 1 else (0, 0)))
    start = (bits.at + 7) // 8
    return Slice(kind, idr, qp_delta, cabac_init, deblock, payload[start:])


def write_slice(part: Slice, sequence: Sequence, *, first_mb: int, frame_num: int, idr_id: int) -> bytes:
    """The NAL unit of ``part`` as the slice that begins at macroblock ``first_mb`` of a picture of ``sequence``."""
    head = BitWriter()
    head.ue(first_mb)
    head.ue(part.kind)
    head.ue(0)
    head.u(frame_num % (1 << sequence.frame_num_bits), sequence.frame_num_bits)
    if part.idr:
        head.ue(idr_id)
    if part.kind == SLICE_P:
        head.u(0, 2)
    head.u(0, 2 if part.idr else 1)
    if part.kind == SLICE_P:
        head.ue(part.cabac_init)
    head.se(part.qp_delta)
    disable, alpha, beta = part.deblock
    head.ue(disable or 2)  # filter inside the slice, never across its border
    if disable != 1:
        head.se(alpha)
        head.se(beta)
    nal_type = 0x60 | (NAL_IDR if part.idr else NAL_SLICE)
    return bytes([nal_type]) + escape(head.aligned("1") + part.data)
