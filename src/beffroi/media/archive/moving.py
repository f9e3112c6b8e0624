"""Footage from one volume to another: copy, verify, journal there, journal here, delete (DESIGN §5).

At each moment a whole, journalled copy stands on one of the two. What a crash leaves between is finished the next time
the same file is moved: a copy without its line is made again, a file with both lines is only deleted.
"""

import logging
import os
from contextlib import ExitStack, closing
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.cutting import Closed, closed
from beffroi.media.archive.files import scan_file
from beffroi.media.archive.recovery import Progress, sealing_of
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Store
from beffroi.media.archive.volume import read_volume
from beffroi.media.core import index
from beffroi.media.core.scan import Scan
from beffroi.media.core.trailer import encode_trailer

_LOG = logging.getLogger("beffroi.writer")
_PIECE = 1 << 20


def bring_home(shelf: Shelf) -> bool:
    """Move the oldest closed file of the emergency volume to the volume of its camera, when there is a good one with
    room; whether one was moved."""
    for slot, store in shelf.good():
        if not slot.emergency:
            continue
        row = store.db.execute(
            "SELECT segment, camera FROM segment WHERE state NOT IN ('open', 'missing') ORDER BY id LIMIT 1"
        ).fetchone()
        target = shelf.home_of(row[1]) if row is not None else None
        file = closed(store, row[0]) if row is not None else None
        if target is not None and file is not None:
            return move(file, store, target)
    return False


def move_all(
    old: Path, new: Path, clock: Clock, *, key: SigningKey | None, progress: Progress = lambda _done, _all: None
) -> tuple[int, int]:
    """Every closed file of the volume ``old`` to the volume ``new`` (made when its folder is empty), holds first; how
    many were moved, how many could not be. No recorder may be writing either."""
    with ExitStack() as stack:
        read_volume(old)
        source = stack.enter_context(closing(Store(old, clock, key=key)))
        target = stack.enter_context(closing(Store(new, clock, key=key)))
        Shelf.of(source, target).agree_on_holds()
        names = source.db.execute(
            "SELECT segment FROM segment WHERE state NOT IN ('open', 'missing') ORDER BY id"
        ).fetchall()
        moved = 0
        for at, (segment,) in enumerate(names):
            file = closed(source, segment)
            moved += file is not None and move(file, source, target)
            progress(at + 1, len(names))
    return moved, len(names) - moved


def move(file: Closed, source: Store, target: Store) -> bool:
    """One file. False, and nothing is deleted, when it cannot be copied or is not what was recorded."""
    path = source.volume.media_path(file.camera, file.segment)
    try:
        if not target.knows(file.segment):
            found = _copy(path, file, target)
            if found is None:
                _LOG.error("%s is not what was recorded: it stays", file.segment)
                return False
            facts = found.facts
            assert facts is not None, "the copy has a run box: its digests are the ones that were sealed"
            target.note_link(file.camera, file.stream, found.heads[0])
            target.adopt(facts, sealing_of(file.segment, found, state="adopted"), found.init)
            target.commit()
        source.moved_out(file.segment, to=target.volume.uuid)
        source.commit()
    except (OSError, BeffroiError) as error:
        _LOG.warning("%s cannot be moved: %s", file.segment, error)
        source.ledger.roll_back()
        target.ledger.roll_back()
        return False
    source.disk.remove(path)
    return True


def _copy(path: Path, file: Closed, target: Store) -> Scan | None:
    """Bytes to a name that nothing takes for a segment, flushed, read back, then to their own."""
    place = target.volume.media_path(file.camera, file.segment)
    target.disk.make_folders(place.parent, below=target.volume.path)
    fresh = place.with_suffix(".part")
    target.disk.remove(fresh)
    size = file.entries[-1].offset + file.entries[-1].length
    handle = target.disk.create(fresh)
    try:
        with path.open("rb") as whole:
            init = os.pread(whole.fileno(), file.entries[0].offset, 0)
            while size and (data := whole.read(min(size, _PIECE))):
                target.disk.write(handle, data)
                size -= len(data)
        target.disk.write(handle, encode_trailer(init, index.pack(file.entries)))
        target.disk.sync(handle)
    finally:
        os.close(handle)
    found = scan_file(fresh)
    if tuple(found.entries) != file.entries or found.facts is None:
        target.disk.remove(fresh)
        return None
    target.disk.remove(place)  # of a move that was cut short before its line
    fresh.rename(place)
    target.disk.sync_folder(place.parent)
    return found
