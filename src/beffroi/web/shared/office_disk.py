"""The disk of the office itself: the database, the papers, the sealed packages. Not the recorder's volumes."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

LOW_BYTES = 5_000_000_000
"""Below this, somebody should make room: a package of an hour of one camera takes about two."""


@dataclass(frozen=True, slots=True)
class OfficeDisk:
    """Room of the disk that holds the data folder, in bytes."""

    free_bytes: int
    total_bytes: int

    @property
    def low(self) -> bool:
        """Whether room is running out (on a small disk: below a twentieth)."""
        return self.free_bytes < min(LOW_BYTES, self.total_bytes / 20)

    @property
    def used(self) -> int:
        """Per cent in use."""
        return round(100 * (1 - self.free_bytes / self.total_bytes)) if self.total_bytes else 100


def office_disk(folder: Path | None = None) -> OfficeDisk | None:
    """As the system says; ``None`` where it says nothing (an unknown is never shown as good, I9)."""
    try:
        usage = shutil.disk_usage(folder or settings.BEFFROI_DATA_DIR)
    except OSError:
        return None
    return OfficeDisk(usage.free, usage.total)
