"""RTP to access units: however NAL units are packed and wherever reads end, they come out in order and unchanged."""

import io
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from beffroi.kernel.errors import Invalid
from beffroi.media.core.interleaved import Interleaved
from beffroi.media.core.nal import Family, has_key_picture, nal_type, split_lengths
from beffroi.media.core.rtp import AccessUnit, sender_report
from beffroi.media.core.rtp_jpeg import scaled_tables

PT = 96
_HEADS = {
    Family.H264: {"key": b"\x65", "picture": b"\x41", "sets": b"\x67", "message": b"\x06"},
    Family.H265: {"key": b"\x26\x01", "picture": b"\x02\x01", "sets": b"\x42\x01", "message": b"\x4e\x01"},
}


@dataclass(frozen=True)
class Packet:
    payload: bytes
    stamp: int
    marker: bool
    sequence: int = 0


def frame(packet: Packet, *, channel: int = 0, extension: bool = False, padding: int = 0) -> bytes:
    """A packet as it stands on the connection."""
    flags = 0x80 | (0x10 if extension else 0) | (0x20 if padding else 0)
    head = struct.pack(">BBHII", flags, PT | 0x80 * packet.marker, packet.sequence & 0xFFFF, packet.stamp, 7)
    extra = struct.pack(">HH", 0xABAC, 1) + b"\0\0\0\0" if extension else b""
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    body = head + extra + packet.payload + tail
    return struct.pack(">BBH", 0x24, channel, len(body)) + body


