"""Faults, what is expected of the recorder, and what was measured: writes ``docs/reference/faults.md``.

    python bench/faults.py [--to docs/reference/faults.md]

Processes are killed and disks taken away under the shipped daemon, which records a clip in real time; the disks that
fail, hang or fill are the injected ``Disk`` of the tests, under the shipped recorder and writer. Lost is what was
recorded before and is not there after, or was not recorded while it should have been, in seconds of pictures.
"""

import argparse
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faults_found import FOUND_SINCE
from bench.faults_row import Row
from tests.media import test_archive_power as power
from tests.media.feeding import HALL, KEY, cut, past, run_start, writing
from tests.media.recorder import Recorder as Daemon
from tests.media.recorder import camera
from tests.media.rtsp import footage
from tests.media.test_archive_damage import forget_catalogue, started
from tests.media.test_archive_hangs import HangingDisk
from tests.media.test_archive_volumes import YARD, Office, seconds
from tests.media.test_faults import FaultyDisk, kept
from tests.waiting import until

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.reading import VolumesReader
from beffroi.media.core.storage import Storage
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd

MAIN = StreamName.MAIN


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path)
    arguments = parser.parse_args()
    rows: list[Row] = []
    for scenario in (*PROCESSES, *DISKS, *FOUND_SINCE):
        with tempfile.TemporaryDirectory(prefix="beffroi-faults-") as name:
            for row in scenario(Path(name)):
                print(row, flush=True)
                rows.append(row)
    if arguments.to is not None:
        arguments.to.write_text(
            _HEAD.format(date=SystemClock().now().date(), load=os.getloadavg()[1]) + "\n".join(map(str, rows)) + "\n"
        )
    return 0


_HEAD = """# Faults of the recorder, and what they cost

Written by `python bench/faults.py --to docs/reference/faults.md` on {date} (two shared cores,
load {load:.0f} when it was done). *Lost*: seconds of pictures that had been recorded and are not there, or were not
recorded. *Again after*: from the fault, or its end, to the first durable picture. *Findings*: of
`beffroi archive check` afterwards.

| fault | expected | lost | again after | findings |
| --- | --- | --- | --- | --- |
"""


# --- the shipped processes -------------------------------------------------------------------------------------------


class Running(Daemon):
    """The daemon with an emergency volume."""

    def start(self, *, workers: int = 1) -> None:
        storage = Storage(emergency=str(self.data / "emergency"))
        code = (
            "import sys; from pathlib import Path; from beffroi.media.daemon import run_recorder; "
            "from beffroi.media.core.storage import Storage; "
            "run_recorder(Path(sys.argv[1]), Path(sys.argv[2]), workers=1, storage=Storage.from_json(sys.argv[3]))"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, str(self.data), str(self.run), storage.to_json()], stdout=log, stderr=log
            )
        until(lambda: self.status() is not None, 30, "the writer answers")

    def durable(self) -> int:
        return self.of("hall").get("durable_until_us") or 0


def recording(folder: Path) -> Running:
    daemon = Running(folder)
    daemon.start()
    daemon.put(camera("hall", f"file:{footage('02')}"))
    daemon.wait_recording("hall", 60)
    seen = daemon.durable()
    until(lambda: daemon.durable() > seen + 3_000_000, 30)
    return daemon


def missing(daemon: Running, since_us: int, until_us: int) -> float:
    """Seconds between two moments that no volume has."""
    reader = VolumesReader(daemon.data)
    try:
        found = reader.timeline(CameraId("hall"), MAIN, Span.of_us(since_us, until_us))
        return sum((gap.end_us or until_us) - gap.start_us for gap in found.gaps) / 1e6
    finally:
        reader.close()


def broken(daemon: Running, fault: Callable[[Running], None]) -> tuple[float, float]:
    """Do it; seconds lost, and seconds to the first durable picture that was taken after it."""
    before = daemon.durable()
    began, began_us = time.monotonic(), SystemClock().now_us()
    fault(daemon)
    until(lambda: daemon.durable() > began_us, 60, "records again")
    again = time.monotonic() - began
    seen = daemon.durable()
    until(lambda: daemon.durable() > seen + 2_000_000, 30)
    return missing(daemon, before - 3_000_000, seen), again


