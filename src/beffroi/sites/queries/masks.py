"""Dwelling masks: what was drawn and reviewed, and what the cameras say of it."""

from beffroi.media.core.masking import Burnt, Shape, Wanted
from beffroi.sites.core.authorisations import MaskFacts
from beffroi.sites.models import DwellingMask


def dwellings() -> dict[str, Wanted]:
    """Of each camera whose latest mask was reviewed: what it is to burn in, by its id."""
    latest: dict[str, DwellingMask] = {}
    for row in DwellingMask.objects.filter(camera__retired_at__isnull=True).order_by("version"):
        latest[row.camera_id] = row
    return {camera: Wanted(row.version, _shapes(row)) for camera, row in latest.items() if row.reviewer}


def mask_facts(row: DwellingMask) -> MaskFacts:
    """One version."""
    burnt = Burnt(row.burnt) if row.burnt else None
    return MaskFacts(
        version=row.version,
        author=row.author,
        reviewer=row.reviewer,
        reviewed_at=row.reviewed_at,
        burnt=burnt,
        burnt_why=row.burnt_why,
        burnt_since=row.burnt_since,
        read_back_at=row.read_back_at,
        shapes=_shapes(row),
    )


def _shapes(row: DwellingMask) -> tuple[Shape, ...]:
    return tuple(tuple((x, y) for x, y in shape) for shape in row.polygons)
