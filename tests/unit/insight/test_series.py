"""Declared series: read line by line, wrong lines named, nothing invented silently."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import beffroi.insight
from beffroi.insight.core.series import parse_series
from beffroi.kernel.errors import Invalid

DATA = Path(beffroi.insight.__file__).parent / "data"
GOOD = "# title: Faits\n# source: journal\nkey,year,value\nVols,2019,12\nVols,2020,9.5\n"


def test_a_series_is_read() -> None:
    series = parse_series("faits", GOOD)
    assert series.value("Vols", 2020) == 9.5
    assert series.value("Vols", 2021) is None
    assert series.years() == (2019, 2020)
    assert series.title == {"fr": "Faits", "en": "Faits"}
    assert not series.invented


def test_the_published_figures_of_2020_ship_as_they_were_said() -> None:
    series = parse_series("declared-2020", (DATA / "declared-2020.csv").read_text())
    assert [series.value(key, 2020) for key in series.names()] == [144, 30, 91, 74, 35]
    assert not series.invented


def test_the_trends_of_the_demonstration_say_that_they_are_invented() -> None:
    series = parse_series("crime-demo", (DATA / "crime-demo.csv").read_text())
    assert series.invented
    assert series.years() == tuple(range(2011, 2021))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Vols,2020,10", "twice"),
        ("Vols,deux mille,1", "year"),
        ("Vols,20201,1", "year"),
        ("Vols,2018,beaucoup", "value"),
        ("Vols,2018,-3", "value"),
        ("Vols,2018,nan", "value"),
        ("Vols,2018,inf", "value"),
        (",2018,1", "key"),
        ("Vols,2018", "three-columns"),
        ("Vols,2018,1,2", "three-columns"),
    ],
)
def test_a_wrong_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_series("faits", GOOD + line + "\n")
    assert refused.value.fields == {"line 6": problem}


def test_without_source_or_title_it_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        parse_series("faits", "key,year,value\nVols,2019,12\n")
    assert set(refused.value.fields) == {"# title", "# source"}


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    fields: dict[str, str] = {}
    try:
        points = len(parse_series("faits", text).points)
    except Invalid as error:
        points, fields = 0, error.fields
    assert bool(points) is not bool(fields)
