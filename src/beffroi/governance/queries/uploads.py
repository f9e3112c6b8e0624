"""Reader of files on their way in: each is seen by nobody but who sends it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from beffroi.governance import models
from beffroi.governance.core.uploads import KEPT
from beffroi.governance.queries.intake import OVER
from beffroi.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """How far one is."""

    id: str
    name: str
    bytes: int
    received: int
    chain: str
    begun_at: datetime
    expires_at: datetime

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""
        return self.received == self.bytes


def upload_folder() -> Path:
    """Where halves lie; the room page of a disk counts it with the data folder."""
    return Path(settings.BEFFROI_DATA_DIR) / "uploads"


def own(person: str, requisition: str) -> list[UploadFacts]:
    """This person's for this requisition, the newest first."""
    rows = models.Upload.objects.filter(person=person, requisition=requisition)
    return [facts(row) for row in rows.order_by("-begun_at", "id")]


def one(person: str, requisition: str, upload: str) -> UploadFacts:
    """One of them; ``NotFound`` also where it is somebody else's."""
    found = next((each for each in own(person, requisition) if each.id == upload), None)
    if found is None:
        raise NotFound("There is no such upload.", code="no_such_upload")
    return found


def abandoned(now: datetime) -> list[str]:
    """Those that nobody went on with for a day, or whose requisition is over; a day ahead of the clock is as old."""
    old = Q(touched_at__lte=now - KEPT) | Q(touched_at__gt=now + KEPT) | Q(requisition__state__in=OVER)
    return list(models.Upload.objects.filter(old).order_by("id").values_list("id", flat=True))


def known() -> frozenset[str]:
    """All of them, by id."""
    return frozenset(models.Upload.objects.values_list("id", flat=True))


def to_come() -> int:
    """Bytes that were announced and are not here yet."""
    return sum(row.bytes - row.received for row in models.Upload.objects.all())


def facts(row: models.Upload) -> UploadFacts:
    """A row as values."""
    return UploadFacts(row.id, row.name, row.bytes, row.received, row.chain, row.begun_at, row.touched_at + KEPT)
