"""Journal first, then catalogue: the two kept as one, and brought together again when they are not.

Acts are *staged*: a line in the journal's buffer, its rows in an open transaction. ``commit`` flushes the journal once,
then commits the transaction; a flush that fails takes both back. So the cameras of a host share one flush
(docs/design/archive.md, "Flush").
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import GENESIS
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.files import CatalogueFiles, FirstOf, VolumeFiles
from beffroi.media.archive.journal import Journal, read_after, read_journal
from beffroi.media.archive.projection import Projection
from beffroi.media.archive.restating import Said, unsaid, unsaid_runs
from beffroi.media.archive.tables import READABLE, connect, connect_to_read, create_tables, meta, set_meta
from beffroi.media.archive.volume import CATALOGUE, JOURNAL, Volume
from beffroi.media.core.index import Entry
from beffroi.media.core.journal import Break, Line
from beffroi.media.core.scan import Scan


class Ledger:
    """The open journal and catalogue of one volume. Not for several threads."""

    def __init__(self, volume: Volume, clock: Clock, disk: Disk, key: SigningKey | None) -> None:
        self._volume, self._clock = volume, clock
        self.lost: list[Break] = []  # found when it was opened
        self._behind = False  # the journal has lines that the catalogue could not take
        self._spoilt: Unavailable | None = None
        with ExitStack() as on_failure:
            self._journal = on_failure.enter_context(closing(Journal(volume.path / JOURNAL, disk, key)))
            self.db = on_failure.enter_context(closing(connect(volume.path / CATALOGUE)))
            self._files = VolumeFiles(volume)
            self.projection = Projection(self.db, self._files)
            self.rebuilt = self._catch_up()
            on_failure.pop_all()

    # --- coherence -------------------------------------------------------------------------------------------

    def _catch_up(self) -> bool:
        """Bring the catalogue to where the journal is; make it anew when that cannot be done: then True."""
        known = meta(self.db)
        if known is not None and known["volume"] == self._volume.uuid:
            n, head = int(known["journal_n"]), known["journal_head"]
            if (n, head) == (self._journal.n, self._journal.head.hex()):
                return False
            if n < self._journal.n:
                lines = read_after(self._volume.path / JOURNAL, n, bytes.fromhex(head))
                if lines is not None and self._apply(lines):
                    return False
        self.lost = self.make_good()
        return True

    def _apply(self, lines: Iterable[tuple[Line, bytes] | Break]) -> bool:
        """Apply what the catalogue has not seen; False, and nothing, when lines are missing among it."""
        self.db.execute("BEGIN")
        try:
            for each in lines:
                if isinstance(each, Break):
                    return False
                if each[0]["n"] <= self._journal.n:  # what is beyond was never acknowledged
                    self.projection.apply(*each)
            self.db.execute("COMMIT")
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
        return True

    def make_good(self) -> list[Break]:
        """Make the catalogue anew from all of the journal that can be proved, and set the rest aside: a signed line
        names each stretch that is lost, and what the catalogue still knows of it is said again. What is newly lost."""
        known = meta(self.db, formats=READABLE)
        ours = known is not None and known["volume"] == self._volume.uuid
        before = connect_to_read(self._volume.path / CATALOGUE)
        try:
            before.execute("BEGIN")
            before.execute("SELECT 1 FROM sqlite_master").fetchone()  # it stays as it is now, while it is written over
            until = int(known["journal_n"]) if ours and known is not None else 0
            if known is not None and until > self._journal.n:
                self._journal.skip_to(until, bytes.fromhex(known["journal_head"]))
            files = self._files
            lost = self.make_anew(FirstOf(CatalogueFiles(before), files) if ours else files)
            lost = [each for each in [*lost, *self._lost_tail()] if not self._is_told(each)]
            for each in lost:
                self._tell_break(each, proved=each.last <= until)
            for said in unsaid_runs(self.db, self.projection.unsaid) if lost else ():
                self._say_again(said)
            for said in unsaid(before, self.db) if lost and ours else ():
                self._say_again(said)
            self.commit()
        finally:
            self.projection.read_from(self._files)
            before.close()
        return lost

    def make_anew(self, files: CatalogueFiles | FirstOf | VolumeFiles | None = None) -> list[Break]:
        """Throw the catalogue's rows away and apply the whole journal; what of it is missing. Media and journal are
        only read."""
        lost: list[Break] = []
        with self.db:
            self.db.execute("BEGIN")
            create_tables(self.db)
            set_meta(self.db, volume=self._volume.uuid, generation=0, journal_n=0, journal_head=GENESIS.hex())
            self.projection = Projection(self.db, files or self._files)
            for each in read_journal(self._volume.path / JOURNAL):
                if isinstance(each, Break):
                    lost.append(each)
                elif each[0]["n"] <= self._journal.n:
                    self.projection.apply(*each)
        return lost

    def _lost_tail(self) -> list[Break]:
        """Lines at the end that are known to have been written, and are not there."""
        known = meta(self.db) or {}
        n, head = int(known["journal_n"]), bytes.fromhex(known["journal_head"])
        return [Break(n + 1, self._journal.n, head, self._journal.head)] if n < self._journal.n else []

    def _is_told(self, lost: Break) -> bool:
        return self.db.execute(
            "SELECT 1 FROM broken WHERE first = ? AND last = ?", (lost.first, lost.last)
        ).fetchone() is not None  # fmt: skip

    def _tell_break(self, lost: Break, *, proved: bool) -> None:
        fields: dict[str, Json] = {"first": lost.first, "last": lost.last, "holds": "proved" if proved else "unknown"}
        self.stage("break", fields | {"before": lost.before.hex(), "after": lost.after.hex()}, signed=True)

    def _say_again(self, said: Said) -> None:
        self.stage(said.do, said.fields, signed=said.do in ("destroy", "release"))

    # --- staging ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open a transaction unless one is; ``Unavailable`` while the catalogue cannot be brought to the journal."""
        if self._behind:
            try:
                self._catch_up()
            except sqlite3.Error as error:
                raise self._unwritable(error) from error
            self._behind = False
        if not self.db.in_transaction:
            self.db.execute("BEGIN")

    def stage(self, do: str, fields: Mapping[str, Json], *, signed: bool = False, init: bytes | None = None) -> None:
        """One line, and its rows."""
        self.begin()
        line = self._journal.append(do, self._clock.now_us(), fields, signed=signed)
        if init is None:
            self._write(lambda: self.projection.apply(line, self._journal.head))
        else:
            self._write(lambda: self.projection.intent(line, self._journal.head, init))

    def durable(self, segment: str, entries: Iterable[Entry]) -> None:
        """Fragments that need no line: their file says it itself."""
        self.begin()
        self._write(lambda: self.projection.durable(segment, entries))

    def read(self, segment: str, found: Scan) -> None:
        """What a file holds, just read: the next line about it needs it."""
        self._files.remember(segment, found)

    def _write(self, rows: Callable[[], None]) -> None:
        """Rows of what is staged. A disk that takes them no more spoils all that is staged: ``commit`` will say so."""
        try:
            rows()
        except sqlite3.OperationalError as error:
            self._spoilt = self._unwritable(error)
            raise self._spoilt from error

    def _unwritable(self, error: sqlite3.Error) -> Unavailable:
        self.roll_back()
        return Unavailable(
            f"The catalogue cannot be written: {error}.",
            code="catalogue_unwritable",
            hint="Look at the disk of the archive: is it full, read-only or failing?",
        )

    def commit(self) -> None:
        """Make everything staged durable, then visible. ``Unavailable``: nothing of it was acknowledged, and all of it
        may be asked for again; what of it the journal has is in the catalogue before anything else is."""
        spoilt, self._spoilt = self._spoilt, None
        if spoilt is not None:
            self.roll_back()
            raise spoilt
        try:
            self._journal.sync()
            if self.db.in_transaction:
                self.db.execute("COMMIT")
        except sqlite3.Error as error:
            self._behind = True
            raise self._unwritable(error) from error
        except Unavailable:
            self.roll_back()
            raise

    def roll_back(self) -> None:
        """Take back what was staged and not committed."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        self._journal.take_back()

    def close(self) -> None:
        """Close catalogue and journal. What was staged and not committed is lost."""
        self.db.close()
        self._journal.close()
