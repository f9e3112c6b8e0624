"""Replay over a real archive: the camera's own bytes, true times, gaps in sight, nothing outside the span."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import aiohttp
import av
import numpy as np
import pytest

from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.media.replay.stills import ScreenMaker
from tests.media.door.clips import CARPARK, SHOP_HEVC, Past, archive
from tests.media.door.front import Front, browser, data_folder, running_front
from tests.media.rtsp import footage

START_US = 1_795_400_000_000_000


@dataclass
class Recorded:
    front: Front
    past: Past
    name: str


@pytest.fixture(scope="module", params=[CARPARK, SHOP_HEVC])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    base = tmp_path_factory.mktemp("replay")
    data, _, _ = data_folder(base)
    past = archive(data / "archive", request.param, "cam-1", START_US)
    with running_front(base) as front:
        yield Recorded(front, past, request.param)


@dataclass
class Viewer:
    session: aiohttp.ClientSession
    binding: str
    recorded: Recorded
    headers: dict[str, str]

    async def get(self, path: str, status: int = 200) -> bytes:
        async with self.session.get(self.recorded.front.url + path, headers=self.headers) as answer:
            body = await answer.read()
            assert answer.status == status, body[:300]
            return body

    def allow(self, start_us: int, end_us: int) -> None:
        ticket = self.recorded.front.ticket(Mode.REPLAY, self.binding, span=Span.of_us(start_us, end_us))
        self.headers = {"Beffroi-Ticket": ticket}

    def index(self, start_us: int, end_us: int) -> str:
        return f"/door/replay/cam-1/index.m3u8?from_us={start_us}&to_us={end_us}"


@pytest.fixture
async def viewer(recorded: Recorded) -> AsyncIterator[Viewer]:
    session, binding = await browser(recorded.front)
    async with session:
        made = Viewer(session, binding, recorded, {})
        made.allow(recorded.past.start_us, recorded.past.end_us)
        yield made


def decoded(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def samples_in(data: bytes) -> list[tuple[int, bytes]]:
    with av.open(io.BytesIO(data)) as container:
        return [(one.dts, bytes(one)) for one in container.demux(video=0) if one.dts is not None]


def source_pictures(name: str, count: int = 10_000) -> list[np.ndarray]:
    with av.open(str(footage(name)), options={"ignore_editlist": "1"}) as container:
        return [frame.to_ndarray(format="gray") for frame in islice(container.decode(video=0), count)]


async def test_the_playlist_delivers_every_picture_of_the_source_unchanged(viewer: Viewer) -> None:
    past = viewer.recorded.past
    text = (await viewer.get(viewer.index(past.start_us, past.end_us))).decode()
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.count("#EXT-X-MAP") == 2
    streams: list[bytes] = []
    for line in text.splitlines():
        if found := re.match(r'#EXT-X-MAP:URI="(.+)"', line):
            streams.append(await viewer.get(f"/door/replay/cam-1/{found[1]}"))
        elif line and not line.startswith("#"):
            streams[-1] += await viewer.get(f"/door/replay/cam-1/{line}")
    wanted = source_pictures(viewer.recorded.name)
    got = decoded(streams[0])
    assert len(got) == len(wanted)
    assert all(np.array_equal(one, other) for one, other in zip(got, wanted, strict=True))
    for stream in streams:
        assert [one for _, one in samples_in(stream)] == [one.data for one in past.clip.samples]


async def test_program_times_are_those_of_the_pictures(viewer: Viewer) -> None:
    past = viewer.recorded.past
    text = (await viewer.get(viewer.index(past.start_us, past.end_us))).decode()
    times = [to_us(datetime.fromisoformat(one)) for one in re.findall(r"DATE-TIME:(\S+)", text)]
    lengths = [float(one) for one in re.findall(r"EXTINF:([\d.]+)", text)]
    assert times[0] == past.start_us
    assert past.gap_us[1] in times
    for at, length, following in zip(times, lengths, times[1:], strict=False):
        if following != past.gap_us[1]:
            assert abs(at + length * 1e6 - following) < 1_000
    assert sum(lengths) * 1e6 == pytest.approx(2 * past.clip.duration_us, abs=100_000)


async def test_the_timeline_names_the_gap(viewer: Viewer) -> None:
    past = viewer.recorded.past
    data = json.loads(await viewer.get(f"/door/timeline?camera=cam-1&from_us={past.start_us}&to_us={past.end_us}"))
    assert [(one["start_us"], one["end_us"], one["cause"]) for one in data["gaps"]] == [(*past.gap_us, "network")]
    assert len(data["pieces"]) == 2


async def test_a_chunk_outside_the_ticket_is_not_there(viewer: Viewer) -> None:
    past = viewer.recorded.past
    text = (await viewer.get(viewer.index(past.start_us, past.end_us))).decode()
    chunks = [line for line in text.splitlines() if line and not line.startswith("#")]
    viewer.allow(past.gap_us[1] + 10_000_000, past.gap_us[1] + 11_000_000)
    await viewer.get(f"/door/replay/cam-1/{chunks[0]}", status=404)
    await viewer.get(f"/door/replay/cam-1/{chunks[-1]}", status=404)


async def test_the_lead_in_from_the_key_frame_is_served_and_no_more(viewer: Viewer) -> None:
    past = viewer.recorded.past
    at = past.start_us + 9_300_000
    viewer.allow(at, at + 3_000_000)
    text = (await viewer.get(viewer.index(at, at + 3_000_000))).decode()
    chunks = [line for line in text.splitlines() if line and not line.startswith("#")]
    for chunk in chunks:
        await viewer.get(f"/door/replay/cam-1/{chunk}")
    segment, rest = chunks[0].split("/", 1)
    first, last = re.match(r"(\d+)-(\d+)", rest).groups()  # type: ignore[union-attr]
    if int(first) > 1:
        earlier = f"{segment}/{int(first) - 1}-{last}.m4s?from_us={past.start_us}&to_us={at + 3_000_000}"
        await viewer.get(f"/door/replay/cam-1/{earlier}", status=404)


async def test_one_look_for_a_whole_replay(viewer: Viewer) -> None:
    past = viewer.recorded.past
    before = viewer.recorded.front.client().journal(0, limit=5_000)[-1].number
    text = (await viewer.get(viewer.index(past.start_us, past.gap_us[0]))).decode()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            await viewer.get(f"/door/replay/cam-1/{line}")
    lines = [one for one in viewer.recorded.front.client().journal(before) if one.name == "look:begin"]
    assert len(lines) == 1
    assert lines[0].body["mode"] == "replay"
    assert lines[0].body["span"][0] <= past.start_us < past.gap_us[0] <= lines[0].body["span"][1]


async def test_a_still_is_the_key_frame_at_that_moment(viewer: Viewer) -> None:
    past = viewer.recorded.past
    url = f"{viewer.recorded.front.url}/door/still/cam-1?at_us={past.start_us + 100_000}"
    async with viewer.session.get(url, headers=viewer.headers) as answer:
        picture = await answer.read()
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
        assert int(answer.headers["beffroi-at-us"]) == past.start_us
    with av.open(io.BytesIO(picture), format="mjpeg") as container:
        got = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
    wanted = source_pictures(viewer.recorded.name, 1)[0].astype(int)
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).mean() < 12  # JPEG, and full range against video range


async def test_previews_are_small_stay_inside_the_ticket_and_are_one_look(viewer: Viewer) -> None:
    past = viewer.recorded.past
    client = viewer.recorded.front.client()
    before = client.journal(0, limit=5_000)[-1].number
    for at_us in (past.start_us + 100_000, past.start_us + 100_000, past.end_us - 1):
        picture = await viewer.get(f"/door/preview/cam-1?at_us={at_us}")
        with av.open(io.BytesIO(picture), format="mjpeg") as container:
            assert next(container.decode(video=0)).width == 240
    lines = [one for one in client.journal(before) if one.name == "look:begin"]
    assert [(one.body["mode"], one.body["span"]) for one in lines] == [("still", [past.start_us, past.end_us])]
    for outside in (past.start_us - 1, past.end_us):
        await viewer.get(f"/door/preview/cam-1?at_us={outside}", status=404)
    viewer.headers = {"Beffroi-Ticket": viewer.recorded.front.ticket(Mode.LIVE, viewer.binding)}
    await viewer.get(f"/door/preview/cam-1?at_us={past.start_us}", status=404)


async def test_for_a_screen_the_same_pictures_come_as_h264_at_the_same_times(viewer: Viewer) -> None:
    past = viewer.recorded.past
    text = (await viewer.get(viewer.index(past.start_us, past.gap_us[0]) + "&screen=h264")).decode()
    inits = re.findall(r'EXT-X-MAP:URI="(.+)"', text)
    chunk = next(line for line in text.splitlines() if line and not line.startswith("#"))
    original = [
        (await viewer.get(f"/door/replay/cam-1/{one.replace('&screen=h264', '')}")) for one in (inits[0], chunk)
    ]
    screen = [(await viewer.get(f"/door/replay/cam-1/{one}")) for one in (inits[0], chunk)]
    if viewer.recorded.name == CARPARK:
        assert screen == original
        return
    shown = []
    for one in (screen, original):
        with av.open(io.BytesIO(b"".join(one))) as container:
            name = container.streams.video[0].codec_context.name
            shown.append((name, [frame.pts for frame in container.decode(video=0)]))
    assert [name for name, _ in shown] == ["h264", "hevc"]
    assert shown[0][1] == shown[1][1]


async def test_more_conversions_than_can_be_done_are_refused_at_once() -> None:
    screens = ScreenMaker(processes=1, max_waiting=1)
    asked = [asyncio.create_task(screens.made(b"no pictures", b"at all")) for _ in range(3)]
    codes = sorted(
        one.code for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, BeffroiError)
    )
    await screens.close()
    assert codes == ["conversion_failed", "conversions_full", "conversions_full"]


@pytest.mark.parametrize("query", ["", "from_us=5&to_us=2", "from_us=-1&to_us=2", "from_us=x&to_us=2", "from_us=1"])
async def test_a_wrong_span_is_said_to_be_wrong(viewer: Viewer, query: str) -> None:
    await viewer.get(f"/door/replay/cam-1/index.m3u8?{query}", status=400)


async def test_a_file_that_became_shorter_is_an_error_not_a_shorter_answer(viewer: Viewer) -> None:
    past, front = viewer.recorded.past, viewer.recorded.front
    text = (await viewer.get(viewer.index(past.gap_us[1], past.end_us))).decode()
    chunk = [line for line in text.splitlines() if line and not line.startswith("#")][-1]
    file = next((front.data / "archive").rglob(f"{chunk.split('/')[0]}*"))
    whole = file.read_bytes()
    with file.open("r+b") as opened:
        opened.truncate(len(whole) // 2)  # it ends with its own index; pictures stand before that
    try:
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)):
            await viewer.get(f"/door/replay/cam-1/{chunk}")
    finally:
        file.write_bytes(whole)
