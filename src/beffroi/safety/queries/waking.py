"""Whoever waits in this process for the next event of an alert is woken when it is committed.

Only a shorter wait: another process may have written the event, so a waiter also looks at the database from time to
time (``queries.version``) and loses nothing when nobody wakes it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_waiters: set[Callable[[], object]] = set()
_lock = threading.Lock()


@contextmanager
def woken_by_events(call: Callable[[], object]) -> Iterator[None]:
    """Call this, from any thread, after each commit that brought events. It must return at once and not raise."""
    with _lock:
        _waiters.add(call)
    try:
        yield
    finally:
        with _lock:
            _waiters.discard(call)


def wake() -> None:
    """Events were committed."""
    with _lock:
        waiters = tuple(_waiters)
    for call in waiters:
        call()
