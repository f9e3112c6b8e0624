"""Cost of recording, against one ``ffmpeg -c copy`` a camera on the same streams in the same run (DESIGN §10).

    python bench/record.py --cameras 48 --seconds 60 [--flush-delay-ms 20] [--kbits 4000] [--together] [--json]

The cameras (1080p25, 4 Mb/s, key frame every 2 s; one stream drawn by ffmpeg, packed once for all: ``cameras.py``) are
a process of their own and are not counted. First ours records them, then, for as long, one ffmpeg each, so that a small
machine has not both to carry; ``--together``: at the same time. Counted, from /proc, between two moments when all have
settled: processor time and proportional memory (the mean of a look a second, and the most at once) of all processes of
ours; the same of the ffmpeg processes. Ours hashes, indexes, journals and flushes each second; ffmpeg does none.
``--flush-delay-ms`` makes each of our flushes take so much longer, as a disk that spins does (a library before the C
one; needs gcc).
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.media.recorder import Recorder, camera

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.core.words import StreamName

TICKS = os.sysconf("SC_CLK_TCK")
RATE = 25


@dataclass
class Result:
    """What was measured. Per camera; per cent of one core; megabytes (proportional set size)."""

    cameras: int
    seconds: float
    ours_cpu_percent: float
    ffmpeg_cpu_percent: float
    cpu_ratio: float
    ours_memory_mb: float
    ours_most_memory_mb: float
    ffmpeg_memory_mb: float
    memory_ratio: float
    parts_cpu_percent: dict[str, float]
    parts_memory_mb: dict[str, float]
    frames_recorded: int
    frames_lost: int
    archive_findings: int
    cameras_cpu_percent: float  # of the process that plays them all; not counted
    kbits: int  # a second and camera, as recorded
    together: bool
    flush_delay_ms: int
    load_average: float  # when ours was measured: of ours, the cameras, and whoever else is on the machine


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--flush-delay-ms", type=int, default=0)
    parser.add_argument("--kbits", type=int, default=4000)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as name:
        result = measure(Path(name), arguments)
    if arguments.json:
        print(json.dumps(asdict(result)))
    else:
        for key, value in asdict(result).items():
            print(f"{key:20} {value}")
    return 0


def measure(folder: Path, asked: argparse.Namespace) -> Result:
    count, delay_ms = asked.cameras, asked.flush_delay_ms
    clip = folder / "clip.h264"
    draw_clip(clip, kbits=asked.kbits)
    recorder = Recorder(folder)
    names = [f"cam-{at:03}" for at in range(count)]
    with played(clip) as (url, sender), ExitStack() as stack:
        peers = stack.enter_context(ffmpegs(url, folder, count)) if asked.together else []
        try:
            with slow_flushes(folder, delay_ms):
                recorder.start(workers=asked.workers)
            recorder.put(*(camera(each, url, number=at) for at, each in enumerate(names)))
            for each in names:
                recorder.wait_recording(each, 120)
            settle(5)
            assert recorder.process is not None
            sending = cpu([sender])
            seen, load = watch(recorder.process.pid, peers, asked.seconds), os.getloadavg()[0]
            sending = cpu([sender]) - sending
            recorder.stop()
        finally:
            if recorder.process is not None:
                recorder.process.kill()
        if not asked.together:
            with ffmpegs(url, folder, count) as peers:
                settle(15)
                seen.peers_used, seen.peers_memory = watch_peers(peers, seen.passed)
    frames, lost, size = frames_of(recorder.archive, names)
    ours, peers_cpu = (100 * one / seen.passed / count for one in (sum(seen.used.values()), seen.peers_used))
    ours_mb, peers_mb = sum(seen.memory.values()), seen.peers_memory
    return Result(
        cameras=count,
        seconds=round(seen.passed, 1),
        ours_cpu_percent=round(ours, 3),
        ffmpeg_cpu_percent=round(peers_cpu, 3),
        cpu_ratio=round(ours / peers_cpu, 3),
        ours_memory_mb=round(ours_mb / count, 1),
        ours_most_memory_mb=round(seen.most_memory / count, 1),
        ffmpeg_memory_mb=round(peers_mb / count, 1),
        memory_ratio=round(ours_mb / peers_mb, 3),
        parts_cpu_percent={name: round(100 * one / seen.passed, 2) for name, one in seen.used.items()},
        parts_memory_mb={name: round(one, 1) for name, one in seen.memory.items()},
        frames_recorded=frames,
        frames_lost=lost,
        archive_findings=len(check_volume(recorder.archive)),
        cameras_cpu_percent=round(100 * sending / seen.passed, 1),
        kbits=round(size * 8 * RATE / frames / 1000),
        together=asked.together,
        flush_delay_ms=delay_ms,
        load_average=load,
    )


@contextmanager
def played(clip: Path) -> Iterator[tuple[str, int]]:
    """The address of the cameras, and the process that plays them."""
    command = [sys.executable, str(Path(__file__).with_name("cameras.py")), str(clip), "--rate", str(RATE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as sender:
        assert sender.stdout is not None
        try:
            yield f"rtsp://127.0.0.1:{int(sender.stdout.readline())}/street", sender.pid
        finally:
            sender.kill()


@contextmanager
def ffmpegs(url: str, folder: Path, count: int) -> Iterator[list[int]]:
    """One process a camera."""
    peers: list[subprocess.Popen[bytes]] = []
    try:
        for at in range(count):
            peers.append(start_ffmpeg(url, folder / f"peer-{at}.mp4"))
            time.sleep(0.2)  # each decodes a while to know what it has; all at once, a small machine falls behind
        yield [each.pid for each in peers]
    finally:
        for peer in peers:
            peer.send_signal(signal.SIGINT)
        for peer in peers:
            peer.wait()


def watch_peers(theirs: list[int], seconds: float) -> tuple[float, float]:
    """Processor time and memory of the ffmpeg processes."""
    before, began = cpu(theirs), time.monotonic()
    settle(seconds)
    return (cpu(theirs) - before) * seconds / (time.monotonic() - began), pss(theirs)


@dataclass
class Seen:
    """What the processes took: seconds of processor time, megabytes. By part of ours."""

    passed: float
    used: dict[str, float]
    peers_used: float
    memory: dict[str, float]
    most_memory: float
    peers_memory: float


def watch(daemon: int, theirs: list[int], seconds: float) -> Seen:
    """Look at all of them for so long."""
    names = {pid: part_name(pid) for pid in (daemon, *children(daemon))}

    def whole(pid: int) -> list[int]:
        return [pid] if pid == daemon else tree(pid)

    used_before, peers_before, began = {pid: cpu(whole(pid)) for pid in names}, cpu(theirs), time.monotonic()
    held: list[dict[int, float]] = []
    while time.monotonic() - began < seconds:
        settle(1)
        held.append({pid: pss(whole(pid)) for pid in names})
    return Seen(
        passed=time.monotonic() - began,
        used={name: cpu(whole(pid)) - used_before[pid] for pid, name in names.items()},
        peers_used=cpu(theirs) - peers_before,
        memory={name: sum(each[pid] for each in held) / len(held) for pid, name in names.items()},
        most_memory=max(sum(each.values()) for each in held),
        peers_memory=pss(theirs),
    )


_SLOW = """#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
typedef int (*flush)(int);
static int late(const char *name, int fd) {{ usleep({delay_us}); return ((flush)dlsym(RTLD_NEXT, name))(fd); }}
int fsync(int fd) {{ return late("fsync", fd); }}
int fdatasync(int fd) {{ return late("fdatasync", fd); }}
"""


@contextmanager
def slow_flushes(folder: Path, delay_ms: int) -> Iterator[None]:
    """What is started meanwhile waits ``delay_ms`` in each flush."""
    if not delay_ms:
        yield
        return
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(_SLOW.format(delay_us=delay_ms * 1000))
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    os.environ["LD_PRELOAD"] = str(library)
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"]


def draw_clip(to: Path, *, kbits: int, size: str = "1920x1080") -> None:
    """Twenty seconds of moving noise."""
    source = f"testsrc2=size={size}:rate=25:duration=20,noise=alls=12:allf=t"
    how = f"-c:v libx264 -preset ultrafast -tune zerolatency -b:v {kbits}k -minrate {kbits}k -maxrate {kbits}k "
    how += f"-bufsize {kbits // 2}k -g 50 -bsf:v dump_extra=freq=keyframe"
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            source,
            *how.split(),
            "-pix_fmt",
            "yuv420p",
            "-f",
            "h264",
            str(to),
        ],
        check=True,
    )


def start_ffmpeg(url: str, to: Path) -> subprocess.Popen[bytes]:
    how = ["-c", "copy", "-an", "-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", str(to)]
    return subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-rtsp_transport", "tcp", "-i", url, *how], stdin=subprocess.DEVNULL
    )


def settle(seconds: float) -> None:
    """Let the machine run."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, 1))


