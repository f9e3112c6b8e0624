"""The power is cut: every prefix of what was written and flushed, with bounded subsets of what was not yet flushed.

The disk is modelled as strictly as POSIX allows: bytes are there after the flush of their file, names after the flush
of their folder. Of what was written and not flushed any part may be there or not: nothing, all, all but the first or
the last page, the first half. Each such disk is recovered by the shipped code.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock, SystemClock
from beffroi.kernel.digest import sha256
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.cutting import undo_cuts
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.purge import purge
from beffroi.media.archive.recovery import adopt_orphans, finish_destructions, recover_open
from beffroi.media.archive.store import Store
from beffroi.media.core.words import StreamName
from beffroi.media.ingest.recorder import Recorder
from beffroi.media.ingest.track import RunEnd
from tests.media.feeding import HALL, KEY, cut, run_start, writing

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
PAGE = 4096


@dataclass
class File:
    """A file on the modelled disk: what is surely there, and what was written since."""

    flushed: bytes = b""
    since: list[bytes] = field(default_factory=list)
    named: bool = False

    def possible(self) -> list[bytes]:
        """What may stand in it after a cut; the surest first."""
        if not self.since:
            return [self.flushed]
        late = b"".join(self.since)
        hole = bytes(min(len(late), PAGE)) + late[PAGE:]
        end = late[:-PAGE] + bytes(len(late[-PAGE:]))
        half = late[: len(late) // 2]
        return [self.flushed + part for part in (b"", late, hole, end, half)]


class LoggedDisk(Disk):
    """The real disk, and a log of what would be on it after a power cut at each moment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, File] = {}
        for path in root.rglob("*"):
            if path.is_file() and not path.name.startswith(("catalogue", "lock")):
                self.files[self._name(path)] = File(path.read_bytes(), named=True)
        self.states: list[tuple[dict[str, File], dict[str, object]]] = []
        self.promised: dict[str, object] = {}

    def _name(self, path: Path | int) -> str:
        full = Path(f"/proc/self/fd/{path}").readlink() if isinstance(path, int) else path
        return str(full.relative_to(self.root))

    def _moment(self) -> None:
        """From here on another cut is possible."""
        copy = {name: File(each.flushed, list(each.since), each.named) for name, each in self.files.items()}
        self.states.append((copy, dict(self.promised)))

    def _file(self, name: str) -> File:
        if name not in self.files:
            path = self.root / name
            self.files[name] = File(path.read_bytes() if path.exists() else b"", named=False)
        return self.files[name]

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self.files[self._name(path)] = File()
        self._moment()
        return handle

    def write(self, handle: int, data: bytes) -> None:
        file = self._file(self._name(handle)) if not self._name(handle).endswith(".new") else File()
        super().write(handle, data)
        file.since.append(bytes(data))
        self._moment()

    def sync(self, handle: int) -> None:
        super().sync(handle)
        file = self._file(self._name(handle))
        file.flushed, file.since = file.flushed + b"".join(file.since), []
        self._moment()

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        for path in folder.iterdir():
            if path.is_file() and not path.name.startswith(("catalogue", "lock")):
                self._file(self._name(path)).named = True
        self._moment()

    def replace(self, path: Path, data: bytes) -> None:
        super().replace(path, data)
        self.files[self._name(path)] = File(data, named=True)
        self._moment()

    def truncate(self, path: Path, size: int) -> None:
        super().truncate(path, size)
        file = self._file(self._name(path))
        file.flushed, file.since = (file.flushed + b"".join(file.since))[:size], []
        self._moment()

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._moment()  # its name may well be there again: no folder is flushed for it


def disks(log: LoggedDisk) -> Iterator[tuple[dict[str, bytes], dict[str, object]]]:
    """Every disk that a cut may leave, each once, with what had been promised by then."""
    seen: set[tuple[tuple[str, bytes], ...]] = set()
    for files, promised in log.states:
        for choice in range(5):
            found = {
                name: (file.possible() * 5)[choice if file.since else 0]
                for name, file in files.items()
                if file.named or (choice and (file.flushed or file.since))
            }
            mark = tuple(sorted(found.items()))
            if mark not in seen:
                seen.add(mark)
                yield found, promised


