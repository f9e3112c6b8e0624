"""A request that leaves nothing behind."""

import contextlib
from collections.abc import Iterator

from django.db import transaction


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back: the next request meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
