"""NAL units of H.264 (ITU-T H.264 §7.4.1) and H.265 (§7.4.2): finding them, and making samples of them.

Input comes from cameras and is hostile: nothing here raises on any bytes. Whatever the transport hands over is kept
in order and unchanged (I3): start codes become 4-byte lengths, nothing else is touched. The work is done by
``bytes.split``: no loop over bytes.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum

_CODE = b"\x00\x00\x01"
_LONG_CODE = b"\x00\x00\x00\x01"
_LENGTH = struct.Struct(">I")


class Family(StrEnum):
    """The three ways a camera compresses that Beffroi records."""

    H264 = "h264"
    H265 = "h265"
    MJPEG = "mjpeg"


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which NAL types mean what, in one family."""

    parameter_sets: tuple[int, ...]  # in the order in which a decoder needs them
    key: frozenset[int]
    picture: frozenset[int]


KINDS = {
    Family.H264: Kinds((7, 8), frozenset({5}), frozenset(range(1, 6))),
    Family.H265: Kinds((32, 33, 34), frozenset(range(16, 22)), frozenset(range(32))),
    Family.MJPEG: Kinds((), frozenset(), frozenset()),
}


def nal_type(family: Family, nal: bytes) -> int:
    """The type of a NAL unit; -1 for an empty one."""
    if not nal:
        return -1
    return nal[0] & 0x1F if family is Family.H264 else (nal[0] >> 1) & 0x3F


def split_annex_b(data: bytes) -> list[bytes]:
    """The NAL units between the start codes of a byte stream (Annex B), in order, without empty ones.

    Bytes before the first start code are a NAL unit too when there are any: a broken camera loses nothing by us.
    """
    parts = data.split(_CODE)
    last = len(parts) - 1
    # The zero byte of a 4-byte start code belongs to the code; a NAL unit itself never ends in zero (§7.4.1).
    return [nal for at, part in enumerate(parts) if (nal := part if at == last else part.rstrip(b"\x00"))]


def is_annex_b(data: bytes) -> bool:
    """Whether ``data`` begins with a start code."""
    return data.startswith((_LONG_CODE, _CODE))


def split_lengths(data: bytes) -> list[bytes]:
    """The NAL units of a sample with 4-byte lengths; a length that runs past the end takes what there is."""
    nals: list[bytes] = []
    at, end = 0, len(data)
    while at + 4 <= end:
        (length,) = _LENGTH.unpack_from(data, at)
        nals.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return [nal for nal in nals if nal]


def to_sample(nals: list[bytes]) -> bytes:
    """The NAL units with 4-byte lengths before each: the sample form of ISO/IEC 14496-15."""
    parts: list[bytes] = []
    for nal in nals:
        parts.append(_LENGTH.pack(len(nal)))
        parts.append(nal)
    return b"".join(parts)


def parameter_sets(family: Family, nals: list[bytes]) -> tuple[bytes, ...]:
    """The parameter sets among ``nals``: each once, ordered by kind, then as they came."""
    kinds = KINDS[family].parameter_sets
    found: dict[bytes, int] = {}
    for nal in nals:
        kind = nal_type(family, nal)
        if kind in kinds and nal not in found:
            found[nal] = kind
    return tuple(sorted(found, key=lambda nal: kinds.index(found[nal])))


def has_key_picture(family: Family, nals: list[bytes]) -> bool:
    """Whether a decoder can start at this access unit (IDR in H.264, any IRAP picture in H.265)."""
    keys = KINDS[family].key
    return any(nal_type(family, nal) in keys for nal in nals)


def unescaped(nal: bytes) -> bytes:
    """The payload without emulation prevention bytes (H.264 §7.4.1.1)."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")