def lay(found: dict[str, bytes], place: Path, catalogue: Path | None) -> Path:
    """That disk, as a folder."""
    for name in ("journal", "media"):
        (place / name).mkdir(parents=True)
    for name, data in found.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    if catalogue is not None:
        shutil.copy(catalogue, place / "catalogue.sqlite3")
    return place


def recovered(place: Path) -> dict[int, bytes]:
    """As the writer starts; the digest of each fragment that can be read then, by its start. The archive is proved."""
    store = Store(place, SystemClock(), key=KEY)
    try:
        if store.rebuilt:
            adopt_orphans(store)
        finish_destructions(store)
        undo_cuts(store)
        recover_open(store)
    finally:
        store.close()
    assert check_volume(place, key=KEY) == []
    return readable(place)


def readable(place: Path) -> dict[int, bytes]:
    """What can be read, by its start: the digest of the bytes as they are."""
    reader = CatalogueReader(place)
    try:
        found = reader.fragments(HALL, MAIN, Span.of_us(0, 2**52))
        return {each.start_us: sha256(reader.read(each)) for each in found}
    finally:
        reader.close()


def test_whatever_a_power_cut_leaves_what_was_acknowledged_is_there_and_at_most_three_seconds_are_not(
    tmp_path: Path,
) -> None:
    assert lay_every_cut(tmp_path) <= 3


def lay_every_cut(tmp_path: Path) -> int:
    """Record, hold, cut at each moment, recover; the most seconds that had been handed over and are lost."""
    folder, base = tmp_path / "archive", SystemClock().now_us()
    folder.mkdir()
    log = LoggedDisk(folder)
    put = 0
    with writing(folder, disk=log) as writer:
        shutil.copy(folder / "catalogue.sqlite3", tmp_path / "old.sqlite3")
        recorder = Recorder(writer, SystemClock(), disk=log)
        track = recorder.track(HALL, MAIN.value)
        for run in range(2):
            track.put(run_start())
            for _ in range(3):
                for _ in range(2):
                    track.put(cut(put, base_us=base, size=1200))
                    put += 1
                    log.promised["put"] = put
                recorder.round()
                log.promised["seconds"] = put
            track.put(RunEnd())
            asked = {"camera": HALL, "reference": "req", "judicial": True, "from_us": base, "to_us": base + 9}
            writer.call("hold_set", hold=f"h{run}", **asked)
            log.promised["holds"] = run + 1
        recorder.round()
    worst, tried, truth = 0, 0, readable(folder)
    for at, (found, promised) in enumerate(disks(log)):
        place = lay(found, tmp_path / "cut", tmp_path / "old.sqlite3" if at % 2 else None)
        if "volume.json" not in found:
            shutil.rmtree(place)  # cut while the volume was being made: nobody had been promised anything
            assert not promised.get("put")
            continue
        digests = recovered(place)
        assert digests.items() <= truth.items(), "not one byte is other than it was recorded"
        kept = [(start - base) // 1_000_000 for start in digests]
        assert kept == list(range(len(kept)))
        assert len(kept) >= int(promised.get("seconds", 0))
        worst = max(worst, int(promised.get("put", 0)) - len(kept))
        reader = CatalogueReader(place)
        assert len(reader.holds(HALL)) >= int(promised.get("holds", 0))
        reader.close()
        shutil.rmtree(place)
        tried += 1
    assert tried > 60
    return worst


def test_a_power_cut_in_a_purge_costs_nothing_that_is_held(tmp_path: Path) -> None:
    from tests.media.test_archive_holds import BEGIN, archive, seconds

    folder = tmp_path / "archive"
    clock: ManualClock = archive(folder, gop=4)
    clock.advance(timedelta(days=20))
    store = Store(folder, clock, key=KEY)
    store.hold_set(hold="h", camera=HALL, span=seconds(70, 75), reference="req", judicial=True)
    store.commit()
    store.close()
    log = LoggedDisk(folder)
    store = Store(folder, clock, key=KEY, disk=log, clock_trusted=lambda: True)
    purge(store, {(HALL, MAIN): 15})
    log.promised["gone"] = True
    log._moment()
    store.close()
    tried = 0
    for found, promised in disks(log):
        place = lay(found, tmp_path / "cut", None)
        kept = {(start - BEGIN) // 1_000_000 for start in recovered(place)}
        assert set(range(68, 76)) <= kept
        if promised.get("gone"):
            assert kept == set(range(68, 76))
        shutil.rmtree(place)
        tried += 1
    assert tried > 8
