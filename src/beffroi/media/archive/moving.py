"""Footage from one volume to another: copy, verify, journal there, journal here, delete (DESIGN §5).

At each moment a whole, journalled copy stands on one of the two. What a crash leaves between is finished the next time
the same file is moved: a copy without its line is made again, a file with both lines is only deleted.
"""

import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.cutting import Closed, closed
from beffroi.media.archive.files import scan_file
from beffroi.media.archive.recovery import ARRIVING_SUFFIX, Progress, note_arrival, sealing_of, undo_arrival
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Store
from beffroi.media.archive.volume import read_volume
from beffroi.media.core import index
from beffroi.media.core.scan import Scan
from beffroi.media.core.trailer import encode_trailer

_LOG = logging.getLogger("beffroi.writer")
_PIECE = 1 << 20
_AGAIN_NS = 600_000_000_000
_CLOSED = "SELECT segment, camera FROM segment WHERE state NOT IN ('open', 'missing')"


def bring_home(shelf: Shelf) -> bool:
    """Move the oldest closed file of the emergency volume to the volume of its camera, when there is a good one with
    room; whether one was moved. One that cannot be moved does not stand in the way of those after it."""
    for slot, store in shelf.good():
        if not slot.emergency:
            continue
        now = store.clock.monotonic_ns()
        segment, camera = shelf.on(store, partial(_oldest, store, slot.put_off, now))
        target = shelf.home_of(camera) if segment else None
        file = shelf.on(store, partial(closed, store, segment))
        if target is not None and file is not None:
            if move(file, store, target, shelf):
                return True
            slot.put_off[segment] = now + _AGAIN_NS
    return False


def _oldest(store: Store, put_off: Mapping[str, int], now: int) -> tuple[str, str]:
    """The oldest closed file that is not put off, and its camera; twice nothing where there is none."""
    with closing(store.db.execute(f"{_CLOSED} ORDER BY id")) as rows:
        return next((row for row in rows if put_off.get(row[0], 0) <= now), ("", ""))


def move_all(
    old: Path, new: Path, clock: Clock, *, key: SigningKey | None, progress: Progress = lambda _done, _all: None
) -> tuple[int, int]:
    """Every closed file of the volume ``old`` to the volume ``new`` (made when its folder is empty), holds first; how
    many were moved, how many could not be. No recorder may be writing either."""
    with ExitStack() as stack:
        read_volume(old)
        source = stack.enter_context(closing(Store(old, clock, key=key)))
        target = stack.enter_context(closing(Store(new, clock, key=key)))
        shelf = Shelf.of(source, target)
        shelf.agree_on_holds()
        names = source.db.execute(f"{_CLOSED} ORDER BY id").fetchall()
        moved = 0
        for at, (segment, _) in enumerate(names):
            file = closed(source, segment)
            moved += file is not None and move(file, source, target, shelf)
            progress(at + 1, len(names))
    return moved, len(names) - moved


def move(file: Closed, source: Store, target: Store, shelf: Shelf) -> bool:
    """One file. False, and nothing is deleted, when it cannot be copied or is not what was recorded. Each disk is
    waited for by itself: one that hangs is left, and does not take the other with it."""
    path = source.volume.media_path(file.camera, file.segment)
    try:
        run = shelf.on(source, partial(_run_of, source, file))
        if not shelf.on(target, lambda: _stands_there(file, run, target)):
            knows = shelf.on(target, partial(target.knows, file.segment))
            found = None if knows else _copy(path, file, source, target, shelf)
            if found is None:
                _LOG.error("%s is not what was recorded, here or in its copy: it stays", file.segment)
                return False
            shelf.on(target, lambda: _take_in(file, found, target))
        shelf.on(source, lambda: _give_away(file, source, to=target.volume.uuid))
        shelf.on(source, lambda: source.drop(path))
    except (OSError, BeffroiError) as error:
        _LOG.warning("%s cannot be moved: %s", file.segment, error)
        for each in (source, target):
            if each in shelf.stores:
                with suppress(BeffroiError):
                    shelf.on(each, each.ledger.roll_back)
        return False
    return True


def _run_of(source: Store, file: Closed) -> str:
    row = source.db.execute("SELECT run FROM run WHERE id = ?", (file.run,)).fetchone()
    return str(row[0])


def _stands_there(file: Closed, run: str, target: Store) -> bool:
    """Whether each of its fragments is on the other volume, in whatever file, and is what was recorded: a move was cut
    short after its line, and one or the other may have lost by term, since then, what nobody holds."""
    wanted = {each.sha256 for each in file.entries}
    near = (run, file.entries[0].start_us, file.entries[-1].end_us)
    rows = target.db.execute(
        "SELECT s.segment FROM segment s JOIN run r ON r.id = s.run WHERE r.run = ? AND s.end_us > ? "
        "AND s.start_us < ? AND s.state NOT IN ('open', 'missing')",
        near,
    )
    for (segment,) in rows.fetchall():
        with suppress(FileNotFoundError):
            wanted -= {each.sha256 for each in scan_file(target.volume.media_path(file.camera, segment)).entries}
    return not wanted


def _take_in(file: Closed, found: Scan, target: Store) -> None:
    facts = found.facts
    assert facts is not None, "the copy has a run box: its digests are the ones that were sealed"
    target.note_link(file.camera, file.stream, found.heads[0])
    target.adopt(facts, sealing_of(file.segment, found, state="adopted"), found.init)
    target.commit()
    undo_arrival(target)  # it is known: nothing is left to undo


def _give_away(file: Closed, source: Store, *, to: str) -> None:
    source.moved_out(file.segment, to=to)
    source.commit()


def _copy(path: Path, file: Closed, source: Store, target: Store, shelf: Shelf) -> Scan | None:
    """Bytes to a name that nothing takes for a segment, flushed, read back, then to their own."""
    place = target.volume.media_path(file.camera, file.segment)
    fresh = place.with_suffix(ARRIVING_SUFFIX)
    left = file.entries[-1].offset + file.entries[-1].length
    whole = shelf.on(source, lambda: path.open("rb"))
    handle = -1
    try:
        handle = shelf.on(target, lambda: _begin(file, fresh, target))
        while left and (data := shelf.on(source, partial(whole.read, min(left, _PIECE)))):
            shelf.on(target, partial(target.disk.write, handle, data))
            left -= len(data)
        init = shelf.on(source, lambda: os.pread(whole.fileno(), file.entries[0].offset, 0))
        shelf.on(target, lambda: _end(handle, encode_trailer(init, index.pack(file.entries)), target))
    finally:
        if source in shelf.stores:  # else a thread still reads it
            whole.close()
        if handle >= 0 and target in shelf.stores:
            os.close(handle)
    return shelf.on(target, lambda: _verify(fresh, place, file, target))


def _begin(file: Closed, fresh: Path, target: Store) -> int:
    note_arrival(target, file.segment, file.camera)
    target.disk.make_folders(fresh.parent, below=target.volume.path)
    target.disk.remove(fresh)
    return target.disk.create(fresh)


def _end(handle: int, trailer: bytes, target: Store) -> None:
    target.disk.write(handle, trailer)
    target.disk.sync(handle)


def _verify(fresh: Path, place: Path, file: Closed, target: Store) -> Scan | None:
    found = scan_file(fresh)
    if tuple(found.entries) != file.entries or found.facts is None:
        target.disk.remove(fresh)
        return None
    fresh.rename(place)
    target.disk.sync_folder(place.parent)
    return found
