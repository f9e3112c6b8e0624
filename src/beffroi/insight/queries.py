"""The only reader of figures. They are computed each time: no total is stored that could grow apart from its list."""

from collections.abc import Iterable
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from django.conf import settings

from beffroi.governance.queries import year as cases
from beffroi.insight import models
from beffroi.insight.core.figures import FactLine, Helped, RequestLine, YearFigures, figures_of
from beffroi.insight.core.series import Series, parse_series
from beffroi.kernel.errors import NotFound

FIRST_YEAR, LAST_YEAR = 2000, 2200


def year(number: int) -> YearFigures:
    """The figures of a year, by the commune's calendar. ``NotFound`` for a year that is none."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NotFound("There are no figures for such a year.", code="year_unknown")
    zone = ZoneInfo(settings.TIME_ZONE)
    requests = cases.requisitions_of_year(number, zone)
    facts = cases.facts_named_by(one.id for one in requests)
    return figures_of(
        number, (_request(one, zone) for one in requests), _facts(facts, {one.number for one in requests})
    )


def years() -> list[int]:
    """The years with requests, the latest first."""
    return cases.years_with_requisitions(ZoneInfo(settings.TIME_ZONE))


def declared() -> list[Series]:
    """The declared series that were imported, by name."""
    return [parse_series(row.name, row.text) for row in models.DeclaredSeries.objects.all()]


@cache
def shipped_series(name: str) -> str:
    """The text of a series that ships with the program; ``NotFound``."""
    path = resources.files("beffroi.insight").joinpath("data", f"{name}.csv")
    if not path.is_file():
        raise NotFound("No such series ships.", code="series_unknown")
    return path.read_text(encoding="utf-8")


def _request(one: cases.CountedRequisition, zone: ZoneInfo) -> RequestLine:
    return RequestLine(
        one.id,
        one.number,
        one.received_at,
        one.received_at.astimezone(zone).date(),
        one.unit,
        one.legal_basis,
        one.offence,
        one.result,
        one.withdrawn,
        one.first_answer_at,
        one.decided_at,
    )


def _facts(facts: Iterable[cases.CountedFact], of_year: set[str]) -> Iterable[FactLine]:
    for one in facts:
        numbers = tuple(number for number in one.numbers if number in of_year)
        yield FactLine(one.id, one.nature, one.committed_on, one.place_class, Helped(one.helped.value), numbers)
