"""Reading the archive, from any process, while the writer writes: ``ArchiveReader`` over SQLite and segment files.

One row per segment answers a seek: its index holds all its fragments. A timeline reads pieces, never segments, so that
thirty days cost as much as the breaks in them.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from beffroi.kernel.errors import Corrupt, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, HoldId, RunId, SegmentId
from beffroi.kernel.spans import Span
from beffroi.media.archive.tables import connect_to_read, meta
from beffroi.media.archive.volume import CATALOGUE, Volume, read_volume
from beffroi.media.core import gaps, index
from beffroi.media.core.index import Entry
from beffroi.media.core.stamp import RANDOM_ACCESS
from beffroi.media.core.words import Fragment, Gap, GapCause, Hold, Piece, Run, StreamName, Timeline

LONGEST_SEGMENT_US = 86_400_000_000
_COLUMNS = "s.id, s.segment, r.run, s.state, s.entries, s.run"
_OPEN_HANDLES = 32
Inside = tuple[Any, Entry]  # row of a file, and one of its fragments


class CatalogueReader:
    """The archive in ``folder``. Not for several threads at once; ``close`` it."""

    def __init__(self, folder: Path) -> None:
        self._volume: Volume = read_volume(folder)
        try:
            self._db = connect_to_read(folder / CATALOGUE)
            known = meta(self._db)
        except sqlite3.Error as error:
            raise _unavailable(folder) from error
        if known is None:
            self._db.close()
            raise _unavailable(folder)
        self._runs: dict[str, Run] = {}
        self._handles: dict[str, int] = {}

    def timeline(self, camera: CameraId, stream: StreamName, span: Span) -> Timeline:
        """What exists for a stream in ``span``, what does not and why, and what is held."""
        with self.snapshot():
            return gaps.timeline(self.known(camera, stream, span), span)

    def known(self, camera: CameraId, stream: StreamName, span: Span) -> gaps.Known:
        """All that the catalogue has about a stream in ``span``."""
        where, values = "camera = ? AND stream = ? AND end_us > ? AND start_us < ?", _bounds(camera, stream, span)
        pieces = self._db.execute(
            "SELECT r.run, p.start_us, p.end_us FROM piece p JOIN run r ON r.id = p.run WHERE p.camera = ? "
            "AND p.stream = ? AND p.end_us > ? AND p.start_us < ? ORDER BY p.start_us",
            values,
        )
        destroyed = self._db.execute(f"SELECT start_us, end_us FROM destruction WHERE {where}", values)  # noqa: S608
        missing = self._db.execute(
            f"SELECT start_us, end_us FROM segment INDEXED BY segment_missing WHERE state = 'missing' AND {where}",  # noqa: S608
            values,
        )
        lost = [
            Gap(camera, stream, start, end, GapCause.STORAGE, "file-missing") for start, end in missing if start < end
        ]
        until = self._db.execute(
            "SELECT durable_until_us FROM stream WHERE camera = ? AND stream = ?", (camera, stream.value)
        ).fetchone()
        return gaps.Known(
            camera=camera,
            stream=stream,
            pieces=[Piece(RunId(run), start, end) for run, start, end in pieces],
            gaps=[*lost, *self._gaps(camera, stream, span)],
            destroyed=[(start, end) for start, end in destroyed if start < end],
            holds=self.holds(camera, span),
            durable_until_us=None if until is None else int(until[0]),
        )

    def _gaps(self, camera: CameraId, stream: StreamName, span: Span) -> list[Gap]:
        rows = self._db.execute(
            "SELECT start_us, end_us, cause, detail FROM gap WHERE camera = ? AND stream = ? AND start_us < ? "
            "AND (end_us IS NULL OR end_us > ?) ORDER BY start_us",
            (camera, stream.value, span.end_us, span.start_us),
        )
        return [Gap(camera, stream, start, end, GapCause(cause), detail) for start, end, cause, detail in rows]

    def holds(self, camera: CameraId, span: Span | None = None) -> list[Hold]:
        """The holds on a camera that are in force, those that meet ``span`` where one is given."""
        rows = self._db.execute(
            "SELECT hold, start_us, end_us, reference, judicial, set_us FROM hold WHERE camera = ? "
            "AND released_us IS NULL ORDER BY start_us",
            (camera,),
        )
        found = [
            Hold(HoldId(hold), camera, Span.of_us(start, end), reference, bool(judicial), set_us)
            for hold, start, end, reference, judicial, set_us in rows
        ]
        return [hold for hold in found if span is None or hold.span.meets(span)]

    def fragments(self, camera: CameraId, stream: StreamName, span: Span) -> list[Fragment]:
        """The whole fragments that meet ``span``, from the key frame at or before its start (in the same run, else the
        first key frame inside) to the last that meets its end, in order of recording."""
        with self.snapshot():
            return with_leads(self.inside(camera, stream, span), lambda row, each: self._lead(row, each))

    def inside(self, camera: CameraId, stream: StreamName, span: Span) -> list[Inside]:
        """The fragments that meet ``span``, with the rows of their files, in order of recording."""
        return [
            (row, each)
            for row in self._segments(camera, stream, span)
            for each in self._entries(row)
            if each.end_us > span.start_us and each.start_us < span.end_us
        ]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several statements on one state of the catalogue, while the writer goes on."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _lead(self, row: Any, first: Entry) -> list[Fragment]:
        """From the key frame before ``first``, in its run, up to it."""
        found = self._backwards(row[5], row[0], first.sequence)
        return found if found and found[0].random_access else []

    def run_before(self, run: str, sequence: int) -> list[Fragment]:
        """What of a run leads up to fragment ``sequence`` here: from the key frame, or what there is."""
        row = self._db.execute(
            "SELECT max(s.id), s.run FROM segment s JOIN run r ON r.id = s.run WHERE r.run = ?", (run,)
        ).fetchone()
        return [] if row is None or row[0] is None else self._backwards(row[1], row[0], sequence)

    def _backwards(self, run: int, segment: int, sequence: int) -> list[Fragment]:
        backwards: list[Fragment] = []
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM segment s JOIN run r ON r.id = s.run WHERE s.run = ? AND s.id <= ? "  # noqa: S608
            "ORDER BY s.id DESC",
            (run, segment),
        )
        expected = sequence
        for each_row in rows:
            for each in reversed(self._entries(each_row)):
                if each.sequence >= sequence:
                    continue
                if each.sequence != expected - 1:
                    return backwards[::-1]
                expected = each.sequence
                backwards.append(_fragment(each_row, each))
                if each.flags & RANDOM_ACCESS:
                    return backwards[::-1]
        return backwards[::-1]

    def run(self, run: RunId) -> Run:
        """A run by its id; ``NotFound``."""
        known = self._runs.get(run)
        if known is not None:
            return known
        row = self._db.execute(
            "SELECT camera, stream, codec, width, height, init, synthetic, mask_version FROM run WHERE run = ?", (run,)
        ).fetchone()
        if row is None:
            raise NotFound("There is no such run in this archive.")
        found = Run(
            run, CameraId(row[0]), StreamName(row[1]), row[2], row[3], row[4], bytes(row[5]), bool(row[6]), row[7]
        )
        if len(self._runs) > 4096:
            self._runs.clear()
        self._runs[run] = found
        return found

    def read(self, fragment: Fragment) -> bytes:
        """The fragment's bytes, as written; ``NotFound`` when the file is gone, ``Corrupt`` when it is short."""
        handle = self._handle(fragment)
        data = os.pread(handle, fragment.length, fragment.offset)
        if len(data) != fragment.length:
            raise Corrupt("A file of the archive is shorter than it was.", hint="Run: beffroi archive check")
        return data

    def _handle(self, fragment: Fragment) -> int:
        handle = self._handles.get(fragment.segment)
        if handle is None:
            path = self._volume.media_path(self.run(fragment.run).camera, fragment.segment)
            try:
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                raise NotFound("A file of the archive is gone.", hint="Run: beffroi archive check") from error
            while len(self._handles) >= _OPEN_HANDLES:
                os.close(self._handles.pop(next(iter(self._handles))))
            self._handles[fragment.segment] = handle
        return handle

    def latest(self, camera: CameraId, stream: StreamName) -> Fragment | None:
        """The newest durable fragment."""
        with self.snapshot():
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM segment s JOIN run r ON r.id = s.run WHERE s.camera = ? "  # noqa: S608
                "AND s.stream = ? AND s.fragments > 0 AND s.state <> 'missing' ORDER BY s.end_us DESC LIMIT 1",
                (camera, stream.value),
            ).fetchone()
            entries = [] if row is None else self._entries(row)
        return _fragment(row, entries[-1]) if entries else None

    def oldest(self, camera: CameraId, stream: StreamName) -> int | None:
        """Start of the oldest footage that is still there, in microseconds of UTC; ``None`` when there is none."""
        row = self._db.execute(
            "SELECT start_us FROM piece WHERE camera = ? AND stream = ? ORDER BY start_us LIMIT 1",
            (camera, stream.value),
        ).fetchone()
        return None if row is None else int(row[0])

    def streams(self) -> list[tuple[CameraId, StreamName]]:
        """Every stream that was ever recorded here."""
        rows = self._db.execute("SELECT camera, stream FROM stream ORDER BY camera, stream")
        return [(CameraId(camera), StreamName(stream)) for camera, stream in rows]

    def _segments(self, camera: CameraId, stream: StreamName, span: Span) -> list[Any]:
        return self._db.execute(
            f"SELECT {_COLUMNS} FROM segment s JOIN run r ON r.id = s.run WHERE s.camera = ? AND s.stream = ? "  # noqa: S608
            "AND s.end_us > ? AND s.end_us < ? AND s.start_us < ? AND s.state <> 'missing' ORDER BY s.id",
            (camera, stream.value, span.start_us, span.end_us + LONGEST_SEGMENT_US, span.end_us),
        ).fetchall()

    def _entries(self, row: Any) -> list[Entry]:
        if row[4] is not None:
            return index.unpack(row[4])
        return list(self._open_entries(row[0]))

    def _open_entries(self, segment: int) -> Iterator[Entry]:
        for (entry,) in self._db.execute(
            "SELECT entry FROM open_fragment WHERE segment = ? ORDER BY sequence", (segment,)
        ):
            yield index.unpack_entry(entry)

    def close(self) -> None:
        """Close database and files."""
        for handle in self._handles.values():
            os.close(handle)
        self._handles.clear()
        self._db.close()


