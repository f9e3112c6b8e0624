"""A package of real footage through a real recorder: same codec, same NAL units, same pictures."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from beffroi.governance.core.evidence import CameraSheet
from beffroi.governance.files import bags
from beffroi.governance.files.packages import build
from beffroi.governance.files.verifier.command import verify
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from tests.media.door.clips import HALL_B_FRAMES, SHOP_HEVC, Past, archive
from tests.media.door.front import Front, data_folder, running_front
from tests.unit.governance import evidence_packages as made

pytestmark = pytest.mark.media

START_US = 1_795_400_000_000_000


@dataclass
class Recorded:
    """A recorder with a past of one camera."""

    front: Front
    past: Past
    camera: CameraSheet

    def package(self, asked: Span) -> Path:
        """A package of ``asked``; the path of its zip."""
        order = made.order(cameras=(self.camera,), asked=asked)
        order = replace(order, heading=replace(order.heading, asked=asked))
        vault = self.front.data / "vault"
        build(
            order,
            source=self.front.client(),
            ticket=lambda camera: self.front.ticket(Mode.EXTRACT, "office", span=asked, grant="requisition-1"),
            vault=vault,
            stamper=made.authority(),
            key=made.KEY,
            clock=SystemClock(),
            progress=lambda done, total: None,
        )
        return vault / made.NAME / "package.zip"


@pytest.fixture(scope="module", params=[HALL_B_FRAMES, SHOP_HEVC], ids=["h264-b-frames", "hevc"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    base = tmp_path_factory.mktemp("recorded")
    data, _, _ = data_folder(base)
    past = archive(data / "archive", request.param, "cam-1", START_US)
    camera = replace(made.CAMERAS[0], id="cam-1")
    with running_front(base) as front:
        yield Recorded(front, past, camera)


def pictures(path: Path) -> list[str]:
    """Digest of every decoded picture, in the order of showing."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return [hashlib.md5(one.to_ndarray().tobytes()).hexdigest() for one in container.decode(video=0)]


def units(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(one) for one in container.demux(video=0) if one.dts is not None]


def probe(path: Path) -> dict[str, str]:
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=codec_name,profile,width,height",
         "-of", "json", str(path)], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stderr == ""
    streams: list[dict[str, str]] = json.loads(told.stdout)["streams"]
    return streams[0]


def test_whole_clip_has_the_same_units_and_pictures(recorded: Recorded, tmp_path: Path) -> None:
    from tests.media.rtsp import footage

    past = recorded.past
    folder = bags.unpack(recorded.package(Span.of_us(past.start_us, past.end_us)), tmp_path)
    videos = sorted(folder.glob("data/video/*.mp4"))
    assert len(videos) == 2
    source = footage(SHOP_HEVC if past.clip.form.codec.startswith("h") else HALL_B_FRAMES)
    wanted = probe(source)
    assert pictures(videos[0]) == pictures(source)
    for video in videos:
        assert probe(video) == wanted
        assert units(video) == [one.data for one in past.clip.samples]
    gaps = json.loads((folder / "data/metadata/gaps.json").read_text())["gaps"]
    assert [(gap["start_us"], gap["end_us"], gap["cause"]) for gap in gaps] == [(*past.gap_us, "network")]
    assert verify(str(folder))["verdict"] == "valid"


def test_a_span_is_cut_on_key_frames_and_placed_in_time(recorded: Recorded, tmp_path: Path) -> None:
    past = recorded.past
    asked = Span.of_us(past.start_us + 7_300_000, past.start_us + 12_100_000)
    folder = bags.unpack(recorded.package(asked), tmp_path)
    (video,) = folder.glob("data/video/*.mp4")
    sheet = json.loads((folder / "data/metadata/recording.json").read_text())["videos"][0]
    assert sheet["start_us"] <= asked.start_us < asked.end_us <= sheet["end_us"]
    assert sheet["synthetic"] is True
    whole = [one.data for one in past.clip.samples]
    part = units(video)
    first = whole.index(part[0])
    assert past.clip.samples[first].key
    assert part == whole[first : first + len(part)]
    lines = [json.loads(line) for line in next(folder.glob("data/metadata/fragments/*.jsonl")).read_text().splitlines()]
    times = [(line["start_us"], line["end_us"]) for line in lines[1:]]
    assert times[0][0] == sheet["start_us"]
    assert times[-1][1] == sheet["end_us"]
    assert all(after[0] == before[1] for before, after in pairwise(times))
    data = bytearray(video.read_bytes())
    victim = lines[3]
    data[victim["offset"] + victim["length"] // 2] ^= 1
    video.write_bytes(bytes(data))
    place = next(one for one in verify(str(folder))["findings"] if one["code"] == "place")
    assert (place["data"]["first"], place["data"]["last"] + 1) == (
        victim["offset"], victim["offset"] + victim["length"],
    )  # fmt: skip


def test_a_file_missing_from_the_archive_fails_by_name_and_leaves_no_package(tmp_path: Path) -> None:
    data, _, _ = data_folder(tmp_path)
    past = archive(data / "archive", HALL_B_FRAMES, "cam-1", START_US)
    victim = sorted((data / "archive").rglob("*.mp4"), key=lambda path: path.name)[1]
    victim.unlink()
    with running_front(tmp_path) as front:
        recorded = Recorded(front, past, replace(made.CAMERAS[0], id="cam-1"))
        with pytest.raises(NotFound) as seen:
            recorded.package(Span.of_us(past.start_us, past.end_us))
        assert seen.value.code == "segment_missing"
        assert victim.stem.split(".")[0] in seen.value.message
    assert [path.name for path in (data / "vault").iterdir()] == []


def test_disk_of_the_vault_is_left_clean(recorded: Recorded) -> None:
    past = recorded.past
    recorded.package(Span.of_us(past.start_us, past.start_us + 5_000_000))
    assert [path.name for path in (recorded.front.data / "vault").iterdir()] == [made.NAME]
    shutil.rmtree(recorded.front.data / "vault" / made.NAME)
