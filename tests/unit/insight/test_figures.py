"""The year in figures: every number is the length of the list behind it, and no line is lost or counted twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.insight.core.figures import (
    RESULTS,
    FactLine,
    FigureName,
    Helped,
    RequestLine,
    figures_of,
    list_behind,
)
from beffroi.insight.core.report import as_json
from beffroi.sites.core.coverage import PlaceClass

START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def years(draw: st.DrawFn) -> tuple[list[RequestLine], list[FactLine]]:
    requests = []
    for n in range(draw(st.integers(0, 25))):
        received = START + timedelta(minutes=draw(st.integers(0, 364 * 24 * 60)))
        requests.append(
            RequestLine(
                id=str(n),
                number=f"2026-{n:04d}",
                received_at=received,
                received_on=received.date(),
                unit=draw(st.sampled_from(["A", "B", "C"])),
                basis=draw(st.sampled_from(["CPP_60_1", "CPP_77_1_1"])),
                offence="vol",
                result=draw(st.sampled_from(["positive", "partial", "negative", "overwritten", "refused", ""])),
                withdrawn=draw(st.booleans()),
                first_answer_at=draw(st.none() | st.just(received + timedelta(minutes=30))),
                decided_at=draw(st.none() | st.just(received + timedelta(hours=draw(st.integers(-1, 90))))),
            )
        )
    numbers = [line.number for line in requests] + ["2025-0001"]
    facts = [
        FactLine(
            id=f"f{n}",
            nature="vol",
            committed_on=draw(st.none() | st.just(date(2026, 5, 1))),
            place_class=draw(st.sampled_from(list(PlaceClass))),
            helped=draw(st.sampled_from(list(Helped))),
            requests=tuple(draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=3, unique=True))),
        )
        for n in range(draw(st.integers(0, 25)))
    ]
    return requests, facts


@given(years())
def test_every_number_is_the_length_of_its_list(year: tuple[list[RequestLine], list[FactLine]]) -> None:
    found = figures_of(2026, *year)
    assert found.received == len(list_behind(found, FigureName.REQUESTS))
    assert found.withdrawn == len(list_behind(found, FigureName.WITHDRAWN))
    assert found.received + found.withdrawn == len(year[0])
    for name, place in (
        (FigureName.COVERED, PlaceClass.COVERED),
        (FigureName.UNCOVERED, PlaceClass.UNCOVERED),
        (FigureName.OUTSIDE, PlaceClass.OUTSIDE),
        (FigureName.PLACE_UNKNOWN, PlaceClass.UNKNOWN),
    ):
        assert found.places[place] == len(list_behind(found, name)) == found.helped[place].all
    assert sum(found.places.values()) == len(found.facts) == found.helped_all.all


@given(years())
def test_parts_add_up_to_the_whole(year: tuple[list[RequestLine], list[FactLine]]) -> None:
    found = figures_of(2026, *year)
    assert (
        sum(found.by_month) == sum(n for _, n in found.by_basis) == sum(n for _, n in found.by_unit) == found.received
    )
    assert sum(len(list_behind(found, name)) for name in RESULTS) == found.received
    assert found.decision.counted + found.decision.missing == found.received
    if found.decision.median is not None:
        assert found.decision.p90 is not None
        assert timedelta() <= found.decision.median
        assert timedelta() <= found.decision.p90


@given(years(), st.randoms())
def test_the_order_of_lines_does_not_matter(year: tuple[list[RequestLine], list[FactLine]], chance: object) -> None:
    requests, facts = list(year[0]), list(year[1])
    before = as_json(figures_of(2026, requests, facts))
    chance.shuffle(requests)  # type: ignore[attr-defined]
    chance.shuffle(facts)  # type: ignore[attr-defined]
    assert as_json(figures_of(2026, requests, facts)) == before


@given(years())
def test_a_fact_of_no_request_of_the_year_is_not_counted(year: tuple[list[RequestLine], list[FactLine]]) -> None:
    requests, facts = year
    known = {line.number for line in requests}
    found = figures_of(2026, requests, facts)
    assert {fact.id for fact in found.facts} == {fact.id for fact in facts if known & set(fact.requests)}


def test_a_line_of_another_year_is_refused() -> None:
    late = datetime(2027, 1, 1, tzinfo=UTC)
    line = RequestLine("1", "2027-0001", late, late.date(), "A", "CPP_60_1", "vol", "", False, None, None)
    with pytest.raises(ValueError):
        figures_of(2026, [line], [])


def test_a_rate_that_nobody_knows_is_null_in_json() -> None:
    body = as_json(figures_of(2026, [], []))
    assert body["helped"] == {"yes": 0, "no": 0, "unknown": 0, "known": 0, "percent": None}
    assert body["decision"] == {"median_s": None, "p90_s": None, "counted": 0, "missing": 0}
