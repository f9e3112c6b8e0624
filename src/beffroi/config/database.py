"""Which database the office keeps: SQLite in the data folder, or PostgreSQL by address."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
}
"""``synchronous=FULL``: a fact that was acknowledged survives a power cut (I4, DESIGN §6)."""


def sqlite(path: Path) -> dict[str, Any]:
    """Django's settings of a SQLite file."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": dict(SQLITE_OPTIONS)}


def postgresql(address: str) -> dict[str, Any]:
    """Django's settings of ``postgresql://user:password@host:port/name`` (or ``?host=/folder`` of a socket)."""
    parts = urlsplit(address)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"not a PostgreSQL address: {parts.scheme}://… Write postgresql://user@host/name")
    host = parts.hostname or ""
    if parts.query.startswith("host="):
        host = unquote(parts.query.removeprefix("host="))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }


def chosen(address: str, data: Path) -> dict[str, dict[str, Any]]:
    """``DATABASES``: PostgreSQL where an address is given, else SQLite in the data folder."""
    return {"default": postgresql(address) if address else sqlite(data / "office.sqlite3")}
