"""The edge's journal: every event durable before anyone is told it was accepted (ppms.md §4.5).

One SQLite file, ``synchronous=FULL``, one writer lock. Own events are signed with the edge's key and chained; events
of others are kept as they came, with their signature. Invariants: J1 an event returned by ``append`` is on disk;
J2 own sequence numbers have no hole inside one boot; J3 the same event twice is one row;
J4 what speaks of pupils is stored sealed (``seals``).
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from beffroi.edge.seals import MAGIC, SEALED, Seals
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.digest import GENESIS, link
from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.safety.core.events import Event, Kind, from_json, next_order, to_json
from beffroi.safety.core.wire import Stored

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    origin TEXT NOT NULL, boot TEXT NOT NULL, sequence INTEGER NOT NULL,
    order_us INTEGER NOT NULL,       -- hybrid logical clock, to sort by
    alert TEXT NOT NULL,
    document BLOB NOT NULL,          -- canonical JSON, as signed; or that and its signature, sealed (see seals)
    signature BLOB NOT NULL,         -- Ed25519 of its origin over document; empty where it is sealed
    chain BLOB NOT NULL,             -- head after this row: link(previous head, document), in order of arrival
    arrived INTEGER PRIMARY KEY AUTOINCREMENT,
    UNIQUE (origin, boot, sequence)
) STRICT;
CREATE TABLE IF NOT EXISTS press (   -- triggers already taken, so that a repeated one changes nothing
    device TEXT NOT NULL, boot TEXT NOT NULL, sequence INTEGER NOT NULL, alert TEXT NOT NULL,
    PRIMARY KEY (device, boot, sequence)
) STRICT;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_COLUMNS = "origin, boot, sequence, alert, document, signature"


MOST_HELD = 500
"""Events in memory while the disk takes nothing."""
LOCKED_SECONDS = 0.5
"""How long a write waits for whoever holds the file: nobody should, and a press must not wait for the sound."""


class Journal:
    """The one place where the edge writes."""

    def __init__(self, path: Path, *, origin: str, key: SigningKey, boot: str) -> None:
        self._lock = threading.RLock()
        self._seals = Seals(path.parent / "alert-keys")
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=LOCKED_SECONDS)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self.origin, self.key, self.boot = origin, key, boot
        row = self._db.execute("SELECT MAX(order_us) FROM event").fetchone()
        self._seen_us: int = row[0] or 0
        row = self._db.execute(
            "SELECT MAX(sequence) FROM event WHERE origin = ? AND boot = ?", (origin, boot)
        ).fetchone()
        self._sequence: int = row[0] or 0
        self._held: list[tuple[Stored, str]] = []  # with the press of each
        self._held_last = 0

    def append(self, kind: Kind, *, alert: str, body: Mapping[str, Json], now_us: int, press: str = "") -> Event:
        """Write one event of our own; when this returns it is on disk (J1). ``press`` is ``device/boot/sequence``.

        Raises ``Unavailable`` when the disk is full, gone or locked: then nothing was written.
        """
        with self._lock:
            stored = self._signed(self.boot, self._sequence + 1, kind, alert, body, now_us)
            with self._writing():
                self._insert(stored)
                self._insert_press(press, alert)
            self._sequence = stored.event.sequence
            self._seen_us = stored.event.order_us
            return stored.event

    def hold(self, kind: Kind, *, alert: str, body: Mapping[str, Json], now_us: int, press: str = "") -> Event:
        """Keep an event in memory, because the disk takes nothing: signed, under a boot of its own, given to the centre
        like any other, written by ``write_held``. A restart before that forgets it here.

        Raises ``Unavailable`` where too many are held.
        """
        with self._lock:
            if len(self._held) >= MOST_HELD:
                raise Unavailable("Too much waits for the disk already.", code="journal_unwritable")
            stored = self._signed(f"{self.boot}.held", self._held_last + 1, kind, alert, body, now_us)
            self._held.append((stored, press))
            self._held_last, self._seen_us = stored.event.sequence, stored.event.order_us
            return stored.event

    def held(self) -> list[Stored]:
        """What no disk has taken yet, the oldest first."""
        with self._lock:
            return [stored for stored, _press in self._held]

    def write_held(self) -> list[Event]:
        """Write what is held; returns it. Raises ``Unavailable`` as long as the disk takes nothing."""
        with self._lock:
            if not self._held:
                return []
            with self._writing():
                for stored, press in self._held:
                    self._insert(stored)
                    self._insert_press(press, stored.event.alert)
            written, self._held = [stored.event for stored, _press in self._held], []
            return written

    def _signed(
        self, boot: str, sequence: int, kind: Kind, alert: str, body: Mapping[str, Json], now_us: int
    ) -> Stored:
        event = Event(
            origin=self.origin,
            boot=boot,
            sequence=sequence,
            alert=alert,
            kind=kind,
            at_us=now_us,
            order_us=next_order(now_us, self._seen_us),
            body=body,
        )
        document = canonical_bytes(to_json(event))
        return Stored(event, document, self.key.sign(document))

    def take_in(self, stored: Iterable[Stored]) -> list[Event]:
        """Keep events of others; returns those that were new (J3)."""
        new: list[Event] = []
        with self._lock:
            with self._writing():
                for one in stored:
                    if self._known(one.event):
                        continue
                    self._insert(one)
                    new.append(one.event)
            self._seen_us = max([self._seen_us, *(event.order_us for event in new)])
        return new

    def alert_of_press(self, device: str, boot: str, sequence: int) -> str:
        """The alert a press already led to, or an empty string."""
        query = "SELECT alert FROM press WHERE device = ? AND boot = ? AND sequence = ?"
        held = next((one.event.alert for one, press in self._held if press == f"{device}/{boot}/{sequence}"), "")
        with self._lock, self._reading():
            row = None if held else self._db.execute(query, (device, boot, sequence)).fetchone()
        return str(row[0]) if row else held

    def events(self) -> list[Event]:
        """All events, in order of arrival."""
        return [stored.event for stored in self._rows("ORDER BY arrived", ())]

    def lacking(self, have: Mapping[str, int], *, limit: int = 500) -> list[Stored]:
        """Events beyond what a partner has: ``have`` maps ``origin/boot`` to the last number it holds."""
        query = (
            f"SELECT arrived, {_COLUMNS} FROM event"  # noqa: S608  fixed text
            " WHERE origin = ? AND boot = ? AND sequence > ? ORDER BY arrived"
        )
        found: list[tuple[int, Stored]] = []
        with self._lock, self._reading():
            for name, last in self._written().items():
                if last > have.get(name, 0):
                    rows = self._db.execute(query, (*name.rsplit("/", 1), have.get(name, 0)))
                    readable = ((row[0], stored) for row in rows for stored in self._opened([row[1:]]))
                    found += islice(readable, limit)
        written = [stored for _, stored in sorted(found, key=lambda one: one[0])[:limit]]
        return [*self.held(), *written]  # first: the box may not live to write it

    def vector(self) -> dict[str, int]:
        """The last number held of each ``origin/boot``; numbers come without holes because exchanges are in order."""
        with self._lock, self._reading():
            return self._written() | ({f"{self.origin}/{self.boot}.held": self._held_last} if self._held else {})

    def _written(self) -> dict[str, int]:
        query = "SELECT origin, boot, MAX(sequence) FROM event GROUP BY origin, boot"
        return {f"{origin}/{boot}": last for origin, boot, last in self._db.execute(query)}

    def speaks_of(self, alert: str) -> bool:
        """Whether what was said about this alert can still be read here."""
        with self._lock:
            return self._seals.has(alert)

    def is_whole(self, alert: str) -> bool:
        """Whether all that is known of this alert is written."""
        with self._lock:
            return all(one.event.alert != alert for one, _press in self._held)

    def has_all(self, have: Mapping[str, int], alert: str) -> bool:
        """Whether a partner who has that has all that was written here of this alert."""
        query = "SELECT boot, MAX(sequence) FROM event WHERE alert = ? AND origin = ? GROUP BY boot"
        with self._lock:
            rows = self._db.execute(query, (alert, self.origin)).fetchall()
        return all(have.get(f"{self.origin}/{boot}", 0) >= last for boot, last in rows)

    def forget(self, alert: str) -> list[Event]:
        """Make unreadable for ever what was sealed about this alert; returns what is left of it. The chain stays."""
        with self._lock:
            self._seals.destroy(alert)
            return [stored.event for stored in self._rows("WHERE alert = ? ORDER BY arrived", (alert,))]

    def setting(self, name: str, default: str = "") -> str:
        """A remembered value. Raises ``Unavailable`` where the disk cannot be read."""
        with self._lock, self._reading():
            row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def remember(self, name: str, value: str) -> None:
        """Remember a value, durably."""
        with self._lock, self._writing():
            self._db.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def check(self) -> int:
        """Walk the chain; returns the number of events. Raises ``Corrupt`` at the first row that does not fit."""
        head, count = GENESIS, 0
        with self._lock:
            rows = self._db.execute("SELECT document, chain, arrived FROM event ORDER BY arrived").fetchall()
        for document, chain, arrived in rows:
            head = link(head, document)
            if head != chain:
                raise Corrupt(f"The journal is broken at row {arrived}.", hint="Keep the file and call the maintainer.")
            count += 1
        return count

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction. ``Unavailable`` when the disk is full, gone or locked: then nothing was written."""
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as error:
            raise Unavailable(f"The journal cannot be written: {error}", code="journal_unwritable") from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise Unavailable(f"The journal cannot be read: {error}", code="journal_unreadable") from error

    def _insert_press(self, press: str, alert: str) -> None:
        if press:
            device, boot, sequence = press.rsplit("/", 2)
            self._db.execute("INSERT INTO press VALUES (?, ?, ?, ?)", (device, boot, int(sequence), alert))

    def _known(self, event: Event) -> bool:
        query = "SELECT 1 FROM event WHERE origin = ? AND boot = ? AND sequence = ?"
        return self._db.execute(query, event.key).fetchone() is not None

    def _insert(self, stored: Stored) -> None:
        event, document, signature = stored.event, stored.document, stored.signature
        if event.kind in SEALED:
            document, signature = self._seals.close_up(event, document, signature), b""
        row = self._db.execute("SELECT chain FROM event ORDER BY arrived DESC LIMIT 1").fetchone()
        head = link(row[0] if row else GENESIS, document)
        self._db.execute(
            "INSERT INTO event (origin, boot, sequence, order_us, alert, document, signature, chain)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*event.key, event.order_us, event.alert, document, signature, head),
        )

    def _rows(self, tail: str, values: tuple[object, ...]) -> list[Stored]:
        with self._lock:
            return self._opened(self._db.execute(f"SELECT {_COLUMNS} FROM event {tail}", values).fetchall())  # noqa: S608  fixed text

    def _opened(self, rows: Iterable[tuple[Any, ...]]) -> list[Stored]:
        """The rows that can be read: sealed ones whose key is gone are left out."""
        found: list[Stored] = []
        for origin, boot, sequence, alert, document, signature in rows:
            plain: tuple[bytes, bytes] | None = (document, signature)
            if document.startswith(MAGIC):
                plain = self._seals.open_up(document, alert=alert, key=(origin, boot, sequence))
            if plain is not None:
                found.append(Stored(from_json(json.loads(plain[0])), *plain))
        return found
