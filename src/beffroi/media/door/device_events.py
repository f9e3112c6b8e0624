"""What cameras told by their own events, taken into the door's journal: each line once (docs/design/onvif.md).

The recorder's supervision numbers what it says; the newest number stands in the journal itself, so that a door that
was killed goes on behind it.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from beffroi.kernel.errors import BeffroiError
from beffroi.media.core.looks import LineName
from beffroi.media.door.journal import DoorJournal
from beffroi.media.onvif.heard_file import said


class DeviceEvents:
    """``look`` is called about once a second."""

    def __init__(self, path: Path, journal: DoorJournal) -> None:
        self._path, self._journal = path, journal
        newest = journal.newest(LineName.DEVICE)
        number = newest.body.get("event") if newest else 0
        self._last = number if isinstance(number, int) else 0
        self._seen = 0

    async def look(self) -> None:
        """Take in what is new, where the file changed. What cannot be written now is tried again."""
        try:
            changed_ns = self._path.stat().st_mtime_ns
        except OSError:
            return
        if changed_ns == self._seen:
            return
        with suppress(BeffroiError):
            for line in await asyncio.to_thread(said, self._path):
                number = line["event"]
                if isinstance(number, int) and number > self._last:
                    await self._journal.append(LineName.DEVICE, line)
                    self._last = number
            self._seen = changed_ns