def with_leads(inside: Iterable[Inside], lead: Callable[[Any, Entry], list[Fragment]]) -> list[Fragment]:
    """Fragments in order, each stretch from the key frame it needs on."""
    found: list[Fragment] = []
    expected = ("", -1)  # run and sequence that would follow on
    started = False
    for row, each in inside:
        if (row[2], each.sequence) != expected:
            before = [] if found or each.flags & RANDOM_ACCESS else lead(row, each)
            found += before
            started = bool(before)
        expected = (row[2], each.sequence + 1)
        started = started or bool(each.flags & RANDOM_ACCESS)
        if started:
            found.append(_fragment(row, each))
    return found


def _bounds(camera: CameraId, stream: StreamName, span: Span) -> tuple[str, str, int, int]:
    return (camera, stream.value, span.start_us, span.end_us)


def _fragment(row: Any, each: Entry) -> Fragment:
    return Fragment(
        segment=SegmentId(row[1]),
        run=RunId(row[2]),
        sequence=each.sequence,
        offset=each.offset,
        length=each.length,
        start_us=each.start_us,
        end_us=each.end_us,
        decode_time_90k=each.decode_time_90k,
        random_access=bool(each.flags & RANDOM_ACCESS),
        frames=each.frames,
        sha256=each.sha256,
        clock_offset_us=each.camera_offset_us or 0,
        uncertainty_us=each.uncertainty_us,
    )


def _unavailable(folder: Path) -> Unavailable:
    return Unavailable(
        f"The catalogue of the archive in {folder} cannot be read.",
        code="catalogue_unreadable",
        hint=f"Run: beffroi archive rebuild {folder}",
    )
