"""After a crash: open files are cut to their last whole fragment and sealed; unknown files are taken in.

What is cut off is the fragment that was being written. Where a whole one stands behind it (a disk that lost a page in
the middle), it is copied to ``set-aside/`` first: no byte that could be evidence is deleted.

A file that a living ingest worker still writes (it holds a lock on it) is left alone: the worker outlived the writer
and will tell its fragments again.
"""

import json
import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.digest import GENESIS
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.files import all_files, holds_fragment, read_file, scan_file
from beffroi.media.archive.store import Sealing, Store
from beffroi.media.archive.volume import ARRIVING, SET_ASIDE
from beffroi.media.core.index import Entry
from beffroi.media.core.scan import Scan

_READERS = 8  # files at a time: hashing, reading and flushing leave Python's lock
_AT_ONCE = 64
_MANY = 256  # from here on one flush of the whole disk costs less than one a file
ARRIVING_SUFFIX = ".part"
_LOG = logging.getLogger("beffroi.writer")
Progress = Callable[[int, int], None]


def recover_open(store: Store, *, only: Collection[str] | None = None, sparing: Collection[str] = ()) -> int:
    """Seal what a dead worker left open, of these cameras or of all; how many. One flush for all. Nothing on a disk
    that is not there any more: its files are not gone. ``sparing``: segments that a living worker was promised, whose
    file it may be about to make."""
    if not store.is_there():
        return 0
    rows = store.db.execute("SELECT id, segment, camera FROM segment WHERE state = 'open' ORDER BY id").fetchall()
    left = [
        _Left(number, segment, path)
        for number, segment, camera in rows
        if segment not in sparing and (only is None or camera in only)
        if not _is_in_use(store.disk, path := store.volume.media_path(camera, segment))
    ]
    at_once = len(left) > _MANY and store.disk.sync_all(store.volume.path)
    read = partial(_read, store.disk, flush=not at_once)
    mended = 0
    with ThreadPoolExecutor(_READERS, thread_name_prefix="recovery") as pool:
        for at in range(0, len(left), _AT_ONCE):
            some = left[at : at + _AT_ONCE]
            flushed = [store.flushed(each.number) for each in some]
            for each, found in zip(some, pool.map(read, some, flushed), strict=True):
                mended += _recover(store, each, found)
    store.commit()
    return mended


def _is_in_use(disk: Disk, path: Path) -> bool:
    """Whether a living worker writes it; one that is not there, or cannot be looked at, is used by nobody."""
    try:
        return disk.is_being_written(path)
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Left:
    """A file that was left open: row, segment and place."""

    number: int
    segment: str
    path: Path


