"""The recorder over hours: cameras that fail, people who look, a purge that never rests, parts that are killed.

    python bench/soak.py --minutes 120 --cameras 8 [--to docs/reference/soak.md]

The shipped daemon records ``--cameras`` cameras (640×360, 25 a second, about 1 Mb/s, from GStreamer by RTSP) on a quota
so small that files are destroyed each minute. Half of the cameras are watched live, and somebody looks back all the
time. In the first third of the time writer and workers are killed (``kill -9``) one after the other; all the time the
cameras' server goes away for some seconds, or its pictures stop. From the second third on, when nothing is killed any
more, memory is measured. Verdict: what grew, what was lost, and which gaps nothing explains.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.record import RATE, children, cpu, part_name, settle
from tests.media.feeding import KEY
from tests.media.recorder import Recorder, camera
from tests.media.rtsp import RtspCameras
from tests.waiting import until

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.archive.tables import connect_to_read
from beffroi.media.archive.volume import CATALOGUE
from beffroi.media.core.storage import Storage
from beffroi.media.core.words import Fragment, StreamName
from beffroi.media.ingest.tap import LiveTap, LiveUnit

MAIN = StreamName.MAIN
QUOTA_BYTES = 30_000_000  # some four minutes of one camera
LOOK_S = 20
EVENT_S = 75
GROWTH_MB_AN_HOUR = 8.0
SLACK_US = 20_000_000  # a camera that was away may take as long to come back


class Soaked(Recorder):
    """The daemon with a small quota."""

    def start(self, *, workers: int = 2) -> None:
        storage = Storage(camera_quota_bytes=QUOTA_BYTES)
        code = (
            "import sys; from pathlib import Path; from beffroi.media.daemon import run_recorder; "
            "from beffroi.media.core.storage import Storage; "
            "run_recorder(Path(sys.argv[1]), Path(sys.argv[2]), workers=int(sys.argv[4]), "
            "storage=Storage.from_json(sys.argv[3]))"
        )
        words = [str(self.data), str(self.run), storage.to_json(), str(workers)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=log, stderr=log)
        until(lambda: self.status() is not None, 60, "the writer answers")


@dataclass
class Seen:
    """What was found, over the whole time."""

    events: dict[str, int] = field(default_factory=dict)
    faults_us: list[tuple[int, int]] = field(default_factory=list)  # when something was done to it
    memory: list[tuple[float, dict[str, float]]] = field(default_factory=list)  # second, MB by part
    frames: int = 0
    lost: int = 0
    gaps_s: dict[str, float] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)
    live_units: int = 0
    read_back: int = 0
    destroyed: int = 0
    worst_load: float = 0


class Auditor:
    """Looks at what was recorded since it looked last, before the purge takes it."""

    def __init__(self, recorder: Soaked, names: list[str], seen: Seen) -> None:
        self._reader, self._names, self._seen = VolumesReader(recorder.data), names, seen
        self._since = dict.fromkeys(names, SystemClock().now_us())
        self._last: dict[str, Fragment] = {}

    def look(self, until_us: int) -> None:
        for name in self._names:
            span = Span.of_us(self._since[name], until_us)
            self._frames(name, span)
            for gap in self._reader.timeline(CameraId(name), MAIN, span).gaps:
                start, end = max(gap.start_us, span.start_us), min(gap.end_us or until_us, until_us)
                self._gap(name, gap.cause.value, start, end)
            self._since[name] = until_us

    def _frames(self, name: str, span: Span) -> None:
        found = [
            each
            for each in self._reader.fragments(CameraId(name), MAIN, span)
            if span.start_us <= each.start_us < span.end_us
        ]
        self._seen.frames += sum(each.frames for each in found)
        chain = [self._last[name], *found] if name in self._last else found
        for before, after in pairwise(chain):
            expected = round((after.decode_time_90k - before.decode_time_90k) * RATE / 90_000)
            if before.run == after.run:
                self._seen.lost += max(0, expected - before.frames)
        for one in found[-2:]:
            with suppress(BeffroiError):  # the purge was faster
                self._seen.read_back += len(self._reader.read(one))
        if found:
            self._last[name] = found[-1]

    def _gap(self, name: str, cause: str, start: int, end: int) -> None:
        self._seen.gaps_s[cause] = self._seen.gaps_s.get(cause, 0) + (end - start) / 1e6
        done = any(start < until + SLACK_US and since - SLACK_US < end for since, until in self._seen.faults_us)
        if cause == "unknown" or not done:
            self._seen.unexplained.append(f"{name}: {(end - start) / 1e6:.1f} s, {cause}")

    def close(self) -> None:
        self._reader.close()


def watch(recorder: Soaked, names: list[str], seen: Seen, stopping: threading.Event) -> None:
    """Live viewers that come back whenever the worker went."""

    async def one(name: str) -> None:
        while not stopping.is_set():
            try:
                tap = await LiveTap.open(recorder.run, CameraId(name))
                async for event in tap:
                    seen.live_units += isinstance(event, LiveUnit)
                    if stopping.is_set():
                        break
                await tap.close()
            except BeffroiError:
                pass
            await asyncio.sleep(1)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(name) for name in names))

    asyncio.run(all_of_them())


def harm(recorder: Soaked, served: RtspCameras, seen: Seen, *, kills: bool, rng: random.Random) -> None:
    """Do one thing to it."""
    what = rng.choice(["the cameras' server away for 6 s", "pictures stop for 12 s"])
    if kills:
        what = rng.choice([what, "`kill -9` of the writer", "`kill -9` of the workers"])
    began = SystemClock().now_us()
    if "writer" in what:
        recorder.kill_part("archive.writer")
    elif "workers" in what:
        recorder.kill_part("ingest.worker")
    elif "server" in what:
        served.kill()
        settle(6)
        served.start()
    else:
        served.stall("street")
        settle(12)
        served.resume("street")
    seen.faults_us.append((began, SystemClock().now_us()))
    seen.events[what] = seen.events.get(what, 0) + 1


def soak(folder: Path, seconds: float, count: int, seen: Seen) -> tuple[int, float]:
    """Findings of the check at the end, and processor time per camera, per cent of one core."""
    clip = folder / "clip.mp4"
    source = "testsrc2=size=640x360:rate=25:duration=20,noise=alls=6:allf=t"
    how = "-c:v libx264 -preset ultrafast -tune zerolatency -b:v 1M -minrate 1M -maxrate 1M -bufsize 500k -g 50"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *how.split(), "-pix_fmt", "yuv420p", str(clip)],
        check=True,
    )
    recorder, stopping = Soaked(folder), threading.Event()
    names = [f"cam-{at:03}" for at in range(count)]
    rng = random.Random(1)
    with RtspCameras(folder) as served:
        served.add("street", clip)
        served.start()
        recorder.start()
        try:
            recorder.put(*(camera(each, served.url("street"), number=at) for at, each in enumerate(names)))
            for each in names:
                recorder.wait_recording(each, 120)
            auditor = Auditor(recorder, names, seen)
            watching = (recorder, names[::2], seen, stopping)
            threading.Thread(target=watch, args=watching, daemon=True).start()
            used = over_time(recorder, served, auditor, seen, seconds, rng)
            stopping.set()
            auditor.look(SystemClock().now_us() - 5_000_000)
            auditor.close()
            recorder.stop()
        finally:
            stopping.set()
            if recorder.process is not None:
                recorder.process.kill()
    with closing(connect_to_read(recorder.archive / CATALOGUE)) as db:
        (seen.destroyed,) = db.execute("SELECT count(*) FROM destruction").fetchone()
    return len(check_volume(recorder.archive, key=KEY)), 100 * used / seconds / count


def over_time(
    recorder: Soaked, served: RtspCameras, auditor: Auditor, seen: Seen, seconds: float, rng: random.Random
) -> float:
    """All the time; processor seconds of what is there at the end."""
    began = time.monotonic()
    next_event = EVENT_S / 2
    assert recorder.process is not None
    while (passed := time.monotonic() - began) < seconds:
        if passed > next_event and passed < seconds - 60:
            harm(recorder, served, seen, kills=passed < seconds / 3, rng=rng)
            next_event = passed + EVENT_S * rng.uniform(0.6, 1.4)
        settle(LOOK_S)
        auditor.look(SystemClock().now_us() - 10_000_000)
        with suppress(OSError):
            parts = [recorder.process.pid, *children(recorder.process.pid)]
            memory = {part_name(pid): anonymous(pid) for pid in parts}
            seen.memory.append((time.monotonic() - began, memory))
        seen.worst_load = max(seen.worst_load, os.getloadavg()[0])
    return cpu([recorder.process.pid, *children(recorder.process.pid)])


def anonymous(pid: int) -> float:
    """Megabytes that a process has for itself alone, whoever shares its code."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def growth(seen: Seen, seconds: float) -> dict[str, tuple[float, float, float]]:
    """By part: megabytes at the start and at the end of the time without kills, and the slope an hour. The first
    quarter of that time warms up."""
    calm = [(at, parts) for at, parts in seen.memory if at > seconds / 3 + seconds / 6]
    found = {}
    for part in sorted(set.intersection(*(set(parts) for _, parts in calm)) if len(calm) > 2 else set()):
        line = [(at, parts[part]) for at, parts in calm]
        slope, _ = linear_regression([at for at, _ in line], [size for _, size in line])
        found[part.rpartition("-")[0]] = (line[0][1], line[-1][1], slope * 3600)
    return found


