"""What is in an archive, in figures."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from beffroi.media.archive.tables import connect_to_read
from beffroi.media.archive.volume import CATALOGUE, read_volume


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """One stream. ``recorded_us`` is the sum of its pieces."""

    camera: str
    stream: str
    oldest_us: int | None
    newest_us: int | None
    recorded_us: int
    segments: int
    frames: int
    total_bytes: int
    gaps: int
    holds: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """One volume."""

    uuid: str
    generation: int
    total_bytes: int
    streams: tuple[StreamFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def statistics(folder: Path) -> Statistics:
    """Count. ``NotFound`` when there is no archive, ``Unavailable`` when its catalogue cannot be read."""
    volume = read_volume(folder)
    database = connect_to_read(folder / CATALOGUE)
    try:
        rows = database.execute(
            "SELECT t.camera, t.stream, "
            "(SELECT min(start_us) FROM piece p WHERE p.camera = t.camera AND p.stream = t.stream), "
            "(SELECT max(end_us) FROM piece p WHERE p.camera = t.camera AND p.stream = t.stream), "
            "(SELECT coalesce(sum(end_us - start_us), 0) FROM piece p "
            "WHERE p.camera = t.camera AND p.stream = t.stream), "
            "count(s.id), coalesce(sum(s.frames), 0), coalesce(sum(s.bytes), 0), "
            "(SELECT count(*) FROM gap g WHERE g.camera = t.camera AND g.stream = t.stream), "
            "(SELECT count(*) FROM hold h WHERE h.camera = t.camera AND h.released_us IS NULL) "
            "FROM stream t LEFT JOIN segment s ON s.camera = t.camera AND s.stream = t.stream "
            "GROUP BY t.camera, t.stream ORDER BY t.camera, t.stream"
        ).fetchall()
    finally:
        database.close()
    streams = tuple(StreamFigures(*row) for row in rows)
    return Statistics(volume.uuid, volume.generation, sum(each.total_bytes for each in streams), streams)
