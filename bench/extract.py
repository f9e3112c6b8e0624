"""Extraction against ``cp`` followed by ``openssl dgst -sha256`` of the same bytes, in one run.

``.venv/bin/python bench/extract.py [--megabytes N] [--rounds N] [--json]``. An archive of real footage, a front, and
the office's client writing each piece to disk with every fragment's digest checked twice (at the door, at the client).
Target: at least half the speed of ``cp`` + ``openssl``. The page cache is warm for both; best of the rounds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.media.door.clips import SHOP_HEVC, clip, fragments  # noqa: E402
from tests.media.door.front import Front, data_folder, running_front  # noqa: E402

from beffroi.kernel.clock import ManualClock, from_us  # noqa: E402
from beffroi.kernel.ids import CameraId  # noqa: E402
from beffroi.kernel.spans import Span  # noqa: E402
from beffroi.media.archive.synthetic import SyntheticRecorder  # noqa: E402
from beffroi.media.core.tickets import Mode  # noqa: E402

START_US = 1_795_400_000_000_000
CAMERA = CameraId("cam-1")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bf-") as name:
        base = Path(name)
        data, _, _ = data_folder(base)
        span = fill(data / "archive", wanted.megabytes * 1_000_000)
        files = sorted((data / "archive").rglob("*.mp4"))
        with running_front(base) as front:
            ours = best(wanted.rounds, lambda: extract(front, span, base / "out"))
            theirs = best(wanted.rounds, lambda: copy_and_hash(files, base / "copy"))
            total = extract(front, span, base / "out")
    ratio = theirs / ours
    result = {
        "megabytes": round(total / 1e6, 1),
        "beffroi_s": round(ours, 3),
        "cp_openssl_s": round(theirs, 3),
        "ratio": round(ratio, 2),
        "target": ">= 0.5",
    }
    if wanted.json:
        print(json.dumps(result))
    else:
        rate = total / 1e6 / ours
        print(f"{result['megabytes']} MB: extraction {ours:.2f} s ({rate:.0f} MB/s), cp + openssl {theirs:.2f} s")
        print(f"  ratio {ratio:.2f}x the speed of cp + openssl (target >= 0.5x)")


def fill(folder: Path, size: int) -> Span:
    """An archive of the clip, over and over, of about ``size`` bytes."""
    source = clip(SHOP_HEVC)
    groups = fragments(source.samples)
    recorder = SyntheticRecorder(folder, ManualClock(from_us(START_US)))
    track = recorder.track(CAMERA, source.form)
    at_us, written = START_US, 0
    while written < size:
        for group in groups:
            track.add(group, start_us=at_us)
            at_us += sum(one.duration_90k for one in group) * 100 // 9
            written += sum(len(one.data) for one in group)
    recorder.close()
    return Span.of_us(START_US, at_us)


def extract(front: Front, span: Span, to: Path) -> int:
    """Extract all of ``span`` to files, flushed; the bytes written."""
    client = front.client()
    ticket = front.ticket(Mode.EXTRACT, "office", span=span)
    plan = client.plan_extraction(ticket, CAMERA, span)
    to.mkdir(exist_ok=True)
    for number in range(len(plan.pieces)):
        with (to / f"{number}.mp4").open("wb") as file:
            for part in client.piece(plan, number):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    client.end_extraction(plan)
    return plan.length


def copy_and_hash(files: list[Path], to: Path) -> int:
    """``cp`` of the files, flushed, then ``openssl dgst -sha256`` of the copies."""
    to.mkdir(exist_ok=True)
    subprocess.run(["cp", *map(str, files), str(to)], check=True)
    copies = [str(to / one.name) for one in files]
    subprocess.run(["sync", *copies], check=True)
    subprocess.run(["openssl", "dgst", "-sha256", *copies], check=True, stdout=subprocess.DEVNULL)
    return sum(one.stat().st_size for one in files)


def best(rounds: int, work: Callable[[], int]) -> float:
    """Seconds of the fastest of so many rounds."""
    times = []
    for _ in range(rounds):
        began = time.monotonic_ns()
        work()
        times.append((time.monotonic_ns() - began) / 1e9)
    return min(times)


if __name__ == "__main__":
    main()
