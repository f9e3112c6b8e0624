"""Plans through the pages: a draft drawn, filled from a spreadsheet, validated by three parties, in force, on paper."""

import re
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.signing import SigningKey
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.safety import actions, jobs, queries
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import Hazard
from beffroi.safety.queries import plans
from tests.conftest import INSEE, NOW, MakePerson
from tests.surface.role_exports import DRAWING
from tests.unit.safety.test_plans import PLAN

pytestmark = pytest.mark.django_db
SHEET = b"classe;salle;effectif;adultes\nCP;Salle 1;26;1\nCE1;Salle 1;21;2\n"


@pytest.fixture
def building(db: None) -> str:
    made = actions.enter_building(actor=SYSTEM, insee=INSEE, name="École des Tilleuls", kind="school", now=NOW)
    version, _ = actions.import_plan(actor=SYSTEM, building=made, document=plan_to_json(PLAN), now=NOW)
    actions.put_plan_in_force(actor=SYSTEM, building=made, version=version, now=NOW)
    return made


@pytest.fixture
def chief(make_person: MakePerson, client_of: Any) -> Client:
    client: Client = client_of(make_person(Role.CHIEF, name="Marc Delattre"))
    return client


def change(browser: Client, building: str, version: int, what: str, /, **data: Any) -> Any:
    seen = data.pop("seen", None) or plans.version(building, version).digest
    return browser.post(f"/building/{building}/plan/{version}/edit/{what}/", {"seen": seen, **data})


def drawn(browser: Client, building: str) -> int:
    """A draft with one level on which a zone and a confidential cut-off stand."""
    browser.post(f"/building/{building}/plan/draft/")
    level = {"name": "Rez-de-chaussée", "level": "", "drawing": SimpleUploadedFile("rdc.svg", DRAWING)}
    given = [
        change(browser, building, 2, "level", **level),
        change(browser, building, 2, "mark", what="safety_zone:z1", level="niveau-1", x="50", y="25.5"),
        change(browser, building, 2, "mark", what="cut_off_gas:", level="niveau-1", x="10", y="90", confidential="on"),
        change(browser, building, 2, "entry", name="Astreinte", phone="01 99 00 00 11"),
    ]
    assert [one.status_code for one in given] == [302] * 4
    return 2


def test_a_draft_is_drawn_and_its_drawing_can_only_be_looked_at(chief: Client, building: str) -> None:
    draft = plans.version(building, drawn(chief, building)).plan
    (level,) = draft.levels
    assert [(mark.kind.value, mark.ref, mark.x, mark.y) for mark in level.marks] == [
        ("safety_zone", "z1", 0.5, 0.255),
        ("cut_off_gas", "", 0.1, 0.9),
    ]
    page = chief.get(f"/building/{building}/plan/2/edit/").content.decode()
    (address,) = set(re.findall(r'<image href="([^"]+)"', page))
    answer = chief.get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert 'cx="500"' in page
    assert change(chief, building, 2, "mark-drop", level="niveau-1", mark=level.marks[1].id).status_code == 302
    assert len(plans.version(building, 2).plan.levels[0].marks) == 1
    assert queries.plan_in_force(building) == PLAN, "what is in force is not touched"


def test_two_who_change_the_same_draft_do_not_overwrite_each_other(chief: Client, building: str) -> None:
    drawn(chief, building)
    before = plans.version(building, 2)
    answer = change(chief, building, 2, "entry", name="X", phone="17", seen="0" * 64)
    assert answer.status_code == 422
    assert plans.version(building, 2) == before
    assert change(chief, building, 1, "entry", name="X", phone="17").status_code == 409, "in force: no draft"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("level", {"name": "x", "level": "", "drawing": SimpleUploadedFile("x.svg", b"<html/>")}),
        ("mark", {"what": "safety_zone:elsewhere", "level": "niveau-1", "x": "1", "y": "1"}),
        ("mark", {"what": "cut_off_gas:", "level": "niveau-1", "x": "101", "y": "1"}),
        ("entry", {"name": "x", "phone": "javascript:alert(1)"}),
        ("sheet", {"sheet": SimpleUploadedFile("x.xlsx", b"PK\x03\x04nothing")}),
        ("sheet-take", {"rows": "classe;salle;effectif\nCP;Grenier;24"}),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    chief: Client, building: str, what: str, data: dict[str, Any]
) -> None:
    drawn(chief, building)
    before = plans.version(building, 2)
    assert change(chief, building, 2, what, **data).status_code == 422
    assert plans.version(building, 2) == before


def test_a_sheet_is_previewed_with_its_faulty_cell_then_taken_over(chief: Client, building: str) -> None:
    drawn(chief, building)
    wrong = SimpleUploadedFile("e.csv", SHEET.replace(b"21", b"vingt"))
    page = change(chief, building, 2, "sheet", sheet=wrong).content.decode()
    assert "cellule C3" in page
    assert "vingt" in page
    assert "sheet-take" not in page
    page = change(chief, building, 2, "sheet", sheet=SimpleUploadedFile("e.csv", SHEET)).content.decode()
    assert plans.version(building, 2).plan.groups == PLAN.groups, "a preview changes nothing"
    (rows,) = re.findall(r"<textarea[^>]*>([^<]*)<", page)
    assert change(chief, building, 2, "sheet-take", rows=rows).status_code == 302
    sizes = [(one.id, one.name, one.size, one.adults) for one in plans.version(building, 2).plan.groups]
    assert sizes == [("cp", "CP", 26, 1), ("ce1", "CE1", 21, 2)]


