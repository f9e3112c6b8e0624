"""One place for a volume: whether the right one stands there now, and the store that is open on it."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from beffroi.kernel.errors import BeffroiError, Unavailable
from beffroi.media.archive.cutting import undo_cuts
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.outlook import Outlook
from beffroi.media.archive.recovery import adopt_orphans, finish_destructions, read_on, recover_open
from beffroi.media.archive.register import Known, note_volume, registered, rightful
from beffroi.media.archive.store import Store
from beffroi.media.core.forecast import Forecast

GOOD, ABSENT, FAILING = "good", "volume-absent", "volume-failing"
_STATES = {"no_volume": ABSENT, "volume_foreign": "volume-foreign", "volume_old": "volume-old"}

Open = Callable[[Path, str | None], Store]


@dataclass(slots=True)
class Slot:
    """A place. ``store`` is open exactly while ``state`` is good."""

    path: Path
    emergency: bool = False
    uuid: str = ""
    state: str = ABSENT
    store: Store | None = None
    total_bytes: int = 0
    doubted_until_ns: int = 0  # its files failed a moment ago: others are preferred
    stuck: bool = False  # too full, and nothing there may go
    outlook: Outlook = field(default_factory=lambda: Outlook(Forecast()))
    _was_good: bool = False

    def take(self, open_store: Open, recorder: Path, disk: Disk, *, links: bool) -> None:
        """Open what stands there, when it is what belongs there, and bring it into order. Raises what is wrong."""
        known = next((each for each in registered(recorder) if each.path == self.path), None)
        try:
            if known is not None:
                self.uuid = known.uuid
                rightful(known)
            store = open_store(self.path, known.uuid if known is not None else None)
        except BeffroiError as error:
            self.state = _STATES.get(error.code, FAILING)
            raise
        except (OSError, sqlite3.Error) as error:
            self.state = FAILING
            raise Unavailable(f"The volume in {self.path} cannot be used: {error}.", code="volume_failing") from error
        store.links = links
        self.adopt(store)
        note_volume(recorder, Known(self.path, store.volume.uuid, store.volume.generation), disk)

    def adopt(self, store: Store) -> None:
        """Use a store that is open, after finishing what a crash has left in it."""
        if store.rebuilt:
            adopt_orphans(store)
        finish_destructions(store)
        undo_cuts(store)
        recover_open(store)
        if store.rebuilt or self._was_good:
            read_on(store)
        self._was_good = True
        self.store, self.uuid, self.state = store, store.volume.uuid, GOOD
        self.total_bytes = store.disk.room(self.path)[1]

    def is_there(self) -> bool:
        """Whether the same disk still stands at the path."""
        return self.store is not None and self.store.is_there()

    def lose(self, state: str) -> None:
        """Stop using it."""
        store, self.store, self.state = self.store, None, state
        if store is not None:
            with suppress(OSError, sqlite3.Error):
                store.ledger.roll_back()
            with suppress(OSError, sqlite3.Error):
                store.close()