def report(seen: Seen, minutes: float, count: int, findings: int, load: float, command: str) -> str:
    parts = growth(seen, minutes * 60)
    grew = [part for part, (_, _, slope) in parts.items() if slope > GROWTH_MB_AN_HOUR]
    good = not (grew or seen.lost or seen.unexplained or findings)
    events = "; ".join(f"{what} ({number}×)" for what, number in sorted(seen.events.items()))
    gaps = ", ".join(f"{cause} {length:.0f} s" for cause, length in sorted(seen.gaps_s.items())) or "none"
    table = [
        f"| {part} | {first:.1f} MB | {last:.1f} MB | {slope:+.1f} MB |" for part, (first, last, slope) in parts.items()
    ]
    head = (
        f"`{command}`, {SystemClock().now().date()}: **{minutes:.0f} minutes**, {count} cameras, two cores shared "
        f"with other work (load {load:.1f} when it began, {seen.worst_load:.1f} at most)."
    )
    verdict = (
        f"**Verdict: {'good' if good else 'not good'}.** Frames lost inside runs: {seen.lost} of {seen.frames:,}. "
        f"Gaps that nothing explains: {len(seen.unexplained)}. Parts that grew by more than "
        f"{GROWTH_MB_AN_HOUR:.0f} MB an hour: {', '.join(grew) or 'none'}. "
        f"Findings of `archive check` at the end: {findings}."
    )
    what = (
        f"Done to it: {events}. Gaps over all cameras: {gaps}. Pictures sent live: {seen.live_units:,}; read back "
        f"while recording: {seen.read_back / 1e6:.0f} MB; files destroyed by the quota: {seen.destroyed:,}."
    )
    columns = ["| part | own memory when kills had ended and it was warm | at the end | slope an hour |"]
    columns += ["| --- | --- | --- | --- |", *table]
    odd = [f"* unexplained: {each}" for each in seen.unexplained[:20]]
    return (
        "\n".join(["# The recorder over time", "", head, "", verdict, "", what, "", *columns, "", *odd]).rstrip() + "\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--to", type=Path)
    arguments = parser.parse_args()
    seen, load = Seen(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="beffroi-soak-") as name:
        findings, used = soak(Path(name), arguments.minutes * 60, arguments.cameras, seen)
    text = report(seen, arguments.minutes, arguments.cameras, findings, load, " ".join(["python", *sys.argv]))
    print(text, f"processor: {used:.2f} % of a core a camera", sep="\n")
    if arguments.to is not None:
        arguments.to.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
