"""When the office's own database cannot work: which trouble it is, and what a person is told of it.

Told apart by the drivers' codes, never by their words: SQLite's result codes (https://sqlite.org/rescode.html) and
PostgreSQL's SQLSTATE classes (its manual, appendix A).
"""

from enum import StrEnum

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Trouble(StrEnum):
    """Why the database did not do what it was asked."""

    FULL = "full"
    READ_ONLY = "read_only"
    BUSY = "busy"
    AWAY = "away"
    DAMAGED = "damaged"


_SQLITE = {
    5: Trouble.BUSY,  # SQLITE_BUSY
    6: Trouble.BUSY,  # SQLITE_LOCKED
    8: Trouble.READ_ONLY,  # SQLITE_READONLY
    10: Trouble.DAMAGED,  # SQLITE_IOERR
    11: Trouble.DAMAGED,  # SQLITE_CORRUPT
    13: Trouble.FULL,  # SQLITE_FULL
    14: Trouble.AWAY,  # SQLITE_CANTOPEN
    26: Trouble.DAMAGED,  # SQLITE_NOTADB
}
_POSTGRES = {
    "53100": Trouble.FULL,  # disk_full
    "25006": Trouble.READ_ONLY,  # read_only_sql_transaction
    "40": Trouble.BUSY,  # transaction rollback: deadlock, serialisation
    "53": Trouble.BUSY,  # insufficient resources: too many connections, out of memory
    "55": Trouble.BUSY,  # object not in prerequisite state: lock not available
    "08": Trouble.AWAY,  # connection exception
    "57": Trouble.AWAY,  # operator intervention: shut down, starting up
    "58": Trouble.DAMAGED,  # system error: I/O
    "XX": Trouble.DAMAGED,  # internal error: data corrupted
}

WORDS: dict[Trouble, tuple[str | Promise, str | Promise]] = {
    Trouble.FULL: (
        gettext_lazy("The office’s disk is full: nothing can be written down any more."),
        gettext_lazy("Make room on the disk of the data folder; the office then goes on by itself."),
    ),
    Trouble.READ_ONLY: (
        gettext_lazy("The office’s disk has become read-only: nothing can be written down any more."),
        gettext_lazy("A disk does this when it fails. Have the technician look at it before anything is restarted."),
    ),
    Trouble.BUSY: (
        gettext_lazy("The office’s database was busy for too long."),
        gettext_lazy("Wait some seconds and do it again."),
    ),
    Trouble.AWAY: (
        gettext_lazy("The office’s database does not answer."),
        gettext_lazy("Have the technician start it; the office then goes on by itself."),
    ),
    Trouble.DAMAGED: (
        gettext_lazy("The office’s database cannot be read as it should be."),
        gettext_lazy("Do not restart anything. Have the technician look at the disk, then bring back the backup."),
    ),
}
"""What happened, and what to do next."""


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Which trouble of the database this error is; ``None`` for faults of the program (a wrong query, a constraint)."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = getattr(cause, "sqlstate", None)
    if state:
        return _POSTGRES.get(state) or _POSTGRES.get(state[:2])
    return Trouble.AWAY if isinstance(error, OperationalError | InterfaceError) else None  # no answer, so no code
