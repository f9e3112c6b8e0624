"""The archive as its one writer has it: every act that changes it. Used by the writer process and the demonstration.

Each act is staged in the ledger (journal and catalogue) and happens when ``commit`` comes back.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span, union
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.files import first_head
from beffroi.media.archive.ledger import Ledger
from beffroi.media.archive.volume import Volume, VolumeLock, create_volume, mark_of, read_volume, write_volume
from beffroi.media.core.index import Entry, unpack_entry
from beffroi.media.core.stamp import RunFacts, run_json
from beffroi.media.core.words import GapCause, Hold, StreamName

_LOG = logging.getLogger("beffroi.writer")


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
        self.links = False  # there are other volumes beside this one
        self.clock, self.disk, self.clock_trusted = clock, disk or Disk(), clock_trusted
        if expected is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            take_volume(
                path, self.disk, expected=expected
            )  # before a lock is left in the folder of a disk that is away
        with ExitStack() as on_failure:
            self._lock = on_failure.enter_context(closing(VolumeLock(path)))
            self._mark = mark_of(path)
            volume = take_volume(path, self.disk, expected=expected)
            self.volume = replace(volume, generation=volume.generation + 1)
            self.ledger = on_failure.enter_context(closing(Ledger(self.volume, clock, self.disk, key)))
            self.db, self.rebuilt = self.ledger.db, self.ledger.rebuilt
            self._stage, self.commit = self.ledger.stage, self.ledger.commit
            write_volume(self.volume, self.disk)
            self._stage("start", {"generation": self.volume.generation, "clock_trusted": self.clock_trusted()})
            self.commit()
            on_failure.pop_all()

    def is_there(self) -> bool:
        """Whether the same disk still stands at its path: what an unmounted one leaves says nothing about files."""
        return mark_of(self.volume.path) == self._mark

    # --- acts of ingest --------------------------------------------------------------------------------------

    def begin_segment(self, *, segment: str, facts: RunFacts, init: bytes) -> Place:
        """Journal the intent to write a file, and its run when it is new. Again: the same place."""
        if not self.is_there():
            raise Unavailable(f"The disk in {self.volume.path} is not there any more.", code="volume_absent")
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
        self.ledger.durable(segment, entries)

    def seal(self, sealing: Sealing) -> None:
        """Close a segment. Sealing it again is no error."""
        row = self.db.execute("SELECT state FROM segment WHERE segment = ?", (sealing.segment,)).fetchone()
        if row is not None and row[0] != "open":
            return
        if self.links:
            self._link(sealing.segment)
        self._stage("seal", {"segment": sealing.segment, "state": sealing.state, **sizes_json(sealing)})

    def _link(self, segment: str) -> None:
        """Where a file's first fragment names one of another volume, say so: the chain is followed over all of them."""
        camera, stream = self.db.execute(
            "SELECT camera, stream FROM segment WHERE segment = ?", (segment,)
        ).fetchone()  # fmt: skip
        before = self.db.execute(
            "SELECT head FROM segment WHERE camera = ? AND stream = ? AND state <> 'open' ORDER BY end_us DESC LIMIT 1",
            (camera, stream),
        ).fetchone()
        previous = first_head(self.volume.media_path(camera, segment))
        if previous is not None and previous != (GENESIS if before is None else bytes(before[0])):
            self.note_link(camera, stream, previous)

    def note_link(self, camera: str, stream: str, head: bytes) -> None:
        """A head that a fragment here names, and that another volume has."""
        self._stage("link", {"camera": camera, "stream": stream, "head": head.hex()})

    def void(self, segment: str) -> None:
        """A segment in which nothing whole was ever written."""
        if self.db.execute("SELECT 1 FROM segment WHERE segment = ?", (segment,)).fetchone() is not None:
            self._stage("void", {"segment": segment})

    def adopt(self, facts: RunFacts, sealing: Sealing, init: bytes) -> None:
        """Take in a file that neither journal nor catalogue knows (never wiped)."""
        self._stage_run(facts, init)
        self._stage("adopt", {"segment": sealing.segment, **_of(facts), **sizes_json(sealing)})

    def flushed(self, number: int) -> list[Entry]:
        """What of the open segment in this row is known to be on the disk."""
        rows = self.db.execute("SELECT entry FROM open_fragment WHERE segment = ? ORDER BY sequence", (number,))
        return [unpack_entry(entry) for (entry,) in rows]

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

    def open_gap(self, camera: str, stream: str) -> tuple[int, str, str] | None:
        """Since when there are no pictures, why, and what was found; ``None`` when no gap is open."""
        row = self.db.execute(
            "SELECT start_us, cause, detail FROM gap WHERE camera = ? AND stream = ? AND end_us IS NULL",
            (camera, stream),
        ).fetchone()
        return None if row is None else (int(row[0]), str(row[1]), str(row[2]))

    def durable_until_us(self, camera: str, stream: StreamName) -> int | None:
        """End of the stream's newest fragment here."""
        row = self.db.execute(
            "SELECT durable_until_us FROM stream WHERE camera = ? AND stream = ?", (camera, stream.value)
        ).fetchone()
        return None if row is None else int(row[0])

    def knows(self, segment: str) -> bool:
        """Whether this volume has, or had, an intent of that name."""
        return self.db.execute("SELECT 1 FROM segment WHERE segment = ?", (segment,)).fetchone() is not None

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

    def has_hold(self, hold: str) -> bool:
        """Whether a hold of this id was ever set here."""
        return self.db.execute("SELECT 1 FROM hold WHERE hold = ?", (hold,)).fetchone() is not None

    def holds_in_force(self, camera: str = "") -> list[Hold]:
        """The holds of a camera, or of all, that were not released."""
        rows = self.db.execute(
            "SELECT hold, camera, start_us, end_us, reference, judicial, set_us FROM hold "
            "WHERE released_us IS NULL AND ? IN ('', camera)",
            (camera,),
        )
        return [
            Hold(HoldId(hold), CameraId(whose), Span.of_us(start, end), reference, bool(judicial), set_us)
            for hold, whose, start, end, reference, judicial, set_us in rows
        ]

    def released_holds(self) -> list[tuple[str, str]]:
        """The holds that were let go, and why."""
        return list(self.db.execute("SELECT hold, reason FROM hold WHERE released_us IS NOT NULL"))

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

    def holds_unknown(self) -> bool:
        """Whether lines of the journal are lost that may have set a hold: then nothing may be destroyed (I6)."""
        return self.db.execute("SELECT 1 FROM broken WHERE holds = 'unknown'").fetchone() is not None

    def note_seen(self) -> None:
        """Somebody made sure that no hold is missing."""
        self._stage("seen", {}, signed=True)

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
            self.drop(path)
        return freed

    def drop(self, path: Path) -> None:
        """A file goes of which a line says so. One that the disk will not let go is tried again at each start, and told
        by ``archive check``: what it stands for must go on meanwhile."""
        try:
            self.disk.remove(path)
        except OSError as error:
            _LOG.warning("%s cannot be removed: %s", path, error.strerror)

    def moved_out(self, segment: str, *, to: str) -> None:
        """A closed segment stands on the volume ``to`` now."""
        row = self.db.execute(
            "SELECT camera, stream, start_us, end_us, bytes, head FROM segment WHERE segment = ?", (segment,)
        ).fetchone()
        fields: dict[str, Json] = {"segment": segment, "camera": row[0], "stream": row[1], "start_us": row[2]}
        fields |= {"end_us": row[3], "bytes": row[4], "head": bytes(row[5]).hex(), "to": to}
        self._stage("move", fields, signed=True)

    def note_cut(self, *, segment: str, source: str, camera: str) -> None:
        """A file ``segment`` is about to be made, of what is held in ``source``."""
        self._stage("cut", {"segment": segment, "source": source, "camera": camera})

    def destroy_but(
        self, segment: str, camera: str, kept: dict[str, Json], gone: list[Json], *, rule: str
    ) -> None:  # fmt: skip
        """Destroy a segment but for what stands in another file already: one signed line says both."""
        row = self.db.execute(
            "SELECT stream, start_us, end_us, bytes, head FROM segment WHERE segment = ?", (segment,)
        ).fetchone()
        fields: dict[str, Json] = {"segment": segment, "camera": camera, "stream": row[0], "start_us": row[1]}
        fields |= {"end_us": row[2], "bytes": row[3], "head": bytes(row[4]).hex(), "rule": rule}
        self._stage("destroy", fields | {"kept": kept, "tombs": gone}, signed=True)
        self.commit()
        self.drop(self.volume.media_path(camera, segment))

    def close(self) -> None:
        """Close ledger and lock. What was staged and not committed is lost."""
        self.ledger.close()
        self._lock.close()


def _of(facts: RunFacts) -> dict[str, Json]:
    return {"run": facts.run, "camera": facts.camera, "stream": facts.stream.value}


def sizes_json(sealing: Sealing) -> dict[str, Json]:
    """What a line says of a closed file."""
    return {
        "bytes": sealing.size_bytes,
        "frames": sealing.frames,
        "fragments": sealing.fragments,
        "start_us": sealing.start_us,
        "end_us": sealing.end_us,
        "head": sealing.head.hex(),
    }
