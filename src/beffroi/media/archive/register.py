"""Which volume belongs where: ``DATA/recorder/volumes.json``, kept by the writer, read by whoever reads the archive.

A path that was once given a volume takes that one ever after, in the generation it had or a later one: an empty folder
(the disk is not mounted), another disk, and an old copy of the right one are told apart from it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import Conflict
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.volume import Volume, read_volume

FILE = "volumes.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Known:
    """The volume of a path."""

    path: Path
    uuid: str
    generation: int


def registered(recorder: Path) -> list[Known]:
    """Every volume that was ever taken, in the order of taking. A file that cannot be read is as good as none: then
    what is on the disks is taken."""
    try:
        data = json.loads((recorder / FILE).read_bytes())
        return [
            Known(Path(each["path"]), str(each["uuid"]), int(each["generation"]))
            for each in data["volumes"]
            if data["beffroi_volumes"] == _FORMAT
        ]
    except FileNotFoundError:
        return _first_volume(recorder)
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _first_volume(recorder: Path) -> list[Known]:
    """What a recorder with one volume wrote: its UUID alone, in ``recorder/volume``."""
    try:
        uuid = (recorder / "volume").read_text("ascii").strip()
    except OSError:
        return []
    return [Known(recorder.parent / "archive", uuid, 0)]


def note_volume(recorder: Path, fresh: Known, disk: Disk) -> None:
    """Remember a volume that was taken, durable."""
    known = [each for each in registered(recorder) if each.path != fresh.path]
    volumes: list[Json] = [
        {"path": str(each.path), "uuid": each.uuid, "generation": each.generation} for each in [*known, fresh]
    ]
    disk.replace(recorder / FILE, canonical_bytes({"beffroi_volumes": _FORMAT, "volumes": volumes}) + b"\n")


def rightful(known: Known) -> Volume:
    """The volume that stands at its path, when it is the one that belongs there; ``NotFound`` (``no_volume``),
    ``Conflict`` (``volume_foreign``, ``volume_old``) or ``Corrupt`` otherwise."""
    volume = read_volume(known.path)
    if volume.uuid != known.uuid:
        raise Conflict(
            f"The disk in {known.path} is not the volume {known.uuid[:8]} that belongs there.",
            code="volume_foreign",
            hint="Mount the right disk; nothing was written to this one.",
        )
    if volume.generation < known.generation:
        raise Conflict(
            f"The disk in {known.path} is an old copy of the volume {known.uuid[:8]}: generation "
            f"{volume.generation}, and {known.generation} was there.",
            code="volume_old",
            hint="Mount the disk that was in use last; nothing was written to this one.",
        )
    return volume
