"""Faults that were found after the first table was made (``bench/faults.py``), each played under the shipped writer,
recorder and volumes: a disk that gives one file back no more, a worker that starts after another died, a disk that
turns read-only, a clock that is set, a move that is killed, a lock that was left behind."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from bench.faults_row import Row
from tests.media import dying_mover
from tests.media.dying_mover import ASKED, HELD, LASTS
from tests.media.feeding import HALL, KEY, NOW, cut, kept, past, run_start, writing
from tests.media.test_archive_clock import Clocked, recorded
from tests.media.test_archive_damage import started
from tests.media.test_archive_loop import sh
from tests.media.test_archive_read_only import Recording
from tests.media.test_archive_volumes import Office, seconds
from tests.waiting import until

from beffroi.kernel.clock import ManualClock, SystemClock, to_us
from beffroi.kernel.errors import Conflict
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive import files, trust, writer
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.files import FileBytes
from beffroi.media.archive.moving import bring_home
from beffroi.media.archive.slot import FAILING, GOOD
from beffroi.media.archive.store import Store
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd

MAIN = StreamName.MAIN


def unreadable(folder: Path) -> list[Row]:
    """Of three files that a crash left open, one is not given back by its disk (EIO)."""
    place, base = folder / "archive", SystemClock().now_us()
    with writing(place) as office:
        for camera in (HALL, CameraId("yard"), CameraId("gate")):
            recorder = Recorder(office, SystemClock())
            track = recorder.track(camera, MAIN.value)
            track.put(run_start(camera))
            for number in range(4):
                track.put(cut(number, base_us=base))
            recorder.round()
            assert track.file is not None
            assert track.file.handle is not None
            os.close(track.file.handle)  # its worker is dead
    (bad,) = (place / "media" / HALL).rglob("*.mp4")

    class Bad(FileBytes):
        def __init__(self, path: Path) -> None:
            if path == bad:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().__init__(path)

    began = time.monotonic()
    with patch.object(files, "FileBytes", Bad):
        assert _still_open(place) == [HALL], "the others are recovered"
    again = time.monotonic() - began
    assert _still_open(place) == []
    fault = "a disk does not give back one of three open files (EIO) at a start: the others are recovered"
    return [Row(fault, "0 s", float(4 - len(kept(place))), again, len(check_volume(place, key=KEY)))]


def _still_open(place: Path) -> list[str]:
    """Start over it; whose files are open after that."""
    store = started(place)
    found = [camera for (camera,) in store.db.execute("SELECT camera FROM segment WHERE state = 'open'")]
    store.close()
    return found


def another_worker(folder: Path) -> list[Row]:
    """A worker dies with its file open; the one that starts after it has its own file at once."""
    place, base = folder / "archive", SystemClock().now_us()
    with writing(place) as office:
        first = Recorder(office, SystemClock())
        track = first.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(3):
            track.put(cut(number, base_us=base))
        first.round()
        began = time.monotonic()
        store_segment = track.file
        assert store_segment is not None
        assert store_segment.handle is not None
        os.close(store_segment.handle)  # dead
        second = Recorder(office, SystemClock())
        track = second.track(HALL, MAIN.value)
        track.put(run_start())
        track.put(cut(3, base_us=base))
        track.put(RunEnd())
        second.round()
        again = time.monotonic() - began
    lost = 4 - len(kept(place))
    return [
        Row(
            "a worker dies with its file open: the one that starts after it has its own at once",
            "≤ 1 s",
            float(lost),
            again,
            len(check_volume(place, key=KEY)),
        )
    ]


@contextmanager
def _image(folder: Path) -> Iterator[tuple[Path, Path] | None]:
    disk, place = folder / "disk.img", folder / "disk"
    place.mkdir()
    with disk.open("wb") as file:
        file.truncate(48 << 20)
    if sh("mkfs.ext4", "-q", disk).returncode or sh("mount", "-o", "loop", disk, place).returncode:
        yield None
        return
    try:
        yield disk, place
    finally:
        sh("umount", "-l", place)


def read_only(folder: Path) -> list[Row]:
    """A real ext4 gives up and is read-only; the emergency volume takes over; mended, the disk is taken again."""
    with _image(folder) as image, patch.object(writer, "_HEALTH_EVERY_NS", 300_000_000):
        if image is None:
            return []
        one = Recording(image, folder / "data")
        one.begin()
        began = time.monotonic()
        one.break_down()
        one.go_on()
        until(lambda: (one.office.recorder.round(), one.office.states().get("archive") == FAILING)[1], 60)
        until(lambda: (one.office.recorder.round(), one.number - 1 in seconds(one.data, one.base))[1], 60)
        again = time.monotonic() - began
        one.mend(while_read_only=one.looked_at)
        until(lambda: one.office.states().get("archive") == GOOD, 60)
        one.end()
        lost = one.number - len(seconds(one.data, one.base))
        one.close()
        findings = sum(len(check_volume(one.data / name, key=KEY)) for name in ("archive", "emergency"))
    fault = (
        "a file system turns read-only (ext4 that gives up): the emergency volume takes over; mended, it is taken again"
    )
    return [Row(fault, "0 s", float(lost), again, findings)]


def frozen(folder: Path) -> list[Row]:
    """A real file system takes nothing any more, its catalogue included: frozen until the emergency volume has all."""
    with _image(folder) as image:
        if image is None:
            return []
        one = Recording(image, folder / "data")
        one.begin()
        one.go_on()  # what nobody has read since
        began = time.monotonic()
        if sh("fsfreeze", "--freeze", one.place).returncode:
            return []
        try:
            one.go_on()
            emergency = one.data / "emergency"
            until(lambda: (one.go_on(), list(emergency.rglob("*.mp4")), time.sleep(0.7))[1], 60)
            until(lambda: (one.office.recorder.round(), _has_footage(one, emergency))[1], 60)
            again = time.monotonic() - began
        finally:
            sh("fsfreeze", "--unfreeze", one.place)
        until(lambda: one.office.states().get("archive") == GOOD, 60)
        one.end()
        lost = one.number - len(seconds(one.data, one.base))
        one.close()
        findings = sum(len(check_volume(one.data / name, key=KEY)) for name in ("archive", "emergency"))
    fault = "a disk takes nothing any more, its catalogue included (ext4, frozen): the emergency volume takes over"
    return [Row(fault, "0 s", float(lost), again, findings)]


def _has_footage(one: Recording, folder: Path) -> bool:
    """Whether the catalogue of this volume has footage that is durable."""
    reader = CatalogueReader(folder)
    try:
        return bool(reader.fragments(HALL, MAIN, Span.of_us(one.base, 2**52)))
    finally:
        reader.close()


def clock_set(folder: Path) -> list[Row]:
    """The clock is set an hour on, or back, while a hold is being set; seconds of what is held that are gone after."""
    rows = []
    for hours, words in ((1, "on"), (-1, "back")):
        data, clock, step = folder / words, ManualClock(NOW), timedelta(hours=hours)
        with patch.object(trust, "kernel_synchronised", lambda: True):
            office = Clocked(data, clock)
            base = recorded(office, lasts=30)
            assert office.trust.trusted()
        with patch.object(trust, "kernel_synchronised", lambda: False):
            span = Span.of_us(base + 10_000_000, base + 20_000_000)
            asked = {"camera": HALL, "from_us": span.start_us, "to_us": span.end_us, "reference": "req"}
            began = time.monotonic()
            answer = office.requests.stage({"do": "hold_set", "hold": "h", "judicial": True, **asked})
            clock.step(step)
            office.shelf.commit()
            assert answer()["covered"] == [[span.start_us, span.end_us]]
            recorded(office, lasts=5)
            again = time.monotonic() - began
            refused = office.purge()
            clock.step(-step)
            clock.advance(timedelta(days=40))
            office.purge()
        office.shelf.close()
        lost = 10 - len(seconds(data, base))
        fault = f"the clock is set an hour {words} while a hold is being set (purge meanwhile: {', '.join(refused)})"
        rows.append(Row(fault, "0 s of what is held", float(lost), again, len(check_volume(data / "archive", key=KEY))))
    return rows


def move_killed(folder: Path) -> list[Row]:
    """SIGKILL at each step of a move home, a hold for it arriving meanwhile; the worst of them."""
    data = folder / "data"
    clock = past(data / "emergency", seconds=LASTS)
    Store(data / "archive", clock, key=KEY).close()
    subprocess.run([sys.executable, "-m", dying_mover.__name__, data, "during"], check=True, timeout=600)
    copies = list(folder.glob("during-*"))
    base, held = to_us(NOW) - LASTS * 1_000_000, HELD[1] - HELD[0] + 1
    lost, longest, findings = 0, 0.0, 0
    for copy in copies:
        began = time.monotonic()
        office = Office(copy, ManualClock(NOW))
        longest = max(longest, time.monotonic() - began)
        covered = office.call(**ASKED)["covered"]
        assert covered == [[ASKED["from_us"], ASKED["to_us"]]], f"{held} seconds are held"
        while bring_home(office.shelf):
            pass
        office.shelf.close()
        lost = max(lost, LASTS - len(seconds(copy, base)))
        findings += sum(len(check_volume(copy / name, key=KEY)) for name in ("archive", "emergency"))
    fault = f"`kill -9` at each of {len(copies)} steps of a move between volumes while a hold arrives: the worst"
    return [Row(fault, "0 s, nothing twice", float(lost), longest, findings)]


def stale_lock(folder: Path) -> list[Row]:
    """A lock file that a dead writer left; and one that a living writer holds, which is refused."""
    place = folder / "archive"
    past(place, seconds=10)
    code = "import sys; from pathlib import Path; from beffroi.media.archive.volume import VolumeLock; "
    code += "lock = VolumeLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            started(place)
            raise AssertionError("two writers")
        except Conflict:
            holder.kill()
        holder.wait()
    began = time.monotonic()
    started(place).close()
    again = time.monotonic() - began
    return [
        Row(
            "a lock left by a writer that was killed (while it lives a second writer is refused)",
            "0 s",
            float(10 - len(kept(place))),
            again,
            len(check_volume(place, key=KEY)),
        )
    ]


FOUND_SINCE = (unreadable, another_worker, read_only, frozen, clock_set, move_killed, stale_lock)
