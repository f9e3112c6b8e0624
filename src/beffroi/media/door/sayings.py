"""What supervision says of the cameras, taken into the door's journal: each line once (docs/design/onvif.md).

It numbers what it says; the newest number stands in the journal itself, so that a door that was killed goes on
behind it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import BeffroiError
from beffroi.media.core.looks import LineName
from beffroi.media.door.journal import DoorJournal

Said = Callable[[Path], Sequence[dict[str, Json]]]


@dataclass(slots=True)
class _Source:
    path: Path
    name: LineName
    said: Said
    last: int = 0
    seen_ns: int = 0


class Sayings:
    """``look`` is called about once a second."""

    def __init__(self, journal: DoorJournal, *sources: tuple[Path, LineName, Said]) -> None:
        self._journal = journal
        self._sources = [_Source(path, name, said) for path, name, said in sources]
        for one in self._sources:
            newest = journal.newest(one.name)
            number = newest.body.get("event") if newest else 0
            one.last = number if isinstance(number, int) else 0

    async def look(self) -> None:
        """Take in what is new, where a file changed. What cannot be written now is tried again."""
        for one in self._sources:
            with suppress(OSError, BeffroiError):
                changed_ns = one.path.stat().st_mtime_ns
                if changed_ns != one.seen_ns:
                    await self._take(one)
                    one.seen_ns = changed_ns

    async def _take(self, source: _Source) -> None:
        for line in await asyncio.to_thread(source.said, source.path):
            number = line["event"]
            if isinstance(number, int) and number > source.last:
                await self._journal.append(source.name, line)
                source.last = number
