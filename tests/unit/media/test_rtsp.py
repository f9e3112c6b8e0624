"""RTSP and SDP as twenty brands of camera write them, digest authentication, and any bytes at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Invalid
from beffroi.media.core.nal import Family
from beffroi.media.core.rtsp import Answer, Credentials, base_of, joined, read_answer, request, session_of
from beffroi.media.core.sdp import read_sdp
from tests.media.rtsp import material

H264, H265 = Family.H264, Family.H265


def captured(name: str) -> bytes:
    return (material() / "fixtures" / "rtsp-captures" / f"{name}.txt").read_bytes()


# What each camera offers first: family, payload type, size (None where the description does not tell), URL of SETUP.
OFFERS = {
    "anjvision_describe": (H265, 96, None),
    "dahua_describe_h264_aac_onvif": (H264, 96, (704, 480)),
    "dahua_describe_h265_pcma": (H265, 98, (704, 480)),
    "foscam_describe": (H264, 96, (1280, 720)),
    "gw_main_describe": (H264, 96, (1920, 1080)),
    "h264dvr_describe": (H264, 96, (1920, 1080)),
    "hikvision_describe": (H264, 96, (1920, 1080)),
    "macrovideo_describe": (H264, 96, (1280, 720)),
    "missing_content_type_describe": (H264, 96, (320, 180)),
    "reolink_describe": (H264, 96, (2560, 1440)),
    "reolink_describe_control_first": (H264, 96, (2560, 1440)),
    "vstarcam_describe": (H264, 96, (1920, 1080)),
}


def described(name: str) -> tuple[Answer, str]:
    found = read_answer(captured(name))
    assert found is not None
    answer, used = found
    assert used == len(captured(name)) or not captured(name)[used:].strip()
    assert answer.status == 200
    return answer, base_of(answer, "rtsp://camera/stream")


@pytest.mark.parametrize("name", OFFERS)
def test_what_a_brand_describes_is_understood(name: str) -> None:
    family, payload_type, size = OFFERS[name]
    answer, base = described(name)
    track = read_sdp(answer.body).tracks[0]
    assert (track.family, track.payload_type, track.clock_hz) == (family, payload_type, 90_000)
    if size is not None:
        assert track.form is not None
        assert (track.form.width, track.form.height) == size
    assert joined(base, track.control).startswith("rtsp://")


def test_every_captured_description_offers_video() -> None:
    folder = material() / "fixtures" / "rtsp-captures"
    names = sorted(path.stem for path in folder.glob("*_describe*.txt"))
    assert len(names) >= 15
    for name in names:
        answer, _ = described(name)
        assert read_sdp(answer.body).tracks, name
    for path in folder.glob("*_sdp.txt"):
        assert read_sdp(path.read_bytes()).tracks, path.name


@pytest.mark.parametrize(
    ("describe", "url"),
    [
        (
            "hikvision_describe",
            "rtsp://192.168.5.106:554/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1",
        ),
        ("dahua_describe_h265_pcma", "rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=0"),
        ("gw_main_describe", "rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif/video"),
        ("reolink_describe_control_first", "rtsp://192.168.5.206/h264Preview_01_main/trackID=1"),
    ],
)
def test_the_track_has_the_address_the_camera_means(describe: str, url: str) -> None:
    answer, base = described(describe)
    assert joined(base, read_sdp(answer.body).tracks[0].control) == url


@pytest.mark.parametrize(
    ("name", "session", "timeout", "channel"),
    [
        ("hikvision_setup", "708345999", 60, 0),
        ("hikvision_setup_ssrc_space", "708886412", 60, 0),
        ("luckfox_rkipc_setup_tcp", "12345678", 60, 0),
        ("dahua_setup", "634214675641", 60, 0),
        ("bunny_setup", "1642021126", 60, 0),
        ("gw_main_setup_video", None, 60, 0),
    ],
)
def test_sessions_and_channels_are_read(name: str, session: str | None, timeout: int, channel: int) -> None:
    found = read_answer(captured(name))
    assert found is not None
    agreed = session_of(found[0])
    assert agreed.id
    assert session is None or agreed.id == session
    assert (agreed.timeout_s, agreed.channel) == (timeout, channel)


@pytest.mark.parametrize("name", ["luckfox_rkipc_setup_udp", "h264dvr_setup_video"])
def test_a_camera_that_only_sends_over_udp_is_told(name: str) -> None:
    found = read_answer(captured(name))
    assert found is not None
    with pytest.raises(Invalid, match="TCP"):
        session_of(found[0])


def test_digest_as_in_the_standard() -> None:
    """The example of RFC 2069 §2.4, with the response its erratum 749 gives."""
    known = Credentials("Mufasa", "CircleOfLife")
    asked = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c"'
    assert known.challenged(Answer(401, {"www-authenticate": asked}))
    header = known.header("GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in header
    assert 'opaque="5ccc069c"' in header
    assert "CircleOfLife" not in header


def test_the_captured_challenge_is_answered_and_the_strongest_hash_preferred() -> None:
    found = read_answer(captured("longse_unauthorized"))
    assert found is not None
    known = Credentials("viewer", "word")
    assert known.challenged(found[0])
    assert 'nonce="98481030"' in known.header("DESCRIBE", "rtsp://camera/")
    both = 'Digest realm="r", nonce="a", algorithm=MD5\nDigest realm="r", nonce="b", algorithm=SHA-256, qop="auth"'
    assert known.challenged(Answer(401, {"www-authenticate": both}))
    header = known.header("DESCRIBE", "rtsp://camera/")
    assert 'nonce="b"' in header
    assert "qop=auth" in header
    assert len(header.partition('response="')[2].partition('"')[0]) == 64
    assert known.header("PLAY", "rtsp://camera/") != header
    assert not Credentials("", "").challenged(found[0])
    assert not Credentials("viewer", "word").challenged(Answer(401, {"www-authenticate": "Negotiate"}))


def test_a_request_has_no_room_for_lines_of_its_own() -> None:
    sent = request("DESCRIBE", "rtsp://camera/x", 2, {"Accept": "application/sdp", "Session": ""})
    assert (
        sent
        == b"DESCRIBE rtsp://camera/x RTSP/1.0\r\nCSeq: 2\r\nUser-Agent: Beffroi\r\nAccept: application/sdp\r\n\r\n"
    )


@given(st.binary(max_size=600) | st.binary(max_size=300).map(lambda tail: b"RTSP/1.0 200 OK\r\n" + tail + b"\r\n\r\n"))
def test_any_answer_is_survived(data: bytes) -> None:
    try:
        found = read_answer(data)
    except Invalid:
        return
    if found is not None:
        assert found[1] <= len(data)
        with suppress(Invalid):
            session_of(found[0])
        Credentials("u", "p").challenged(found[0])


@given(st.text(alphabet="vmao=:/ 0123456789HJPEGrtpmapfctlsd;,\n-*", max_size=400) | st.text(max_size=200))
def test_any_description_is_survived(text: str) -> None:
    for track in read_sdp(text.encode("utf-8", "replace")).tracks:
        assert track.clock_hz > 0
        assert track.form is None or track.form.width > 0


@pytest.mark.parametrize("length", [2**31, 10**12])
def test_an_answer_that_promises_too_much_is_refused(length: int) -> None:
    with pytest.raises(Invalid):
        read_answer(f"RTSP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n".encode())