def packets(family: Family, nals: Sequence[bytes], how: Sequence[int], stamp: int) -> list[Packet]:
    """One access unit: each NAL unit alone, in fragments, or together with the next, as ``how`` says."""
    parts: list[bytes] = []
    head_bytes = 1 if family is Family.H264 else 2
    at = 0
    while at < len(nals):
        nal, way = nals[at], how[at % len(how)]
        if way % 3 == 1 and len(nal) > head_bytes + 2:
            parts += _fragments(family, nal, 1 + way // 3)
        elif way % 3 == 2 and at + 1 < len(nals):
            pair = b"".join(struct.pack(">H", len(each)) + each for each in nals[at : at + 2])
            parts.append((b"\x78" if family is Family.H264 else b"\x60\x01") + pair)
            at += 1
        else:
            parts.append(nal)
        at += 1
    return [Packet(part, stamp, number == len(parts) - 1) for number, part in enumerate(parts)]


def _fragments(family: Family, nal: bytes, size: int) -> list[bytes]:
    head_bytes = 1 if family is Family.H264 else 2
    body, kind = nal[head_bytes:], nal_type(family, nal)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    out = []
    for number, piece in enumerate(pieces):
        flags = (0x80 if number == 0 else 0) | (0x40 if number == len(pieces) - 1 else 0) | kind
        lead = bytes((nal[0] & 0xE0 | 28,)) if family is Family.H264 else bytes((nal[0] & 0x81 | 49 << 1, nal[1]))
        out.append(lead + bytes((flags,)) + piece)
    return out


def received(family: Family, data: bytes, cuts: Sequence[int] = ()) -> list[AccessUnit]:
    """Feed ``data`` in pieces that end at ``cuts``, as a reader of a socket does."""
    wire = Interleaved(family, PT, 0)
    buffer = bytearray(len(data) + 1)
    view, fill, units = memoryview(buffer), 0, []
    ends = sorted({cut % (len(data) + 1) for cut in cuts} | {len(data)})
    begin = 0
    for end in ends:
        view[fill : fill + end - begin] = data[begin:end]
        fill, begin = fill + end - begin, end
        used = wire.feed(view, fill)
        view[: fill - used] = view[used:fill]
        fill -= used
        units += wire.taken()
    return units


def numbered(found: Sequence[Packet], first: int = 65_530) -> list[Packet]:
    return [Packet(each.payload, each.stamp, each.marker, first + at) for at, each in enumerate(found)]


_body = st.binary(min_size=3, max_size=40).map(lambda data: data.replace(b"\0", b"\1"))
_family = st.sampled_from([Family.H264, Family.H265])


@st.composite
def streams(draw: st.DrawFn) -> tuple[Family, list[list[bytes]], list[Packet]]:
    family = draw(_family)
    heads, units, sent = _HEADS[family], [], []
    for number in range(draw(st.integers(2, 5))):
        kinds = draw(st.lists(st.sampled_from(["sets", "message"]), max_size=3))
        kinds += draw(st.lists(st.sampled_from(["key"] if number == 0 else ["picture"]), min_size=1, max_size=3))
        nals = [heads[kind] + draw(_body) for kind in kinds]
        how = draw(st.lists(st.integers(0, 20), min_size=1, max_size=4))
        units.append(nals)
        sent += packets(family, nals, how, (2**32 - 7_000 + number * 3_600) % 2**32)
    return family, units, numbered(sent)


@settings(max_examples=150)
@given(streams(), st.lists(st.integers(0, 10_000), max_size=8), st.booleans(), st.integers(0, 5))
def test_every_nal_unit_arrives_in_order_and_unchanged(
    stream: tuple[Family, list[list[bytes]], list[Packet]], cuts: list[int], extension: bool, padding: int
) -> None:
    family, units, sent = stream
    data = b"".join(frame(each, extension=extension, padding=padding) for each in sent)
    found = received(family, data, cuts)
    assert [split_lengths(each.data) for each in found] == units
    assert [each.key for each in found] == [has_key_picture(family, nals) for nals in units]
    assert not any(each.lost for each in found)
    assert [each.stamp for each in found] == sorted({each.stamp for each in sent}, key=[e.stamp for e in sent].index)


@settings(max_examples=150)
@given(streams(), st.data())
def test_a_lost_packet_leaves_whole_nal_units_only_and_is_told(
    stream: tuple[Family, list[list[bytes]], list[Packet]], data: st.DataObject
) -> None:
    family, units, sent = stream
    gone = data.draw(st.integers(0, len(sent) - 1))
    left = sent[:gone] + sent[gone + 1 :]
    after = Packet(_HEADS[family]["picture"] + b"abc", 5 * 3_600, True, sent[-1].sequence + 1)
    found = received(family, b"".join(frame(each) for each in [*left, after]))
    units = [*units, [after.payload]]
    everything = iter([nal for nals in units for nal in nals])
    for each in found:
        for nal in split_lengths(each.data):
            assert nal in everything, "a NAL unit that was never sent whole, or out of order"
    assert gone == 0 or any(each.lost for each in found)


@settings(max_examples=150)
@given(st.sampled_from(list(Family)), st.lists(st.binary(max_size=60), max_size=20), st.integers(0, 255))
def test_whatever_comes_is_survived(family: Family, chunks: list[bytes], magic: int) -> None:
    """Packets with any payload, and any bytes between them."""
    data = b""
    for number, chunk in enumerate(chunks):
        data += frame(Packet(chunk, number * 90, number % 3 == 0, number * (magic % 3)))
        data += chunk[:5] if magic & 1 else b""
    with suppress(Invalid):
        received(family, data, range(0, len(data), 7 + magic))


def test_endless_garbage_ends_the_connection() -> None:
    wire = Interleaved(Family.H264, PT, 0)
    noise = memoryview(bytearray(b"\x00\xff" * 4096))
    fed = 0
    while fed < 10**5:
        fed += wire.feed(noise, len(noise))
    with pytest.raises(Invalid, match="not a stream"):
        [wire.feed(noise, len(noise)) for _ in range(40)]


def test_a_picture_without_end_is_refused() -> None:
    wire = Interleaved(Family.H264, PT, 0)
    parts = [b"\x7c" + (b"\x85" if number == 0 else b"\x05") + bytes(60_000) for number in range(400)]
    sent = [bytearray(frame(Packet(part, 1, False, number))) for number, part in enumerate(parts)]
    with pytest.raises(Invalid, match="larger than any"):
        [wire.feed(memoryview(each), len(each)) for each in sent]


def test_a_marker_that_lies_is_believed_once_only() -> None:
    """Slices of one picture, each with a marker: from the second picture on only the time stamp ends a picture."""
    sent = numbered(
        [Packet(b"\x41" + bytes((0x40 if at % 2 else 0x88, 1, 1)), at // 2 * 3600, True) for at in range(10)]
    )
    found = received(Family.H264, b"".join(map(frame, sent)))
    assert [len(split_lengths(each.data)) for each in found] == [1, 1, 2, 2, 2]


def test_time_stamps_that_stand_still_do_not_glue_pictures_together() -> None:
    sent = numbered([Packet(b"\x41\x88\x01", 7, True) for _ in range(10)])
    assert len(received(Family.H264, b"".join(map(frame, sent)))) == 10


def test_parameter_sets_with_a_stamp_of_their_own_go_with_the_next_picture() -> None:
    sets = b"\x67\x64\x00\x1f\x01\x00\x00\x00\x01\x68\xee\x3c\x80"
    sent = numbered([Packet(sets, 1, True), Packet(b"\x65abc", 2, True), Packet(b"\x41abc", 3, True)])
    found = received(Family.H264, b"".join(map(frame, sent)))
    assert [nal[0] & 31 for nal in split_lengths(found[0].data)] == [7, 8, 5], "start codes inside are taken apart"
    assert found[0].sets == (b"\x67\x64\x00\x1f\x01", b"\x68\xee\x3c\x80")


def test_answers_between_packets_are_found_and_break_nothing() -> None:
    wire = Interleaved(Family.H264, PT, 0)
    answer = b"RTSP/1.0 200 OK\r\nCSeq: 9\r\nContent-Length: 3\r\n\r\nabc"
    one, two = (frame(Packet(b"\x41abc", at, True, at)) for at in (1, 2))
    data = one + answer + two + answer[:10]
    used = wire.feed(memoryview(bytearray(data)), len(data))
    assert used == len(data) - 10
    assert len(wire.taken()) == 2
    assert [each.body for each in wire.answers()] == [b"abc"]


def test_a_sender_report_gives_the_camera_s_clock() -> None:
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, 3_900_000_000, 2**31, 123_456, 1, 1)
    assert sender_report(memoryview(report)) == ((3_900_000_000 - 2_208_988_800) * 1_000_000 + 500_000, 123_456)
    assert sender_report(memoryview(report[:10])) is None
    assert sender_report(memoryview(b"\x80\xc9" + report[2:])) is None


def _jpeg_packets(picture: bytes, size: tuple[int, int], quality: int, tables: bytes, step: int) -> list[Packet]:
    """A baseline JPEG with standard tables, packed as RFC 2435 §3 says."""
    scan = picture[picture.index(b"\xff\xda") + 14 :]
    out = []
    for at in range(0, len(scan), step):
        head = struct.pack(">BBHBBBB", 0, at >> 16, at & 0xFFFF, 1, quality, size[0] // 8, size[1] // 8)
        if at == 0 and quality >= 128:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        out.append(Packet(head + scan[at : at + step], 900, at + step >= len(scan)))
    return numbered(out)


@settings(max_examples=30)
@given(st.sampled_from([30, 50, 90]), st.booleans(), st.integers(200, 900))
def test_a_jpeg_comes_out_as_the_picture_that_was_sent(quality: int, in_band: bool, step: int) -> None:
    image = Image.linear_gradient("L").resize((96, 64)).convert("RGB")
    image.paste((200, 30, 90), (20, 10, 60, 50))
    saved = io.BytesIO()
    image.save(saved, "JPEG", quality=quality, subsampling=2)
    tables = scaled_tables(quality)
    assert tables is not None
    sent = _jpeg_packets(saved.getvalue(), image.size, 255 if in_band else quality, tables, step)
    found = received(Family.MJPEG, b"".join(map(frame, sent)))
    assert len(found) == 1
    assert found[0].key
    ours, theirs = Image.open(io.BytesIO(found[0].data)), Image.open(saved)
    assert ImageChops.difference(ours.convert("RGB"), theirs.convert("RGB")).getbbox() is None