def killed(what: str, module: str) -> Callable[[Path], list[Row]]:
    def scenario(folder: Path) -> list[Row]:
        daemon = recording(folder)
        lost, again = broken(daemon, lambda one: one.kill_part(module))
        daemon.stop()
        expected = "≤ 1 s, and what passes until it is started again"
        return [Row(f"`kill -9` of {what}", expected, lost, again, len(check_volume(daemon.archive, key=KEY)))]

    return scenario


def all_killed(folder: Path) -> list[Row]:
    daemon = recording(folder)

    def fault(one: Running) -> None:
        assert one.process is not None
        for pid in [*one.pids("beffroi.media"), one.process.pid]:
            os.kill(pid, signal.SIGKILL)
        one.process.wait()
        one.start()

    lost, again = broken(daemon, fault)
    daemon.stop()
    findings = len(check_volume(daemon.archive, key=KEY))
    return [
        Row(
            "`kill -9` of all, and a start (file camera: it stands still meanwhile)",
            "≤ 1 s, and what passes until it is started again",
            lost,
            again,
            findings,
        )
    ]


def unplugged(folder: Path) -> list[Row]:
    daemon = recording(folder)
    away, began_us = daemon.data / "unplugged", daemon.durable()

    def unplug(one: Running) -> None:
        one.archive.rename(away)
        one.archive.mkdir()
        one.kill_part("ingest.worker")  # it cannot go on into its open file, as on a disk that is pulled out

    def plug(one: Running) -> None:
        one.archive.rmdir()
        away.rename(one.archive)

    _, again = broken(daemon, unplug)
    _, back = broken(daemon, plug)
    until_us = daemon.durable()
    until(lambda: missing(daemon, began_us, until_us) < 5, 60, "all is read again")
    lost = missing(daemon, began_us, until_us)
    daemon.stop()
    findings = sum(len(check_volume(one, key=KEY)) for one in (daemon.archive, daemon.data / "emergency"))
    return [
        Row("the disk goes, an empty folder is left: the emergency volume takes over", "≤ 3 s", lost, again, findings),
        Row("the disk comes back: its footage is read again", "0 s", 0.0, back, findings),
    ]


PROCESSES = (
    killed("the writer", "archive.writer"),
    killed("an ingest worker", "ingest.worker"),
    all_killed,
    unplugged,
)


# --- disks that fail -------------------------------------------------------------------------------------------------


def failing(folder: Path) -> list[Row]:
    """Write and flush fail for five rounds, then are good."""
    rows = []
    for error, name in ((errno.ENOSPC, "ENOSPC"), (errno.EIO, "EIO"), (errno.EROFS, "EROFS")):
        for where, words in (("write", "writing"), ("sync", "flushing")):
            place, disk, base = folder / f"{name}{where}", FaultyDisk(), SystemClock().now_us()
            disk.partial = True
            with writing(place, disk=disk) as writer:
                recorder = Recorder(writer, SystemClock(), disk=disk)
                track = recorder.track(HALL, MAIN.value)
                track.put(run_start())
                for number in range(9):
                    setattr(disk, f"{where}_error", error if 2 < number < 8 else 0)
                    track.put(cut(number, base_us=base))
                    began = time.monotonic()
                    recorder.round()
                again = time.monotonic() - began
                track.put(RunEnd())
                recorder.round()
                lost = 9 - len(kept(place))
            rows.append(
                Row(f"{name} when {words}, media and journal, 5 s", "0 s", lost, again, len(check_volume(place)))
            )
    return rows


def hanging(folder: Path) -> list[Row]:
    """A flush that does not come back for ten seconds; the badge is red meanwhile."""
    disk, base = FaultyDisk(), SystemClock().now_us()
    with writing(folder / "archive", disk=disk) as writer:
        recorder = Recorder(writer, SystemClock(), disk=disk)
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        track.put(cut(0, base_us=base))
        recorder.start()
        until(lambda: [one for one in writer.board.status()["cameras"] if one["recording"]], 10)
        disk.hang.clear()
        began, number = time.monotonic(), 1
        red = 0.0
        while time.monotonic() - began < 10:
            track.put(cut(number, base_us=base))
            number += 1
            time.sleep(0.5)
            if not red and not writer.board.status()["cameras"][0]["recording"]:
                red = time.monotonic() - began
        disk.hang.set()
        began = time.monotonic()
        until(lambda: writer.board.status()["cameras"][0]["recording"], 20)
        again = time.monotonic() - began
        recorder.stop()
        lost = number - len(kept(folder / "archive"))
    findings = len(check_volume(folder / "archive"))
    return [Row(f"a flush hangs for 10 s (badge red after {red:.1f} s)", "0 s", lost, again, findings)]


