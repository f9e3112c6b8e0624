"""At term: what a hold needs of a file moves to a file of its own, byte for byte; the rest goes (DESIGN §5, "Holds").

Order: the intent (so that a copy that a crash leaves behind is known for what it is), the new file with its digests
checked as they are read, its flush, then one signed line that says both what stays and what is gone, then the old file
goes. At each of these moments the footage is whole in one of the two files.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import sha256
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.media.archive.store import Sealing, Store, sizes_json
from beffroi.media.core import index
from beffroi.media.core.index import Entry
from beffroi.media.core.keeping import moved, needed, tombs
from beffroi.media.core.stamp import RANDOM_ACCESS
from beffroi.media.core.trailer import encode_trailer

_LOG = logging.getLogger("beffroi.writer")


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed file, with its index."""

    id: int
    segment: str
    run: int
    camera: str
    stream: str
    entries: tuple[Entry, ...]


def closed(store: Store, segment: str) -> Closed | None:
    """The file by its segment's name; ``None`` when it is open, missing or gone."""
    row = store.db.execute(
        "SELECT id, segment, run, camera, stream, entries FROM segment WHERE segment = ? "
        "AND state NOT IN ('open', 'missing')",
        (segment,),
    ).fetchone()
    if row is None:
        return None
    number, name, run, camera, stream, entries = row
    return Closed(number, name, run, camera, stream, tuple(index.unpack(entries)))


def what_stays(store: Store, file: Closed, held: Sequence[Span]) -> list[bool]:
    """Fragment by fragment; looks into the file after it where that one begins without a key frame."""
    row = store.db.execute(
        "SELECT segment FROM segment WHERE run = ? AND id > ? AND state NOT IN ('open', 'missing') ORDER BY id LIMIT 1",
        (file.run, file.id),
    ).fetchone()
    after = closed(store, row[0]) if row is not None else None
    by_next = (
        after is not None
        and after.entries[0].sequence == file.entries[-1].sequence + 1
        and not after.entries[0].flags & RANDOM_ACCESS
        and what_stays(store, after, held)[0]
    )
    return needed(file.entries, held, by_next=by_next)


def cut_out(store: Store, file: Closed, keep: Sequence[bool], *, rule: str) -> bool:
    """Keep of ``file`` what ``keep`` says, destroy the rest by ``rule``. False, and nothing is destroyed, when its
    bytes are not what was recorded or there is no room for the copy."""
    init = bytes(store.db.execute("SELECT init FROM run WHERE id = ?", (file.run,)).fetchone()[0])
    segment = _begin(store, file)
    entries = moved(file.entries, keep, init_bytes=len(init))
    trailer = encode_trailer(init, index.pack(entries))
    try:
        if not _copy(store, file, segment, keep, init=init, trailer=trailer):
            return False
    except OSError as error:
        _LOG.warning("%s: what is held cannot be moved: %s", file.segment, error.strerror)
        return False
    kept = Sealing(
        segment=segment,
        state="kept",
        size_bytes=entries[-1].offset + entries[-1].length,
        frames=sum(each.frames for each in entries),
        fragments=len(entries),
        start_us=entries[0].start_us,
        end_us=entries[-1].end_us,
        head=entries[-1].sha256,
    )
    gone: list[Json] = [
        [each.first, each.last, each.start_us, each.end_us, each.head.hex()] for each in tombs(file.entries, keep)
    ]
    store.destroy_but(file.segment, file.camera, {"segment": segment, **sizes_json(kept)}, gone, rule=rule)
    return True


def _begin(store: Store, file: Closed) -> str:
    """The intent, or the one that a try before this has left."""
    row = store.db.execute("SELECT segment FROM cutting WHERE source = ?", (file.segment,)).fetchone()
    if row is not None:
        store.disk.remove(store.volume.media_path(file.camera, row[0]))
        return str(row[0])
    segment = new_id(store.clock.now_us())
    store.note_cut(segment=segment, source=file.segment, camera=file.camera)
    store.commit()
    return segment


def _copy(store: Store, file: Closed, segment: str, keep: Sequence[bool], *, init: bytes, trailer: bytes) -> bool:
    path, source = store.volume.media_path(file.camera, segment), store.volume.media_path(file.camera, file.segment)
    store.disk.make_folders(path.parent, below=store.volume.path)
    good = False
    handle = store.disk.create(path)
    try:
        store.disk.write(handle, init)
        with source.open("rb") as whole:
            for each, kept in zip(file.entries, keep, strict=True):
                if not kept:
                    continue
                whole.seek(each.offset)
                data = whole.read(each.length)
                if sha256(data) != each.sha256:
                    _LOG.error("%s: fragment %d is not what was recorded: it stays", file.segment, each.sequence)
                    return False
                store.disk.write(handle, data)
        store.disk.write(handle, trailer)
        store.disk.sync(handle)
        store.disk.sync_folder(path.parent)
        good = True
    finally:
        os.close(handle)
        if not good:
            store.disk.remove(path)
    return True


def undo_cuts(store: Store) -> int:
    """Copies that a crash left before their line was written: the old file is whole, they go. How many."""
    undone = 0
    for segment, camera, source in store.db.execute("SELECT segment, camera, source FROM cutting").fetchall():
        copy, old = store.volume.media_path(camera, segment), store.volume.media_path(camera, source)
        if copy.exists() and old.exists():
            store.drop(copy)
            undone += 1
    return undone
