"""Good cameras beside hostile ones on one recorder: every picture a good one sent is there, once, in its order.

    python bench/hostile.py --good 48 --hostile 4 --seconds 60 [--kbits 500] [--json] [--to docs/reference/hostile.md]

The good cameras (640x360 at 25 a second, so that two cores carry the senders too; ``cameras.py``, a process of its own)
send a number of pictures each and count them. The hostile ones (``tests/media/lying_camera.py``) do their worst all
the while, in the same worker. Then the files are counted: of each good camera, the pictures recorded against those
sent, in number and byte for byte. Ends with 1 where one is missing or one too many, where a recording was cut, or
where a hostile camera was not even called.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.record import RATE, draw_clip
from tests.media.lying_camera import LyingCamera, drawn
from tests.media.recorded import ALL_TIME, joined, picture_nals
from tests.media.recorder import Recorder, camera, running
from tests.waiting import until

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.core.words import StreamName

WORST = ("garbage", "endless-unit", "flapping", "storm", "half-a-packet", "jumping-stamps", "endless-head", "mute")
SIZE = "640x360"


@dataclass
class Result:
    """What was counted."""

    good: int
    hostile: list[str]
    seconds: int
    kbits: int
    sent: int
    recorded: int
    wrong: dict[str, str]  # good camera to what is wrong with its recording
    hostile_calls: dict[str, int]  # connections, by way
    archive_findings: int
    load_average: float

    def holds(self) -> bool:
        """Whether nothing of a good camera was harmed by cameras that did their worst."""
        harmed = self.wrong or self.archive_findings or self.sent != self.recorded
        return not harmed and all(self.hostile_calls.values())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--good", type=int, default=48)
    parser.add_argument("--hostile", type=int, default=4, choices=range(1, len(WORST) + 1))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--kbits", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--to", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as name:
        result = measure(Path(name), asked)
    print(json.dumps(asdict(result)) if asked.json else page(result))
    if asked.to:
        asked.to.write_text(page(result))
    return 0 if result.holds() else 1


def measure(folder: Path, asked: argparse.Namespace) -> Result:
    """Record them all; count."""
    clip, ways = folder / "clip.h264", WORST[: asked.hostile]
    draw_clip(clip, kbits=asked.kbits, size=SIZE)
    names, sent = [f"good-{at:03}" for at in range(asked.good)], dict[str, int]()
    with (
        LyingCamera(drawn(folder, "320x180"), drawn(folder, SIZE)) as lying,
        good_cameras(clip, asked.seconds * RATE, sent) as address,
        running(folder, workers=1) as recorder,
    ):
        hostile = [
            camera(way, lying.url(way), number=at, user="agent", password="no")
            for at, way in enumerate(ways, asked.good)
        ]
        recorder.put(*hostile, *(camera(each, f"{address}/{each}", number=at) for at, each in enumerate(names)))
        # Each sends its share and stays there, silent: what it sent is then on the disk, with no clock to beat.
        wanted = asked.seconds * RATE
        with suppress(AssertionError):  # what is missing then is counted below, camera by camera
            until(lambda: all(count(recorder, each) >= wanted for each in names), asked.seconds + 60)
        load = os.getloadavg()[0]
        recorder.stop()
        calls = {way: lying.calls[f"{way} OPTIONS"] for way in ways}
    clip_nals = picture_nals(clip, "h264")
    return Result(
        good=asked.good,
        hostile=list(ways),
        seconds=asked.seconds,
        kbits=asked.kbits,
        sent=sum(sent.values()),
        recorded=sum(count(recorder, each) for each in names),
        wrong={each: said for each in names if (said := wrong(recorder, each, sent.get(each, 0), clip_nals, folder))},
        hostile_calls=calls,
        archive_findings=len(check_volume(recorder.archive)),
        load_average=round(load, 1),
    )


@contextmanager
def good_cameras(clip: Path, pictures: int, sent: dict[str, int]) -> Iterator[str]:
    """The address of the good cameras; ``sent`` is filled when they have ended."""
    command = [sys.executable, str(Path(__file__).with_name("cameras.py")), str(clip), "--rate", str(RATE)]
    with subprocess.Popen(
        [*command, "--pictures", str(pictures)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as sender:
        assert sender.stdin is not None
        assert sender.stdout is not None
        try:
            yield f"rtsp://127.0.0.1:{int(sender.stdout.readline())}"
            sender.stdin.close()
            sent.update(json.loads(sender.stdout.readline()))
        finally:
            sender.kill()


def count(recorder: Recorder, name: str) -> int:
    """Pictures of a camera that are on the disk."""
    reader = CatalogueReader(recorder.archive)
    try:
        return sum(each.frames for each in reader.fragments(CameraId(name), StreamName.MAIN, ALL_TIME))
    finally:
        reader.close()


def wrong(recorder: Recorder, name: str, sent: int, clip: list[bytes], folder: Path) -> str:
    """What is wrong with the recording of a good camera; empty: nothing."""
    recorded = count(recorder, name)
    if recorded != sent or not sent:
        return f"{recorded} of {sent} pictures recorded"
    fragments = joined(recorder.archive, name, folder / "copy.mp4")
    if sum(each.frames for each in fragments) != recorded:
        return "the recording was cut"
    mine = picture_nals(folder / "copy.mp4", "h264")
    begins = (at for at, nal in enumerate(clip) if nal == mine[0])
    if not any(list(islice(cycle(clip), at, at + len(mine))) == mine for at in begins):
        return "not the pictures that were sent"
    return ""


def page(result: Result) -> str:
    """The result as a page of the reference."""
    day = SystemClock().now().date()
    called = ", ".join(f"`{way}` {calls}×" for way, calls in result.hostile_calls.items())
    told = "".join(f"* {name}: {said}\n" for name, said in result.wrong.items())
    return f"""# Good cameras beside hostile ones

`python bench/hostile.py --good {result.good} --hostile {len(result.hostile)} --seconds {result.seconds} --to docs/reference/hostile.md`, {day}, two cores shared with the senders and other work (load {result.load_average}).

**{result.good} good cameras, {len(result.hostile)} hostile ones, one worker: {result.sent:,} pictures sent by the good ones, {result.recorded:,} recorded; {result.sent - result.recorded:,} lost.** Recordings of good cameras that were cut or hold other bytes than were sent: {len(result.wrong)}. Findings of `archive check`: {result.archive_findings}.
{told}
The good cameras: {SIZE.replace("x", "×")}, 25 a second, {result.kbits} kb/s, {result.seconds} s each, small so that two cores carry the senders as well; they play one clip, each at its own moment.
The hostile ones, and how often the recorder called them meanwhile: {called} (what each does: `tests/media/lying_camera.py`; all nineteen at once beside two good ones: `tests/media/test_hostile_cameras.py`).
Sent is counted when a picture is handed to its connection; recorded is counted from the files after the end, each picture held byte for byte against the clip. Not measured here: 48 hostile streams of full size (what 48 good ones of 4 Mb/s cost: `recording.md`), and a hostile camera that fills the cable.
"""  # noqa: E501


if __name__ == "__main__":
    sys.exit(main())
