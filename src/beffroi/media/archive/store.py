"""The archive as its one writer has it: journal first, then catalogue. Used by the writer process and the
demonstration.

Acts are *staged*: a line in the journal's buffer, its rows in an open transaction. ``commit`` flushes the journal once,
then commits the transaction; a flush that fails takes both back. So the cameras of a host share one flush
(docs/design/archive.md, "Flush").
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.errors import Conflict, Corrupt, Invalid, NotFound, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span, union
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.files import VolumeFiles
from beffroi.media.archive.journal import Journal, read_journal
from beffroi.media.archive.projection import Projection
from beffroi.media.archive.tables import connect, create_tables, meta, set_meta
from beffroi.media.archive.volume import (
    CATALOGUE,
    JOURNAL,
    Volume,
    VolumeLock,
    create_volume,
    read_volume,
    write_volume,
)
from beffroi.media.core.index import Entry
from beffroi.media.core.stamp import RunFacts, run_json
from beffroi.media.core.words import GapCause, StreamName


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new segment's file goes, and the head its first fragment must name."""

    path: Path
    previous: bytes


@dataclass(frozen=True, slots=True)
class Sealing:
    """What is said of a segment when it is closed."""

    segment: str
    state: str  # sealed | recovered
    size_bytes: int
    frames: int
    fragments: int
    start_us: int
    end_us: int
    head: bytes


def take_volume(path: Path, disk: Disk, *, expected: str | None = None) -> Volume:
    """The volume in ``path``, made if the folder is empty and no volume is expected there.

    Raises ``Conflict`` (code ``volume_foreign``) when another volume is there, ``NotFound`` when the expected is not.
    """
    if expected is None and not (path / "volume.json").exists():
        return create_volume(path, disk)
    volume = read_volume(path)
    if expected is not None and volume.uuid != expected:
        raise Conflict(
            f"The disk in {path} is not the volume {expected[:8]} that belongs there.",
            code="volume_foreign",
            hint="Mount the right disk; nothing was written to this one.",
        )
    return volume


