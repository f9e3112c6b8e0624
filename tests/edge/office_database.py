"""The database of a centre that runs as a process of its own, read and held from outside: SQLite or PostgreSQL."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from beffroi.config.database import postgresql
from tests.waiting import until

TABLE, ROW = "a table locked by another transaction", "a row locked by another transaction"
HELD = {
    TABLE: "LOCK TABLE safety_event IN ACCESS EXCLUSIVE MODE",
    ROW: "SELECT last FROM safety_counter WHERE name = 'centre' FOR UPDATE",
}
"""What another transaction may hold of what an exchange needs."""


@dataclass(frozen=True, slots=True)
class OfficeDatabase:
    """Where the centre of ``data`` keeps its tables: at ``url``, else in its own file."""

    data: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What the centre's processes are told."""
        told = {"DJANGO_SETTINGS_MODULE": "beffroi.config.settings", "BEFFROI_DATA": str(self.data)}
        return {**os.environ, **told, **({"BEFFROI_DATABASE_URL": self.url} if self.url else {})}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is committed."""
        if self.url:
            with self.connected() as database:
                return database.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]  # fixed texts
        file = f"file:{self.data / 'office.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=20)) as database:
            return database.execute(query).fetchall()

    @contextmanager
    def connected(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection to the server."""
        parts = postgresql(self.url)
        with psycopg.connect(
            host=parts["HOST"], port=parts["PORT"] or None, dbname=parts["NAME"], user=parts["USER"], autocommit=True
        ) as database:
            yield database

    @contextmanager
    def held(self, what: str) -> Iterator[None]:
        """Another transaction holds it."""
        with self.connected() as holder, holder.transaction(force_rollback=True):
            holder.execute(HELD[what])  # type: ignore[call-overload]  # fixed texts
            yield

    def waits(self) -> bool:
        """Whether a transaction waits for a lock right now."""
        query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(self.rows(query))

    def crash(self) -> None:
        """The server loses all its processes in the middle of whatever they do, and recovers by its own log."""
        with self.connected() as database:
            os.kill(database.info.backend_pid, signal.SIGKILL)

        def serves() -> bool:
            try:
                return self.rows("SELECT 1") == [(1,)]
            except psycopg.OperationalError:
                return False

        until(serves, 60, "the server has recovered")
