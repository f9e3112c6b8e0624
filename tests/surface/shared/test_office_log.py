"""The register of viewings and the state of the log, as the DPO sees them; reading them is a fact."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from beffroi.audit import actions, jobs, queries
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.models import AccessGrant
from beffroi.kernel.clock import to_us
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
SignedIn = Callable[[PersonFacts], Client]


@pytest.fixture
def dpo(make_person: MakePerson, client_of: SignedIn) -> Client:
    return client_of(make_person(Role.DPO))


def _look(
    who: str, camera: str, *, kind: str = "incident", reason: str = "rixe", days: int = 0, ended: bool = True,
    grant: str = "",
) -> str:  # fmt: skip
    at = NOW - timedelta(days=days)
    look = f"look-{who}-{camera}-{days}"
    body = {
        "look": look,
        "mode": "replay",
        "grant": grant,
        "span": [to_us(at) - 60_000_000, to_us(at)],
        "article": "CSI L252-3",
        "basis": {"kind": kind, "reference": "INC-7", "reason": reason},
    }
    actor = Actor(f"id-{who}", who, "PM", "Police municipale")
    fact = actions.record(actor=actor, name="look:begin", subject=f"camera:{camera}", body=body, at=at)
    if ended:
        end = {"look": look, "sent_bytes": 3_000_000, "pictures": 9, "why": "closed"}
        later = at + timedelta(minutes=5)
        actions.record(actor=actor, name="look:end", subject=f"camera:{camera}", body=end, at=later)
    return fact


def test_the_register_says_who_what_when_and_why(dpo: Client) -> None:
    _look("Brigadier Lenoir", "c1")
    page = dpo.get("/office/looks/").content.decode()
    for words in ("Brigadier Lenoir", "c1", "relecture", "INC-7", "rixe", "CSI L252-3", "2,9"):
        assert words in page
    read = queries.facts(name="log:read")
    assert [(line.fact.body["shown"], line.fact.subject) for line in read] == [(1, "log:looks")]


def test_an_empty_register_says_so(dpo: Client) -> None:
    assert "Personne n’a encore regardé une caméra" in dpo.get("/office/looks/").content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("person=lenoir", {"Lenoir"}),
        ("kind=duty", {"Roche"}),
        ("since=2026-11-22", {"Lenoir"}),
        ("until=2026-11-20", {"Roche"}),
        ("until=2026-11-20&kind=incident", set()),
        ("refused=on", {"Inconnu"}),
        ("since=not-a-day", {"Lenoir", "Roche", "Inconnu"}),
        ("page=99999999999999999999", {"Lenoir", "Roche", "Inconnu"}),
    ],
)
def test_filters_narrow(dpo: Client, query: str, shown: set[str]) -> None:
    _look("Lenoir", "c1")
    _look("Roche", "c2", kind="duty", days=4, ended=False)
    refused = {"code": "ticket_expired", "camera": "c1"}
    stranger = Actor("x", "Inconnu", "GN")
    actions.record(
        actor=stranger, name="look:refuse", subject="camera:c1", body=refused, at=NOW - timedelta(days=1, hours=20)
    )
    answer = dpo.get(f"/office/looks/?{query}")
    assert {one["look"].person_name for one in answer.context["lines"]} == shown


def test_the_table_is_safe_for_a_spreadsheet(dpo: Client) -> None:
    _look("=HYPERLINK(evil)", "c1", reason="+1")
    text = dpo.get("/office/looks.csv").content.decode("utf-8-sig")
    row = text.splitlines()[1].split(";")
    assert row[1] == "'=HYPERLINK(evil)"
    assert row[10] == "'+1"
    assert [line.fact.subject for line in queries.facts(name="log:read")] == ["log:looks.csv"]


def _granted(purpose: str, number: int) -> str:
    row = AccessGrant.objects.create(
        id=f"grant-{number}", person=f"p{number}", person_name="Lenoir", force="PM", mode="replay", basis_kind="duty",
        basis_reference="s1", legal_basis="DUTY", purpose=purpose, reason="rixe", state="ended", requested_at=NOW,
        requested_until=NOW,
    )  # fmt: skip
    return str(row.pk)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("purpose=L251-2:5", {"Lenoir"}),
        ("purpose=L251-2:6", {"Roche"}),
        ("purpose=L251-2:7", set()),
        ("basis=inc-7", {"Lenoir", "Roche"}),
        ("basis=L252-3&person=roche", {"Roche"}),
        ("basis=%22%7B%5C", set()),
        ("basis=rôde", {"Roche"}),
    ],
)
def test_purpose_and_basis_narrow_page_table_and_print_alike(dpo: Client, query: str, shown: set[str]) -> None:
    _look("Lenoir", "c1", grant=_granted("L251-2:5", 1))
    _look("Roche", "c2", grant=_granted("L251-2:6", 2), reason="il rôde")
    page = dpo.get(f"/office/looks/?{query}")
    assert {one["look"].person_name for one in page.context["lines"]} == shown
    rows = dpo.get(f"/office/looks.csv?{query}").content.decode("utf-8-sig").splitlines()[1:]
    assert {row.split(";")[1] for row in rows} == shown
    if shown == {"Lenoir"}:
        assert "sécurité des personnes et des biens (5°)" in page.content.decode()
        assert "sécurité des personnes et des biens (5°)" in rows[0].split(";")


def test_the_print_is_an_archivable_paper_and_leaves_its_fact(dpo: Client) -> None:
    _look("Lenoir", "c1", grant=_granted("L251-2:5", 1))
    _look("Roche", "c2")
    answer = dpo.get("/office/looks.pdf?purpose=L251-2:5&until=2026-11-23")
    assert answer["Content-Type"] == "application/pdf"
    assert b"pdfaid" in answer.content
    [read] = queries.facts(name="log:read")
    assert (read.fact.subject, read.fact.body["shown"]) == ("log:looks.pdf", 1)
    assert read.fact.body["filters"]["purpose"] == "L251-2:5"


def test_an_erased_look_says_by_which_rule(dpo: Client) -> None:
    fact = _look("Lenoir", "c1", days=1200)
    jobs.sequence(NOW)
    actions.erase_body(fact=fact, rule="R-27", actor=SYSTEM, now=NOW)
    page = dpo.get("/office/looks/").content.decode()
    assert "effacé par R-27" in page
    assert "rixe" not in page


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DPO])
def test_the_register_is_for_the_dpo(make_person: MakePerson, client_of: SignedIn, role: Role) -> None:
    browser = client_of(make_person(role))
    assert {
        browser.get(address).status_code for address in ("/office/looks/", "/office/looks.csv", "/office/looks.pdf")
    } == {404}


def test_the_state_of_the_log_and_its_verification(dpo: Client) -> None:
    assert "Pas encore de point de contrôle" in dpo.get("/office/audit/").content.decode()
    _look("Lenoir", "c1")
    jobs.sequence(NOW)
    checkpoint = queries.latest_checkpoint()
    assert checkpoint is not None
    assert dpo.get("/office/audit/checkpoint.txt").content.decode() == checkpoint.note
    assert dpo.post("/office/audit/verify/").status_code == 302
    assert "Le journal est intègre" in dpo.get("/office/audit/").content.decode()


def test_a_row_edited_by_hand_is_shown_on_the_page(dpo: Client, data_dir: Path) -> None:
    _look("Lenoir", "c1")
    jobs.sequence(NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_fact SET actor_name = 'Roche' WHERE name = 'look:begin'")
    dpo.post("/office/audit/verify/")
    page = dpo.get("/office/audit/").content.decode()
    assert "Le journal est rompu" in page
    assert "un fait a été modifié" in page