class Store:
    """The open archive of one volume. Not for several threads."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        key: SigningKey | None = None,
        disk: Disk | None = None,
        expected: str | None = None,
        clock_trusted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.clock, self.disk, self.clock_trusted = clock, disk or Disk(), clock_trusted
        path.mkdir(parents=True, exist_ok=True)
        with ExitStack() as on_failure:
            self._lock = on_failure.enter_context(closing(VolumeLock(path)))
            volume = take_volume(path, self.disk, expected=expected)
            self.volume = replace(volume, generation=volume.generation + 1)
            self._journal = on_failure.enter_context(closing(Journal(path / JOURNAL, self.disk, key)))
            self.db = on_failure.enter_context(closing(connect(path / CATALOGUE)))
            self.projection = Projection(self.db, VolumeFiles(self.volume))
            self.rebuilt = self._catch_up()
            write_volume(self.volume, self.disk)
            self._stage("start", {"generation": self.volume.generation, "clock_trusted": self.clock_trusted()})
            self.commit()
            on_failure.pop_all()

    # --- coherence -------------------------------------------------------------------------------------------

    def _catch_up(self) -> bool:
        """Bring the catalogue to where the journal is; make it anew when it is not this volume's: then True."""
        known = meta(self.db)
        if known is not None and known["volume"] == self.volume.uuid and int(known["journal_n"]) <= self._journal.n:
            behind = int(known["journal_n"])
            if behind == self._journal.n and known["journal_head"] == self._journal.head.hex():
                return False
            if behind < self._journal.n and self._apply_after(behind, known["journal_head"]):
                return False
        self.make_anew()
        return True

    def _apply_after(self, behind: int, head: str) -> bool:
        """Apply what the catalogue has not seen; False when its last line is not in this journal."""
        at = GENESIS.hex()
        with self.db:
            self.db.execute("BEGIN")
            for line, after in read_journal(self.volume.path / JOURNAL):
                if line["n"] > behind:
                    if line["n"] == behind + 1 and at != head:
                        return False
                    self.projection.apply(line, after)
                at = after.hex()
        return True

    def make_anew(self) -> None:
        """Throw the catalogue's rows away and apply the whole journal. Media and journal are only read."""
        with self.db:
            self.db.execute("BEGIN")
            create_tables(self.db)
            set_meta(self.db, volume=self.volume.uuid, generation=0, journal_n=0, journal_head=GENESIS.hex())
            self.projection = Projection(self.db, VolumeFiles(self.volume))
            for line, head in read_journal(self.volume.path / JOURNAL):
                self.projection.apply(line, head)

    # --- staging ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self.db.in_transaction:
            self.db.execute("BEGIN")

    def _stage(self, do: str, fields: Mapping[str, Json], *, signed: bool = False, init: bytes | None = None) -> None:
        self._begin()
        line = self._journal.append(do, self.clock.now_us(), fields, signed=signed)
        if init is None:
            self.projection.apply(line, self._journal.head)
        else:
            self.projection.intent(line, self._journal.head, init)

    def commit(self) -> None:
        """Make everything staged durable, then visible. ``Unavailable``: nothing of it happened."""
        try:
            self._journal.sync()
            if self.db.in_transaction:
                self.db.execute("COMMIT")
        except sqlite3.Error as error:
            self.roll_back()
            raise Corrupt(
                f"The catalogue cannot be written: {error}.",
                code="catalogue_unwritable",
                hint="The journal has it: the catalogue is caught up when the writer starts again.",
            ) from error
        except Unavailable:
            self.roll_back()
            raise

    def roll_back(self) -> None:
        """Take back what was staged and not committed."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        self._journal.take_back()

    # --- acts of ingest --------------------------------------------------------------------------------------

    def begin_segment(self, *, segment: str, facts: RunFacts, init: bytes) -> Place:
        """Journal the intent to write a file, and its run when it is new. Again: the same place."""
        path = self.volume.media_path(facts.camera, segment)
        self.disk.make_folders(path.parent, below=self.volume.path)
        known = self.db.execute("SELECT state FROM segment WHERE segment = ?", (segment,)).fetchone()
        if known is None:
            self._stage_run(facts, init)
            self._stage("intent", {"segment": segment, **_of(facts)}, init=init)
        elif known[0] != "open":
            raise Conflict("This segment is closed already.", code="segment_closed")
        return Place(path, self.head(facts.camera, facts.stream))

    def _stage_run(self, facts: RunFacts, init: bytes) -> None:
        if self.db.execute("SELECT 1 FROM run WHERE run = ?", (facts.run,)).fetchone() is None:
            self._stage("run", {**run_json(facts), "init": sha256(init).hex()})

    def durable(self, segment: str, entries: Iterable[Entry]) -> None:
        """Fragments are on the disk: no journal line, the file says it itself."""
        self._begin()
        self.projection.durable(segment, entries)

    def seal(self, sealing: Sealing) -> None:
        """Close a segment. Sealing it again is no error."""
        row = self.db.execute("SELECT state FROM segment WHERE segment = ?", (sealing.segment,)).fetchone()
        if row is not None and row[0] != "open":
            return
        self._stage("seal", {"segment": sealing.segment, "state": sealing.state, **_sizes(sealing)})

    def void(self, segment: str) -> None:
        """A segment in which nothing whole was ever written."""
        if self.db.execute("SELECT 1 FROM segment WHERE segment = ?", (segment,)).fetchone() is not None:
            self._stage("void", {"segment": segment})

    def adopt(self, facts: RunFacts, sealing: Sealing, init: bytes) -> None:
        """Take in a file that neither journal nor catalogue knows (never wiped)."""
        self._stage_run(facts, init)
        self._stage("adopt", {"segment": sealing.segment, **_of(facts), **_sizes(sealing)})

    def head(self, camera: str, stream: StreamName) -> bytes:
        """The SHA-256 of the stream's newest fragment; 32 zero bytes before the first."""
        row = self.db.execute(
            "SELECT head FROM stream WHERE camera = ? AND stream = ?", (camera, stream.value)
        ).fetchone()
        return GENESIS if row is None else bytes(row[0])

    def gap(
        self,
        camera: str,
        stream: StreamName,
        *,
        start_us: int,
        cause: GapCause,
        detail: str,
        end_us: int | None = None,
    ) -> None:
        """Pictures stopped at ``start_us``. One gap is open for a stream: another cause ends the one before."""
        open_gap = self.db.execute(
            "SELECT id, cause, start_us FROM gap WHERE camera = ? AND stream = ? AND end_us IS NULL",
            (camera, stream.value),
        ).fetchone()
        if open_gap is not None:
            if open_gap[1] == cause:
                return
            start_us = max(start_us, open_gap[2])
            self._stage("gap_end", {"gap": open_gap[0], "end_us": start_us})
        fields: dict[str, Json] = {"end_us": end_us} if end_us is not None else {}
        fields |= {"camera": camera, "stream": stream.value, "start_us": start_us}
        self._stage("gap", fields | {"cause": cause.value, "detail": detail[:200]})

    def gap_since_durable(self, camera: str, stream: StreamName, *, cause: GapCause, detail: str) -> None:
        """A gap since the newest durable picture, unless one is open already or nothing was ever recorded."""
        row = self.db.execute(
            "SELECT durable_until_us FROM stream WHERE camera = ? AND stream = ? AND NOT EXISTS (SELECT 1 FROM gap "
            "WHERE gap.camera = stream.camera AND gap.stream = stream.stream AND end_us IS NULL)",
            (camera, stream.value),
        ).fetchone()
        if row is not None:
            self.gap(camera, stream, start_us=row[0], cause=cause, detail=detail)

    def end_gap(self, camera: str, stream: StreamName, *, end_us: int) -> None:
        """Pictures are back."""
        for (number,) in self.db.execute(
            "SELECT id FROM gap WHERE camera = ? AND stream = ? AND end_us IS NULL", (camera, stream.value)
        ).fetchall():
            self._stage("gap_end", {"gap": number, "end_us": end_us})

    def streams(self) -> list[tuple[str, str]]:
        """Every stream that was ever recorded here."""
        return [(row[0], row[1]) for row in self.db.execute("SELECT camera, stream FROM stream")]

    def note_settings(self, *, version: int, digest: str) -> None:
        """Journal that other camera settings hold from now on."""
        self._stage("settings", {"version": version, "sha256": digest})

    # --- holds -----------------------------------------------------------------------------------------------

    def hold_set(self, *, hold: str, camera: str, span: Span, reference: str, judicial: bool) -> None:
        """Hold footage. The same again is no error; another hold under the same id is ``Conflict``."""
        if not hold or not reference.strip() or len(reference) > 200:
            raise Invalid("A hold needs an id and a reference.", code="hold_invalid")
        row = self.db.execute(
            "SELECT camera, start_us, end_us, judicial, released_us FROM hold WHERE hold = ?", (hold,)
        ).fetchone()
        if row is not None:
            if (row[0], row[1], row[2], bool(row[3]), row[4]) != (camera, span.start_us, span.end_us, judicial, None):
                raise Conflict("There is another hold, or a released one, under this id.", code="hold_taken")
            return
        fields: dict[str, Json] = {"hold": hold, "camera": camera, "start_us": span.start_us, "end_us": span.end_us}
        self._stage("hold", fields | {"reference": reference, "judicial": judicial})

    def hold_release(self, *, hold: str, reason: str) -> None:
        """Let a hold go; ``NotFound`` when there is none of that id."""
        row = self.db.execute("SELECT released_us FROM hold WHERE hold = ?", (hold,)).fetchone()
        if row is None:
            raise NotFound("There is no such hold.", code="no_hold")
        if row[0] is None:
            self._stage("release", {"hold": hold, "reason": reason[:200]}, signed=True)

    def hold_facts(self, hold: str) -> tuple[int, list[Span]]:
        """Since when a hold is durable, and which recorded spans it covers."""
        row = self.db.execute("SELECT set_us, camera, start_us, end_us FROM hold WHERE hold = ?", (hold,)).fetchone()
        if row is None:
            raise NotFound("There is no such hold.", code="no_hold")
        whole = Span.of_us(row[2], row[3])
        found = self.db.execute(
            "SELECT start_us, end_us FROM piece WHERE camera = ? AND end_us > ? AND start_us < ?", row[1:2] + row[2:4]
        ).fetchall()
        parts = (Span.of_us(start, end).cut(whole) for start, end in found)
        return int(row[0]), union(part for part in parts if part is not None)

    # --- destruction -----------------------------------------------------------------------------------------

    def destroy(self, segments: Iterable[tuple[str, str]], *, rule: str) -> int:
        """Destroy segments (pairs of segment, camera) by ``rule``: signed lines first, files after. Bytes freed."""
        gone: list[Path] = []
        freed = 0
        for segment, camera in segments:
            row = self.db.execute(
                "SELECT stream, start_us, end_us, bytes, head FROM segment WHERE segment = ? AND state <> 'open'",
                (segment,),
            ).fetchone()
            if row is None:
                continue
            fields: dict[str, Json] = {"segment": segment, "camera": camera, "stream": row[0], "start_us": row[1]}
            fields |= {"end_us": row[2], "bytes": row[3], "head": bytes(row[4]).hex(), "rule": rule}
            self._stage("destroy", fields, signed=True)
            gone.append(self.volume.media_path(camera, segment))
            freed += row[3]
        self.commit()
        for path in gone:
            path.unlink(missing_ok=True)
        return freed

    def close(self) -> None:
        """Close catalogue, journal and lock. What was staged and not committed is lost."""
        self.db.close()
        self._journal.close()
        self._lock.close()


def _of(facts: RunFacts) -> dict[str, Json]:
    return {"run": facts.run, "camera": facts.camera, "stream": facts.stream.value}


def _sizes(sealing: Sealing) -> dict[str, Json]:
    return {
        "bytes": sealing.size_bytes,
        "frames": sealing.frames,
        "fragments": sealing.fragments,
        "start_us": sealing.start_us,
        "end_us": sealing.end_us,
        "head": sealing.head.hex(),
    }
