"""One place for a volume: whether the right one stands there now, and the store that is open on it."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from beffroi.kernel.errors import BeffroiError, Unavailable
from beffroi.media.archive.cutting import undo_cuts
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.hand import Hand
from beffroi.media.archive.outlook import Outlook
from beffroi.media.archive.recovery import adopt_orphans, finish_destructions, read_on, recover_open, undo_arrival
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
    room: tuple[int, int] | None = None  # free bytes, all bytes; when last looked at
    doubted_until_ns: int = 0  # its files failed a moment ago: others are preferred
    stuck: bool = False  # too full, and nothing there may go
    put_off: dict[str, int] = field(default_factory=dict)  # files that could not be moved: not again before then
    outlook: Outlook = field(default_factory=lambda: Outlook(Forecast()))
    _was_good: bool = False
    _hand: Hand | None = None
    _taking: "Future[tuple[Store, tuple[int, int]]] | None" = None
    _late: "Future[object] | None" = None  # what its disk has not answered yet

    @property
    def total_bytes(self) -> int:
        """How large its disk is."""
        return self.room[1] if self.room is not None else 0

    def take(self, open_store: Open, recorder: Path, disk: Disk, *, links: bool, wait_s: float | None) -> None:
        """Open what stands there, when it is what belongs there, and bring it into order. Raises what is wrong. Where
        that takes longer than ``wait_s`` it goes on by itself, and the next call sees how far it is."""
        known = next((each for each in registered(recorder) if each.path == self.path), None)
        self.uuid = known.uuid if known is not None else self.uuid
        if self._late is not None and not self._late.done():
            raise self._hangs()
        if self._taking is None:
            hand = Hand("taking")
            self._taking = hand.do(lambda: _taken(open_store, self.path, known, links=links, again=self._was_good))
            hand.let_go()
        if wait([self._taking], timeout=wait_s).not_done:
            raise self._hangs()
        taking, self._taking = self._taking, None
        try:
            store, room = taking.result()
        except BeffroiError as error:
            self.state = _STATES.get(error.code, FAILING)
            raise
        except (OSError, sqlite3.Error) as error:
            self.state = FAILING
            raise Unavailable(f"The volume in {self.path} cannot be used: {error}.", code="volume_failing") from error
        self._use(store, room)
        note_volume(recorder, Known(self.path, store.volume.uuid, store.volume.generation), disk)

    def adopt(self, store: Store) -> None:
        """Use a store that is open, after finishing what a crash has left in it."""
        _bring_into_order(store, again=self._was_good)
        self._use(store, store.disk.room(self.path))

    def _use(self, store: Store, room: tuple[int, int]) -> None:
        self._was_good = True
        self.store, self.uuid, self.state, self.room = store, store.volume.uuid, GOOD, room

    def _hangs(self) -> Unavailable:
        self.state = FAILING
        return Unavailable(f"The disk in {self.path} does not answer.", code="volume_hanging", hint="Look at it.")

    def is_there(self) -> bool:
        """Whether the same disk still stands at the path."""
        return self.store is not None and self.store.is_there()

    def within(self, work: Callable[[], _T]) -> _T:
        """Do what may hang with this disk: for as long as it answers something every ``HANG_S``. After that the volume
        is left to the thread that waits for it, and ``Unavailable`` is raised."""
        self._hand = self._hand or Hand("volume")
        done = self._hand.do(work)
        if self._comes_back(done):
            return done.result()
        self._hand.let_go()
        self._late, self._hand = done, None  # type: ignore[assignment]
        store, self.store = self.store, None
        if store is not None:
            done.add_done_callback(lambda _: _close(store))
        raise self._hangs()

    def _comes_back(self, done: "Future[_T]") -> bool:
        answers, since = -1, time.monotonic()
        while wait([done], timeout=HANG_S / 5).not_done:
            now = self.store.disk.answers if self.store is not None else answers
            if now != answers:
                answers, since = now, time.monotonic()
            elif time.monotonic() - since > HANG_S:
                return False
        return True

    def close(self) -> None:
        """Close the store, if it is open, and its thread."""
        store, self.store = self.store, None
        if store is not None:
            store.close()
        if self._hand is not None:
            self._hand.let_go()

    def lose(self, state: str) -> None:
        """Stop using it. Closing writes: where the disk does not answer, it is not waited for."""
        store, self.store, self.state, self.room = self.store, None, state, None
        if store is not None:
            hand = Hand("closing")
            wait([hand.do(lambda: _close(store))], timeout=HANG_S)
            hand.let_go()


def _taken(
    open_store: Open, path: Path, known: Known | None, *, links: bool, again: bool
) -> tuple[Store, tuple[int, int]]:
    """On a thread of its own: the store, in order, and how much room its disk has."""
    if known is not None:
        rightful(known)
    store = open_store(path, known.uuid if known is not None else None)
    with ExitStack() as unless_right:
        unless_right.callback(_close, store)
        store.links = links
        _bring_into_order(store, again=again)
        room = store.disk.room(path)
        unless_right.pop_all()
    return store, room


def _bring_into_order(store: Store, *, again: bool) -> None:
    undo_arrival(store)
    if store.rebuilt:
        adopt_orphans(store)
    finish_destructions(store)
    undo_cuts(store)
    recover_open(store)
    if store.rebuilt or again:
        read_on(store)


def _close(store: Store) -> None:
    """Let go of a store whose disk is not right: what was staged is not acknowledged."""
    with suppress(OSError, sqlite3.Error):
        store.ledger.roll_back()
    with suppress(OSError, sqlite3.Error):
        store.close()