def hanging_for_good(folder: Path) -> list[Row]:
    """A disk that answers no flush, or no write, of media or journal any more, and a second camera on it: both go on
    elsewhere."""
    return [_never_answers(folder / what, what, words) for what, words in (("sync", "flush"), ("write", "write"))]


def _never_answers(folder: Path, what: str, words: str) -> Row:
    disk = HangingDisk(what)
    office = Office(folder, disk=lambda: disk)
    recorder = Recorder(office, SystemClock(), disk=disk)
    base = SystemClock().now_us()
    tracks = {each: recorder.track(each, MAIN.value) for each in (HALL, YARD)}
    for whose, track in tracks.items():
        track.put(run_start(whose))
    number, red, again, began = 0, 0.0, 0.0, 0.0
    recorder.start()
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and not again:
        for track in tracks.values():
            track.put(cut(number, base_us=base))
        number += 1
        if number == 4:
            disk.where, began = "/archive/", time.monotonic()
        time.sleep(1)
        lights = [one["recording"] for one in office.board.status()["cameras"]]
        if began and not red and lights and not any(lights):
            red = time.monotonic() - began
        if began and all(len(seconds(folder, base, each)) >= number - 2 for each in tracks) and number > 8:
            again = time.monotonic() - began
    disk.let_go.set()
    disk.where = ""
    until(lambda: (office.shelf.look(), office.main.store)[1], 30, "the disk is back")
    recorder.stop()
    lost = max(number - len(seconds(folder, base, each)) for each in tracks)
    office.shelf.close()
    findings = sum(len(check_volume(folder / name, key=KEY)) for name in ("archive", "emergency"))
    fault = f"a disk answers no {words} any more: the emergency volume takes over (badge red after {red:.1f} s)"
    return Row(fault, "0 s", lost, again, findings)


def power_cut(folder: Path) -> list[Row]:
    """Every disk that a cut may leave, as the test lays them; the longest start."""
    longest, tried = 0.0, 0
    recovered = power.recovered

    def timed(place: Path) -> dict[int, bytes]:
        nonlocal longest, tried
        began = time.monotonic()
        found = recovered(place)
        longest, tried = max(longest, time.monotonic() - began), tried + 1
        return found

    with patch.object(power, "recovered", timed):
        worst = power.lay_every_cut(folder)
    return [Row(f"power cut: {tried} disks that it may leave (model)", "≤ 3 s", worst, longest, 0)]


def damaged(folder: Path) -> list[Row]:
    """What a start over a damaged journal or without a catalogue costs."""
    rows = []
    for name in ("a line of the journal is lost, and the catalogue", "the catalogue is lost", "the journal is lost"):
        place = folder / name[:30].replace(" ", "-")
        past(place, seconds=600)
        path = next((place / "journal").glob("*.jsonl"))
        lines = path.read_bytes().split(b"\n")
        if "line" in name:
            path.write_bytes(b"\n".join([*lines[:4], b"\0" * len(lines[4]), *lines[5:]]))
        if "the journal is lost" in name:
            shutil.rmtree(place / "journal")
            (place / "journal").mkdir()
        if "catalogue" in name:
            forget_catalogue(place)
        began = time.monotonic()
        started(place).close()
        again = time.monotonic() - began
        bad = [each for each in check_volume(place, key=KEY) if not each.told]
        rows.append(Row(f"{name} (10 minutes recorded)", "0 s, and told", 600 - len(kept(place)), again, len(bad)))
    return rows


DISKS = (failing, hanging, hanging_for_good, power_cut, damaged)

if __name__ == "__main__":
    sys.exit(main())
