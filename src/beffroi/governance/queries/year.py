"""What a year's figures are made of: requisitions and facts without a word that names a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Min

from beffroi.governance import models
from beffroi.governance.core.requisitions import Helped, State
from beffroi.sites.core.coverage import PlaceClass


@dataclass(frozen=True, slots=True)
class CountedRequisition:
    """One requisition received in the year."""

    id: str
    number: str
    received_at: datetime
    unit: str
    legal_basis: str
    offence: str
    result: str
    withdrawn: bool
    first_answer_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedFact:
    """One fact that requisitions of the year name."""

    id: str
    nature: str
    committed_on: date | None
    place_class: PlaceClass
    helped: Helped
    numbers: tuple[str, ...]  # of requisitions, of any year


def requisitions_of_year(year: int, zone: ZoneInfo) -> list[CountedRequisition]:
    """All that reached the centre in ``year`` by the calendar of ``zone``, withdrawn ones included."""
    start, end = (datetime(one, 1, 1, tzinfo=zone) for one in (year, year + 1))
    rows = (
        models.Requisition.objects.filter(received_at__gte=start, received_at__lt=end)
        .annotate(first_answer_at=Min("first_answers__at"))
        .order_by("received_at", "id")
    )
    return [
        CountedRequisition(
            row.id,
            row.number,
            row.received_at,
            row.unit_name,
            row.legal_basis,
            row.offence,
            row.result,
            row.state == State.WITHDRAWN,
            row.first_answer_at,
            row.decided_at,
        )
        for row in rows
    ]


def facts_named_by(requisitions: Iterable[str]) -> list[CountedFact]:
    """The facts that these requisitions (by id) name, each once."""
    rows = models.RecordedFact.objects.filter(requisitions__in=list(requisitions)).distinct().order_by("id")
    return [
        CountedFact(
            row.id,
            row.nature,
            row.committed_on,
            PlaceClass(row.place_class),
            Helped(row.helped),
            tuple(sorted(one.number for one in row.requisitions.all())),
        )
        for row in rows.prefetch_related("requisitions")
    ]


def years_with_requisitions(zone: ZoneInfo) -> list[int]:
    """The years in which any was received, the latest first."""
    moments = models.Requisition.objects.order_by("received_at").values_list("received_at", flat=True)
    first, last = moments.first(), moments.last()
    if first is None or last is None:
        return []
    return list(range(last.astimezone(zone).year, first.astimezone(zone).year - 1, -1))
