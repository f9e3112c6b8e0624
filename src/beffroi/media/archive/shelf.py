"""All volumes of a recorder as one archive: which takes a new file, which has an old one, and what all must know.

Each volume is whole in itself: journal, catalogue and media. A camera keeps to one volume while that is good, so that
its chain and its gaps stay together; volumes take cameras by their size. Where none of the main ones is good, the
emergency volume takes over; its footage goes home when they are back (``moving``). A hold is set on every volume.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import GENESIS
from beffroi.kernel.errors import BeffroiError, Corrupt, NotFound, Unavailable
from beffroi.kernel.ids import HoldId
from beffroi.kernel.spans import Span, union
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.recovery import recover_open, take_up_again
from beffroi.media.archive.slot import ABSENT, FAILING, GOOD, HANG_S, Open, Slot
from beffroi.media.archive.store import Place, Sealing, Store
from beffroi.media.core.index import Entry
from beffroi.media.core.stamp import RunFacts
from beffroi.media.core.storage import preferred
from beffroi.media.core.words import GapCause, Hold, StreamName

_T = TypeVar("_T")
_DOUBT_NS = 10_000_000_000
_START_S = 20.0  # as long as a start waits for a volume while it has no other


class Shelf:
    """The open volumes. Not for several threads."""

    def __init__(self, slots: Sequence[Slot], clock: Clock, *, recorder: Path | None, open_store: Open) -> None:
        self.slots, self._clock, self._recorder, self._open = list(slots), clock, recorder, open_store
        self._homes: dict[str, Slot] = {}  # of open segments
        self._hung: Unavailable | None = None
        self._to_agree = False  # volumes have come or gone, and not all have heard of the others' holds

    @classmethod
    def of(cls, *stores: Store) -> "Shelf":
        """Stores that are open, and stay so."""
        slots = [Slot(store.volume.path) for store in stores]
        for slot, store in zip(slots, stores, strict=True):
            slot.adopt(store)
        return cls(slots, stores[0].clock, recorder=None, open_store=lambda _path, _uuid: stores[0])

    def open(self) -> None:
        """Take every volume that is there. Raises what is wrong with the first where none is."""
        wrong: list[BeffroiError] = []
        for slot in self.slots:
            try:
                self._take(slot, wait_s=None if len(self.slots) == 1 else _START_S)
            except BeffroiError as error:
                wrong.append(error)
        if not self.stores:
            raise wrong[0]
        self.agree_on_holds()

    def _take(self, slot: Slot, *, wait_s: float | None) -> None:
        assert self._recorder is not None, "a store alone is never taken again"
        slot.take(self._open, self._recorder, Disk(), links=len(self.slots) > 1, wait_s=wait_s)

    @property
    def stores(self) -> list[Store]:
        """The volumes that are good."""
        return [slot.store for slot in self.slots if slot.store is not None]

    @property
    def is_single(self) -> bool:
        """Whether there is no other volume to go to."""
        return len(self.stores) < 2

    def alone(self) -> Store | None:
        """The one volume that is good, where there is no other. Any thread may ask."""
        stores = self.stores
        return stores[0] if len(stores) == 1 else None

    def look(self) -> list[Slot]:
        """Notice volumes that went and take those that came back; which ones."""
        changed: list[Slot] = []
        if self._recorder is None:
            return changed
        for slot in self.slots:
            if slot.store is not None:
                self._see(slot)
                changed += [slot] if slot.store is None else []
                continue
            with suppress(BeffroiError):
                self._take(slot, wait_s=HANG_S)
                changed.append(slot)
        self._to_agree = self._to_agree or bool(changed)
        if self._to_agree:
            self.agree_on_holds()
            self._to_agree = False
        return changed

    def _see(self, slot: Slot) -> None:
        """Whether its disk is still there."""
        store = slot.store
        if store is None:
            return
        with suppress(Unavailable):
            if not self.on(store, store.is_there):
                slot.lose(ABSENT)

    def on(self, store: Store, work: Callable[[], _T]) -> _T:
        """What may hang with a disk: not longer than a while, where there is another that can go on."""
        slot = next(slot for slot in self.slots if slot.store is store)
        if self.is_single:
            return work()
        try:
            return slot.within(work)
        except Unavailable as error:
            if slot.store is None:
                self._hung = error
            raise

    def ask(self, what: Callable[[Store], _T]) -> list[tuple[Store, _T]]:
        """What each volume that is good answers. Also a row of a catalogue is not read but in this way: SQLite writes
        to shared pages as it begins to read, and a disk that hangs holds up whoever does that."""
        return [(store, self.on(store, partial(what, store))) for store in self.stores]

    # --- choosing --------------------------------------------------------------------------------------------

    def _choose(self, camera: str) -> Slot:
        for slot in self.slots:
            self._see(slot)
        now = self._clock.monotonic_ns()
        good = [slot for slot in self.slots if slot.store is not None]
        sure = [slot for slot in good if slot.doubted_until_ns <= now]
        for some in (
            [slot for slot in sure if not slot.emergency],
            [slot for slot in sure if slot.emergency],
            good,
        ):
            if some:
                uuid = preferred(camera, {slot.uuid: slot.total_bytes for slot in some})
                return next(slot for slot in some if slot.uuid == uuid)
        raise Unavailable("No volume of the archive can be written.", code="no_volume", hint="Look at its disks.")

    def home_of(self, camera: str) -> Store | None:
        """The main volume that this camera's footage belongs on; ``None`` when none is good, sure and has room."""
        now = self._clock.monotonic_ns()
        main = [
            slot
            for slot in self.slots
            if slot.store is not None and not (slot.emergency or slot.stuck) and slot.doubted_until_ns <= now
        ]
        if not main:
            return None
        uuid = preferred(camera, {slot.uuid: slot.total_bytes for slot in main})
        return next(slot.store for slot in main if slot.uuid == uuid)

    def _of(self, segment: str) -> Store | None:
        home = self._homes.get(segment)
        if home is not None:
            return home.store
        for slot in self.slots:
            if slot.store is not None and self.on(slot.store, partial(slot.store.knows, segment)):
                self._homes[segment] = slot
                return slot.store
        return None

    def _of_stream(self, camera: str, stream: StreamName) -> Store:
        """Where a stream was recorded last."""
        known = self.ask(lambda store: store.durable_until_us(camera, stream))
        latest = max((until for _, until in known if until is not None), default=None)
        found = next((store for store, until in known if until is not None and until == latest), None)
        store = found or self._choose(camera).store
        assert store is not None, "a volume was chosen"
        return store

    def _doubt(self, segment: str) -> None:
        home = self._homes.get(segment)
        if home is not None:
            home.doubted_until_ns = self._clock.monotonic_ns() + _DOUBT_NS

    # --- acts of ingest --------------------------------------------------------------------------------------

    def begin_segment(self, *, segment: str, facts: RunFacts, init: bytes) -> Place:
        """Where the next file goes."""
        store = self._of(segment)
        if store is None:
            slot = self._choose(facts.camera)
            self._homes[segment], store = slot, slot.store
        assert store is not None, "a volume was chosen"
        head = self.head(facts.camera, facts.stream)
        try:
            place = self.on(store, lambda: store.begin_segment(segment=segment, facts=facts, init=init))
        except OSError as error:
            self._doubt(segment)
            self._homes.pop(segment, None)
            raise Unavailable(f"No file can be made: {error.strerror}.", code="volume_failing") from error
        return Place(place.path, head)

    def head(self, camera: str, stream: StreamName) -> bytes:
        """The newest head of the stream's chain on any volume that is there."""
        known = self.ask(lambda store: (store.durable_until_us(camera, stream), store.head(camera, stream)))
        return max(((until, head) for _, (until, head) in known if until is not None), default=(0, GENESIS))[1]

    def durable(self, segment: str, entries: Collection[Entry], *, camera: str) -> None:
        """Fragments are on a disk. Where that volume is gone, its file says it when it is back; where its intent was
        taken back, the file that is being written says what it is."""
        store, known = self._of(segment), False
        if store is not None:
            known = self.on(store, partial(_durable, store, segment, entries))
        if entries and not known:
            for each in self.stores:
                self.on(each, partial(take_up_again, each, segment, camera))

    def seal(self, sealing: Sealing) -> None:
        """Close a segment; on a volume that is gone, recovery does."""
        store = self._of(sealing.segment)
        if store is not None:
            self.on(store, lambda: store.seal(sealing))  # it reads the file's first fragment
        if sealing.state == "recovered":
            self._doubt(sealing.segment)
        self._homes.pop(sealing.segment, None)

    def void(self, segment: str) -> None:
        """A segment in which nothing whole was ever written."""
        store = self._of(segment)
        if store is not None:
            self.on(store, partial(store.void, segment))
        self._doubt(segment)
        self._homes.pop(segment, None)

    def gap(
        self,
        camera: str,
        stream: StreamName,
        *,
        start_us: int,
        cause: GapCause,
        detail: str,
        end_us: int | None = None,
    ) -> None:
        """Pictures stopped."""
        store = self._of_stream(camera, stream)
        told = partial(store.gap, camera, stream, start_us=start_us, cause=cause, detail=detail, end_us=end_us)
        self.on(store, told)

    def gap_since_durable(self, camera: str, stream: StreamName, *, cause: GapCause, detail: str) -> None:
        """A gap since the newest durable picture."""
        store = self._of_stream(camera, stream)
        self.on(store, partial(store.gap_since_durable, camera, stream, cause=cause, detail=detail))

    def end_gap(self, camera: str, stream: StreamName, *, end_us: int) -> None:
        """Pictures are back."""
        self.ask(lambda store: store.end_gap(camera, stream, end_us=end_us))

    def open_gap(self, camera: str, stream: str) -> tuple[int, str, str] | None:
        """Since when, why, and what was found."""
        found = self.ask(lambda store: store.open_gap(camera, stream))
        return next((gap for _, gap in found if gap is not None), None)

    def note_settings(self, *, version: int, digest: str) -> None:
        """Other camera settings hold from now on."""
        self.ask(lambda store: store.note_settings(version=version, digest=digest))

    # --- holds -----------------------------------------------------------------------------------------------

    def hold_set(self, *, hold: str, camera: str, span: Span, reference: str, judicial: bool) -> None:
        """Hold footage, on every volume that is there; one that is away hears of it when it returns."""
        self._some()
        self.ask(
            lambda store: store.hold_set(hold=hold, camera=camera, span=span, reference=reference, judicial=judicial)
        )

    def recover(self, *, only: Collection[str] | None = None, sparing: Collection[str] = ()) -> int:
        """Seal what dead workers left open, on every volume; how many."""
        return sum(self.on(each, partial(recover_open, each, only=only, sparing=sparing)) for each in self.stores)

    def hold_release(self, *, hold: str, reason: str) -> None:
        """Let a hold go, wherever it is."""
        self._some()
        having = [store for store, has in self.ask(lambda store: store.has_hold(hold)) if has]
        if not having:
            raise NotFound("There is no such hold.", code="no_hold")
        for store in having:
            self.on(store, partial(store.hold_release, hold=hold, reason=reason))

    def _some(self) -> None:
        """Nothing is known of holds while no volume is there: the office asks again."""
        if not self.stores:
            raise Unavailable("No volume of the archive is there.", code="no_volume", hint="Look at its disks.")

    def hold_facts(self, hold: str) -> tuple[int, list[Span]]:
        """Since when a hold is durable, and which recorded spans it covers, on all volumes."""
        answers = self.ask(lambda store: store.hold_facts(hold) if store.has_hold(hold) else None)
        facts = [each for _, each in answers if each is not None]
        if not facts:
            raise NotFound("There is no such hold.", code="no_hold")
        return min(since for since, _ in facts), union(span for _, spans in facts for span in spans)

    def agree_on_holds(self) -> None:
        """A volume that was away when a hold was set or released hears of it, before anything on it is destroyed."""
        known = self.ask(lambda store: (store.released_holds(), store.holds_in_force()))
        released = {hold: reason for _, (gone, _) in known for hold, reason in gone}
        held = {one.id: one for _, (_, force) in known for one in force}
        self.ask(lambda store: _agree(store, released, held))
        self.commit()

    # --- all of them -----------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Make everything staged durable. A volume that fails is left while there is another; what was staged on it is
        not acknowledged, and asked for again goes elsewhere."""
        wrong: BeffroiError | None = self._hung  # what was staged on that volume is not there
        self._hung = None
        for slot in self.slots:
            try:
                if slot.store is not None:
                    self.on(slot.store, slot.store.commit)
            except (Unavailable, Corrupt) as error:
                wrong = error
                if slot.store is not None and not self.is_single:
                    slot.lose(FAILING)
                    wrong = Unavailable(error.message, code=error.code, hint=error.hint)
        if wrong is not None:
            raise wrong

    def streams(self) -> set[tuple[str, str]]:
        """Every stream that was ever recorded here."""
        return {each for _, streams in self.ask(lambda store: store.streams()) for each in streams}

    def good(self) -> Iterator[tuple[Slot, Store]]:
        """Each volume that is good."""
        for slot in self.slots:
            if slot.store is not None and slot.state == GOOD:
                yield slot, slot.store

    def close(self) -> None:
        """Close all."""
        for slot in self.slots:
            slot.close()


def _durable(store: Store, segment: str, entries: Collection[Entry]) -> bool:
    """Note it; whether this volume has the segment."""
    store.durable(segment, entries)
    return store.knows(segment)


def _agree(store: Store, released: Mapping[str, str], held: Mapping[HoldId, Hold]) -> None:
    """What all volumes together know of holds, on this one."""
    for hold, one in held.items():
        if hold not in released and not store.has_hold(hold):
            store.hold_set(hold=hold, camera=one.camera, span=one.span, reference=one.reference, judicial=one.judicial)
    for own in store.holds_in_force():
        if own.id in released:
            store.hold_release(hold=own.id, reason=released[own.id])
