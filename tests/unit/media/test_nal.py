"""NAL units and parameter sets: any bytes are survived, known ones are read right."""

from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core.formats import format_of, jpeg_size, nals_of
from beffroi.media.core.nal import Family, split_annex_b, split_lengths, to_sample
from beffroi.media.core.sps import read_h264, read_h265

# Parameter sets of real streams: an Intel car park in Baseline, a hall in Main, a shop's Amcrest camera in HEVC Main.
BASELINE_SPS = bytes.fromhex("67428016d901806f6a0c0c0c80")
HEVC_SPS_START = "420101016000000300900000030000030078a003c08010e596"
_nal = st.binary(min_size=1, max_size=60).filter(
    lambda nal: (
        b"\x00\x00\x01" not in nal
        and not nal.endswith(b"\x00")
        and not nal.startswith(b"\x00")
        and b"\x00\x00\x00" not in nal
    )
)


@given(st.lists(_nal, max_size=8), st.booleans())
def test_every_nal_unit_comes_out_in_order_and_unchanged(nals: list[bytes], long_codes: bool) -> None:
    code = b"\x00\x00\x00\x01" if long_codes else b"\x00\x00\x01"
    stream = b"".join(code + nal for nal in nals)
    assert split_annex_b(stream) == nals
    assert split_lengths(to_sample(nals)) == nals


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(data: bytes) -> None:
    for family in Family:
        format_of(family, data)
        nals_of(family, data)
    read_h264(data)
    read_h265(data)
    jpeg_size(data)


@given(st.integers(0, 12 * 8 - 1))
def test_a_flipped_bit_in_a_parameter_set_is_survived(bit: int) -> None:
    broken = bytearray(BASELINE_SPS)
    broken[bit // 8] ^= 1 << (bit % 8)
    read_h264(bytes(broken))


def test_size_codec_and_depth_are_read() -> None:
    picture = read_h264(BASELINE_SPS)
    assert picture is not None
    assert picture.codec == "avc1.428016"
    assert picture.reorder == 0, "Baseline has no B-frames"


def test_the_codec_string_of_hevc_follows_the_standard() -> None:
    picture = read_h265(bytes.fromhex(HEVC_SPS_START) + bytes.fromhex("566a4932") + bytes(8) + b"\x80")
    assert picture is not None
    assert (picture.codec, picture.width, picture.height) == ("hvc1.1.6.L120.90", 1920, 1080)


def test_a_jpeg_tells_its_size() -> None:
    head = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0001108024003000301220002110103110100")
    assert jpeg_size(head) == (768, 576)
    assert jpeg_size(head[:20]) is None
