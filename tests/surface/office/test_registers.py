"""Registers: who may read them, filters, CSV without formulas, print; each reading is a fact."""

import csv
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import requisitions
from beffroi.governance.documents.incoming import read_incoming
from beffroi.operations import actions as operations
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from tests.conftest import NOW, MakePerson
from tests.requisition_world import PDF, RecorderMemory, entry, make_keys, make_village

KINDS = ("requisitions", "holds", "extractions", "destructions", "relays", "finds")


@pytest.fixture
def filled(db: None, tmp_path: Path, settings: Any, make_person: MakePerson) -> models.Requisition:
    make_keys(tmp_path, settings)
    make_village()
    typist = make_person(Role.VIDEO_OFFICER)
    return requisitions.enter(
        actor=people.actor_of(typist), person=typist, entry=entry(texts={"offence": "=HYPERLINK(1)"}),
        document=read_incoming("r.pdf", PDF), recorder=RecorderMemory(), now=NOW,
    )  # fmt: skip


@pytest.fixture
def dpo(filled: models.Requisition, make_person: MakePerson, client_of: Any) -> Any:
    return client_of(make_person(Role.DPO))


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.MAYOR, Role.TECHNICIAN])
def test_others_find_nothing(filled: models.Requisition, make_person: MakePerson, client_of: Any, role: Role) -> None:
    browser = client_of(make_person(role))
    for path in ("", *(f"{kind}/{form}" for kind in KINDS for form in ("", "csv/", "pdf/"))):
        assert browser.get(f"/office/registers/{path}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_every_register_opens_in_three_forms_and_leaves_its_fact(dpo: Any, kind: str) -> None:
    assert dpo.get(f"/office/registers/{kind}/").status_code == 200
    assert dpo.get(f"/office/registers/{kind}/csv/")["Content-Type"].startswith("text/csv")
    printed = dpo.get(f"/office/registers/{kind}/pdf/")
    assert printed.content.startswith(b"%PDF-1.7")
    assert Fact.objects.filter(name="log:read", subject=f"log:register-{kind}").count() == 3


def test_the_list_of_registers(dpo: Any) -> None:
    page = dpo.get("/office/registers/").content.decode()
    assert all(f"/office/registers/{kind}/" in page for kind in KINDS)


def test_a_register_that_is_none(dpo: Any) -> None:
    assert dpo.get("/office/registers/salaries/").status_code == 404


def test_the_csv_has_the_line_and_no_formula(dpo: Any, filled: models.Requisition) -> None:
    text = dpo.get("/office/registers/requisitions/csv/").content.decode("utf-8-sig")
    head, line = list(csv.reader(StringIO(text), delimiter=";"))
    assert len(head) == len(line)
    assert line[0] == filled.number
    assert "'=HYPERLINK(1)" in line
    assert "+01:00" in line[1]


def test_the_print_says_the_same(dpo: Any, filled: models.Requisition) -> None:
    pdf = dpo.get("/office/registers/requisitions/pdf/").content
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    assert filled.number[:4] in text
    assert "HYPERLINK" in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=HYPERLINK", True),
        ("words=rien-de-tel", False),
        ("since=2026-11-23", True),
        ("since=2026-11-24", False),
        ("until=2026-11-23", True),
        ("until=2026-11-22", False),
        ("since=absurd&page=-3", True),
        ("page=99999999999", True),
    ],
)
def test_filters(dpo: Any, filled: models.Requisition, query: str, found: bool) -> None:
    page = dpo.get(f"/office/registers/requisitions/?{query}").content.decode()
    assert (f"<td>{filled.number}</td>" in page) == found


def _grant(id_: str, **given: Any) -> models.AccessGrant:
    values: dict[str, Any] = {
        "person": f"p-{id_}", "person_name": "Maréchal des logis Blin", "force": "GN", "unit": "CORG 99",
        "mode": "relay", "cameras": [sites.by_number(3).id], "basis_kind": "incident", "basis_reference": "i",
        "basis_label": "2026-0007",
        "legal_basis": "ADMIN_POLICE", "purpose": "L251-2:5", "reason": "suivi d’un véhicule", "state": "ended",
        "requested_at": NOW, "requested_until": NOW, "opened_at": NOW, "until": NOW, "ended_at": NOW,
    }  # fmt: skip
    return models.AccessGrant.objects.create(id=id_, **(values | given))


def test_the_register_of_relays_has_partners_only_and_refusals_too(dpo: Any, filled: models.Requisition) -> None:
    _grant("g1")
    _grant("g2", person_name="Sous-préfète Aubry", force="PREF", state="refused", opened_at=None, ended_at=None)
    _grant("g3", person_name="Brigadière du poste", force="PM", mode="live")
    _grant("g4", person_name="OPJ du paquet", mode="package")
    text = dpo.get("/office/registers/relays/csv/").content.decode("utf-8-sig")
    head, *lines = list(csv.reader(StringIO(text), delimiter=";"))
    assert {line[head.index("Personne")] for line in lines} == {"Maréchal des logis Blin", "Sous-préfète Aubry"}
    assert {line[-1] for line in lines} == {"terminé", "refusé"}
    assert all(line[head.index("Caméras")] == "3 · Place de la Halle" for line in lines)
    assert "Aubry" not in dpo.get("/office/registers/relays/?words=Blin").content.decode()


def test_what_own_agents_found_stands_beside_the_requisitions(
    dpo: Any, filled: models.Requisition, make_person: MakePerson, client_of: Any
) -> None:
    officer = make_person(Role.DUTY_OFFICER, name="Nadia Roussel")
    incident = operations.open_incident(
        actor=people.actor_of(officer),
        person=officer,
        camera=sites.by_number(3),
        title="Recherche",
        reason="Appel",
        now=NOW,
    )
    browser = client_of(officer)
    address = f"/desk/incidents/{incident.id}/find/"
    assert browser.post(address, {"kind": "missing_person", "what": ""}).status_code == 422
    given = {"kind": "missing_person", "what": "enfant de six ans, au parc", "told": "gendarmerie"}
    assert browser.post(address, given).status_code == 302
    assert "enfant de six ans" in browser.get(f"/desk/incidents/{incident.id}/").content.decode()
    text = dpo.get("/office/registers/finds/csv/").content.decode("utf-8-sig")
    _head, line = list(csv.reader(StringIO(text), delimiter=";"))
    assert line[1] == "personne disparue retrouvée"
    assert line[3:] == ["enfant de six ans, au parc", "gendarmerie", officer.called]
    assert Fact.objects.filter(name="find:record").count() == 1
    assert "enfant" not in dpo.get("/office/registers/finds/?words=absent").content.decode()
