"""The DPO's list out of the ordinary: from the log to the page, the note, the CSV, and the count on her first page."""

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from beffroi.audit import actions, anomalies, jobs, queries
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
DAYS = timedelta(days=1)


@pytest.fixture
def dpo(make_person: MakePerson, client_of: Any) -> Client:
    return client_of(make_person(Role.DPO))  # type: ignore[no-any-return]


def _late(days: float = 1) -> str:
    with transaction.atomic():
        fact = actions.record(actor=SYSTEM, name="access:late", subject="access:1", body={}, at=NOW - days * DAYS)
    return f"A-03.{fact}"


def _own_request() -> str:
    actor = Actor("p1", "Brigadier Lenoir", "PM")
    body = {"person": "p1", "state": "active"}
    with transaction.atomic():
        return actions.record(actor=actor, name="access:approve", subject="access:2", body=body, at=NOW - DAYS)


def test_nothing_found_says_what_is_watched(dpo: Client) -> None:
    page = dpo.get("/office/anomalies/").content.decode()
    assert "Rien hors de l’ordinaire" in page
    assert page.count("A-") == len(anomalies.RULES)
    assert "hors de l’ordinaire en trente jours" not in dpo.get("/office/looks/").content.decode()


def test_a_line_leads_to_its_facts_and_names_nobody_before(dpo: Client) -> None:
    fact = _own_request()
    jobs.sequence(NOW)
    page = dpo.get("/office/anomalies/").content.decode()
    assert "Demande approuvée par son auteur" in page
    assert "Lenoir" not in page
    one = dpo.get(f"/office/anomalies/A-11.{fact}/").content.decode()
    assert "Brigadier Lenoir" in one
    assert re.search(r"N° \d+ au journal", one)
    assert {line.fact.subject for line in queries.facts(name="log:read")} == {"log:anomaly", "log:anomalies"}


def test_a_note_is_a_fact_and_takes_it_off_the_count(dpo: Client) -> None:
    key = _late()
    assert "1 acte hors de l’ordinaire" in dpo.get("/office/looks/").content.decode()
    assert dpo.post(f"/office/anomalies/{key}/note/", {"note": " "}).status_code == 422
    answer = dpo.post(f"/office/anomalies/{key}/note/", {"note": "Vu avec le chef\nde poste"})
    assert answer.status_code == 302
    assert "Vu avec le chef de poste" in dpo.get("/office/anomalies/").content.decode()
    assert "hors de l’ordinaire en trente jours" not in dpo.get("/office/looks/").content.decode()
    (line,) = queries.facts(name="anomaly:look-at")
    assert line.fact.subject == f"anomaly:{key}"
    assert line.fact.body["facts"] == [key.partition(".")[2]]


def test_days_narrow_and_a_range_out_of_reach_is_said(dpo: Client) -> None:
    key = _late(days=40)
    assert key not in dpo.get("/office/anomalies/").content.decode()
    assert key in dpo.get("/office/anomalies/?since=2026-10-01&until=2026-11-01").content.decode()
    page = dpo.get("/office/anomalies/?since=2024-01-01&until=2026-11-01").content.decode()
    assert "un an au plus" in page
    assert dpo.get("/office/anomalies/?page=99999999999&since=1900-01-01").status_code == 200


def test_the_table_says_the_same(dpo: Client) -> None:
    key = _late()
    dpo.post(f"/office/anomalies/{key}/note/", {"note": "=HYPERLINK(1)"})
    text = dpo.get("/office/anomalies.csv").content.decode("utf-8-sig")
    head, line = list(csv.reader(StringIO(text), delimiter=";"))
    assert len(head) == len(line)
    assert line[1] == "A-03"
    assert line[-1] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("key", ["A-03.nothing", "A-99.x", "A-01.{fact}", "x"])
def test_a_line_that_is_none_is_not_there(dpo: Client, key: str) -> None:
    fact = _late().partition(".")[2]
    path = f"/office/anomalies/{key.format(fact=fact)}/"
    assert dpo.get(path).status_code == 404
    assert dpo.post(f"{path}note/", {"note": "rien à voir"}).status_code == 404


def test_a_package_without_receipt_is_found_again_by_its_key(dpo: Client) -> None:
    with transaction.atomic():
        fact = actions.record(
            actor=SYSTEM, name="extraction:build", subject="extraction:p", body={}, at=NOW - 31 * DAYS
        )
    assert dpo.get(f"/office/anomalies/A-02.{fact}/").status_code == 200


def test_reading_a_month_asks_for_no_older_row(django_assert_max_num_queries: Any) -> None:
    for _n in range(3):
        _late(days=300)
    with django_assert_max_num_queries(len(anomalies.RULES)) as asked:
        assert anomalies.found(since=NOW - 30 * DAYS, until=NOW, now=NOW) == []
    assert all('"audit_fact"."at" >= ' in one["sql"] for one in asked.captured_queries)