def children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError):  # ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def tree(pid: int) -> list[int]:
    """It and all that descend from it: a decoder that a part starts now and then is ours too."""
    return [pid, *(each for child in children(pid) for each in tree(child))]


def part_name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split(" ")
    return next((word.rpartition(".")[2] for word in words if word.startswith("beffroi.")), "daemon") + f"-{pid}"


def cpu(pids: list[int]) -> float:
    """Seconds of processor time, user and system, all threads, and of children that ended."""
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def pss(pids: list[int]) -> float:
    """Megabytes of memory, shared pages divided among those that share them."""
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def frames_of(archive: Path, names: list[str]) -> tuple[int, int, int]:
    """Frames recorded, those missing by the decode times of each run (3,600 a frame at 25 a second), and bytes."""
    reader = CatalogueReader(archive)
    frames = lost = size = 0
    for name in names:
        found = reader.fragments(CameraId(name), StreamName.MAIN, Span.of_us(0, 2**52))
        frames += sum(each.frames for each in found)
        size += sum(each.length for each in found)
        for before, after in pairwise(found):
            expected = round((after.decode_time_90k - before.decode_time_90k) * RATE / 90_000)
            lost += max(0, expected - before.frames) if before.run == after.run else 0
    reader.close()
    return frames, lost, size


if __name__ == "__main__":
    sys.exit(main())
