"""The archive from the event loop: blocking readers, one a thread, in a small pool."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from beffroi.kernel.errors import BeffroiError
from beffroi.media.core.words import ArchiveReader, Fragment

_T = TypeVar("_T")
_THREADS = 4
BATCH_BYTES = 2 * 1024 * 1024


class Archive:
    """Runs questions to the archive in threads; each thread opens its own reader once."""

    def __init__(self, open_reader: Callable[[], ArchiveReader]) -> None:
        self._open_reader = open_reader
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="archive")

    async def ask(self, question: Callable[[ArchiveReader], _T]) -> _T:
        """The answer of ``question``, asked in a thread of the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, question)

    async def read(
        self, fragments: Sequence[Fragment], read: Callable[[ArchiveReader, Fragment], bytes]
    ) -> AsyncIterator[tuple[bytes, Sequence[Fragment]]]:
        """The bytes of ``fragments`` in batches of about 2 MiB; the next batch is read while the last one is sent."""
        coming: asyncio.Future[bytes] | None = None
        groups = batches(fragments)
        try:
            for at, group in enumerate(groups):
                data = await (coming or self._batch(group, read))
                coming = asyncio.ensure_future(self._batch(groups[at + 1], read)) if at + 1 < len(groups) else None
                yield data, group
        finally:
            if coming is not None:
                coming.cancel()
                with suppress(asyncio.CancelledError, BeffroiError):
                    await coming

    def close(self) -> None:
        """No more questions."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _batch(self, group: Sequence[Fragment], read: Callable[[ArchiveReader, Fragment], bytes]) -> bytes:
        return await self.ask(lambda reader: b"".join([read(reader, one) for one in group]))

    def _answer(self, question: Callable[[ArchiveReader], _T]) -> _T:
        reader: ArchiveReader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self._open_reader()
        return question(reader)


def batches(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """``fragments`` in order, in groups of about ``BATCH_BYTES``."""
    groups: list[list[Fragment]] = []
    size = BATCH_BYTES
    for fragment in fragments:
        if size >= BATCH_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(fragment)
        size += fragment.length
    return groups
