"""The catalogue as what it is: the journal and the media files, applied line by line.

The writer applies each line as it is written; after a crash the lines that the catalogue has not seen are applied;
``archive rebuild`` applies them all. One code, so that the three cannot differ.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, Protocol

from beffroi.kernel.digest import GENESIS
from beffroi.media.core import index
from beffroi.media.core.index import Entry
from beffroi.media.core.journal import Line
from beffroi.media.core.stamp import RunFacts, run_json

DAY_US = 86_400_000_000


class Files(Protocol):
    """What a line cannot say and a file can."""

    def init_of(self, segment: str, camera: str) -> bytes | None:
        """The init section of a segment's file; ``None`` when the file is not there."""

    def entries_of(self, segment: str, camera: str) -> list[Entry] | None:
        """Its whole fragments; ``None`` when the file is not there."""

    def facts_of(self, segment: str, camera: str) -> RunFacts | None:
        """Whose it is, by its own run box."""


class Projection:
    """Applies journal lines to a catalogue. The caller opens and commits transactions."""

    def __init__(self, connection: sqlite3.Connection, files: Files) -> None:
        self._db, self._files = connection, files
        self._runs: dict[str, dict[str, Any]] = {}  # begun, but with no segment yet
        self.unsaid: set[str] = set()  # runs that only their files tell of: their line is lost

    def read_from(self, files: Files) -> None:
        """From now on, ask these files."""
        self._files = files

    def apply(self, line: Line, head: bytes) -> None:
        """One line. Lines of unknown kind are passed over: a newer version may have written them."""
        act = _ACTS.get(line["do"])
        if act is not None:
            act(self, line)
        self._db.execute("UPDATE meta SET value = ? WHERE name = 'journal_n'", (str(line["n"]),))
        self._db.execute("UPDATE meta SET value = ? WHERE name = 'journal_head'", (head.hex(),))

    def durable(self, segment: str, entries: Iterable[Entry]) -> None:
        """Fragments of an open segment that are on the disk. Those already known are passed over."""
        row = self._db.execute(
            "SELECT id, run, camera, stream FROM segment WHERE segment = ? AND state = 'open'", (segment,)
        ).fetchone()
        if row is None:
            return
        for each in entries:
            fresh = self._db.execute(
                "INSERT OR IGNORE INTO open_fragment VALUES (?, ?, ?)", (row[0], each.sequence, index.pack_entry(each))
            )
            if fresh.rowcount:
                self._add(row[0], row[1], row[2], row[3], each)

    # --- lines -------------------------------------------------------------------------------------------------

    def _start(self, line: Line) -> None:
        self._db.execute("UPDATE meta SET value = ? WHERE name = 'generation'", (str(line["generation"]),))

    def _run(self, line: Line) -> None:
        self.unsaid.discard(line["run"])
        self._runs[line["run"]] = line

    def _run_row(self, line: Line, init: bytes | None) -> int | None:
        """The row of the line's run; ``None`` when nothing says any more what that run was."""
        run, segment, camera = line["run"], line["segment"], line["camera"]
        row = self._db.execute("SELECT id, init = x'' FROM run WHERE run = ?", (run,)).fetchone()
        if row is None or row[1]:
            init = init if init is not None else self._files.init_of(segment, camera)
        if row is not None:
            if row[1] and init:
                self._db.execute("UPDATE run SET init = ? WHERE id = ?", (init, row[0]))
            return int(row[0])
        known = self._runs.pop(run, None)
        if known is None:  # its line is lost: the file says it too
            facts = self._files.facts_of(segment, camera)
            if facts is None or facts.run != run:
                return None
            known = {"n": line["n"], **run_json(facts)}
            self.unsaid.add(run)
        line = known
        self._db.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                line["n"],
                run,
                line["camera"],
                line["stream"],
                line["codec"],
                line["width"],
                line["height"],
                int(line["synthetic"]),
                line["mask_version"],
                line["born_us"],
                init or b"",
            ),
        )
        return int(line["n"])

    def _intent(self, line: Line, init: bytes | None = None, state: str = "open") -> None:
        run = self._run_row(line, init)
        if run is None:
            return
        self._db.execute(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, ?, NULL)",
            (line["n"], line["segment"], run, line["camera"], line["stream"], state, GENESIS),
        )

    def intent(self, line: Line, head: bytes, init: bytes) -> None:
        """An intent whose init section is at hand (its file is not there yet)."""
        self._intent(line, init)
        self.apply({**line, "do": ""}, head)

    def _seal(self, line: Line) -> None:
        row = self._db.execute(
            "SELECT id, run, camera, stream FROM segment WHERE segment = ?", (line["segment"],)
        ).fetchone()
        if row is None:
            return
        number, run, camera, stream = row
        rows = self._db.execute(
            "SELECT sequence, entry FROM open_fragment WHERE segment = ? ORDER BY sequence", (number,)
        )
        known = {sequence: index.unpack_entry(entry) for sequence, entry in rows}
        entries = list(known.values())
        state = line["state"]
        if len(entries) != line["fragments"] or (entries and entries[-1].sha256.hex() != line["head"]):
            found = self._files.entries_of(line["segment"], camera)
            state = "missing" if found is None else state
            entries = (found or [])[: line["fragments"]]
        self._prolong_by(run, camera, stream, [each for each in entries if each.sequence not in known])
        self._db.execute("DELETE FROM open_fragment WHERE segment = ?", (number,))
        self._db.execute(
            "UPDATE segment SET state = ?, start_us = ?, end_us = ?, bytes = ?, frames = ?, fragments = ?, head = ?, "
            "entries = ? WHERE id = ?",
            (
                state,
                line["start_us"],
                line["end_us"],
                line["bytes"],
                line["frames"],
                line["fragments"],
                bytes.fromhex(line["head"]),
                index.pack(entries),
                number,
            ),
        )
        self._count(camera, stream, line["start_us"], line["bytes"])
        self._advance(camera, stream, line["end_us"], bytes.fromhex(line["head"]))

    def _adopt(self, line: Line) -> None:
        self._intent(line, state="adopted")
        self._seal({**line, "state": "adopted"})

    def _void(self, line: Line) -> None:
        row = self._db.execute("SELECT id, run FROM segment WHERE segment = ?", (line["segment"],)).fetchone()
        if row is not None:
            self._forget(*row)

    def _gap_open(self, line: Line) -> None:
        self._db.execute(
            "INSERT INTO gap VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                line["n"],
                line["camera"],
                line["stream"],
                line["start_us"],
                line.get("end_us"),
                line["cause"],
                line["detail"],
            ),
        )

    def _gap_close(self, line: Line) -> None:
        self._db.execute(
            "UPDATE gap SET end_us = max(start_us, ?) WHERE id = ? AND end_us IS NULL", (line["end_us"], line["gap"])
        )

    def _hold(self, line: Line) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO hold VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, '')",
            (
                line["n"],
                line["hold"],
                line["camera"],
                line["start_us"],
                line["end_us"],
                line["reference"],
                int(line["judicial"]),
                line.get("acted_us", line["at_us"]),
            ),
        )

    def _release(self, line: Line) -> None:
        self._db.execute(
            "UPDATE hold SET released_us = ?, reason = ? WHERE hold = ? AND released_us IS NULL",
            (line.get("acted_us", line["at_us"]), line["reason"], line["hold"]),
        )

    def _destroy(self, line: Line) -> None:
        row = self._db.execute(
            "SELECT id, run, start_us, bytes FROM segment WHERE segment = ?", (line["segment"],)
        ).fetchone()
        for part, (_, _, start_us, end_us, head) in enumerate(
            line.get("tombs") or [(0, 0, line["start_us"], line["end_us"], line["head"])]
        ):
            self._db.execute(
                "INSERT INTO destruction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    line["n"],
                    part,
                    line["segment"],
                    line["camera"],
                    line["stream"],
                    start_us,
                    end_us,
                    line["bytes"],
                    bytes.fromhex(head),
                    line["rule"],
                    line.get("acted_us", line["at_us"]),
                ),
            )
        self._db.execute("DELETE FROM cutting WHERE source = ?", (line["segment"],))
        if row is None:
            return  # the lines that told of it are lost; that it is gone is not
        self._cut_pieces(row[1], line["camera"], line["stream"], line["start_us"], line["end_us"])
        self._count(line["camera"], line["stream"], row[2], -row[3])
        if line.get("kept"):
            self._keep(line, row[1])
        self._forget(*row[:2])

    def _move(self, line: Line) -> None:
        """A file stands on another volume now: its place here is empty, its head still names the chain."""
        row = self._db.execute(
            "SELECT id, run, start_us, bytes FROM segment WHERE segment = ?", (line["segment"],)
        ).fetchone()
        self._db.execute(
            "INSERT INTO moved VALUES (?, ?, ?, ?, ?)",
            (line["n"], line["segment"], line["camera"], bytes.fromhex(line["head"]), line["to"]),
        )
        if row is not None:
            self._cut_pieces(row[1], line["camera"], line["stream"], line["start_us"], line["end_us"])
            self._count(line["camera"], line["stream"], row[2], -row[3])
            self._forget(*row[:2])

    def _keep(self, line: Line, run: int) -> None:
        """What a hold needed of a file stands in another: the same fragments, the same digests."""
        kept, camera, stream = line["kept"], line["camera"], line["stream"]
        entries = self._files.entries_of(kept["segment"], camera)
        (bare,) = self._db.execute("SELECT init = x'' FROM run WHERE id = ?", (run,)).fetchone()
        if bare:
            init = self._files.init_of(kept["segment"], camera) or b""
            self._db.execute("UPDATE run SET init = ? WHERE id = ?", (init, run))
        self._db.execute(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                line["n"],
                kept["segment"],
                run,
                camera,
                stream,
                "missing" if entries is None else "kept",
                kept["start_us"],
                kept["end_us"],
                kept["bytes"],
                kept["frames"],
                kept["fragments"],
                bytes.fromhex(kept["head"]),
                index.pack(entries or []),
            ),
        )
        self._prolong_by(run, camera, stream, entries or [])
        self._count(camera, stream, kept["start_us"], kept["bytes"])

    def _cutting(self, line: Line) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO cutting VALUES (?, ?, ?, ?)",
            (line["n"], line["segment"], line["camera"], line["source"]),
        )

    def _break(self, line: Line) -> None:
        self._db.execute(
            "INSERT INTO broken VALUES (?, ?, ?, ?, ?)",
            (line["n"], line["first"], line["last"], line["at_us"], line["holds"]),
        )

    def _seen(self, _line: Line) -> None:
        self._db.execute("UPDATE broken SET holds = 'seen' WHERE holds = 'unknown'")

    # --- rows --------------------------------------------------------------------------------------------------

    def _forget(self, number: int, run: int) -> None:
        """A segment is gone; a run without segments goes with its last."""
        self._db.execute("DELETE FROM open_fragment WHERE segment = ?", (number,))
        self._db.execute("DELETE FROM segment WHERE id = ?", (number,))
        if self._db.execute("SELECT 1 FROM segment WHERE run = ? LIMIT 1", (run,)).fetchone() is None:
            kept = self._db.execute("SELECT * FROM run WHERE id = ?", (run,)).fetchone()
            self._db.execute("DELETE FROM piece WHERE run = ?", (run,))
            self._db.execute("DELETE FROM run WHERE id = ?", (run,))
            names = ("n", "run", "camera", "stream", "codec", "width", "height", "synthetic", "mask_version", "born_us")
            self._runs[kept[1]] = dict(zip(names, kept, strict=False))

    def _add(self, number: int, run: int, camera: str, stream: str, each: Entry) -> None:
        """A fragment more: the segment, its stream and the piece it prolongs."""
        self._db.execute(
            "UPDATE segment SET start_us = CASE WHEN fragments = 0 THEN ? ELSE start_us END, end_us = ?, bytes = ?, "
            "frames = frames + ?, fragments = fragments + 1, head = ? WHERE id = ?",
            (each.start_us, each.end_us, each.offset + each.length, each.frames, each.sha256, number),
        )
        self._prolong(run, camera, stream, each.start_us, each.end_us)
        self._advance(camera, stream, each.end_us, each.sha256)

    def _prolong_by(self, run: int, camera: str, stream: str, entries: list[Entry]) -> None:
        """The same as ``_prolong`` one by one; what follows on is one step, where no piece ends in the midst of it."""
        for each in index.stretches(entries):
            start_us, end_us = each[0].start_us, each[-1].end_us
            inside = self._db.execute(
                "SELECT 1 FROM piece WHERE camera = ? AND stream = ? AND end_us > ? AND end_us < ? AND run = ?",
                (camera, stream, start_us, end_us, run),
            ).fetchone()
            spans = [(start_us, end_us)] if inside is None else [(one.start_us, one.end_us) for one in each]
            for span in spans:
                self._prolong(run, camera, stream, *span)

    def _prolong(self, run: int, camera: str, stream: str, start_us: int, end_us: int) -> None:
        """The piece that a fragment goes on, or begins."""
        grown = self._db.execute(
            "UPDATE piece SET end_us = ? WHERE camera = ? AND stream = ? AND run = ? AND end_us = ?",
            (end_us, camera, stream, run, start_us),
        )
        if not grown.rowcount:
            self._db.execute(
                "INSERT OR REPLACE INTO piece VALUES (?, ?, ?, ?, ?)", (run, camera, stream, start_us, end_us)
            )

    def _count(self, camera: str, stream: str, start_us: int, size: int) -> None:
        """Closed bytes more, or fewer, of the day on which they begin."""
        self._db.execute(
            "INSERT INTO day VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
            (camera, stream, start_us // DAY_US, size),
        )
        if size < 0:
            self._db.execute(
                "DELETE FROM day WHERE camera = ? AND stream = ? AND day = ? AND bytes <= 0",
                (camera, stream, start_us // DAY_US),
            )

    def _advance(self, camera: str, stream: str, until_us: int, head: bytes) -> None:
        self._db.execute(
            "INSERT INTO stream VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET durable_until_us = excluded.durable_until_us, head = excluded.head",
            (camera, stream, until_us, head),
        )

    def _cut_pieces(self, run: int, camera: str, stream: str, start_us: int, end_us: int) -> None:
        found = self._db.execute(
            "SELECT start_us, end_us FROM piece "
            "WHERE camera = ? AND stream = ? AND run = ? AND end_us > ? AND start_us < ?",
            (camera, stream, run, start_us, end_us),
        ).fetchall()
        for start, end in found:
            self._db.execute(
                "DELETE FROM piece WHERE camera = ? AND stream = ? AND start_us = ? AND run = ?",
                (camera, stream, start, run),
            )
            for left, right in ((start, min(end, start_us)), (max(start, end_us), end)):
                if left < right:
                    self._db.execute("INSERT INTO piece VALUES (?, ?, ?, ?, ?)", (run, camera, stream, left, right))


_ACTS = {
    "start": Projection._start,
    "run": Projection._run,
    "intent": Projection._intent,
    "seal": Projection._seal,
    "adopt": Projection._adopt,
    "void": Projection._void,
    "gap": Projection._gap_open,
    "gap_end": Projection._gap_close,
    "hold": Projection._hold,
    "release": Projection._release,
    "cut": Projection._cutting,
    "move": Projection._move,
    "destroy": Projection._destroy,
    "break": Projection._break,
    "seen": Projection._seen,
}
