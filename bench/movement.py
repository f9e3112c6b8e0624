"""Movement search over a day of one camera, through the real front (DESIGN §5): how long until the answer.

    python bench/movement.py [--hours 24] [--to docs/reference/movement.md]

A small stream of 640×360, 5 pictures a second, a key frame each 2 s, about 100 kb/s, as a camera sends beside its main
one; written into a fresh archive at once, then searched as an incident asks: ticket, key frames, decoder process,
grids, answer. The whole picture is the zone, so that no cell is left out; then another zone of the same span, whose
grids the door still has. Meanwhile somebody else asks the door four times a second: how long she waits at most is what
a live picture would. Wanted: a day within 60 s.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.media.door.front import CLOCK, Front, browser, data_folder, running_front

from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.core.fmp4 import Sample
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.tickets import Basis, Mode
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.files import FileSource
from beffroi.media.ingest.sources import Arrival, SourceFailed

SQUARE = CameraId("square")
INCIDENT = Basis("CSI L251-3", "incident", "I-2026-0001", "bench")
RATE, GROUP = 5, 10
WHOLE, CORNER = "0,0,10000,10000", "0,0,3333,3333"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--to", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as name:
        base = Path(name)
        span = write(base, arguments.hours)
        load = os.getloadavg()[0]
        with running_front(base) as front:
            found = [asyncio.run(search(front, span, zone)) for zone in (WHOLE, CORNER)]
    line = "\n".join(
        f"| {arguments.hours} h, {what} | {answer['examined']:,} of {answer['all']:,} | {took:.1f} s "
        f"({1000 * took / answer['all']:.2f} ms a key frame) | {1000 * waited:.0f} ms | {load:.1f} | {wanted} |"
        for what, wanted, (took, waited, answer) in zip(
            ("the whole picture", "then a ninth of it, from kept grids"), ("60 s a day", ""), found, strict=True
        )
    )
    print(_HEAD + line)
    if arguments.to is not None:
        command = " ".join(["python", *sys.argv])
        told = f"# Movement search\n\n`{command}`, {CLOCK.now().date()}, two cores shared with other work; through the"
        told += (
            " front, from the request\nto the last line. One search at a time, in a process of its own at nice 15.\n\n"
        )
        arguments.to.write_text(told + _HEAD + line + "\n")
    return 0


_HEAD = (
    "| footage of one camera | key frames examined | took | longest wait of another request | load | wanted |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)


def write(base: Path, hours: int) -> Span:
    """The archive; its span ends now."""
    clip = base / "clip.mp4"
    source = f"testsrc2=size=640x360:rate={RATE}:duration=60,noise=alls=3:allf=t"
    how = f"-c:v libx264 -preset veryfast -tune zerolatency -b:v 100k -maxrate 100k -bufsize 100k -g {GROUP}"
    how += " -sc_threshold 0"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *how.split(), "-pix_fmt", "yuv420p", str(clip)],
        check=True,
    )
    form, seconds = seconds_of(clip)
    data, _, _ = data_folder(base)
    key = SigningKey((data / "keys" / "archive.key").read_bytes())
    recorder = SyntheticRecorder(data / "archive", CLOCK, key=key)
    track = recorder.track(SQUARE, form, stream=StreamName.SUB)
    count = hours * 3600
    start_us = CLOCK.now_us() // 1_000_000 * 1_000_000 - count * 1_000_000
    for at, samples in enumerate(islice(cycle(seconds), count)):
        track.add(samples, start_us=start_us + at * 1_000_000)
    recorder.close()
    return Span.of_us(start_us, start_us + count * 1_000_000)


def seconds_of(clip: Path) -> tuple[StreamFormat, list[list[Sample]]]:
    """The stream's format, and its pictures second by second, whole groups of pictures only."""
    units: list[Arrival] = []

    def take(arrival: Arrival | None) -> bool:
        if arrival is not None:
            units.append(arrival)
        return True

    with suppress(SourceFailed):  # it is at its end
        FileSource(clip, CLOCK, loop=False, paced=False).deliver(take)
    form = next(each.form for each in units if each.form is not None)
    samples = [Sample(each.unit.data, 90_000 // RATE, 0, at % GROUP == 0) for at, each in enumerate(units)]
    whole = len(samples) // GROUP * GROUP
    return form, [samples[at : at + RATE] for at in range(0, whole, RATE)]


async def search(front: Front, span: Span, zone: str) -> tuple[float, float, dict[str, int]]:
    """Seconds it took, the longest seconds that another request waited meanwhile, and the answer's last line."""
    session, binding = await browser(front)
    ticket = front.ticket(Mode.REPLAY, binding, cameras=(SQUARE,), span=span, basis=INCIDENT)
    query = {"from_us": str(span.start_us), "to_us": str(span.end_us), "zone": zone}
    waits: list[float] = []

    async def somebody_else() -> None:
        while True:
            began = time.monotonic()
            async with session.get(f"{front.url}/door/timeline") as answer:  # refused, by the door itself
                await answer.read()
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.25)

    async with session:
        beside = asyncio.create_task(somebody_else())
        began = time.monotonic()
        address = f"{front.url}/door/movement/{SQUARE}"
        async with session.get(address, params=query, headers={"Beffroi-Ticket": ticket}, timeout=None) as answer:
            lines = (await answer.text()).splitlines()
            assert answer.status == 200, lines
        took = time.monotonic() - began
        beside.cancel()
    return took, max(waits), json.loads(lines[-1])


if __name__ == "__main__":
    sys.exit(main())
