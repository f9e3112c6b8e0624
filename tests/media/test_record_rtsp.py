"""Recording real clips from a real RTSP server: the bytes are the camera's (I3), the times are right."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from beffroi.media.archive.check import check_volume
from tests.media.recorded import decoded, ffprobe, is_stretch_of, joined, picture_nals
from tests.media.rtsp import RtspCameras, footage

pytestmark = pytest.mark.media
LONG_GOP = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "75", "-keyint_min", "75", "-sc_threshold", "0")


def beffroi(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The shipped command."""
    command = [sys.executable, "-m", "beffroi.config.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspCameras]:
    """Four kinds of camera behind one server."""
    folder = tmp_path_factory.mktemp("cameras")
    with RtspCameras(folder) as served:
        served.sources = {  # type: ignore[attr-defined]
            "baseline": served.add("baseline", footage("02")),
            "bframes": served.add("bframes", footage("04")),
            "hevc": served.add("hevc", footage("08")),
            "longgop": served.add("longgop", footage("02"), encode=LONG_GOP),
        }
        served.start()
        yield served


@pytest.mark.parametrize(
    ("name", "codec", "seconds"),
    [("baseline", "h264", 5), ("bframes", "h264", 5), ("hevc", "hevc", 8), ("longgop", "h264", 9)],
)
def test_what_a_camera_sends_is_what_is_kept(
    cameras: RtspCameras, tmp_path: Path, name: str, codec: str, seconds: int
) -> None:
    archive, copy = tmp_path / "archive", tmp_path / "copy.mp4"
    done = beffroi("record", cameras.url(name), "--for", f"{seconds}s", "--to", str(archive), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["streams"][0]["recorded_us"] > (seconds - 1) * 1_000_000
    assert check_volume(archive) == []
    fragments = joined(archive, "camera-1", copy)

    assert ffprobe(copy, "stream=codec_name") == [codec]
    source: Path = cameras.sources[name]  # type: ignore[attr-defined]
    mine, theirs = picture_nals(copy, codec), picture_nals(source, codec)
    assert len(mine) >= sum(each.frames for each in fragments)
    assert is_stretch_of(mine, theirs), "NAL units are missing, changed or out of order"
    assert is_stretch_of(decoded(copy)[3:-3], decoded(source)), "decoded pictures differ from the source's"


@pytest.mark.parametrize("name", ["bframes", "hevc"])
def test_decode_times_rise_and_never_follow_presentation(cameras: RtspCameras, tmp_path: Path, name: str) -> None:
    archive, copy = tmp_path / "archive", tmp_path / "copy.mp4"
    assert beffroi("record", cameras.url(name), "--for", "6s", "--to", str(archive)).returncode == 0
    fragments = joined(archive, "camera-1", copy)
    pairs = [line.split(",") for line in ffprobe(copy, "packet=pts,dts")]
    pts, dts = [int(pair[0]) for pair in pairs], [int(pair[1]) for pair in pairs]
    assert all(before < after for before, after in pairwise(dts))
    assert len(pts) - len(set(pts)) <= 1, "two pictures at one time, but for the seam where the clip begins again"
    late = sum(decode > shown for shown, decode in zip(pts, dts, strict=True))
    assert late <= 4, "only while the depth of an unsaid reordering is learnt"
    frame = sorted(after - before for before, after in pairwise(sorted(pts)))[len(pts) // 2]
    assert {"bframes": 8500, "hevc": 2800}[name] < frame < {"bframes": 9500, "hevc": 3200}[name]
    assert all(before.end_us == after.start_us for before, after in pairwise(fragments))


def test_a_gop_longer_than_four_seconds_is_cut_at_each_second(cameras: RtspCameras, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    assert beffroi("record", cameras.url("longgop"), "--for", "11s", "--to", str(archive)).returncode == 0
    fragments = joined(archive, "camera-1", tmp_path / "copy.mp4")
    assert all(each.end_us - each.start_us <= 1_100_000 for each in fragments)
    keys = [each.start_us for each in fragments if each.random_access]
    assert max(after - before for before, after in pairwise(keys)) > 4_000_000


def test_wrong_addresses_are_told_and_leave_nothing(cameras: RtspCameras, tmp_path: Path) -> None:
    for url, code in (
        ("rtsp://127.0.0.1:9/none", "nothing listens"),
        (cameras.url("nosuch"), "no stream of this name"),
        ("http://127.0.0.1/", "not a camera address"),
        ("rtsp://", "not a camera address"),
    ):
        done = beffroi("record", url, "--for", "2s", "--to", str(tmp_path / "archive"))
        assert done.returncode == 2, (url, done.stderr)
        assert code in done.stderr, (url, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_wrong_password_is_told_and_never_shown(tmp_path: Path) -> None:
    with RtspCameras(tmp_path, user="agent", password="s3cr3t-good") as served:
        served.add("hall", footage("02"))
        served.start()
        place = f"127.0.0.1:{served.port}/hall"
        for url, words in (
            (f"rtsp://agent:s3cr3t-wrong@{place}", "refuses user or password"),
            (f"rtsp://{place}", "wants a user and a password"),
        ):
            done = beffroi("record", url, "--for", "2s", "--to", str(tmp_path / "archive"))
            assert done.returncode == 2
            assert words in done.stderr
            assert "s3cr3t" not in done.stderr + done.stdout
        good = beffroi("record", f"rtsp://agent:s3cr3t-good@{place}", "--for", "2s", "--to", str(tmp_path / "archive"))
        assert good.returncode == 0, good.stderr


def test_jpegs_are_put_together_and_recorded(tmp_path: Path) -> None:
    archive, copy = tmp_path / "archive", tmp_path / "copy.mp4"
    with RtspCameras(tmp_path) as served:
        picture = (
            "videotestsrc is-live=true pattern=checkers-8 ! video/x-raw,format=I420,width=640,height=368,framerate=10/1"
        )
        served.draw("old", f"( {picture} ! jpegenc quality=80 ! rtpjpegpay name=pay0 pt=26 )")
        served.start()
        done = beffroi("record", served.url("old"), "--for", "3s", "--to", str(archive))
    assert done.returncode == 0, done.stderr
    fragments = joined(archive, "camera-1", copy)
    assert ffprobe(copy, "stream=codec_name,width,height") == ["mjpeg,640,368"]
    assert len(decoded(copy)) == sum(each.frames for each in fragments) > 20
    assert len(set(decoded(copy)[2:-2])) == 1, "a still pattern: the same picture each time, none of them torn"
    assert check_volume(archive) == []


def test_a_camera_behind_tls_is_recorded(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera", "-days", "2"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    with RtspCameras(tmp_path, tls=certificate.read_text() + key.read_text()) as served:
        served.add("hall", footage("02"))
        served.start()
        assert served.url("hall").startswith("rtsps:")
        done = beffroi("record", served.url("hall"), "--for", "2s", "--to", str(tmp_path / "archive"))
        assert done.returncode == 0, done.stderr
    assert check_volume(tmp_path / "archive") == []


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=2", str(sound)], check=True, stdin=subprocess.DEVNULL
    )
    done = beffroi("record", f"file://{sound}", "--for", "1s", "--to", str(tmp_path / "archive"))
    assert done.returncode == 2
    assert "can be recorded" in done.stderr
