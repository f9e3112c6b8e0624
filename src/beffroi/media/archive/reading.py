"""All volumes of a recorder as one archive to read, whichever of them are there now: ``ArchiveReader`` over catalogues.

What the writer registered is looked at each time (a few ``stat``): a disk that went leaves its own footage out, and the
timeline says that it is the disk; one that came back is read again.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from beffroi.kernel.errors import BeffroiError, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, RunId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader, Inside, with_leads
from beffroi.media.archive.register import Known, registered, rightful
from beffroi.media.core import gaps
from beffroi.media.core.words import Fragment, Hold, Run, StreamName, Timeline

_T = TypeVar("_T")


class VolumesReader:
    """The archive of the data folder's recorder. Not for several threads at once; ``close`` it."""

    def __init__(self, data: Path) -> None:
        self._recorder, self._only = data / "recorder", data / "archive"
        self._open: dict[Known, CatalogueReader] = {}
        self._read_last: dict[str, CatalogueReader] = {}
        self._away = False
        self._all()  # no archive at all is told at once

    def _all(self) -> list[CatalogueReader]:
        """A reader of each volume that is there; ``Unavailable`` when there is none."""
        known = registered(self._recorder) or [Known(self._only, "", 0)]
        found: dict[Known, CatalogueReader] = {}
        for each in known:
            place = Known(each.path, each.uuid, 0)  # its generation grows with each start of the writer
            try:
                if place.uuid:
                    rightful(place)
                found[place] = self._open.get(place) or CatalogueReader(place.path)
            except (BeffroiError, OSError):
                continue
        for place, reader in self._open.items():
            if place not in found:
                with suppress(OSError):
                    reader.close()
        self._open, self._away = found, len(found) < len(known)
        if not found:
            raise Unavailable(
                "No volume of the archive is there.", code="no_volume", hint="Are its disks mounted?"
            )  # fmt: skip
        return list(found.values())

    def timeline(self, camera: CameraId, stream: StreamName, span: Span) -> Timeline:
        """What exists on any volume, what does not and why, and what is held."""
        known = [reader.known(camera, stream, span) for reader in self._all()]
        return gaps.timeline(gaps.together(known, away=self._away), span)

    def fragments(self, camera: CameraId, stream: StreamName, span: Span) -> list[Fragment]:
        """As of one volume; what a group of pictures needs may stand on another."""
        readers = self._all()
        with ExitStack() as stack:
            for reader in readers:
                stack.enter_context(reader.snapshot())
            inside = [(reader, reader.inside(camera, stream, span)) for reader in readers]
            filled = [each for each in inside if each[1]]
            if len(filled) < 2:
                order = [(reader, one) for reader, found in filled for one in found]
            else:
                order = _in_order(filled)
            found = with_leads([one for _, one in order], lambda row, each: self._lead(row, each.sequence))
        for reader, (row, _) in order:
            self._read_last[row[1]] = reader
        return found

    def _lead(self, row: Any, sequence: int) -> list[Fragment]:
        """From the key frame before, on whichever volumes it is."""
        lead: list[Fragment] = []
        while True:
            longer: list[Fragment] = []
            for reader in self._open.values():
                longer = reader.run_before(row[2], sequence)
                if longer:
                    break
            if not longer:
                return []
            lead, sequence = longer + lead, longer[0].sequence
            if lead[0].random_access:
                return lead

    def read(self, fragment: Fragment) -> bytes:
        """The fragment's bytes, as written; ``NotFound`` when no volume that is there has them."""
        last = self._read_last.pop(fragment.segment, None)
        readers = sorted(self._open.values(), key=lambda reader: reader is not last)
        for reader in readers:
            with suppress(NotFound):
                data = reader.read(fragment)
                if len(self._read_last) > 4096:
                    self._read_last.clear()
                self._read_last[fragment.segment] = reader
                return data
        raise NotFound("A file of the archive is gone.", hint="Run: beffroi archive check")

    def run(self, run: RunId) -> Run:
        """A run by its id; ``NotFound``."""
        for reader in list(self._open.values()) or self._all():
            with suppress(NotFound):
                return reader.run(run)
        raise NotFound("There is no such run in this archive.")

    def latest(self, camera: CameraId, stream: StreamName) -> Fragment | None:
        """The newest durable fragment."""
        return self._best(lambda reader: reader.latest(camera, stream), lambda found: -found.end_us)

    def oldest(self, camera: CameraId, stream: StreamName) -> int | None:
        """Start of the oldest footage that is still there."""
        return self._best(lambda reader: reader.oldest(camera, stream), lambda at: at)

    def _best(self, ask: Callable[[CatalogueReader], _T | None], key: Callable[[_T], int]) -> _T | None:
        found = [answer for reader in self._all() if (answer := ask(reader)) is not None]
        return min(found, key=key, default=None)

    def holds(self, camera: CameraId, span: Span | None = None) -> list[Hold]:
        """The holds on a camera that are in force."""
        return list({hold.id: hold for reader in self._all() for hold in reader.holds(camera, span)}.values())

    def streams(self) -> list[tuple[CameraId, StreamName]]:
        """Every stream that was ever recorded here."""
        return sorted({each for reader in self._all() for each in reader.streams()})

    def close(self) -> None:
        """Close databases and files."""
        for reader in self._open.values():
            reader.close()
        self._open = {}


def _in_order(filled: list[tuple[CatalogueReader, list[Inside]]]) -> list[tuple[CatalogueReader, Inside]]:
    """File by file in the order of their first pictures; within a run, in the order of its numbers; each one once."""
    files = [
        (reader, list(group)) for reader, found in filled for _, group in groupby(found, key=lambda one: one[0][1])
    ]
    files.sort(key=lambda file: (file[1][0][1].start_us, file[1][0][1].sequence))
    seen: set[tuple[str, int]] = set()  # while a file is moved, both volumes have it for a moment
    order: list[tuple[CatalogueReader, Inside]] = []
    for reader, group in files:
        fresh = [(row, each) for row, each in group if (row[2], each.sequence) not in seen]
        seen.update((row[2], each.sequence) for row, each in fresh)
        order += [(reader, one) for one in fresh]
    return order
