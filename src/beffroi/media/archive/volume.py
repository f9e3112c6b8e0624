"""A volume: one folder that bears a name of its own, so that another disk in its place is noticed.

``volume.json`` holds format, UUID and generation. The generation grows each time the writer takes the volume, so that
an old copy of it that comes back is told apart from the volume itself.
"""

import fcntl
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import Conflict, Corrupt, NotFound
from beffroi.kernel.ids import is_safe_name
from beffroi.media.archive.disk import Disk

FORMAT = 1
FILE = "volume.json"
JOURNAL = "journal"
MEDIA = "media"
SET_ASIDE = "set-aside"
ARRIVING = "arriving.json"  # which file is being copied here from another volume
CATALOGUE = "catalogue.sqlite3"


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as its ``volume.json`` describes it."""

    path: Path
    uuid: str
    generation: int

    def media_path(self, camera: str, segment: str) -> Path:
        """Where a segment's file stands. Ids, not times; sharded, so that no folder grows without end."""
        if not (is_safe_name(camera) and is_safe_name(segment)):
            raise ValueError("an id that cannot be a file name")
        return self.path / MEDIA / camera / segment[:6] / f"{segment}.mp4"


def read_volume(path: Path) -> Volume:
    """The volume in this folder. ``NotFound`` when there is none, ``Corrupt`` when its description is not readable."""
    try:
        data = json.loads((path / FILE).read_bytes())
        if data["beffroi_volume"] != FORMAT:
            raise Corrupt(
                f"The volume in {path} has format {data['beffroi_volume']}; this version reads format {FORMAT}.",
                hint="Use the version of Beffroi that wrote it, or a later one.",
            )
        return Volume(path, str(uuid.UUID(data["uuid"])), int(data["generation"]))
    except FileNotFoundError:
        raise NotFound(
            f"There is no Beffroi archive in {path}.", code="no_volume", hint="Is the disk mounted there?"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"The description of the volume in {path} cannot be read.", code="volume_unreadable") from error


def volume_of(media_path: Path) -> Path:
    """The folder of the volume on which a segment's file stands."""
    return media_path.parents[3]


def mark_of(path: Path) -> tuple[int, int] | None:
    """The folder itself, whatever it is called: a mount that comes or goes is another one; ``None``: none is there."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def create_volume(path: Path, disk: Disk) -> Volume:
    """Make an empty folder a volume; ``Conflict`` when something else is in it."""
    path.mkdir(parents=True, exist_ok=True)
    if any(each.name not in ("lost+found", "lock") for each in path.iterdir()):
        raise Conflict(
            f"{path} is not empty and is no Beffroi archive.", code="not_a_volume", hint="Choose an empty folder."
        )
    volume = Volume(path, str(uuid.uuid4()), 0)
    for name in (JOURNAL, MEDIA):
        (path / name).mkdir(mode=0o750)
    write_volume(volume, disk)
    return volume


def write_volume(volume: Volume, disk: Disk) -> None:
    """Write the description, durable."""
    data: dict[str, Json] = {"beffroi_volume": FORMAT, "uuid": volume.uuid, "generation": volume.generation}
    disk.replace(volume.path / FILE, canonical_bytes(data) + b"\n")


class VolumeLock:
    """The right to write a volume: one process at a time, given back by the kernel when it dies."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise Conflict(
                f"Another process is writing the archive in {path}.",
                code="volume_busy",
                hint="Stop the other Beffroi first.",
            ) from None

    def close(self) -> None:
        """Give the right back."""
        os.close(self._handle)
