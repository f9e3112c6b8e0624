"""Persons through the pages: entered, given what they hold by others, and gone the moment they leave."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from beffroi.audit.models import Fact
from beffroi.governance.actions import access, tickets
from beffroi.governance.jobs import expire_grants
from beffroi.governance.queries import access as grants
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Forbidden, NotFound
from beffroi.operations import actions as operations
from beffroi.operations import queries as shifts
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of, directory
from beffroi.sites import actions as sites
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW, MakePerson
from tests.requisition_world import make_keys, make_village

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def chief(make_person: MakePerson) -> PersonFacts:
    sites.enter_commune(
        actor=people.actor_of(make_person(Role.MAYOR)), insee=INSEE, name="Saint-Aubin", department="99",
        centre=(48.6, 2.6), now=NOW,
    )  # fmt: skip
    return make_person(Role.CHIEF, name="Marc Delattre")


@pytest.fixture
def browser(chief: PersonFacts, client_of: Any) -> Client:
    client: Client = client_of(chief)
    return client


def post(browser: Client, person: str, what: str, **data: Any) -> Any:
    return browser.post(f"/office/persons/{person}/{what}/", data)


def test_somebody_new_holds_what_was_entered(browser: Client, make_person: MakePerson) -> None:
    unit = make_person(Role.DUTY_OFFICER).unit_id
    answer = browser.post("/office/persons/new/", {"name": "Lise Ferrand", "rank": "Brigadière", "unit": unit})
    person = str(answer["Location"]).rstrip("/").rpartition("/")[2]
    given = [
        post(browser, person, "role", role="video_officer"),
        post(browser, person, "clearance", reference="HAB-77", issuer="Maire", territory=[INSEE], last="2027-11-22"),
        post(browser, person, "approval", reference="AGR-9", issuer="Préfet", department="99"),
        post(browser, person, "training", reference="CNFPT 2026-4"),
    ]
    assert [one.status_code for one in given] == [302] * 4
    facts = people.person_facts(person, NOW)
    assert facts.roles == {Role.VIDEO_OFFICER}
    assert facts.clearance_for(INSEE, NOW + 364 * DAY) is not None
    assert facts.clearance_for(INSEE, NOW + 365 * DAY) is None
    names = set(Fact.objects.filter(subject=f"person:{person}").values_list("name", flat=True))
    assert {"person:create", "role:grant", "clearance:grant", "approval:grant", "training:enter"} <= names


@pytest.mark.parametrize("door", ["/office/persons/{}/end-duty/", "/account/people/{}/leave/"])
def test_end_of_duty_cuts_everything_at_once_by_either_door(
    browser: Client, make_person: MakePerson, client_of: Any, clock: ManualClock, tmp_path: Path, settings: Any,
    door: str,
) -> None:  # fmt: skip
    make_keys(tmp_path, settings)
    make_village()
    officer = make_person(Role.VIDEO_OFFICER)
    assert post(browser, officer.id, "approval", reference="AGR", issuer="Préfet", department="99").status_code == 302
    officer = people.person_facts(officer.id, NOW)
    shift = operations.begin_shift(
        actor=actor_of(officer), person=officer, purpose=Purpose.SAFETY_OF_PERSONS, reason="Soirée du marché", now=NOW
    )
    look = access.open_duty_look(actor=actor_of(officer), now=NOW)
    assert look.state == "active", look.refusal
    assert tickets.issue_ticket(grant=look.id, binding="ab" * 32, actor=actor_of(officer), now=NOW)
    hers = client_of(officer)
    assert hers.get("/desk/requisitions/").status_code == 200
    assert browser.post(door.format(officer.id), {"reason": "mutation"}).status_code == 302
    assert hers.get("/desk/requisitions/").status_code == 302
    assert shifts.shift_of(officer.id, NOW) is None
    assert expire_grants(NOW) == 1
    with pytest.raises((Forbidden, NotFound)):
        tickets.issue_ticket(grant=look.id, binding="ab" * 32, actor=actor_of(officer), now=NOW)
    assert grants.heartbeat(NOW)[1] == frozenset(), "the door closes what the beat no longer names"
    facts = people.person_facts(officer.id, NOW)
    assert (facts.roles, facts.territory) == (frozenset(), frozenset())
    assert browser.post(door.format(officer.id), {"reason": "mutation"}).status_code in {404, 409}
    assert post(browser, officer.id, "role", role="video_officer").status_code == 409
    assert officer.name not in browser.get("/office/persons/").content.decode()
    assert officer.name in browser.get("/office/persons/?ended=on").content.decode()
    told = set(Fact.objects.filter(name__in=("person:end-duty", "shift:end")).values_list("subject", flat=True))
    assert told == {f"person:{officer.id}", f"shift:{shift.id}"}


def test_nobody_enters_what_she_holds_herself(browser: Client, chief: PersonFacts) -> None:
    for what, data in (
        ("role", {"role": "investigator"}),
        ("clearance", {"reference": "X", "issuer": "moi", "territory": [INSEE]}),
        ("end-duty", {"reason": "x"}),
    ):
        assert post(browser, chief.id, what, **data).status_code == 409
    assert people.person_facts(chief.id, NOW).roles == {Role.CHIEF}
    page = browser.get(f"/office/persons/{chief.id}/").content.decode()
    assert "par une autre personne" in page


def test_roles_of_the_whole_centre_are_an_administrators(
    browser: Client, make_person: MakePerson, client_of: Any
) -> None:
    officer, secretary = make_person(Role.DUTY_OFFICER), make_person(Role.ADMINISTRATOR)
    assert post(browser, officer.id, "role", role="dpo").status_code == 422
    assert post(browser, secretary.id, "end-duty", reason="x").status_code == 409
    assert post(client_of(secretary), officer.id, "role", role="dpo").status_code == 302
    assert Role.DPO in people.person_facts(officer.id, NOW).roles


def test_what_ends_is_taken_back_by_what_is_held(browser: Client, make_person: MakePerson) -> None:
    officer, other = make_person(Role.DUTY_OFFICER), make_person(Role.DUTY_OFFICER)
    (clearance,) = officer.clearances
    assert post(browser, other.id, "clearance-withdraw", held=clearance.id, reason="x").status_code == 422
    assert post(browser, officer.id, "clearance-withdraw", held=clearance.id, reason="fin").status_code == 302
    assert people.person_facts(officer.id, NOW).territory == frozenset()
    assert post(browser, officer.id, "role-withdraw", held="duty_officer").status_code == 302
    assert people.person_facts(officer.id, NOW).roles == frozenset()


def test_approvals_are_reviewed_and_suspended(browser: Client, make_person: MakePerson) -> None:
    officer = make_person(Role.DUTY_OFFICER)
    given = {"reference": "AGR-1", "issuer": "Préfet", "department": "2A", "since": "2020-01-01"}
    assert post(browser, officer.id, "approval", **given).status_code == 302
    file = directory.person({INSEE}, officer.id, now=NOW)
    assert [(one.paper, one.over) for one in file.runs_out] == [("review", True)]
    (approval,) = file.held.approvals
    assert post(browser, officer.id, "approval-review", held=approval.id, reviewed="2027-01-01").status_code == 422
    assert post(browser, officer.id, "approval-review", held=approval.id, reviewed="2026-11-02").status_code == 302
    assert directory.person({INSEE}, officer.id, now=NOW).runs_out == ()
    assert post(browser, officer.id, "approval-suspend", held=approval.id, reason="enquête").status_code == 302
    found = people.person_facts(officer.id, NOW).approval
    assert found is not None
    assert not found.holds(NOW)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("clearance", {"reference": "X", "issuer": "Maire", "territory": ["75056"]}),
        ("role", {"role": "chief", "since": "2027-01-02", "last": "2027-01-01"}),
        ("approval", {"reference": "X", "issuer": "Préfet", "department": "999999"}),
        ("role", {"role": "emperor"}),
        ("amend", {"name": ""}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_changes_nothing(
    browser: Client, make_person: MakePerson, what: str, data: dict[str, Any]
) -> None:
    officer = make_person(Role.DUTY_OFFICER)
    before = directory.person({INSEE}, officer.id, now=NOW)
    assert post(browser, officer.id, what, **data).status_code == 422
    assert directory.person({INSEE}, officer.id, now=NOW) == before


def test_the_log_keeps_what_was_corrected(browser: Client, make_person: MakePerson) -> None:
    officer = make_person(Role.DUTY_OFFICER, name="Nadia Rousel")
    assert post(browser, officer.id, "amend", name="Nadia Roussel").status_code == 302
    fact = Fact.objects.get(name="person:amend")
    assert "Rousel" in str(fact.body)
    assert people.person_facts(officer.id, NOW).name == "Nadia Roussel"


def test_bodies_are_entered_with_their_units(browser: Client) -> None:
    form = {"name": "Compagnie de Couvry", "force": "GN", "insee": ""}
    assert browser.post("/office/persons/bodies/", form).status_code == 302
    body = next(one for one in directory.organisations({INSEE}) if one.name == "Compagnie de Couvry")
    unit = {"organisation": body.id, "name": "Brigade", "email": "bta@couvry.invalid"}
    assert browser.post("/office/persons/bodies/", unit).status_code == 302
    assert "bta@couvry.invalid" in browser.get("/office/persons/bodies/").content.decode()
    assert browser.post("/office/persons/bodies/", unit | {"organisation": "nowhere"}).status_code == 422


def test_papers_that_run_out_stand_on_the_list(browser: Client, make_person: MakePerson) -> None:
    officer = make_person(Role.DUTY_OFFICER, name="Hugo Lemaire", cleared=False)
    assert post(browser, officer.id, "clearance", reference="HAB-9", issuer="Maire", territory=[INSEE],
                last="2026-12-24").status_code == 302  # fmt: skip
    assert "Titres à renouveler" in browser.get("/office/persons/").content.decode()
    assert post(browser, officer.id, "clearance", reference="HAB-10", issuer="Maire", territory=[INSEE],
                last="2029-12-24").status_code == 302  # fmt: skip
    assert "Titres à renouveler" not in browser.get("/office/persons/").content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01"])
def test_a_year_that_cannot_be_reckoned_with_is_refused_where_it_was_typed(
    browser: Client, chief: PersonFacts, make_person: MakePerson, day: str
) -> None:
    person = make_person(Role.DUTY_OFFICER).id
    for what, name in (("training", "since"), ("training", "last"), ("approval", "reviewed")):
        answer = post(browser, person, what, reference="A", issuer="Préfet", department="99", **{name: day})
        assert answer.status_code == 422
        assert "Écrivez une année de 1900 à 2199." in answer.content.decode()
        assert f'value="{day}"' in answer.content.decode()
    for page in ("/office/registers/requisitions/",):
        assert browser.get(page, {"since": day, "until": day}).status_code == 200