def test_three_parties_validate_what_stands_there(
    chief: Client, building: str, make_person: MakePerson, client_of: Any
) -> None:
    drawn(chief, building)
    into_force = f"/building/{building}/plan/2/in-force/"
    validate = f"/building/{building}/plan/2/validate/"
    head = make_person(Role.SCHOOL_HEAD, name="Thomas Arnaud")
    actions.appoint(actor=SYSTEM, building=building, person=head.id, now=NOW)
    browsers = {"security": chief, "edu_authority": client_of(head), "commune": client_of(make_person(Role.MAYOR))}
    chief.post(validate, {"party": "commune"})
    assert plans.version(building, 2).validated == (), "the commune's is the mayor's to give"
    for party, browser in browsers.items():
        chief.post(into_force)
        assert plans.version(building, 2).draft
        browser.post(validate, {"party": party, "reference": "avis"})
    assert set(plans.version(building, 2).validated) == {"security", "edu_authority", "commune"}
    change(chief, building, 2, "entry", name="Y", phone="18")
    assert plans.version(building, 2).validated == (), "another content, another validation"
    for party, browser in browsers.items():
        browser.post(validate, {"party": party})
    page = chief.get(f"/building/{building}/plan/2/").content.decode()
    assert "levels/niveau-1/safety_zone-1" in page
    chief.post(into_force)
    now = queries.plan_in_force(building)
    assert now is not None
    assert now.version == 2


def test_confidential_parts_are_for_those_who_need_them(
    chief: Client, building: str, make_person: MakePerson, client_of: Any, clock: ManualClock
) -> None:
    drawn(chief, building)
    document = plan_to_json(plans.version(building, 2).plan) | {
        "validated_by": ["edu_authority", "commune", "security"]
    }
    version, _ = actions.import_plan(actor=SYSTEM, building=building, document=document, now=NOW)
    actions.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=NOW)
    officer = client_of(make_person(Role.DUTY_OFFICER))
    page = officer.get(f"/building/{building}/levels/").content.decode()
    assert "Salle polyvalente" in page
    assert "coupure de gaz" not in page
    assert "01 99 00 00 11" not in page
    assert not Fact.objects.filter(name="plan:read").exists()
    assert officer.get(f"/building/{building}/plan/pack.pdf").status_code == 404
    person = make_person(Role.CHIEF)
    alert = actions.relay_order(
        actor=actor_of(person), person=person, building=building, hazard=Hazard.FLOOD, authority="Préfecture",
        key=SigningKey(bytes(range(1, 33))), now=NOW,
    )  # fmt: skip
    page = officer.get(f"/building/{building}/levels/").content.decode()
    assert "coupure de gaz" in page
    assert "01 99 00 00 11" in page
    assert Fact.objects.filter(name="plan:read").count() == 1
    on_alert = officer.get(f"/building/alerts/{alert}/").content.decode()
    assert "coupure de gaz" in on_alert
    takeover = officer.get("/alarm/").content.decode()
    assert "level-plan" in takeover
    assert "coupure de gaz" not in takeover


def test_what_is_owed_is_raised_shown_and_settled(
    chief: Client, building: str, clock: ManualClock, make_person: MakePerson
) -> None:
    noon = NOW.replace(hour=11)  # 12:00 in Paris: the canteen's regime has a head and nobody else
    assert jobs.watch_plans(noon) > 0
    owed = {one.what for one in plans.reminders(frozenset({building}))}
    assert {"nobody:crisis_cell", "nobody:cut_offs", "drill_autumn"} <= owed
    assert "nobody:head" not in owed
    page = chief.get("/building/").content.decode()
    assert "Personne n’est responsable en ce moment\u00a0: Coupures" in page
    assert jobs.watch_plans(noon) == 0
    morning = NOW + timedelta(days=1, hours=-2)
    assert jobs.watch_plans(morning) > 0
    assert "nobody:cut_offs" not in {one.what for one in plans.reminders(frozenset({building}))}
    assert Fact.objects.filter(name="plan:settled").exists()
    done = chief.post(f"/building/{building}/plan/sent/", {"recipients": "Gendarmerie, SDIS", "on": "2026-11-20"})
    assert done.status_code == 302
    dues = {one.what: one.done for one in plans.owed(building, NOW.date())}
    assert dues["plan_transmission"]


def test_the_paper_pack_by_one_button_and_by_night(chief: Client, building: str) -> None:
    drawn(chief, building)
    document = plan_to_json(plans.version(building, 2).plan) | {
        "validated_by": ["edu_authority", "commune", "security"]
    }
    version, _ = actions.import_plan(actor=SYSTEM, building=building, document=document, now=NOW)
    actions.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=NOW)
    pdf = chief.get(f"/building/{building}/plan/pack.pdf").content
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    text = done.stdout.decode()
    for words in (
        "Ne pas raccrocher",
        "Rez-de-chaussée",
        "coupure de gaz",
        "01 99 00 00 11",
        "Fermez les fenêtres",
        "CP",
    ):
        assert words in text, words
    assert chief.get(f"/building/{building}/plan/pack-night.pdf").status_code == 404
    night = NOW.replace(hour=2, minute=5)
    assert (jobs.make_packs(night), jobs.make_packs(night + timedelta(hours=20))) == (1, 0)
    assert jobs.make_packs(night + timedelta(days=1)) == 1
    assert chief.get(f"/building/{building}/plan/pack-night.pdf").content.startswith(b"%PDF-1.7")
