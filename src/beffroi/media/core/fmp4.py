"""The fragmented MP4 of a run (ISO/IEC 14496-12 and -15): its init section, and its fragments. Pure.

One video track, id 1, 90,000 units a second. Parameter sets stand in the init section *and* stay in the samples where
the camera sent them (I3). Cost: one ``b"".join`` a fragment; samples are never copied twice.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from beffroi.media.core.boxes import box, full_box
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.nal import Family

TIMESCALE = 90_000
TRACK = 1
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SYNC = 0x02000000  # depends on no other sample
_NOT_SYNC = 0x01010000  # depends on others, and is no key
_TRUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800
_SAMPLE = struct.Struct(">IIIi")
MOOF_HEAD = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIi")  # moof, mfhd, traf, tfhd, tfdt, trun without samples


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit as stored: NAL units with 4-byte lengths, or a JPEG."""

    data: bytes
    duration_90k: int
    composition_offset_90k: int = 0
    key: bool = False


def fragment(*, sequence: int, decode_time_90k: int, samples: Sequence[Sample]) -> bytes:
    """``moof`` and ``mdat`` of one fragment. ``sequence`` counts from 1 over the run (``mfhd``)."""
    moof_size = MOOF_HEAD.size + _SAMPLE.size * len(samples)
    pack = _SAMPLE.pack
    table = [
        pack(each.duration_90k, len(each.data), _SYNC if each.key else _NOT_SYNC, each.composition_offset_90k)
        for each in samples
    ]
    head = MOOF_HEAD.pack(
        *(moof_size, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(moof_size - 24, b"traf"),
        *(16, b"tfhd", 0x020000, TRACK),  # default-base-is-moof
        *(20, b"tfdt", 1 << 24, decode_time_90k),
        *(20 + _SAMPLE.size * len(samples), b"trun", 1 << 24 | _TRUN_FLAGS, len(samples), moof_size + 8),
    )
    size = 8 + sum(len(each.data) for each in samples)
    return b"".join((head, *table, struct.pack(">I4s", size, b"mdat"), *(each.data for each in samples)))


def init_section(form: StreamFormat, *, user_boxes: bytes = b"") -> bytes:
    """``ftyp`` and ``moov`` of a run. ``user_boxes`` stand in ``moov/udta`` (who and what the run is)."""
    ftyp = box(b"ftyp", b"iso6\x00\x00\x00\x01iso6mp41")
    mvhd = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIHHQ", 0, 0, TIMESCALE, 0, 0x10000, 0x0100, 0, 0),
        _MATRIX,
        bytes(24),
        struct.pack(">I", TRACK + 1),
    )
    trex = full_box(b"trex", 0, 0, struct.pack(">IIIII", TRACK, 1, 0, 0, 0))
    user = box(b"udta", user_boxes) if user_boxes else b""
    return ftyp + box(b"moov", mvhd, _trak(form), box(b"mvex", trex), user)


def _trak(form: StreamFormat) -> bytes:
    tkhd = full_box(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII", 0, 0, TRACK, 0, 0),
        bytes(8),
        struct.pack(">HHHH", 0, 0, 0, 0),
        _MATRIX,
        struct.pack(">II", form.width << 16, form.height << 16),
    )
    mdhd = full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"Beffroi\x00")
    dref = full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))
    stbl = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), _sample_entry(form)),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    minf = box(b"minf", full_box(b"vmhd", 0, 1, bytes(8)), box(b"dinf", dref), stbl)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))


def _sample_entry(form: StreamFormat) -> bytes:
    kind, configuration = {
        Family.H264: (b"avc1", _avcc),
        Family.H265: (b"hvc1", _hvcc),
        Family.MJPEG: (b"mp4v", _esds),
    }[form.family]
    return box(
        kind,
        bytes(6) + struct.pack(">H", 1),
        bytes(16),
        struct.pack(">HHIIIH", form.width, form.height, 0x480000, 0x480000, 0, 1),
        bytes(32),
        struct.pack(">Hh", 24, -1),
        configuration(form),
    )


def _avcc(form: StreamFormat) -> bytes:
    sps, pps = form.of_kind(7), form.of_kind(8)
    first = sps[0]
    parts = [bytes((1, first[1], first[2], first[3], 0xFF, 0xE0 | min(len(sps), 31)))]
    parts += [struct.pack(">H", len(nal)) + nal for nal in sps[:31]]
    parts.append(bytes((min(len(pps), 255),)))
    parts += [struct.pack(">H", len(nal)) + nal for nal in pps[:255]]
    if first[1] in (100, 110, 122, 144):
        parts.append(bytes((0xFC | form.chroma, 0xF8 | form.luma_bits - 8, 0xF8 | form.chroma_bits - 8, 0)))
    return box(b"avcC", *parts)


def _hvcc(form: StreamFormat) -> bytes:
    """``HEVCDecoderConfigurationRecord`` (ISO/IEC 14496-15 §8.3.3.1), arrays marked as also found in the samples."""
    sps = form.of_kind(33)[0].replace(b"\x00\x00\x03", b"\x00\x00")
    layers = (sps[2] >> 1) & 7
    head = struct.pack(
        ">B12sHBBBBHB",
        1,
        sps[3:15].ljust(12, b"\x00"),  # profile space … level, as in profile_tier_level
        0xF000,
        0xFC,
        0xFC | form.chroma,
        0xF8 | form.luma_bits - 8,
        0xF8 | form.chroma_bits - 8,
        0,
        (layers + 1) << 3 | (sps[2] & 1) << 2 | 3,
    )
    arrays = [kind for kind in (32, 33, 34) if form.of_kind(kind)]
    parts = [head, bytes((len(arrays),))]
    for kind in arrays:
        nals = form.of_kind(kind)
        parts.append(struct.pack(">BH", kind, len(nals)))
        parts += [struct.pack(">H", len(nal)) + nal for nal in nals]
    return box(b"hvcC", *parts)


def _esds(_form: StreamFormat) -> bytes:
    """Object type 0x6C, JPEG (mp4ra.org), stream type visual."""
    decoder = b"\x04\x0d" + struct.pack(">BBBHII", 0x6C, 0x11, 0, 0, 0, 0)
    stream = b"\x03" + bytes((3 + len(decoder) + 3,)) + struct.pack(">HB", 1, 0) + decoder + b"\x06\x01\x02"
    return full_box(b"esds", 0, 0, stream)
