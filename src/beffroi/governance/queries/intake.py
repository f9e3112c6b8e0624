"""Reader of files taken in from another video system."""

from dataclasses import dataclass
from datetime import datetime

from beffroi.governance import models
from beffroi.governance.core.intake import KEPT, Probe
from beffroi.governance.queries import requisitions
from beffroi.kernel.errors import NotFound
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites

OVER = ("negative", "refused", "closed", "purged", "withdrawn")
"""States of a requisition after which nothing of it is packed."""


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """One file as pages show it."""

    id: str
    camera: str
    camera_name: str
    name: str
    system: str
    handed_by: str
    clock: str
    footage_from: datetime
    footage_until: datetime
    bytes: int
    sha256: str
    probe: Probe
    taken_by_name: str
    taken_at: datetime
    dropped_at: datetime | None
    dropped_why: str


def taken_for(person: PersonFacts, requisition: str) -> list[IntakeFacts]:
    """The files taken in for a requisition that the person may see at the desk, in the order of their pictures."""
    row = requisitions.for_desk(person, requisition)
    names = {str(one.id): f"{one.number} · {one.name}" for one in sites.cameras(retired=True)}
    found = models.Intake.objects.filter(requisition=row.pk).order_by("footage_from", "id")
    return [_facts(one, names.get(one.camera, one.camera)) for one in found]


def one_for(person: PersonFacts, requisition: str, intake: str) -> IntakeFacts:
    """One of them; ``NotFound``."""
    found = next((one for one in taken_for(person, requisition) if one.id == intake), None)
    if found is None:
        raise NotFound("There is no such file.", code="no_such_intake")
    return found


def ready(requisition: str) -> list[str]:
    """Ids of the files that a package of this requisition would be made of."""
    rows = models.Intake.objects.filter(requisition=requisition, dropped_at=None)
    return list(rows.order_by("footage_from", "id").values_list("id", flat=True))


def outlived(now: datetime) -> list[str]:
    """Files kept for a month, or whose requisition is over: they are destroyed."""
    rows = models.Intake.objects.filter(dropped_at=None)
    old = rows.filter(taken_at__lte=now - KEPT).values_list("id", flat=True)
    over = rows.filter(requisition__state__in=OVER).values_list("id", flat=True)
    return sorted({*old, *over})


def _facts(row: models.Intake, camera: str) -> IntakeFacts:
    return IntakeFacts(
        row.id, row.camera, camera, row.name, row.system, row.handed_by, row.clock, row.footage_from,
        row.footage_until, row.bytes, row.sha256, Probe(**row.probe), row.taken_by_name, row.taken_at, row.dropped_at,
        row.dropped_why,
    )  # fmt: skip
