"""Which certificates the front serves, and for how many days: as it says itself in ``RUN/front.json``."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from beffroi.kernel.clock import from_us

LAST_DAYS = 20
"""Fewer days left than this are a fault: an own certificate renews itself with sixty."""


@dataclass(frozen=True, slots=True)
class ServedCertificate:
    """One face's certificate."""

    face: str
    names: tuple[str, ...]
    ends_at: datetime
    own: bool
    trouble: str

    def days_left(self, now: datetime) -> int:
        """Whole days until it ends; negative when it has."""
        return (self.ends_at - now).days

    def well(self, now: datetime) -> bool:
        """Whether nobody need do anything."""
        return not self.trouble and self.days_left(now) >= LAST_DAYS


def served(run: Path | None = None) -> list[ServedCertificate]:
    """All certificates that are served now; none where pages are plain HTTP or the front says nothing."""
    folder = run or Path(os.environ.get("BEFFROI_RUN", "") or os.devnull)
    try:
        faces = json.loads((folder / "front.json").read_text())["faces"]
    except (OSError, ValueError, KeyError):
        return []
    return [
        ServedCertificate(
            face["kind"], tuple(one["names"]), from_us(one["ends_us"]), bool(one["own"]), str(one["trouble"])
        )
        for face in faces
        if (one := face.get("certificate")) is not None
    ]
