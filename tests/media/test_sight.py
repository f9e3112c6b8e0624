"""Real footage, as it is and as it looks frozen, blinded, covered and by night, before the watcher as it ships."""

import json
import subprocess
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

import av
import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.core.fmp4 import Sample
from beffroi.media.core.formats import format_of
from beffroi.media.core.nal import Family, split_annex_b, to_sample
from beffroi.media.core.scene import LEARNED, SAME, TURNED_AFTER, alike, field_of
from beffroi.media.core.settings import LOOPBACK, CameraSettings, RecorderSettings, StreamSettings, sign_settings
from beffroi.media.core.sight import EVERY_US, Glance, Memory, Trouble, after
from beffroi.media.core.words import StreamName
from beffroi.media.replay.glance import _numbers
from beffroi.media.replay.sight_file import FILE, remembered
from beffroi.media.replay.watcher import Watcher
from tests.media.feeding import KEY, NOW
from tests.media.rtsp import footage

pytestmark = pytest.mark.media

LEFT_ALONE, SHOWN = 22, 36
FROM_THEN = f"enable='gte(n,{LEFT_ALONE})'"
CASES: dict[str, tuple[str, str, Trouble | None]] = {
    "whole": ("01", "null", None),
    "frozen": ("01", f"loop=loop={SHOWN}:size=1:start={LEFT_ALONE}", Trouble.FROZEN),
    "black": ("01", f"eq=brightness=-1:{FROM_THEN}", Trouble.BLACK),
    "covered": ("01", f"gblur=sigma=14:{FROM_THEN}", Trouble.COVERED),
    "night": ("02", f"hue=s=0:{FROM_THEN},eq=brightness=-0.2:contrast=0.6:{FROM_THEN},noise=alls=9:allf=t", None),
}
OFFICE = SigningKey(bytes(range(32)))


