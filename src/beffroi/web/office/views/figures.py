"""The mayor's page: the year in figures. Every number opens to its definition, its denominator and its list (J5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import dates, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from beffroi.insight import queries
from beffroi.insight.core.figures import PLACES as PLACE_OF
from beffroi.insight.core.figures import FactLine, FigureName, YearFigures, list_behind
from beffroi.insight.core.rates import Rate, Reading, read_percentage
from beffroi.insight.core.series import Series
from beffroi.sites.core.coverage import PlaceClass
from beffroi.web.office import charts
from beffroi.web.office.figure_words import BASES, HELPED, PLACES, RESULTS, WORDS
from beffroi.web.shared.requests import OfficeRequest

DECLARED = "declared-"
HEADLINE = (FigureName.REQUESTS, FigureName.COVERED, FigureName.OUTSIDE)
HELPED_OF = {
    PlaceClass.COVERED: FigureName.HELPED_COVERED,
    PlaceClass.UNCOVERED: FigureName.HELPED_UNCOVERED,
    PlaceClass.OUTSIDE: FigureName.HELPED_OUTSIDE,
}
DECLARED_ROWS = (
    (FigureName.REQUESTS, "requests", ""),
    (FigureName.COVERED, "facts-covered", ""),
    (FigureName.OUTSIDE, "facts-outside", ""),
    (FigureName.HELPED_COVERED, "helped-covered-percent", "facts-covered"),
    (FigureName.HELPED_OUTSIDE, "helped-outside-percent", "facts-outside"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table that sets computed beside declared."""

    name: FigureName
    words: Promise
    computed: int | None
    percent: bool
    declared: int | None
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Facts of one place class and whether pictures helped."""

    label: Promise
    name: FigureName
    helped_name: FigureName | None
    count: int
    rate: Rate
    parts: list[charts.Part]


@require_safe
def figures(request: OfficeRequest, year: int | None = None) -> HttpResponse:
    """The page of one year; without a year, this one."""
    chosen = year or timezone.localtime(request.now).year
    found = queries.year(chosen)
    series = queries.declared()
    published = next((one for one in series if one.name.startswith(DECLARED)), None)
    context = {
        "year": chosen,
        "years": sorted({*queries.years(), chosen, timezone.localtime(request.now).year}, reverse=True),
        "figures": found,
        "now": request.now,
        "complete": chosen < timezone.localtime(request.now).year,
        "headline": [(name, WORDS[name].label, amount(found, name)) for name in HEADLINE],
        "rates": [(HELPED_OF[place], found.helped[place], place) for place in (PlaceClass.COVERED, PlaceClass.OUTSIDE)],
        "places": list(_places(found)),
        "place_words": PLACES,
        "months": charts.bars([str(dates.MONTHS_3[n]) for n in range(1, 13)], found.by_month),
        "published": published,
        "published_year": published.years()[-1] if published else None,
        "published_title": _title(published) if published else "",
        "rows": list(_rows(found, published)) if published else [],
        "bases": [(BASES.get(key, key), count) for key, count in found.by_basis],
        "offences": found.by_offence[:8],
        "results": [(name, WORDS[name].label, len(list_behind(found, name))) for name in _ANSWERS],
        "trends": [_trend(one) for one in series if not one.name.startswith(DECLARED)],
    }
    return render(request, "office/figures.html", context)


_ANSWERS = (
    FigureName.POSITIVE,
    FigureName.NEGATIVE,
    FigureName.OVERWRITTEN,
    FigureName.REFUSED,
    FigureName.OPEN,
    FigureName.WITHDRAWN,
)


@require_safe
def figure(request: OfficeRequest, year: int, name: str) -> HttpResponse:
    """One figure: what it counts, out of what, and the list behind it. The list names no person and no procedure."""
    try:
        wanted = FigureName(name)
    except ValueError:
        raise Http404 from None
    found = queries.year(year)
    lines = list_behind(found, wanted)
    context = {
        "year": year,
        "name": wanted,
        "words": WORDS[wanted],
        "amount": amount(found, wanted),
        "rate": rate(found, wanted),
        "delay": {FigureName.FIRST_ANSWER: found.first_answer, FigureName.DECISION: found.decision}.get(wanted),
        "facts": [line for line in lines if isinstance(line, FactLine)],
        "requests": [line for line in lines if not isinstance(line, FactLine)],
        "place_words": PLACES,
        "helped_words": HELPED,
        "result_words": RESULTS,
        "basis_words": BASES,
    }
    return render(request, "office/figure.html", context)


def amount(found: YearFigures, name: FigureName) -> int | None:
    """The number that stands large: a count, or a rate in percent (``None`` where nothing is known)."""
    share = rate(found, name)
    return share.percent if share is not None else len(list_behind(found, name))


def rate(found: YearFigures, name: FigureName) -> Rate | None:
    """The rate of a figure that is one."""
    if name is FigureName.HELPED_ALL:
        return found.helped_all
    return found.helped[PLACE_OF[name]] if name.value.startswith("helped-") else None


def _places(found: YearFigures) -> Iterable[PlaceRow]:
    names = {place: name for name, place in PLACE_OF.items() if not name.value.startswith("helped-")}
    for place, label in PLACES.items():
        share = found.helped[place]
        drawn = charts.parts((("yes", share.yes), ("no", share.no), ("unknown", share.unknown)))
        yield PlaceRow(label, names[place], HELPED_OF.get(place), found.places[place], share, drawn)


def _rows(found: YearFigures, published: Series) -> Iterable[Row]:
    year = published.years()[-1]
    for name, key, whole_key in DECLARED_ROWS:
        value = published.value(key, year)
        whole = published.value(whole_key, year) if whole_key else None
        reading = read_percentage(round(value), round(whole)) if value is not None and whole else None
        yield Row(
            name,
            WORDS[name].label,
            amount(found, name),
            bool(whole_key),
            None if value is None else round(value),
            reading,
        )


def _title(series: Series) -> str:
    return series.title["en" if (get_language() or "fr").startswith("en") else "fr"]


def _trend(series: Series) -> dict[str, object]:
    years = series.years()
    lines = [charts.line(key, years, [series.value(key, year) for year in years]) for key in series.names()]
    return {"series": series, "title": _title(series), "years": years, "lines": lines}
