"""``archive rebuild``: the catalogue again, from media files and journal alone. ``archive check --repair``: and what
else can be mended. No byte that could be evidence is deleted."""

from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.cutting import undo_cuts
from beffroi.media.archive.recovery import Progress, adopt_orphans, finish_destructions, recover_open, undo_arrival
from beffroi.media.archive.store import Store
from beffroi.media.archive.volume import read_volume


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found."""

    segments: int
    recovered: int
    adopted: int


def rebuild_catalogue(
    folder: Path, clock: Clock, *, key: SigningKey | None = None, progress: Progress = lambda _done, _all: None
) -> Rebuilt:
    """Rebuild. ``NotFound`` where there is no archive, ``Conflict`` while another process writes it. Lines of the
    journal that are lost are set aside and told; all else is as it was."""
    read_volume(folder)
    store = Store(folder, clock, key=key)
    try:
        store.ledger.make_anew()
        recovered = recover_open(store)
        undo_arrival(store)
        adopted = adopt_orphans(store, progress=progress)
        (segments,) = store.db.execute("SELECT count(*) FROM segment").fetchone()
    finally:
        store.close()
    return Rebuilt(int(segments), recovered, adopted)


def repair_volume(
    folder: Path,
    clock: Clock,
    *,
    key: SigningKey | None = None,
    seen: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> list[str]:
    """Mend what can be mended without deleting a byte that could be evidence; what was done, a sentence each.

    ``seen``: whoever calls has made sure that no hold is missing, so that a lost stretch of the journal need not stop
    the purge any longer.
    """
    read_volume(folder)
    store = Store(folder, clock, key=key)
    try:
        done = [
            f"journal lines {lost.first} to {lost.last} are lost: set aside, and told in a signed line"
            for lost in [*store.ledger.lost, *store.ledger.make_good()]
        ]
        done.append("the catalogue was made again")
        if seen and store.holds_unknown():
            store.note_seen()
            done.append("what destroys was let go on")
        if undo_arrival(store):
            done.append("a copy from another volume that was never named was undone")
        for name, number in (
            ("files left open were cut to their last whole fragment and sealed", recover_open(store)),
            ("files that no journal named were taken in", adopt_orphans(store, progress=progress)),
            ("destructions that were cut short were finished", finish_destructions(store)),
            ("copies that were begun and never named were undone", undo_cuts(store)),
        ):
            if number:
                done.append(f"{number} {name}")
        store.commit()
    finally:
        store.close()
    return done
