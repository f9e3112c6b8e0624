"""Figures from real rows: requests by the local year, facts counted once, declared series kept as they were said."""

from datetime import UTC, datetime, timedelta

import pytest

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import SYSTEM
from beffroi.governance import models
from beffroi.governance.core.requisitions import Channel, State
from beffroi.insight import queries
from beffroi.insight.actions import import_series
from beffroi.insight.core.figures import FigureName, list_behind
from beffroi.insight.documents.year import as_pdf, as_text
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.sites.core.coverage import PlaceClass

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def requisition(number: int, received: datetime, **more: object) -> models.Requisition:
    values: dict[str, object] = {
        "unit_name": "Brigade",
        "legal_basis": "CPP_60_1",
        "offence": "Vol",
        "result": "positive",
    }
    return models.Requisition.objects.create(
        id=new_id(to_us(received)), number=f"{received.year}-{number:04d}", year=received.year, sequence=number,
        state=more.pop("state", State.CLOSED), channel=Channel.MAIL, received_at=received, entered_at=received,
        received_by="p", received_by_name="P", **values | more,
    )  # fmt: skip


def fact(place: PlaceClass, helped: str, *requests: models.Requisition) -> models.RecordedFact:
    row = models.RecordedFact.objects.create(
        id=new_id(to_us(NOW)), nature="Vol", place_class=place, helped=helped, created_at=NOW
    )
    row.requisitions.set(requests)
    return row


def test_the_year_is_the_communes_own_calendar() -> None:
    requisition(1, datetime(2025, 12, 31, 22, 59, tzinfo=UTC))  # 23:59 in Paris
    requisition(1, datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    just = requisition(2, datetime(2025, 12, 31, 23, 1, tzinfo=UTC))  # 00:01 of 1 January
    assert queries.year(2026).requests[0].id == just.id
    assert queries.year(2026).received == 2
    assert queries.year(2025).received == 1
    assert queries.years() == [2026, 2025]


def test_a_fact_of_two_requests_counts_once_and_a_request_may_have_two_facts() -> None:
    one, two = requisition(1, NOW), requisition(2, NOW + timedelta(hours=1))
    fact(PlaceClass.COVERED, "yes", one, two)
    fact(PlaceClass.COVERED, "no", one)
    fact(PlaceClass.OUTSIDE, "unknown", two)
    found = queries.year(2026)
    assert found.places[PlaceClass.COVERED] == 2
    rate = found.helped[PlaceClass.COVERED]
    assert (rate.yes, rate.no, rate.unknown, rate.percent) == (1, 1, 0, 50)
    assert found.helped[PlaceClass.OUTSIDE].percent is None
    behind = list_behind(found, FigureName.COVERED)
    assert {line.requests for line in behind} == {("2026-0001", "2026-0002"), ("2026-0001",)}  # type: ignore[union-attr]


def test_one_that_was_taken_back_is_counted_apart() -> None:
    requisition(1, NOW)
    requisition(2, NOW, state=State.WITHDRAWN, result="")
    found = queries.year(2026)
    assert (found.received, found.withdrawn) == (1, 1)


def test_delays_are_from_rows() -> None:
    row = requisition(1, NOW, decided_at=NOW + timedelta(hours=5))
    models.FirstAnswer.objects.create(
        id=new_id(to_us(NOW)), requisition=row, at=NOW + timedelta(minutes=12), verdict="covered", lines=[], fact="f"
    )
    found = queries.year(2026)
    assert found.first_answer.median == timedelta(minutes=12)
    assert found.decision.median == timedelta(hours=5)


def test_a_declared_series_is_kept_as_it_came_and_leaves_its_fact() -> None:
    import_series(name="declared-2020", text=queries.shipped_series("declared-2020"), actor=SYSTEM, now=NOW)
    (series,) = queries.declared()
    assert series.value("requests", 2020) == 144
    (row,) = audit.facts(name="series:import", limit=5)
    assert row.fact.body["source"] == series.source
    with pytest.raises(Invalid):
        import_series(name="../etc", text=queries.shipped_series("declared-2020"), actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        import_series(name="other", text="nothing", actor=SYSTEM, now=NOW)
    assert len(queries.declared()) == 1


@pytest.mark.parametrize("year", [1999, 2201, 0, -1])
def test_a_year_that_is_none_is_not_found(year: int) -> None:
    with pytest.raises(NotFound):
        queries.year(year)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_text_and_paper_carry_the_denominators(language: str) -> None:
    row = requisition(1, NOW)
    for helped in ("yes", "no", "no", "unknown"):
        fact(PlaceClass.COVERED, helped, row)
    found = queries.year(2026)
    text = as_text(found, NOW, language=language)
    assert "33\u00a0%" in text
    assert {"fr": "1 sur 3 connus, 1 non connus", "en": "1 of 3 known, 1 not known"}[language] in text
    paper = as_pdf(found, NOW, language=language)
    assert paper.startswith(b"%PDF-")
    assert paper == as_pdf(found, NOW, language=language)
