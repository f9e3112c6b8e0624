"""A mayor gives and takes back her commune's agreement: what an agent of another commune has open closes with it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.actions import access as acts
from beffroi.governance.jobs import expire_grants
from beffroi.governance.queries import access, law
from beffroi.operations import actions as operations
from beffroi.people import actions as people
from beffroi.people import queries as people_queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW, MakePerson
from tests.requisition_world import make_keys, make_village

SOON = NOW + timedelta(milliseconds=500)


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any) -> None:
    make_keys(tmp_path, settings)
    make_village()


@pytest.fixture
def mayor(village: None, make_person: MakePerson, client_of: Any) -> Any:
    return client_of(make_person(Role.MAYOR))


def _neighbour() -> PersonFacts:
    """An officer of another commune of the centre, cleared for this one too, on duty."""
    town = people.create_organisation(name="Ville voisine", force=Force.PM, insee="99124", actor=SYSTEM, now=NOW)
    unit = people.create_unit(organisation=town, name="PM voisine", actor=SYSTEM, now=NOW)
    one = people.create_person(
        name="Voisin", rank="brigadier-chef principal", unit=unit, matricule="V1", actor=SYSTEM, now=NOW
    )
    people.grant_role(person=one, role=Role.DUTY_OFFICER, actor=SYSTEM, now=NOW)
    people.grant_clearance(
        person=one, reference="HAB-V", issuer="Maire de la ville voisine", territory=[INSEE, "99124"], actor=SYSTEM,
        now=NOW,
    )  # fmt: skip
    facts = people_queries.person_facts(one, NOW)
    operations.begin_shift(
        actor=people_queries.actor(one), person=facts, purpose=Purpose("L251-2:5"), reason="Soirée de fête", now=NOW
    )
    return facts


def test_what_a_neighbour_has_open_closes_when_the_agreement_is_taken_back(mayor: Any) -> None:
    neighbour = people_queries.actor(_neighbour().id)
    assert acts.open_duty_look(actor=neighbour, now=NOW).refusal == "commune_has_not_agreed"
    assert mayor.post("/office/consents/give/", {"reference": "Délibération 12 du 3 mars 2026"}).status_code == 302
    opened = acts.open_duty_look(actor=neighbour, now=NOW)
    assert opened.state == "active"
    expire_grants(NOW)
    assert access.grant(opened.id).state == "active"
    assert mayor.post("/office/consents/withdraw/").status_code == 302
    expire_grants(SOON)
    assert access.grant(opened.id).state == "ended"
    assert opened.id not in {one.id for one in access.active(SOON)}
    assert acts.open_duty_look(actor=neighbour, now=SOON).refusal == "commune_has_not_agreed"
    facts = Fact.objects.filter(name__startswith="consent:").order_by("pk")
    assert {(one.name, one.subject) for one in facts} == {
        ("consent:give", f"commune:{INSEE}"),
        ("consent:withdraw", f"commune:{INSEE}"),
    }


def test_the_page_says_how_it_stands_and_what_was(mayor: Any) -> None:
    assert "pas d’accord" in mayor.get("/office/consents/").content.decode()
    assert mayor.post("/office/consents/give/", {"reference": " "}).status_code == 422
    mayor.post("/office/consents/give/", {"reference": "Délibération 12"})
    page = mayor.get("/office/consents/").content.decode()
    assert "a donné son accord" in page
    assert "Délibération 12" in page
    assert mayor.post("/office/consents/give/", {"reference": "Délibération 13"}).status_code == 409
    mayor.post("/office/consents/withdraw/")
    assert "retiré le" in mayor.get("/office/consents/").content.decode()
    assert mayor.post("/office/consents/withdraw/").status_code == 404
    assert law.consents(NOW) == frozenset()


def test_others_read_and_do_not_write(village: None, make_person: MakePerson, client_of: Any) -> None:
    dpo = client_of(make_person(Role.DPO))
    page = dpo.get("/office/consents/").content.decode()
    assert "Accords des communes" in page
    assert "/office/consents/give/" not in page
    assert dpo.post("/office/consents/give/", {"reference": "Délibération 12"}).status_code == 404
