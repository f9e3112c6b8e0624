"""The year as values for machines and papers: numbers with their denominators, no line that names a case. Pure."""

from beffroi.insight.core.figures import Delay, YearFigures
from beffroi.insight.core.rates import Rate
from beffroi.kernel.canonical import Json


def as_json(figures: YearFigures) -> dict[str, Json]:
    """The figures of a year; a rate that nobody can know is ``null``, never zero (I9)."""
    return {
        "year": figures.year,
        "requests": figures.received,
        "withdrawn": figures.withdrawn,
        "by_month": list(figures.by_month),
        "results": dict(sorted(figures.results.items())),
        "by_basis": dict(figures.by_basis),
        "by_unit": dict(figures.by_unit),
        "facts": {
            place.value: {"count": count, "helped": rate_json(figures.helped[place])}
            for place, count in figures.places.items()
        },
        "helped": rate_json(figures.helped_all),
        "first_answer": delay_json(figures.first_answer),
        "decision": delay_json(figures.decision),
    }


def rate_json(rate: Rate) -> dict[str, Json]:
    """A rate with all it was made of."""
    return {"yes": rate.yes, "no": rate.no, "unknown": rate.unknown, "known": rate.known, "percent": rate.percent}


def delay_json(delay: Delay) -> dict[str, Json]:
    """A delay in whole seconds."""
    return {
        "median_s": None if delay.median is None else round(delay.median.total_seconds()),
        "p90_s": None if delay.p90 is None else round(delay.p90.total_seconds()),
        "counted": delay.counted,
        "missing": delay.missing,
    }
