"""Opening the catalogue's database, to write or to read."""

import sqlite3
from collections.abc import Collection
from importlib import resources
from pathlib import Path

FORMAT = 3
READABLE = (1, 2, 3)  # what a new one can be made from without reading the files
_NAMES = (
    "run",
    "segment",
    "open_fragment",
    "piece",
    "gap",
    "hold",
    "destruction",
    "stream",
    "day",
    "cutting",
    "moved",
    "broken",
)
_MMAP_BYTES = 256 * 1024 * 1024


def connect(path: Path) -> sqlite3.Connection:
    """The catalogue to write; an empty one is made where there is none or none that can be read."""
    try:
        connection = _open(path)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        # Not a database: kept aside for whoever wants to look, and made anew from media and journal.
        path.replace(path.with_suffix(".unreadable"))
        connection = _open(path)
    return connection


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes back, the journal gives again
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """The catalogue to read, while another process writes it."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
    return connection


def create_tables(connection: sqlite3.Connection) -> None:
    """Make all tables, empty, in the caller's transaction."""
    for name in ("meta", *reversed(_NAMES)):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    script = resources.files(__package__).joinpath("schema.sql").read_text("utf-8")
    bare = "\n".join(line.split("--")[0] for line in script.splitlines())
    for statement in bare.split(";"):
        if statement.strip():
            connection.execute(statement)


def meta(connection: sqlite3.Connection, *, formats: Collection[int] = (FORMAT,)) -> dict[str, str] | None:
    """What the catalogue says of itself; ``None`` when it is empty or of a format that is not asked for."""
    try:
        rows = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    except sqlite3.DatabaseError:
        return None
    return rows if rows.get("format") in {str(each) for each in formats} else None


def set_meta(connection: sqlite3.Connection, **values: str | int) -> None:
    """Write what the catalogue says of itself."""
    for name, value in {"format": FORMAT, **values}.items():
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(value)))
