"""A PostgreSQL database in and out of a backup, by PostgreSQL's own ``pg_dump`` and ``pg_restore``.

They reach the server by libpq's variables: an address on a command line is read by whoever lists processes.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from beffroi.config.database import postgresql
from beffroi.kernel.errors import Conflict, Corrupt, Unavailable

DUMP = "office.pgdump"
_LIBPQ = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}


def dump(address: str, to: Path) -> None:
    """Write the database at ``address`` to ``to`` in PostgreSQL's custom format, as of one moment, while others write.

    ``Unavailable`` where ``pg_dump`` is missing, older than the server, or refused.
    """
    said = _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"], address)
    if said is not None:
        raise Unavailable(
            f"The database cannot be saved: {said}.", hint="Look at the server, and at: pg_dump --version"
        )


def restore(address: str, file: Path) -> None:
    """Bring ``file`` into the database at ``address``, all or nothing. ``Conflict`` where it holds tables already."""
    with closing(_connect(address)) as server:
        tables = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if tables is not None and tables[0]:
        raise Conflict(
            f"There are tables already in the database {_name(address)}.",
            hint="Make an empty one (createdb) and name it in database_url.",
        )
    said = _run(
        ["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
         f"--dbname={_name(address)}", str(file)],
        address,
    )  # fmt: skip
    if said is not None:
        raise Corrupt(
            f"The database cannot be restored: {said}.", hint="Look at: pg_restore --version; else take another backup."
        )


@contextmanager
def scratch(address: str) -> Iterator[str]:
    """A database of its own on the same server, for the drill; it goes when the drill is over."""
    name = f"beffroi_drill_{secrets.token_hex(4)}"
    with closing(_connect(address)) as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.Error as error:
            raise Unavailable(
                f"No database for the drill can be made: {str(error).strip()}.",
                hint="Let its role make databases (ALTER ROLE … CREATEDB), or restore on another server.",
            ) from error
        try:
            parts = urlsplit(address)
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _connect(address: str) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        return psycopg.connect(address, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise Unavailable(
            f"PostgreSQL does not answer: {str(error).strip().splitlines()[-1]}.", hint="Check database_url."
        ) from error


def _name(address: str) -> str:
    return str(postgresql(address)["NAME"])


def _run(command: list[str], address: str) -> str | None:
    """Run one of PostgreSQL's programs; what it complained of, or ``None``."""
    known = postgresql(address)
    reach = {variable: str(known[key]) for variable, key in _LIBPQ.items() if known[key]}
    try:
        done = subprocess.run(command, env={**os.environ, **reach}, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"There is no {command[0]} on this machine.", hint="apt install postgresql-client") from None
    if done.returncode == 0:
        return None
    return done.stderr.strip().splitlines()[-1].rstrip(".") if done.stderr.strip() else f"{command[0]} failed"
