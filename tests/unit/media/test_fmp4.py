"""Fragments, stamps, index and journal lines: what is written is read back, what is broken is found."""

import json

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.ids import CameraId, RunId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core import index
from beffroi.media.core.cutter import Cut, build
from beffroi.media.core.fmp4 import Sample, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.journal import Break, follow, make_line, signed_by, well_formed
from beffroi.media.core.nal import Family
from beffroi.media.core.scan import scan
from beffroi.media.core.stamp import RunFacts, encode_run
from beffroi.media.core.words import StreamName

FACTS = RunFacts(RunId("r"), CameraId("hall"), StreamName.MAIN, "mjpeg", 64, 48, False, "", 1)
INIT = init_section(StreamFormat(Family.MJPEG, "mjpeg", 64, 48), user_boxes=encode_run(FACTS))
_samples = st.lists(
    st.builds(Sample, st.binary(max_size=40), st.integers(1, 9000), st.integers(-9000, 9000), st.booleans()),
    min_size=1,
    max_size=6,
)


class Memory:
    """A file in memory."""

    def __init__(self, data: bytes) -> None:
        self._data, self.size = data, len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


def file_of(fragments: list[list[Sample]]) -> tuple[bytes, list[bytes]]:
    """A segment file, and the digests of its fragments."""
    data, previous, at, heads = INIT, GENESIS, 0, []
    for number, samples in enumerate(fragments):
        lasts = sum(each.duration_90k for each in samples)
        cut = Cut(tuple(samples), at, at * 100 // 9, (at + lasts) * 100 // 9 + 1, 5, 6, None, 7, 0)
        sealed = build(cut, sequence=number + 1, previous=previous)
        data, previous, at = data + sealed.data, sealed.sha256, at + lasts
        heads.append(previous)
    return data, heads


@given(st.lists(_samples, max_size=5))
def test_what_is_written_is_read_back(fragments: list[list[Sample]]) -> None:
    data, heads = file_of(fragments)
    found = scan(Memory(data))
    assert found.facts == FACTS
    assert found.init == INIT
    assert [each.sha256 for each in found.entries] == heads
    assert found.heads == [GENESIS, *heads][: len(heads)]
    assert [each.frames for each in found.entries] == [len(samples) for samples in fragments]
    assert not found.torn
    assert index.unpack(index.pack(found.entries)) == found.entries


@given(st.lists(_samples, min_size=1, max_size=4), st.data())
def test_a_torn_file_is_read_up_to_its_last_whole_fragment(fragments: list[list[Sample]], data: st.DataObject) -> None:
    whole, _ = file_of(fragments)
    length = data.draw(st.integers(0, len(whole)))
    found = scan(Memory(whole[:length]))
    assert found.whole_bytes <= length
    assert found.torn == (found.whole_bytes < length)
    assert scan(Memory(whole[: found.whole_bytes])).entries == found.entries


@given(st.lists(_samples, min_size=1, max_size=3), st.data())
def test_one_flipped_bit_is_found(fragments: list[list[Sample]], data: st.DataObject) -> None:
    whole, heads = file_of(fragments)
    bit = data.draw(st.integers(len(INIT) * 8, len(whole) * 8 - 1))
    broken = bytearray(whole)
    broken[bit // 8] ^= 1 << (bit % 8)
    found = scan(Memory(bytes(broken)))
    assert [each.sha256 for each in found.entries] != heads


@given(st.binary(max_size=600))
def test_any_bytes_are_survived(data: bytes) -> None:
    scan(Memory(data))
    scan(Memory(INIT + data))


def test_journal_lines_are_chained_and_signed() -> None:
    key = SigningKey(bytes(32))
    first = make_line(n=1, at_us=5, previous=GENESIS, do="start", fields={"generation": 1})
    second = make_line(n=2, at_us=6, previous=sha256(first), do="destroy", fields={"segment": "s"}, key=key)
    lines = [each for each in follow([first, second]) if not isinstance(each, Break)]
    assert [line["do"] for line, _ in lines] == ["start", "destroy"]
    assert signed_by(lines[1][0], VerifyKey(key.public_bytes))
    assert not signed_by({**lines[1][0], "segment": "t"}, VerifyKey(key.public_bytes))
    assert not signed_by(lines[0][0], VerifyKey(key.public_bytes))


@given(
    st.binary(max_size=80) | st.dictionaries(st.text(max_size=3), st.integers()).map(lambda d: json.dumps(d).encode())
)
def test_no_other_bytes_are_a_journal_line(raw: bytes) -> None:
    assert well_formed(raw) is None
