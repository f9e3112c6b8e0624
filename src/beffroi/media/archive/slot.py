"""One place for a volume: whether the right one stands there now, and the store that is open on it."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

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

HANG_S = 5.0
_T = TypeVar("_T")
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
    _hand: ThreadPoolExecutor | None = None

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

    def within(self, work: Callable[[], _T]) -> _T:
        """Do what may hang with this disk, ``HANG_S`` at most; after that the volume is left to the thread that waits
        for it, and ``Unavailable`` is raised."""
        self._hand = self._hand or ThreadPoolExecutor(1, thread_name_prefix="volume")
        done = self._hand.submit(work)
        if not wait([done], timeout=HANG_S).not_done:
            return done.result()
        self._hand.shutdown(wait=False)
        store, self.store, self.state, self._hand = self.store, None, FAILING, None
        if store is not None:
            done.add_done_callback(lambda _: _close(store))
        raise Unavailable(f"The disk in {self.path} does not answer.", code="volume_hanging", hint="Look at it.")

    def close(self) -> None:
        """Close the store, if it is open, and its thread."""
        store, self.store = self.store, None
        if store is not None:
            store.close()
        if self._hand is not None:
            self._hand.shutdown()

    def lose(self, state: str) -> None:
        """Stop using it."""
        store, self.store, self.state = self.store, None, state
        if store is not None:
            _close(store)


def _close(store: Store) -> None:
    """Let go of a store whose disk is not right: what was staged is not acknowledged."""
    with suppress(OSError, sqlite3.Error):
        store.ledger.roll_back()
    with suppress(OSError, sqlite3.Error):
        store.close()
