"""``archive check``: proves the numbered invariants A1 … A9 of docs/design/archive.md on a live or resting volume.

It writes nothing. With the recorder running, what is written meanwhile is not judged: open segments and files younger
than the journal's last line read here are passed over.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.archive.files import CatalogueFiles, all_files, scan_file
from beffroi.media.archive.journal import read_journal
from beffroi.media.archive.projection import Projection
from beffroi.media.archive.recovery import Progress
from beffroi.media.archive.tables import connect_to_read, create_tables, meta, set_meta
from beffroi.media.archive.volume import CATALOGUE, JOURNAL, Volume, read_volume
from beffroi.media.core import index
from beffroi.media.core.index import Entry
from beffroi.media.core.journal import Break, Line, signed_by
from beffroi.media.core.scan import Scan

WITH_INDEX = ("sealed", "kept")  # nothing but it stands behind the last fragment
SIGNED = ("destroy", "move", "release", "break", "seen")
COMPARED = ("run", "segment", "piece", "gap", "hold", "destruction", "stream", "day", "cutting", "moved", "broken")


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant that does not hold, where, and how."""

    invariant: str
    where: str
    what: str
    told: bool = False  # in a signed line already: nothing more can be done about it, and the archive is good


def check_volume(
    folder: Path,
    *,
    quick: bool = False,
    key: SigningKey | None = None,
    progress: Progress = lambda _done, _all: None,
) -> list[Finding]:
    """Every invariant that does not hold. ``NotFound`` or ``Corrupt`` when there is nothing that can be checked."""
    volume = read_volume(folder)
    database = connect_to_read(folder / CATALOGUE)
    try:
        database.execute("BEGIN")  # one state of the catalogue; the journal, read after, is never behind it
        lines, findings = _journal(volume)
        if not all(each.told for each in findings):
            return findings
        findings += _identity(database, volume, lines)
        findings += _signatures(lines, key)
        inits = {line["run"]: line["init"] for line, _ in lines if line["do"] == "run"}
        linked = {bytes.fromhex(line["head"]) for line, _ in lines if line["do"] == "link"}
        findings += _files(database, volume, inits, linked, quick=quick, progress=progress)
        findings += _orphans(database, volume)
        findings += _holds(database, lines)
        if all(each.told for each in findings):
            findings += _same_again(database, volume, lines)
    except sqlite3.DatabaseError as error:
        findings.append(Finding("A3", CATALOGUE, f"the catalogue cannot be read: {error}"))
    finally:
        database.close()
    return findings


def _journal(volume: Volume) -> tuple[list[tuple[Line, bytes]], list[Finding]]:
    """A1: the journal's chain is whole, but for what a signed line has told."""
    lines: list[tuple[Line, bytes]] = []
    breaks: list[Break] = []
    for each in read_journal(volume.path / JOURNAL):
        if isinstance(each, Break):
            breaks.append(each)
        else:
            lines.append(each)
    told = {(line["first"], line["last"]) for line, _ in lines if line["do"] == "break"}
    findings = [
        Finding(
            "A1",
            JOURNAL,
            f"lines {each.first} to {each.last} are not what was written",
            told=(each.first, each.last) in told,
        )
        for each in breaks
    ]
    return lines, findings


def _identity(database: sqlite3.Connection, volume: Volume, lines: list[tuple[Line, bytes]]) -> Iterator[Finding]:
    """A2: catalogue, journal and volume are of one another."""
    known = meta(database)
    if known is None or known["volume"] != volume.uuid:
        yield Finding("A2", CATALOGUE, "the catalogue is of another volume, or empty")
        return
    heads = {line["n"]: head.hex() for line, head in lines}
    n, last = int(known["journal_n"]), lines[-1][0]["n"] if lines else 0
    if n > last:
        yield Finding("A1", JOURNAL, f"lines {last + 1} to {n} are not there any more: the catalogue has them")
    elif heads.get(n, known["journal_head"] if n == 0 else "") != known["journal_head"]:
        yield Finding("A2", CATALOGUE, f"the catalogue's journal line {n} is not the journal's")


def _signatures(lines: list[tuple[Line, bytes]], key: SigningKey | None) -> Iterator[Finding]:
    """A7: every destruction and release is signed."""
    verify = None if key is None else VerifyKey(key.public_bytes)
    for line, _ in lines:
        if line["do"] in SIGNED and verify is not None and not signed_by(line, verify):
            yield Finding("A7", f"journal line {line['n']}", "is not signed by this archive's key")


