"""Sequence parameter sets: picture size, codec string (RFC 6381) and reorder depth, from H.264 and H.265.

Tolerant: a set that cannot be read gives ``None``, never an exception; the stream is then recorded with what other
sources (the container, the SDP) say. Only what is needed is read.
"""

from dataclasses import dataclass

from beffroi.media.core.nal import unescaped

_CHROMA_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_NO_REORDER_PROFILES = frozenset({66})  # Baseline has no B slices (H.264 A.2.1)
_MAX_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Picture:
    """What a sequence parameter set says. ``reorder`` is ``None`` where it does not say."""

    width: int
    height: int
    codec: str
    reorder: int | None
    chroma: int = 1
    luma_bits: int = 8
    chroma_bits: int = 8


class _End(Exception):
    """The bits ran out, or say something impossible."""


class _Bits:
    """A reader of bits, most significant first, with Exp-Golomb codes (H.264 §9.1)."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise _End
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.take(1) == 1

    def ue(self) -> int:
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            if zeros > 32:
                raise _End
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def read_h264(sps: bytes) -> Picture | None:
    """The picture of an H.264 sequence parameter set (§7.3.2.1.1), NAL header included."""
    try:
        return _h264(sps)
    except _End:
        return None


def read_h265(sps: bytes) -> Picture | None:
    """The picture of an H.265 sequence parameter set (§7.3.2.2), NAL header included."""
    try:
        return _h265(sps)
    except _End:
        return None


def _sized(width: int, height: int) -> tuple[int, int]:
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        raise _End
    return width, height


def _h264(sps: bytes) -> Picture:
    if len(sps) < 5:
        raise _End
    bits = _Bits(unescaped(sps[1:512]))
    profile, constraints, level = bits.take(8), bits.take(8), bits.take(8)
    bits.ue()
    chroma, luma_bits, chroma_bits, planes = 1, 8, 8, False
    if profile in _CHROMA_PROFILES:
        chroma = bits.ue()
        planes = chroma == 3 and bits.flag()
        luma_bits, chroma_bits = 8 + bits.ue(), 8 + bits.ue()
        bits.flag()
        if bits.flag():
            for each in range(12 if chroma == 3 else 8):
                if bits.flag():
                    _skip_scaling_list(bits, 16 if each < 6 else 64)
    if chroma > 3 or luma_bits > 14 or chroma_bits > 14:
        raise _End
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.flag(), bits.se(), bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()
    bits.flag()
    width, height, frames_only = (bits.ue() + 1) * 16, bits.ue() + 1, bits.flag()
    height *= 16 if frames_only else 32
    if not frames_only:
        bits.flag()
    bits.flag()
    if bits.flag():
        step_x = 2 if chroma in (1, 2) and not planes else 1
        step_y = (2 if chroma == 1 and not planes else 1) * (1 if frames_only else 2)
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width, height = width - step_x * (left + right), height - step_y * (top + bottom)
    width, height = _sized(width, height)
    reorder = 0 if profile in _NO_REORDER_PROFILES or order == 2 else _h264_vui_reorder(bits)
    codec = f"avc1.{profile:02x}{constraints:02x}{level:02x}"
    return Picture(width, height, codec, reorder, chroma, luma_bits, chroma_bits)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _h264_vui_reorder(bits: _Bits) -> int | None:
    """``max_num_reorder_frames`` of the VUI (Annex E.1.1), where it is there."""
    try:
        if not bits.flag():
            return None
        if bits.flag() and bits.take(8) == 255:
            bits.take(32)
        if bits.flag():
            bits.flag()
        if bits.flag():
            bits.take(4)
            if bits.flag():
                bits.take(24)
        if bits.flag():
            bits.ue(), bits.ue()
        if bits.flag():
            bits.take(65)
        nal_hrd = bits.flag()
        if nal_hrd:
            _skip_hrd(bits)
        vcl_hrd = bits.flag()
        if vcl_hrd:
            _skip_hrd(bits)
        if nal_hrd or vcl_hrd:
            bits.flag()
        bits.flag()
        if not bits.flag():
            return None
        bits.flag()
        for _ in range(4):
            bits.ue()
        return min(bits.ue(), 16)
    except _End:
        return None


def _skip_hrd(bits: _Bits) -> None:
    count = bits.ue() + 1
    bits.take(8)
    for _ in range(min(count, 32)):
        bits.ue(), bits.ue(), bits.flag()
    bits.take(20)


def _h265(sps: bytes) -> Picture:
    if len(sps) < 8:
        raise _End
    bits = _Bits(unescaped(sps[2:512]))
    bits.take(4)
    layers = bits.take(3)
    bits.flag()
    codec = _h265_profile(bits, layers)
    bits.ue()
    chroma = bits.ue()
    if chroma > 3:
        raise _End
    planes = chroma == 3 and bits.flag()
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        step_x = 2 if chroma in (1, 2) and not planes else 1
        step_y = 2 if chroma == 1 and not planes else 1
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width, height = width - step_x * (left + right), height - step_y * (top + bottom)
    luma_bits, chroma_bits = 8 + bits.ue(), 8 + bits.ue()
    if luma_bits > 16 or chroma_bits > 16:
        raise _End
    bits.ue()
    every = bits.flag()
    reorder = 0
    for _ in range(0 if every else layers, layers + 1):
        bits.ue()
        reorder = bits.ue()  # sps_max_num_reorder_pics of the highest layer
        bits.ue()
    return Picture(*_sized(width, height), codec, min(reorder, 16), chroma, luma_bits, chroma_bits)


def _h265_profile(bits: _Bits, layers: int) -> str:
    """``profile_tier_level`` as a codec string (ISO/IEC 14496-15 Annex E.3)."""
    space, tier, profile = bits.take(2), bits.flag(), bits.take(5)
    compatible = int(f"{bits.take(32):032b}"[::-1], 2)
    constraints = bits.take(48).to_bytes(6, "big").rstrip(b"\x00")
    level = bits.take(8)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for with_profile, with_level in present:
        bits.take((88 if with_profile else 0) + (8 if with_level else 0))
    tail = "".join(f".{byte:X}" for byte in constraints)
    return f"hvc1.{' ABC'[space].strip()}{profile}.{compatible:X}.{'H' if tier else 'L'}{level}{tail}"
