"""The office served as it is in production: by uvicorn, over a real socket, in a thread of the test's process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tests.waiting import until


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port of this machine; yields its address (``http://localhost:PORT``)."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    with _served(application, listening):
        yield f"http://localhost:{listening.getsockname()[1]}"


@contextmanager
def serving_at(application: Any, path: Path) -> Iterator[None]:
    """Serve an ASGI application on a socket in the file system, where the front looks for the office."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    with _served(application, listening):
        yield


@contextmanager
def _served(application: Any, listening: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        application, lifespan="off", log_level="warning", loop="asyncio", timeout_graceful_shutdown=2, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="office", daemon=True)
    thread.start()
    try:
        until(lambda: server.started, what="the office serves")
        yield
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()
    assert not thread.is_alive(), "the office did not stop"