def _files(
    database: sqlite3.Connection,
    volume: Volume,
    inits: dict[str, str],
    linked: set[bytes],
    *,
    quick: bool,
    progress: Progress,
) -> Iterator[Finding]:
    """A4: each closed segment has its file, with the digests of its index. A5: one chain per stream."""
    rows = database.execute(
        "SELECT s.segment, s.camera, s.state, s.bytes, s.entries, r.run FROM segment s JOIN run r ON r.id = s.run "
        "WHERE s.state <> 'open' ORDER BY s.id"
    ).fetchall()
    heads: set[bytes] = {
        bytes(row[0])
        for row in database.execute(
            "SELECT head FROM segment UNION SELECT head FROM destruction UNION SELECT head FROM moved"
        )
    }
    heads |= {GENESIS, *linked}
    for at, (segment, camera, state, size, packed, run) in enumerate(rows):
        progress(at + 1, len(rows))
        path = volume.media_path(camera, segment)
        where = str(path.relative_to(volume.path))
        if state == "missing" or not path.exists():
            yield Finding("A4", where, "the file is not there")
            continue
        if path.stat().st_size < size:
            yield Finding("A4", where, f"the file has {path.stat().st_size} bytes; {size} were sealed")
            continue
        if quick:
            continue
        entries = index.unpack(packed)
        found = scan_file(path)
        yield from _one_file(found, where, entries, heads, inits.get(run))
        if state in WITH_INDEX and (found.torn or found.index not in (None, entries)):
            yield Finding("A4", where, "the index at its end is not what was sealed; the pictures are judged apart")


def _one_file(found: Scan, where: str, entries: list[Entry], heads: set[bytes], init: str | None) -> Iterator[Finding]:
    if sha256(found.init).hex() != init:
        yield Finding("A4", where, "its init section is not its run's")
        return
    for number, entry in enumerate(entries):
        if number >= len(found.entries) or found.entries[number] != entry:
            yield Finding("A4", where, f"fragment {entry.sequence} (byte {entry.offset}) is not what was sealed")
            return
    if found.heads and found.heads[0] not in heads:
        yield Finding("A5", where, "its first fragment names one before it that no journal knows")
    for number, entry in enumerate(entries[:-1]):
        after = entries[number + 1]
        known = heads if after.sequence > entry.sequence + 1 else {entry.sha256}
        if found.heads[number + 1] not in known:
            yield Finding("A5", where, f"the chain breaks after fragment {entry.sequence}")


def _orphans(database: sqlite3.Connection, volume: Volume) -> Iterator[Finding]:
    """A6: no file without a row, and none whose destruction was journalled."""
    known = {row[0] for row in database.execute("SELECT segment FROM segment")}
    gone = {row[0] for row in database.execute("SELECT segment FROM destruction UNION SELECT segment FROM moved")}
    copies = {row[0] for row in database.execute("SELECT segment FROM cutting")}
    for path in all_files(volume):
        where = str(path.relative_to(volume.path))
        if path.stem in known | copies:
            continue
        if path.stem in gone:
            yield Finding("A6", where, "was destroyed, or moved away, by the journal and is still there")
        else:
            yield Finding("A6", where, "is in no journal: rebuild takes it in")


def _holds(database: sqlite3.Connection, lines: list[tuple[Line, bytes]]) -> Iterator[Finding]:
    """A8: nothing was destroyed under a hold in force, but past the legal maximum and not judicial. What was first is
    told by the order of the lines, which no clock that was set can turn round; by their times alone where lines were
    lost and said again."""
    again = {line["n"] for line, _ in lines if "acted_us" in line}
    released = {line["hold"]: line["n"] for line, _ in lines if line["do"] == "release"}
    rows = database.execute(
        "SELECT h.hold, d.segment, h.id, h.set_us, h.released_us, d.id, d.at_us FROM hold h JOIN destruction d "
        "ON d.camera = h.camera AND d.end_us > h.start_us AND d.start_us < h.end_us WHERE h.judicial = 1"
    )
    for hold, segment, set_n, set_us, released_us, gone_n, gone_us in rows:
        free_n = released.get(hold, 0)
        by_time = gone_n in again or set_n in again or free_n in again
        after = gone_us > set_us if by_time else gone_n > set_n
        before = released_us is None or (gone_us < released_us if by_time else gone_n < free_n)
        if after and before:
            yield Finding("A8", segment, f"was destroyed while hold {hold} was in force")


def _same_again(database: sqlite3.Connection, volume: Volume, lines: list[tuple[Line, bytes]]) -> Iterator[Finding]:
    """A3: the catalogue is what journal and files give, row by row (open segments aside)."""
    other = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with other:
            create_tables(other)
            set_meta(other, volume=volume.uuid, generation=0, journal_n=0, journal_head="")
            projection = Projection(other, CatalogueFiles(database))
            upto = int((meta(database) or {"journal_n": "0"})["journal_n"])
            for line, head in lines:
                if line["n"] <= upto:
                    projection.apply(line, head)
        opened = {row[0] for row in database.execute("SELECT id FROM segment WHERE state = 'open'")}
        for table in COMPARED:
            mine, theirs = _rows(database, table), _rows(other, table)
            if mine != theirs and not (opened and table in ("segment", "piece", "stream", "day")):
                odd = next(iter(mine.symmetric_difference(theirs)))
                yield Finding("A3", f"table {table}", f"row {str(odd)[:120]} differs from what the journal gives")
    finally:
        other.close()


def _rows(database: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    return set(database.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608  the name is ours
