"""Segment files as they stand on a volume: read back by recovery, rebuild and check."""

import os
from collections.abc import Iterator
from pathlib import Path

from beffroi.media.archive.volume import MEDIA, Volume
from beffroi.media.core.index import Entry
from beffroi.media.core.scan import Scan, scan


class FileBytes:
    """An open file as ``core.scan`` reads it."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._handle).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._handle, length, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def scan_file(path: Path) -> Scan:
    """What a segment file holds; ``OSError`` when it cannot be read."""
    source = FileBytes(path)
    try:
        return scan(source)
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
                found = scan_file(self._volume.media_path(camera, segment))
            except FileNotFoundError:
                found = None
            self._last = (segment, found)
        return self._last[1]

    def init_of(self, segment: str, camera: str) -> bytes | None:
        found = self._scan(segment, camera)
        return found.init if found is not None and found.init else None

    def entries_of(self, segment: str, camera: str) -> list[Entry] | None:
        found = self._scan(segment, camera)
        return None if found is None else found.entries


def all_files(volume: Volume) -> Iterator[Path]:
    """Every segment file of the volume, camera by camera, in the order of their ids."""
    yield from sorted((volume.path / MEDIA).glob("*/*/*.mp4"))
