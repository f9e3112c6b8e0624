"""The mayor's page and what it opens to: numbers, definitions, lists without names, for those who may read them."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from beffroi.audit.core.facts import SYSTEM
from beffroi.insight import queries
from beffroi.insight.actions import import_series
from beffroi.insight.core.figures import FigureName
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites.core.coverage import PlaceClass
from beffroi.web.office import charts
from beffroi.web.office.figure_words import WORDS
from tests.conftest import NOW
from tests.plane.insight.test_year import fact, requisition

pytestmark = pytest.mark.django_db
People, Browsers = Callable[..., PersonFacts], Callable[[PersonFacts], Client]


@pytest.fixture
def mayor(make_person: People, client_of: Browsers, clock: ManualClock) -> Client:
    row = requisition(1, NOW, officer_name="Adjudant Luc Fontaine", procedure_number="99123/00042/2026")
    fact(PlaceClass.COVERED, "yes", row)
    fact(PlaceClass.COVERED, "unknown", row)
    fact(PlaceClass.OUTSIDE, "no", row)
    for name in ("declared-2020", "crime-demo"):
        import_series(name=name, text=queries.shipped_series(name), actor=SYSTEM, now=NOW)
    return client_of(make_person(Role.MAYOR))


def page(client: Client, address: str, language: str = "fr") -> str:
    client.cookies["beffroi_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def test_the_page_holds_numbers_denominators_and_the_note_on_the_published_percentage(mayor: Client) -> None:
    text = page(mayor, "/office/figures/2026/")
    assert "L’année 2026 en chiffres" in text
    assert "1 sur 1 connus" in text
    assert "Aucun nombre sur 30 ne s’arrondit à 74\u00a0%" in text
    assert "20 sur 27 suites connues" in text
    assert "inventé" in text
    assert text.count("<svg") >= 6


def test_every_figure_opens_to_definition_denominator_and_list(mayor: Client) -> None:
    text = page(mayor, "/office/figures/2026/")
    for name in FigureName:
        inner = page(mayor, f"/office/figures/2026/{name.value}/")
        assert str(WORDS[name].denominator) or inner
        assert "Dénominateur" in inner
        assert "La liste correspondante" in inner
    for name in (FigureName.REQUESTS, FigureName.COVERED, FigureName.HELPED_COVERED, FigureName.DECISION):
        assert f"/office/figures/2026/{name.value}/" in text


def test_no_page_names_a_person_or_a_procedure(mayor: Client) -> None:
    addresses = ["/office/figures/2026/", *(f"/office/figures/2026/{name.value}/" for name in FigureName)]
    for address in addresses:
        text = page(mayor, address)
        assert "Fontaine" not in text
        assert "00042" not in text


def test_without_an_address_it_is_this_year_and_an_empty_year_shows_unknown_as_unknown(mayor: Client) -> None:
    assert "L’année 2026" in page(mayor, "/office/figures/")
    empty = page(mayor, "/office/figures/2019/")
    assert "—" in empty
    assert mayor.get("/office/figures/1200/").status_code == 404
    assert mayor.get("/office/figures/2026/par-agent/").status_code == 404


def test_english_is_whole(mayor: Client) -> None:
    text = page(mayor, "/office/figures/2026/", "en")
    assert "The year 2026 in figures" in text
    assert "No count out of 30 rounds to 74 %." in text


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.SCHOOL_HEAD, Role.TECHNICIAN, Role.PREFECTURE_DUTY])
def test_others_do_not_learn_that_the_page_exists(
    role: Role, make_person: People, client_of: Browsers, clock: ManualClock
) -> None:
    assert client_of(make_person(role)).get("/office/figures/2026/").status_code == 404


def test_the_first_page_of_the_mayor_is_the_year(mayor: Client) -> None:
    assert mayor.get("/begin/").headers["Location"] == "/office/figures/"


def test_bars_reach_the_top_and_stand_on_the_ground() -> None:
    drawn = charts.bars(["a", "b", "c"], [0, 5, 10], height=100)
    assert [(bar.y, bar.height) for bar in drawn] == [(100, 0), (50, 50), (0, 100)]
    assert charts.bars(["a"], [0])[0].height == 0


def test_parts_fill_the_bar_and_nothing_draws_nothing() -> None:
    drawn = charts.parts((("yes", 1), ("no", 0), ("unknown", 3)))
    assert [(part.kind, part.x, part.width) for part in drawn] == [("yes", 0, 25), ("unknown", 25, 75)]
    assert charts.parts((("yes", 0), ("no", 0))) == []


def test_a_year_without_a_value_is_no_zero_on_the_line() -> None:
    drawn = charts.line("x", [2018, 2019, 2020], [4, None, 8], width=100, height=40)
    assert drawn.points == "0.0,20.0 100.0,0.0"
    assert (drawn.lowest, drawn.last) == (4, 8)
