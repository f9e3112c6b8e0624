"""``archive rebuild``: the catalogue again, from media files and journal alone. No media byte is deleted."""

from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.recovery import Progress, adopt_orphans, recover_open
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
    """Rebuild. ``NotFound`` where there is no archive, ``Conflict`` while another process writes it, ``Corrupt`` when
    the journal's chain is broken (its line is named; nothing was changed)."""
    read_volume(folder)
    store = Store(folder, clock, key=key)
    try:
        store.make_anew()
        recovered = recover_open(store)
        adopted = adopt_orphans(store, progress=progress)
        (segments,) = store.db.execute("SELECT count(*) FROM segment").fetchone()
    finally:
        store.close()
    return Rebuilt(int(segments), recovered, adopted)
