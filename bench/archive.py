"""How fast an archive is back after a crash, and how fast it is read (DESIGN §10).

    python bench/archive.py [--segments 10000] [--cameras 64] [--days 30] [--to docs/reference/archive.md]

Recovery, on files as the recorder leaves them: the writer's start over sealed files with some open; as many files all
left open; the catalogue lost, made again from journal and files. Reading, on a catalogue of the full size (its media
files are not there: a timeline and a seek read none): the timeline of one camera over all days, of all cameras, and
where a moment of footage lies.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.media.feeding import FORM, KEY, second

from beffroi.kernel.clock import ManualClock, SystemClock, to_us
from beffroi.kernel.ids import CameraId, new_id
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Store
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.archive.volume import CATALOGUE
from beffroi.media.core import index
from beffroi.media.core.index import Entry
from beffroi.media.core.words import StreamName

MAIN = StreamName.MAIN
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY_US = 86_400_000_000
OPEN = 64
BREAKS_A_DAY = 20


@dataclass
class Took:
    """Seconds that passed, and seconds of the processor."""

    wall_s: float
    cpu_s: float


@dataclass
class Measured:
    """One figure."""

    what: str
    took: Took
    wanted_s: float | None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--segments", type=int, default=10_000)
    parser.add_argument("--cameras", type=int, default=64)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--to", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as name:
        found = [*recovery(Path(name), arguments.segments), *reading(Path(name), arguments.cameras, arguments.days)]
    lines = [
        f"| {each.what} | {' | '.join(map(milliseconds, (each.took.wall_s, each.took.cpu_s, each.wanted_s)))} |"
        for each in found
    ]
    table = "\n".join(["| what | took | processor | wanted |", "| --- | --- | --- | --- |", *lines])
    print(table)
    if arguments.to is not None:
        arguments.to.write_text(
            _HEAD.format(command=" ".join(["python", *sys.argv]), date=f"{NOW:%Y-%m-%d}", load=os.getloadavg()[0])
            + table
            + "\n"
        )
    return 0


_HEAD = """# The archive: back after a crash, and read

`{command}`, {date}, two cores shared with other work (load {load:.0f}), files in the page cache. One process, as the
writer starts and as the door reads.

"""


def milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.0f} ms"


def timed(work: Callable[[], object]) -> Took:
    began, began_cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began, time.process_time() - began_cpu)


def write(folder: Path, segments: int, *, left_open: int) -> None:
    """``segments`` files of four seconds, of 64 cameras; the last ones as a crash leaves them."""
    recorder = SyntheticRecorder(folder, ManualClock(NOW), key=KEY)
    tracks = [recorder.track(CameraId(f"camera-{number:03}"), FORM) for number in range(64)]
    start = to_us(NOW) - segments * 4_000_000
    for number in range(segments):
        track = tracks[number % 64]
        for at in range(4):
            track.add(second(at, size=400), start_us=start + (number // 64 * 4 + at) * 1_000_000)
        if number < segments - left_open:
            track._close_file()
        else:
            assert track._file is not None
            os.close(track._file.handle)
            track._file = None
    recorder.store.commit()
    recorder.store.close()


def recovery(folder: Path, segments: int) -> list[Measured]:
    found = []

    def start(place: Path) -> None:
        store = Store(place, SystemClock(), key=KEY)
        recover_open(store)
        store.close()

    for name, left_open, wanted in (("few", OPEN, 2.0), ("all", segments, 2.0)):
        place = folder / name
        write(place, segments, left_open=left_open)
        took = timed(lambda place=place: start(place))
        found.append(
            Measured(f"start over {segments:,} files, {left_open:,} of them left open by a crash", took, wanted)
        )
        assert check_volume(place, quick=True) == []
    for path in (folder / "few").glob(f"{CATALOGUE}*"):
        path.unlink()
    found.append(Measured(f"start without catalogue, {segments:,} files", timed(lambda: start(folder / "few")), 2.0))
    return found


def reading(folder: Path, cameras: int, days: int) -> list[Measured]:
    place = folder / "full"
    Store(place, ManualClock(NOW), key=KEY).close()
    fill(place, cameras, days)
    reader = CatalogueReader(place)
    whole = Span.of_us(to_us(NOW) - days * DAY_US, to_us(NOW))
    names = [CameraId(f"camera-{number:03}") for number in range(cameras)]
    each = [timed(lambda name=name: reader.timeline(name, MAIN, whole)) for name in names]
    pieces = len(reader.timeline(names[0], MAIN, whole).pieces)
    moments = [whole.start_us + (number * 7919 + 13) * 61_000_000 % (days * DAY_US) for number in range(200)]
    seeks = [
        timed(lambda at=at, n=n: reader.fragments(names[0], MAIN, Span.of_us(at, at + 4_000_000)))
        for n, at in enumerate(moments)
    ]
    reader.close()
    lines = sorted(each, key=lambda took: took.wall_s)
    late = sorted(seeks, key=lambda took: took.wall_s)[len(seeks) * 95 // 100]
    what = f"timeline of one camera over {days} days ({pieces} pieces; {cameras * days * 1440:,} files)"
    return [
        Measured(f"{what}, median of {cameras}", lines[len(lines) // 2], 0.1),
        Measured(f"{what}, slowest", lines[-1], 0.1),
        Measured("where a moment lies, 95 of 100", late, 0.15),
    ]


def fill(place: Path, cameras: int, days: int) -> None:
    """Rows as the projection writes them: a file a minute of 60 fragments, 20 breaks a day, each with its gap."""
    with sqlite3.connect(place / CATALOGUE) as db:
        for number in range(cameras):
            camera = f"camera-{number:03}"
            run = number + 10
            start = to_us(NOW) - days * DAY_US
            db.execute(
                "INSERT INTO run VALUES (?, ?, ?, 'main', 'avc1.640028', 1920, 1080, 0, '', ?, x'00')",
                (run, new_id(start + number), camera, start),
            )
            base = 1_000_000 + number * days * 1440
            db.executemany(
                "INSERT INTO segment VALUES (?, ?, ?, ?, 'main', 'sealed', ?, ?, 30000000, 1500, 60, x'00', ?)",
                (
                    (
                        base + at,
                        f"{base + at:036}",
                        run,
                        camera,
                        start + at * 60_000_000,
                        start + (at + 1) * 60_000_000,
                        entries(start, at, 1 if number else 60),
                    )
                    for at in range(days * 1440)
                ),
            )
            lasts = DAY_US // BREAKS_A_DAY
            breaks = [(start + at * lasts, start + (at + 1) * lasts - 5_000_000) for at in range(days * BREAKS_A_DAY)]
            db.executemany("INSERT INTO piece VALUES (?, ?, 'main', ?, ?)", ((run, camera, *each) for each in breaks))
            db.executemany(
                "INSERT INTO gap VALUES (?, ?, 'main', ?, ?, 'network', 'refused')",
                ((base + at, camera, end, end + 5_000_000) for at, (_, end) in enumerate(breaks)),
            )
            db.execute("INSERT INTO stream VALUES (?, 'main', ?, x'00')", (camera, to_us(NOW)))
    db.close()


def entries(start: int, minute: int, count: int) -> bytes:
    """An index; whole for the one camera whose moments are looked for, so that the disk of the bench is not filled."""
    first = start + minute * 60_000_000
    return index.pack(
        Entry(minute * 60 + at + 1, 1000 + at * 500_000, 500_000, first + at * 1_000_000, first + (at + 1) * 1_000_000,
              (minute * 60 + at) * 90_000, 1, 25, 0, 0, b"\0" * 32)
        for at in range(count)
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