def filmed(case: str, folder: Path) -> list[Sample]:
    """Key frames alone, two a second of the clip, each a sample of half a minute."""
    clip, filtered, _ = CASES[case]
    made = folder / f"{case}.h264"
    rate = ("-c:v", "libx264", "-preset", "veryfast", "-g", "1", "-b:v", "2M", "-bsf:v", "dump_extra=freq=keyframe")
    chain = f"fps=2,scale=384:-2,{filtered}"
    command = ("ffmpeg", "-loglevel", "error", "-i", str(footage(clip)), "-an", "-vf", chain, "-frames:v", str(SHOWN))
    subprocess.run([*command, *rate, str(made)], check=True, timeout=60)
    with av.open(str(made)) as container:
        units = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return [Sample(to_sample(split_annex_b(one)), EVERY_US * 9 // 100, 0, key=True) for one in units]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorder's data folder with one camera a case."""
    folder = tmp_path_factory.mktemp("sight")
    data = folder / "data"
    (data / "recorder").mkdir(parents=True)
    (data / "keys").mkdir()
    (data / "keys" / "office.key").write_bytes(bytes(range(32)))
    recorder = SyntheticRecorder(data / "archive", ManualClock(NOW), key=KEY)
    start_us = ManualClock(NOW).now_us() - SHOWN * EVERY_US
    for case in CASES:
        samples = filmed(case, folder)
        form = format_of(Family.H264, b"\0\0\0\1" + b"\0\0\0\1".join(parts(samples[0])))
        assert form is not None
        track = recorder.track(CameraId(case), form)
        for number, sample in enumerate(samples):
            track.add([sample], start_us=start_us + number * EVERY_US)
    recorder.close()
    return data


@pytest.fixture
def data(archive: Path) -> Path:
    """That folder, every camera to be looked after and nothing known of any."""
    (archive / "recorder" / FILE).unlink(missing_ok=True)
    cameras = tuple(
        CameraSettings(CameraId(case), 1, case, "99123", (StreamSettings(StreamName.MAIN, "file:x", 15),))
        for case in CASES
    )
    put(archive, RecorderSettings(1, 1, LOOPBACK, cameras))
    return archive


def parts(sample: Sample) -> list[bytes]:
    """The NAL units of a sample."""
    found, at = [], 0
    while at < len(sample.data):
        length = int.from_bytes(sample.data[at : at + 4], "big")
        found.append(sample.data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def put(data: Path, settings: RecorderSettings) -> None:
    (data / "recorder" / "cameras.json").write_bytes(sign_settings(settings, OFFICE))


async def test_a_frozen_a_black_and_a_covered_picture_are_found_and_nothing_else(data: Path) -> None:
    clock = ManualClock(NOW)
    clock.step(timedelta(seconds=1 - SHOWN * EVERY_US / 1_000_000))
    watcher = Watcher(data, clock)
    try:
        for _ in range(SHOWN):
            await watcher.turn()
            clock.advance(timedelta(microseconds=EVERY_US))
    finally:
        await watcher.close()
    path = data / "recorder" / FILE
    found = remembered(path)
    assert found["whole"].view.glances > LEFT_ALONE, "its view is known, and is the usual one"
    assert {case: found[case].trouble for case in CASES} == {case: kind for case, (_, _, kind) in CASES.items()}
    began_us = ManualClock(NOW).now_us() - (SHOWN - LEFT_ALONE) * EVERY_US
    for case in ("frozen", "black", "covered"):
        assert abs(found[case].since_us - began_us) <= EVERY_US, case
    assert path.stat().st_size < 1_100 * len(CASES), "numbers, and no picture"
    json.loads(path.read_text())


async def test_a_view_that_somebody_accepted_is_learned_anew(data: Path) -> None:
    clock = ManualClock(NOW)
    clock.step(timedelta(seconds=-5 - 4 * EVERY_US / 1_000_000))
    one = CameraSettings(CameraId("whole"), 1, "w", "99123", (StreamSettings(StreamName.MAIN, "file:x", 15),))
    known = []
    watcher = Watcher(data, clock)
    try:
        for version, since_us in ((2, 0), (3, 0), (4, clock.now_us())):
            put(data, RecorderSettings(version, version, LOOPBACK, (replace(one, view_since_us=since_us),)))
            await watcher.turn()
            known.append(remembered(data / "recorder" / FILE)["whole"])
            clock.advance(timedelta(microseconds=EVERY_US))
    finally:
        await watcher.close()
    assert [each.view.glances for each in known] == [2, 3, 1]
    assert known[-1].view_us > known[0].view_us == 0


async def test_whose_picture_is_not_looked_after_is_forgotten_and_a_silent_one_is_not_judged(data: Path) -> None:
    clock = ManualClock(NOW)
    clock.step(timedelta(seconds=-5))
    watcher = Watcher(data, clock)
    try:
        await watcher.turn()
        looked = remembered(data / "recorder" / FILE)
        assert set(looked) == set(CASES)
        camera = CameraSettings(
            CameraId("black"), 1, "black", "99123", (StreamSettings(StreamName.MAIN, "file:x", 15),)
        )
        silent = replace(camera, id=CameraId("silent"))
        put(data, RecorderSettings(2, 2, LOOPBACK, (replace(camera, watched=False), silent)))
        await watcher.turn()
        after = remembered(data / "recorder" / FILE)
        assert set(after) == {"silent"}
        assert after["silent"].looked_us == 0
    finally:
        await watcher.close()


@pytest.mark.parametrize("clip", ["01", "02", "04", "08", "09"])
def test_real_scenes_raise_no_alarm_in_hours_of_changing_light_and_each_other_is_another_view(clip: str) -> None:
    """Each glance of a clip again and again, for as long as it takes to ask, dimmed and turned grey as by evening."""
    memory, at_us = Memory(), 0
    shown = glances(clip)
    for turn in range(TURNED_AFTER + LEARNED + 100):
        one = shown[turn % len(shown)]
        factor = (100, 70, 45)[turn // 60 % 3]
        grid = bytes(min(255, cell * factor // 100 + turn % 2) for cell in one.grid)
        at_us += EVERY_US
        memory = after(memory, Glance(at_us, grid, one.detail, one.colour))
        assert memory.trouble is None, turn
    assert memory.view.glances > LEARNED
    assert memory.view.other == 0
    others = (one for other in ("02", "04", "08", "09") if other != clip for one in glances(other))
    assert all(alike(memory.view.field, field_of(one.grid)) < SAME for one in others), "none ends a question"


@lru_cache
def glances(clip: str) -> list[Glance]:
    """Pictures of a clip, as the decoder's process tells them."""
    with av.open(str(footage(clip))) as container:
        frames = islice(container.decode(video=0), 0, 160, 20)
        return [Glance.from_bytes(_numbers(frame), 0) for frame in frames]
