"""The year's figures as text and as PDF. Words come from ``texts.<language>.json``; rates show their denominator."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import typst
from django.conf import settings

from beffroi.insight.core.figures import Delay, YearFigures
from beffroi.insight.core.rates import Rate
from beffroi.kernel.errors import Unavailable
from beffroi.sites.core.coverage import PlaceClass

TEMPLATES = Path(__file__).parent / "templates"


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of the paper; French where the language is not one of ours."""
    path = TEMPLATES / f"texts.{language if language in ('fr', 'en') else 'fr'}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def sections(figures: YearFigures, *, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headings with lines of name and value: the one order of text and paper."""
    text = words(language)
    places = [
        (text[f"place-{place.value}"], f"{figures.places[place]} · {_rate(figures.helped[place], text)}")
        for place in PlaceClass
    ]
    return [
        (
            text["requests"],
            [
                (text["received"], str(figures.received)),
                (text["withdrawn"], str(figures.withdrawn)),
                *((text.get(f"result-{key}", key), str(count)) for key, count in sorted(figures.results.items())),
            ],
        ),
        (text["facts"], [*places, (text["all"], f"{len(figures.facts)} · {_rate(figures.helped_all, text)}")]),
        (
            text["delays"],
            [
                (text["first-answer"], _delay(figures.first_answer, text)),
                (text["decision"], _delay(figures.decision, text)),
            ],
        ),
        (text["by-basis"], [(text.get(f"basis-{key}", key), str(count)) for key, count in figures.by_basis]),
        (text["by-unit"], [(key, str(count)) for key, count in figures.by_unit]),
    ]


def as_text(figures: YearFigures, now: datetime, *, language: str = "fr") -> str:
    """For the terminal."""
    lines = [f"{words(language)['title']} {figures.year} ({_as_of(now, language)})"]
    for heading, rows in sections(figures, language=language):
        lines += ["", heading]
        lines += [f"  {name:<46} {value}" for name, value in rows]
    return "\n".join([*lines, "", words(language)["note"], ""])


def as_pdf(figures: YearFigures, now: datetime, *, language: str = "fr") -> bytes:
    """A page that archives keep and screen readers read. ``Unavailable`` when typst refuses."""
    chosen = language if language in ("fr", "en") else "fr"
    data = {
        "lang": chosen,
        "title": f"{words(chosen)['title']} {figures.year}",
        "centre": str(settings.BEFFROI_CENTRE),
        "as_of": _as_of(now, chosen),
        "note": words(chosen)["note"],
        "months": [[words(chosen)[f"month-{n}"], count] for n, count in enumerate(figures.by_month, start=1)],
        "by_month": words(chosen)["by-month"],
        "name": words(chosen)["name"],
        "value": words(chosen)["value"],
        "sections": [[heading, [list(row) for row in rows]] for heading, rows in sections(figures, language=chosen)],
    }
    try:
        return typst.compile(
            str(TEMPLATES / "year.typ"),
            root=str(TEMPLATES),
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            ignore_system_fonts=True,
        )
    except RuntimeError as error:
        raise Unavailable("The paper of the year could not be set.", code="paper", hint=str(error)) from error


def _as_of(now: datetime, language: str) -> str:
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{words(language)['as-of']} {local:%d/%m/%Y %H:%M}"


def _rate(rate: Rate, text: Mapping[str, str]) -> str:
    share = "—" if rate.percent is None else f"{rate.percent}\u00a0%"
    return f"{share} ({text['rate'].format(yes=rate.yes, known=rate.known, unknown=rate.unknown)})"


def _delay(delay: Delay, text: Mapping[str, str]) -> str:
    if delay.median is None or delay.p90 is None:
        return "—"
    return text["delay"].format(
        median=_lasting(delay.median), p90=_lasting(delay.p90), counted=delay.counted, missing=delay.missing
    )


def _lasting(length: timedelta) -> str:
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    days, rest = divmod(hours, 24)
    return f"{days} j {rest} h" if days >= 3 else f"{hours} h {minutes:02d}"
