"""Segment files as they stand on a volume: read back by recovery, rebuild and check."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from beffroi.media.archive.volume import MEDIA, Volume
from beffroi.media.core import index
from beffroi.media.core.index import Entry
from beffroi.media.core.scan import Scan, later_fragments, read_sealed, scan
from beffroi.media.core.stamp import RunFacts, run_facts

_SMALL = 64 * 1024  # read at once: of a short file nearly all is looked at


class FileBytes:
    """An open file as ``core.scan`` reads it."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._handle).st_size
        self._all = b""
        if self.size <= _SMALL:
            try:
                self._all = os.pread(self._handle, self.size, 0)
            except OSError:
                self.close()
                raise

    def read_at(self, offset: int, length: int) -> bytes:
        if len(self._all) == self.size:
            return self._all[offset : offset + length]
        return os.pread(self._handle, length, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def scan_file(path: Path, *, strict: bool = False, flushed: Iterable[Entry] = ()) -> Scan:
    """What a segment file holds; ``OSError`` when it cannot be read."""
    source = FileBytes(path)
    try:
        return scan(source, strict=strict, flushed=flushed)
    finally:
        source.close()


def read_file(path: Path) -> Scan:
    """What a closed file holds: by the index at its end, or read whole where it has none."""
    source = FileBytes(path)
    try:
        return read_sealed(source) or scan(source)
    finally:
        source.close()


def first_head(path: Path) -> bytes | None:
    """The head that the first fragment of a file names; ``None`` when it has none."""
    try:
        source = FileBytes(path)
    except OSError:
        return None
    try:
        first = next(later_fragments(source, 0), None)
        return None if first is None else first[1].previous
    finally:
        source.close()


def holds_fragment(path: Path, *, after: int) -> bool:
    """Whether a whole fragment stands anywhere in the file from byte ``after`` on."""
    source = FileBytes(path)
    try:
        return next(later_fragments(source, after), None) is not None
    finally:
        source.close()


class VolumeFiles:
    """The files of a volume, as ``Projection`` asks for them. The last scan is remembered."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self._last: tuple[str, Scan | None] = ("", None)

    def _scan(self, segment: str, camera: str) -> Scan | None:
        if self._last[0] != segment:
            try:
                found = read_file(self._volume.media_path(camera, segment))
            except FileNotFoundError:
                found = None
            self._last = (segment, found)
        return self._last[1]

    def remember(self, segment: str, found: Scan) -> None:
        """A file that was just read need not be read again."""
        self._last = (segment, found)

    def init_of(self, segment: str, camera: str) -> bytes | None:
        found = self._scan(segment, camera)
        return found.init if found is not None and found.init else None

    def entries_of(self, segment: str, camera: str) -> list[Entry] | None:
        found = self._scan(segment, camera)
        return None if found is None else found.entries

    def facts_of(self, segment: str, camera: str) -> RunFacts | None:
        found = self._scan(segment, camera)
        return None if found is None else found.facts


class CatalogueFiles:
    """What the files hold, by the index of a catalogue that is there: a file of terabytes need not be read for it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def init_of(self, segment: str, camera: str) -> bytes | None:
        row = self._db.execute(
            "SELECT r.init FROM segment s JOIN run r ON r.id = s.run WHERE s.segment = ? AND s.camera = ?",
            (segment, camera),
        ).fetchone()
        return None if row is None else bytes(row[0])

    def entries_of(self, segment: str, camera: str) -> list[Entry] | None:
        row = self._db.execute(
            "SELECT entries FROM segment WHERE segment = ? AND camera = ? AND state <> 'missing'", (segment, camera)
        ).fetchone()
        return None if row is None or row[0] is None else index.unpack(row[0])

    def facts_of(self, segment: str, camera: str) -> RunFacts | None:
        row = self._db.execute(
            "SELECT r.run, r.camera, r.stream, r.codec, r.width, r.height, r.synthetic, r.mask_version, r.born_us "
            "FROM segment s JOIN run r ON r.id = s.run WHERE s.segment = ? AND s.camera = ?",
            (segment, camera),
        ).fetchone()
        names = ("run", "camera", "stream", "codec", "width", "height", "synthetic", "mask_version", "born_us")
        return None if row is None else run_facts(dict(zip(names, row, strict=True)))


class FirstOf:
    """A catalogue's index where it has one, else the file itself."""

    def __init__(self, index_of: CatalogueFiles, files: VolumeFiles) -> None:
        self._both: tuple[CatalogueFiles, VolumeFiles] = (index_of, files)

    def init_of(self, segment: str, camera: str) -> bytes | None:
        return self._both[0].init_of(segment, camera) or self._both[1].init_of(segment, camera)

    def entries_of(self, segment: str, camera: str) -> list[Entry] | None:
        known = self._both[0].entries_of(segment, camera)
        return known if known is not None else self._both[1].entries_of(segment, camera)

    def facts_of(self, segment: str, camera: str) -> RunFacts | None:
        return self._both[0].facts_of(segment, camera) or self._both[1].facts_of(segment, camera)


def all_files(volume: Volume) -> Iterator[Path]:
    """Every segment file of the volume, camera by camera, in the order of their ids."""
    yield from sorted((volume.path / MEDIA).glob("*/*/*.mp4"))
