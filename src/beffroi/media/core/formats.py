"""What a stream is made of: codec, size, parameter sets. From the camera's own bytes, never from configuration."""

from collections.abc import Sequence
from dataclasses import dataclass

from beffroi.media.core.nal import (
    KINDS,
    Family,
    is_annex_b,
    nal_type,
    parameter_sets,
    split_annex_b,
    split_lengths,
)
from beffroi.media.core.sps import Picture, read_h264, read_h265

_SPS = {Family.H264: 7, Family.H265: 33}
MAX_PARAMETER_SETS = 64 * 1024


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """Everything an init section needs. ``reorder`` is the depth a decoder needs (frames), 0 without B-frames."""

    family: Family
    codec: str  # RFC 6381, or "mjpeg"
    width: int
    height: int
    parameter_sets: tuple[bytes, ...] = ()
    reorder: int = 0
    chroma: int = 1
    luma_bits: int = 8
    chroma_bits: int = 8

    def of_kind(self, kind: int) -> tuple[bytes, ...]:
        """The parameter sets of one NAL type."""
        return tuple(nal for nal in self.parameter_sets if nal_type(self.family, nal) == kind)


def format_of_nals(family: Family, nals: Sequence[bytes], *, reorder_hint: int = 0) -> StreamFormat | None:
    """The format of a stream whose parameter sets are among ``nals``; ``None`` while some are missing or unreadable.

    ``reorder_hint`` is used where the sequence parameter set does not say how deep the stream reorders.
    """
    sets = parameter_sets(family, list(nals))
    kinds = {nal_type(family, nal) for nal in sets}
    if family is Family.MJPEG or kinds != set(KINDS[family].parameter_sets):
        return None
    if sum(map(len, sets)) > MAX_PARAMETER_SETS or any(len(nal) > 0xFFFF for nal in sets):
        return None
    picture: Picture | None = None
    for nal in sets:
        if nal_type(family, nal) == _SPS[family]:
            picture = read_h264(nal) if family is Family.H264 else read_h265(nal)
    if picture is None:
        return None
    reorder = picture.reorder if picture.reorder is not None else reorder_hint
    return StreamFormat(
        family,
        picture.codec,
        picture.width,
        picture.height,
        sets,
        reorder,
        picture.chroma,
        picture.luma_bits,
        picture.chroma_bits,
    )


class FormatWatch:
    """Knows the format of a running stream, and tells when it changes."""

    def __init__(self, family: Family, said: StreamFormat | None = None) -> None:
        self._family = family
        self._said = said  # by a description, before the stream itself has shown anything
        self._sets: tuple[bytes, ...] = ()
        self.form: StreamFormat | None = None

    def changed(self, sets: Sequence[bytes]) -> StreamFormat | None:
        """The format where it is new with a unit that has these parameter sets; ``None`` where it goes on, or where it
        is not known yet (``form`` is ``None`` then)."""
        found = self._in_band(tuple(sets)) if sets else None
        return self._turned(found)

    def changed_jpeg(self, data: bytes) -> StreamFormat | None:
        """The same for a JPEG."""
        size = jpeg_size(data)
        return self._turned(StreamFormat(self._family, "mjpeg", *size) if size else None)

    def _turned(self, found: StreamFormat | None) -> StreamFormat | None:
        if found is None and self.form is None:
            found = self._said
        if found is None or found == self.form:
            return None
        self.form = found
        return found

    def _in_band(self, sets: tuple[bytes, ...]) -> StreamFormat | None:
        if sets == self._sets:
            return None
        known = self.form or self._said
        self._sets = sets
        if known is not None and all(nal in known.parameter_sets for nal in sets):
            return None
        replaced = {nal_type(self._family, nal) for nal in sets}
        old = known.parameter_sets if known is not None else ()
        kept = [nal for nal in old if nal_type(self._family, nal) not in replaced]
        return format_of_nals(self._family, [*kept, *sets])


def nals_of(family: Family, data: bytes) -> list[bytes]:
    """The NAL units of ``data``, an access unit or extradata in byte-stream, length-prefixed or avcC/hvcC form."""
    if is_annex_b(data):
        return split_annex_b(data)
    if family is Family.H264 and data[:1] == b"\x01":
        return _avcc_nals(data)
    if family is Family.H265 and data[:1] == b"\x01":
        return _hvcc_nals(data)
    return split_lengths(data)


def format_of(family: Family, data: bytes, *, reorder_hint: int = 0) -> StreamFormat | None:
    """The format told by extradata or by one access unit; ``None`` when it does not tell enough."""
    if family is Family.MJPEG:
        size = jpeg_size(data)
        return StreamFormat(family, "mjpeg", *size) if size else None
    return format_of_nals(family, nals_of(family, data), reorder_hint=reorder_hint)


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header of a JPEG (ITU-T T.81 B.2.2)."""
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            return (width, height) if width and height else None
        if marker == 0xFF:
            at += 1
        else:
            at += 2 + max(length, 2)
    return None


def _avcc_nals(data: bytes) -> list[bytes]:
    nals: list[bytes] = []
    at = 6
    for count in (data[5] & 0x1F if len(data) > 5 else 0, None):
        if count is None:
            count, at = (data[at] if at < len(data) else 0), at + 1
        for _ in range(count):
            length = int.from_bytes(data[at : at + 2], "big")
            nals.append(data[at + 2 : at + 2 + length])
            at += 2 + length
    return [nal for nal in nals if nal]


def _hvcc_nals(data: bytes) -> list[bytes]:
    nals: list[bytes] = []
    at = 23
    for _ in range(data[22] if len(data) > 22 else 0):
        count, at = int.from_bytes(data[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            length = int.from_bytes(data[at : at + 2], "big")
            nals.append(data[at + 2 : at + 2 + length])
            at += 2 + length
            if at > len(data):
                return [nal for nal in nals if nal]
    return [nal for nal in nals if nal]
