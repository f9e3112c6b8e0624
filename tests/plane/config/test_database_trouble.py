"""Each trouble of a database is told from the others, on errors that real databases gave."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import ConnectionHandler

from beffroi.config.database import postgresql, sqlite
from beffroi.web.shared.database_trouble import WORDS, Trouble, trouble_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Any]:
    """A database file of its own with the office's settings, and one table."""
    path = tmp_path / "office.sqlite3"
    opened: Any = ConnectionHandler({"default": sqlite(path)})["default"]
    with opened.cursor() as cursor:
        cursor.execute("CREATE TABLE note (words TEXT)")
    yield opened
    opened.close()


def fails(act: Callable[[], object]) -> DatabaseError:
    with pytest.raises(DatabaseError) as caught:
        act()
    return caught.value


def write(database: Any) -> None:
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES (%s)", ["x" * 100_000])


def test_a_full_disk(office: Any) -> None:
    with office.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 3")
    assert trouble_of(fails(lambda: write(office))) is Trouble.FULL


def test_a_file_that_another_holds_for_too_long(office: Any, tmp_path: Path) -> None:
    with office.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(tmp_path / "office.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert trouble_of(fails(lambda: write(office))) is Trouble.BUSY


def test_a_file_that_is_none_any_more(tmp_path: Path) -> None:
    path = tmp_path / "office.sqlite3"
    path.write_bytes(b"nothing that a database wrote" * 1_000)
    opened: Any = ConnectionHandler({"default": sqlite(path)})["default"]
    assert trouble_of(fails(lambda: write(opened))) is Trouble.DAMAGED
    opened.close()


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    opened: Any = ConnectionHandler({"default": sqlite(tmp_path / "gone" / "office.sqlite3")})["default"]
    assert trouble_of(fails(lambda: write(opened))) is Trouble.AWAY


def test_a_server_that_does_not_listen() -> None:
    with socket.socket() as taken:  # bound and not listening: whoever connects is refused
        taken.bind(("127.0.0.1", 0))
        address = f"postgresql://office@127.0.0.1:{taken.getsockname()[1]}/office"
        opened: Any = ConnectionHandler({"default": postgresql(address)})["default"]
        assert trouble_of(fails(opened.ensure_connection)) is Trouble.AWAY


@pytest.mark.django_db(transaction=True)
def test_a_database_that_only_reads() -> None:
    on = "PRAGMA query_only = 1" if connection.vendor == "sqlite" else "SET default_transaction_read_only = on"
    off = "PRAGMA query_only = 0" if connection.vendor == "sqlite" else "SET default_transaction_read_only = off"
    with connection.cursor() as cursor:
        cursor.execute(on)
    try:
        error = fails(_delete_all_pending)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(off)
    assert trouble_of(error) is Trouble.READ_ONLY


def _delete_all_pending() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_pending")


def test_a_fault_of_the_program_is_no_trouble_of_the_database() -> None:
    for error, statement in (
        (DatabaseError, "SELECT missing FROM audit_pending"),
        (IntegrityError, "INSERT INTO audit_pending (fact_id) VALUES (NULL)"),
    ):
        with pytest.raises(error) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert trouble_of(caught.value) is None
    assert trouble_of(ProgrammingError("no cause")) is None
    assert trouble_of(ValueError("other")) is None
    assert trouble_of(None) is None


def test_each_trouble_has_words() -> None:
    assert set(WORDS) == set(Trouble)
