"""A small archive without cameras: fragments with given times, and a writer in the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beffroi.kernel.clock import Clock, ManualClock, SystemClock, to_us
from beffroi.kernel.ids import CameraId, RunId, new_id
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.archive.board import Board
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.requests import Requests
from beffroi.media.archive.settings_file import SettingsFile, office_keys
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Store
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.archive.writer import Writer
from beffroi.media.core.cutter import Cut
from beffroi.media.core.fmp4 import Sample, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.nal import Family
from beffroi.media.core.stamp import RunFacts, encode_run
from beffroi.media.core.words import Fragment, StreamName
from beffroi.media.ingest.track import RunStart

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
KEY = SigningKey(bytes(range(64, 96)))
FORM = StreamFormat(Family.MJPEG, "mjpeg", 64, 48)
HALL = CameraId("hall")


def second(number: int, *, key: bool = True, size: int = 500) -> list[Sample]:
    """One second of pictures; every byte depends on ``number``."""
    return [Sample(bytes([number % 251, at]) * (size // 2), 9000, 0, key and at == 0) for at in range(10)]


def past(folder: Path, *, seconds: int, cameras: tuple[CameraId, ...] = (HALL,), ending: datetime = NOW) -> ManualClock:
    """An archive of ``seconds`` for each camera that ends at ``ending``."""
    clock = ManualClock(ending)
    recorder = SyntheticRecorder(folder, clock, key=KEY)
    start_us = to_us(ending) - seconds * 1_000_000
    for camera in cameras:
        track = recorder.track(camera, FORM)
        for at in range(seconds):
            track.add(second(at), start_us=start_us + at * 1_000_000)
    recorder.close()
    return clock


def run_start(camera: CameraId = HALL, at_us: int = 0) -> RunStart:
    """A run to put before cuts."""
    facts = RunFacts(RunId(new_id(at_us)), camera, StreamName.MAIN, "mjpeg", 64, 48, False, "", at_us)
    return RunStart(facts, init_section(FORM, user_boxes=encode_run(facts)))


def cut(number: int, *, base_us: int, size: int = 500) -> Cut:
    """The fragment of second ``number``."""
    start = base_us + number * 1_000_000
    return Cut(tuple(second(number, size=size)), number * 90_000, start, start + 1_000_000, start, 1, None, 0, 0)


def kept(folder: Path) -> list[Fragment]:
    """What the catalogue has of the hall's main stream."""
    reader = CatalogueReader(folder)
    try:
        return reader.fragments(HALL, StreamName.MAIN, Span.of_us(0, 2**52))
    finally:
        reader.close()


class LocalWriter:
    """The real writer on a thread of the test, with a disk of the test's choice."""

    def __init__(self, folder: Path, clock: Clock, disk: Disk, keys: Path | None) -> None:
        self.clock = clock
        self.store = Store(folder, clock, key=KEY, disk=disk)
        self.shelf = Shelf.of(self.store)
        self.board = Board(clock)
        self.board.load(self.shelf)
        settings = SettingsFile(folder.parent / "cameras.json", lambda: office_keys(keys) if keys else (), disk)
        self.writer = Writer(self.shelf, self.board, Requests(self.shelf, self.board, settings), clock)
        self._thread = threading.Thread(target=self.writer.run)
        self._thread.start()

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        return self.writer.ask({"do": do, **arguments}).result(60.0)

    def stop(self) -> None:
        self.writer.stop()
        self._thread.join()
        self.store.close()


@contextmanager
def writing(
    folder: Path, *, disk: Disk | None = None, clock: Clock | None = None, keys: Path | None = None
) -> Iterator[LocalWriter]:
    """A writer for the length of a test; ``keys`` is the folder of the office's key, where settings are sent."""
    writer = LocalWriter(folder, clock or SystemClock(), disk or Disk(), keys)
    try:
        yield writer
    finally:
        writer.stop()