def _read(disk: Disk, left: _Left, flushed: list[Entry], *, flush: bool) -> Scan | OSError | None:
    """What is whole in it, on the disk from now on; ``None``: it was never made. Of what is known to have been flushed
    only the stamps are read: a start is not to read gigabytes before it records."""
    try:
        found = scan_file(left.path, strict=True, flushed=flushed)
        if flush and len(found.entries) > len(flushed):
            disk.sync_file(left.path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    return found


def read_on(store: Store) -> None:
    """Take in what living workers wrote into their open files while this volume could not be told of it."""
    for segment, camera in store.db.execute("SELECT segment, camera FROM segment WHERE state = 'open'").fetchall():
        path = store.volume.media_path(camera, segment)
        if path.exists():
            store.disk.sync_file(path)
            store.durable(segment, scan_file(path, strict=True).entries)
    store.commit()


def take_up_again(store: Store, segment: str, camera: str) -> None:
    """A file of this volume that is being written while nothing speaks of it: its intent is said again, from what it
    says itself, and what it has is durable. So no mistake about who lives can make footage invisible."""
    path = store.volume.media_path(camera, segment)
    if not path.exists() or not store.disk.is_being_written(path):
        return
    store.disk.sync_file(path)
    found = scan_file(path, strict=True)
    if found.facts is not None and found.facts.camera == camera:
        store.begin_segment(segment=segment, facts=found.facts, init=found.init)
        store.durable(segment, found.entries)


def _recover(store: Store, left: _Left, found: Scan | OSError | None) -> bool:
    """Seal it; False when the disk does not let us: then it stays open, what is known of it can be read, and the next
    start tries again. One bad sector is not to keep all cameras from being recorded."""
    segment, path = left.segment, left.path
    if isinstance(found, OSError):
        _LOG.error("%s cannot be recovered: %s", path, found.strerror)
        return False
    if found is None:
        store.void(segment)
        return True
    try:
        if not found.entries:
            _give_up(store, path)
            store.void(segment)
            return True
        if found.torn:
            if holds_fragment(path, after=found.whole_bytes):
                set_aside(store, path, since=found.whole_bytes)
            store.disk.truncate(path, found.whole_bytes)
    except OSError as error:
        _LOG.error("%s cannot be recovered: %s", path, error.strerror)
        return False
    store.ledger.read(segment, found)
    store.seal(sealing_of(segment, found, state="recovered"))
    return True


def _give_up(store: Store, path: Path) -> None:
    """A file in which no whole fragment stands at the front: it goes, unless there is one behind."""
    if holds_fragment(path, after=0):
        set_aside(store, path, since=0)
    store.disk.remove(path)


def set_aside(store: Store, path: Path, *, since: int) -> Path:
    """Copy what stands in a file from ``since`` on to where no procedure touches it, durable."""
    folder = store.volume.path / SET_ASIDE
    store.disk.make_folders(folder, below=store.volume.path)
    kept = folder / f"{path.stem}.{since}.bin"
    store.disk.replace(kept, path.read_bytes()[since:])
    return kept


def sealing_of(segment: str, found: Scan, *, state: str) -> Sealing:
    """What a scan says of a segment."""
    entries = found.entries
    return Sealing(
        segment=segment,
        state=state,
        size_bytes=found.whole_bytes,
        frames=sum(each.frames for each in entries),
        fragments=len(entries),
        start_us=entries[0].start_us if entries else 0,
        end_us=entries[-1].end_us if entries else 0,
        head=entries[-1].sha256 if entries else GENESIS,
    )


def adopt_orphans(store: Store, *, progress: Progress = lambda _done, _all: None) -> int:
    """Take in every segment file that the journal does not know; how many. No byte is deleted.

    A torn tail stays in the file and is not indexed. Files that are no segments at all are left where they are;
    ``archive check`` names them.
    """
    known = {row[0] for row in store.db.execute("SELECT segment FROM segment")}
    destroyed = {row[0] for row in store.db.execute("SELECT segment FROM destruction UNION SELECT segment FROM moved")}
    copies = {row[0] for row in store.db.execute("SELECT segment FROM cutting")}
    unknown = [path for path in all_files(store.volume) if path.stem not in known | destroyed | copies]
    taken = 0
    for at, path in enumerate(unknown):
        found = read_file(path)
        store.ledger.read(path.stem, found)
        facts = found.facts
        if facts is not None and found.entries and facts.camera == path.parent.parent.name:
            store.adopt(facts, sealing_of(path.stem, found, state="adopted"), found.init)
            taken += 1
        progress(at + 1, len(unknown))
    store.commit()
    return taken


def finish_destructions(store: Store) -> int:
    """Unlink files whose destruction, or move, is journalled but was cut short; how many. One that came back is not
    among them."""
    rows = set(store.db.execute("SELECT segment, camera FROM destruction ORDER BY id DESC LIMIT 2000").fetchall())
    rows |= set(store.db.execute("SELECT segment, camera FROM moved ORDER BY id DESC LIMIT 2000").fetchall())
    left = [
        path
        for segment, camera in rows
        if (path := store.volume.media_path(camera, segment)).exists() and not store.knows(segment)
    ]
    for path in left:
        store.drop(path)
    return len(left)


def note_arrival(store: Store, segment: str, camera: str) -> None:
    """A file is about to be copied here from another volume: until its line is written, what stands here is nothing."""
    undo_arrival(store)
    store.disk.replace(store.volume.path / ARRIVING, canonical_bytes({"camera": camera, "segment": segment}))


def undo_arrival(store: Store) -> bool:
    """A copy whose move was cut short before its line goes: the volume it came from has it, or has destroyed it since,
    and then it would outlive its term here. Whether there was one."""
    note = store.volume.path / ARRIVING
    try:
        data = json.loads(note.read_bytes())
        segment, place = str(data["segment"]), store.volume.media_path(str(data["camera"]), str(data["segment"]))
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        store.disk.remove(note)  # it was cut short itself: nothing was copied yet
        return False
    undone = not store.knows(segment)
    for path in (place.with_suffix(ARRIVING_SUFFIX), *([place] if undone else [])):
        store.disk.remove(path)
    store.disk.remove(note)
    return undone
