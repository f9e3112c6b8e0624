"""The demonstration's cameras are read by programs that are not ours: ffprobe, ffmpeg, GStreamer, and PyAV."""

import asyncio
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import av
import pytest

from beffroi.config.demo import loops
from beffroi.config.demo.cameras import USERNAME, play_file, play_village
from beffroi.config.demo.footage import read_file, read_folder
from beffroi.config.demo.rtp import NTP_EPOCH_S, AccessUnit, Packetizer, rtp_time
from beffroi.config.demo.rtsp import RtspServer
from beffroi.config.demo.scenes import SCENES
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid
from tests.waiting import until_async

pytestmark = pytest.mark.media
PASSWORD = "ouvre-toi"
SCENE = SCENES[0]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loops of one scene, by day and by night: the test runs at any hour."""
    folder = tmp_path_factory.mktemp("loops")
    for night in (False, True):
        loops.build(folder, SCENE, night=night, rates=(loops.LIVE,))
    return folder


@asynccontextmanager
async def village(folder: Path, *, password: str = "") -> AsyncIterator[tuple[RtspServer, str]]:
    """A server that plays the drawn streets; its address with the password in it."""
    server = RtspServer(clock=SystemClock(), username=USERNAME if password else "", password=password)
    port = await server.start("127.0.0.1", 0)
    player = asyncio.create_task(play_village(server, folder, SystemClock()))
    try:
        await until_async(lambda: bool(server.streams) and server.streams[SCENE.name].parameter_sets, 30)
        who = f"{USERNAME}:{password}@" if password else ""
        yield server, f"rtsp://{who}127.0.0.1:{port}/{SCENE.name}"
    finally:
        player.cancel()
        with suppress(asyncio.CancelledError):
            await player
        await server.stop()


async def run(*command: str, within: float = 40) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"{command[0]} did not end: {err.decode()[-500:]}") from None
    return process.returncode or 0, out, err


async def test_ffprobe_reads_it_behind_a_digest_password(drawn: Path) -> None:
    async with village(drawn, password=PASSWORD) as (_, url):
        code, out, err = await run(
            "ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json", url
        )
    assert code == 0, err
    (stream,) = json.loads(out)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 768, 432)
    assert stream["has_b_frames"] == 0


async def test_a_wrong_password_and_a_wrong_path_are_refused(drawn: Path) -> None:
    async with village(drawn, password=PASSWORD) as (_, url):
        wrong = url.replace(PASSWORD, "sesame")
        code, _, err = await run("ffprobe", "-v", "error", "-rtsp_transport", "tcp", wrong)
        assert code != 0
        assert b"401" in err
        code, _, err = await run("ffprobe", "-v", "error", "-rtsp_transport", "tcp", url + "-ailleurs")
        assert code != 0
        assert b"404" in err


async def test_ffmpeg_decodes_every_picture_without_a_word(drawn: Path) -> None:
    async with village(drawn) as (_, url):
        command = ("ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "45", "-f", "null", "-")
        code, _, err = await run(*command)
    assert code == 0
    assert err == b"", err


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="GStreamer is not installed")
async def test_gstreamer_reads_it(drawn: Path, tmp_path: Path) -> None:
    kept = tmp_path / "seen.h264"
    async with village(drawn, password=PASSWORD) as (_, url):
        location = [f"location={url}", "protocols=tcp", "latency=0"]
        pipeline = ["rtspsrc", *location, "!", "rtph264depay", "!", "h264parse"]
        sink = ["!", "video/x-h264,stream-format=byte-stream,alignment=au", "!", "identity", "eos-after=31", "!"]
        sink += ["filesink", f"location={kept}"]
        code, _, err = await run("gst-launch-1.0", "-q", "-e", *pipeline, *sink)
    assert code == 0, err
    with av.open(str(kept), format="h264") as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames >= 29


async def test_udp_is_refused_and_teardown_ends_the_stream(drawn: Path) -> None:
    async with village(drawn) as (server, url):
        host, port = "127.0.0.1", int(re.search(r":(\d+)/", url)[1])  # type: ignore[index]
        reader, writer = await asyncio.open_connection(host, port)

        async def ask(method: str, number: int, *head: str) -> str:
            writer.write("\r\n".join((f"{method} {url} RTSP/1.0", f"CSeq: {number}", *head, "", "")).encode())
            return (await reader.readuntil(b"\r\n\r\n")).decode()

        assert "461" in await ask("SETUP", 1, "Transport: RTP/AVP;unicast;client_port=5000-5001")
        assert "455" in await ask("PLAY", 2)
        assert "200" in await ask("SETUP", 3, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        assert "200" in await ask("PLAY", 4)
        await until_async(lambda: len(server.streams[SCENE.name].viewers) == 1)
        first = await reader.readexactly(4)
        assert first[:2] == b"$\x01", "a sender report comes before the first picture"
        report = await reader.readexactly(int.from_bytes(first[2:], "big"))
        assert abs(int.from_bytes(report[8:12], "big") - NTP_EPOCH_S - SystemClock().now_us() // 1_000_000) <= 2
        writer.write(f"TEARDOWN {url} RTSP/1.0\r\nCSeq: 5\r\n\r\n".encode())
        await until_async(lambda: not server.streams[SCENE.name].viewers)
        writer.close()


@pytest.mark.parametrize(
    "noise", [b"\x00" * 64, b"GET / HTTP/1.1\r\n\r\n", b"DESCRIBE\r\n\r\n", b"$\x00\xff\xff" + b"a" * 9]
)
async def test_noise_closes_the_connection_and_nothing_else(drawn: Path, noise: bytes) -> None:
    async with village(drawn) as (server, url):
        port = int(re.search(r":(\d+)/", url)[1])  # type: ignore[index]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(noise)
        writer.write_eof()
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()
        await until_async(lambda: not server._connections)
        code, _, err = await run("ffprobe", "-v", "error", "-rtsp_transport", "tcp", url)
        assert code == 0, err


async def test_a_users_file_with_b_frames_is_replayed_in_true_order(tmp_path: Path) -> None:
    made = tmp_path / "mine.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2")
    coder = ("-c:v", "libx264", "-bf", "3", "-g", "25", "-pix_fmt", "yuv420p")
    assert (await run("ffmpeg", "-v", "error", *source, *coder, str(made)))[0] == 0
    footage = read_file(made)
    assert footage.codec == "H264"
    assert any(sample.show_us > sample.send_us + 60_000 for sample in footage.samples), "no B-frames in the test file"
    server = RtspServer(clock=SystemClock())
    port = await server.start("127.0.0.1", 0)
    player = asyncio.create_task(play_file(server, footage, "file-1", SystemClock()))
    url = f"rtsp://127.0.0.1:{port}/file-1"
    shown = ("-show_entries", "frame=best_effort_timestamp_time,pict_type", "-read_intervals", "%+3", "-of", "json")
    code, out, err = await run("ffprobe", "-v", "error", "-rtsp_transport", "tcp", *shown, url)
    player.cancel()
    await server.stop()
    assert code == 0, err
    frames = json.loads(out)["frames"]
    times = [float(frame["best_effort_timestamp_time"]) for frame in frames if "best_effort_timestamp_time" in frame]
    assert {"B", "P", "I"} <= {frame["pict_type"] for frame in frames}
    assert times == sorted(times)
    steps = [round(b - a, 3) for a, b in pairwise(times)]
    assert sorted(steps)[len(steps) // 2] == pytest.approx(0.04, abs=0.002)


async def test_a_users_hevc_file_is_a_camera_too(tmp_path: Path) -> None:
    made = tmp_path / "mine.mkv"
    source = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10:duration=2")
    coder = ("-c:v", "libx265", "-x265-params", "log-level=error:keyint=10", "-pix_fmt", "yuv420p")
    assert (await run("ffmpeg", "-v", "error", *source, *coder, str(made)))[0] == 0
    server = RtspServer(clock=SystemClock())
    port = await server.start("127.0.0.1", 0)
    player = asyncio.create_task(play_file(server, read_file(made), "file-1", SystemClock()))
    url = f"rtsp://127.0.0.1:{port}/file-1"
    code, _, err = await run(
        "ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "15", "-f", "null", "-"
    )
    player.cancel()
    await server.stop()
    assert (code, err) == (0, b"")


def test_a_folder_without_usable_files_says_why(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No usable video"):
        read_folder(tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"nothing of the kind")
    with pytest.raises(Invalid, match=r"broken\.mp4 cannot be read as video"):
        read_folder(tmp_path)
    with pytest.raises(Invalid, match="no folder"):
        read_folder(tmp_path / "absent")


def test_a_large_unit_is_cut_and_put_together_again() -> None:
    nal = bytes([0x65]) + bytes(range(256)) * 20
    packets = list(
        Packetizer("H264", ssrc=7, sequence=65_534, offset=5).packets_of(AccessUnit((nal,), 2_000_000, True))
    )
    assert [int.from_bytes(packet[2:4], "big") for packet in packets] == [65_534, 65_535, 0, 1]
    assert {int.from_bytes(packet[4:8], "big") for packet in packets} == {rtp_time(2_000_000, 5)} == {180_005}
    assert [packet[1] >> 7 for packet in packets] == [0, 0, 0, 1]
    payloads = [packet[12:] for packet in packets]
    assert all(payload[0] & 31 == 28 for payload in payloads)
    assert [payload[1] >> 6 for payload in payloads] == [2, 0, 0, 1]
    together = bytes([payloads[0][0] & 0xE0 | payloads[0][1] & 31]) + b"".join(payload[2:] for payload in payloads)
    assert together == nal


def test_the_server_listens_on_the_loopback_only() -> None:
    async def where() -> str:
        server = RtspServer(clock=SystemClock())
        await server.start("127.0.0.1", 0)
        assert server._server is not None
        name: str = server._server.sockets[0].getsockname()[0]
        await server.stop()
        return name

    assert socket.inet_aton(asyncio.run(where()))[0] == 127
