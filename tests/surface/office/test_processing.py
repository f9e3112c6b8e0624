"""The register of processing is read from the settings: what changes there changes here, on page, print and bundle."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.actions.orders import register_order
from beffroi.people import actions as people
from beffroi.people.core.roles import Force, Role
from beffroi.sites import actions as sites
from beffroi.web.office.bundle_sheets import sheets
from tests.conftest import NOW, MakePerson
from tests.plane.governance.conftest import FOUNDED, text_of
from tests.requisition_world import make_keys, make_village


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any) -> tuple[str, str]:
    make_keys(tmp_path, settings)
    return make_village()


def test_every_line_comes_from_a_setting(village: tuple[str, str], make_person: MakePerson, client_of: Any) -> None:
    dpo = make_person(Role.DPO)
    browser = client_of(dpo)
    before = browser.get("/office/processing/").content.decode()
    assert "Mairie" in before
    assert "AP-99-2025-001" in before
    assert "PREF-0042" not in before
    register_order(text=text_of("saint-aubin"), actor=SYSTEM, now=FOUNDED)
    sites.retire_camera(actor=SYSTEM, camera=village[1], reason="travaux", now=NOW)
    people.set_sign_in_rule(
        forces=(Force.GN,), roles=(Role.ADMINISTRATOR,), step_up_minutes=7, lock_minutes=13, actor=SYSTEM, now=NOW
    )
    after = browser.get("/office/processing/").content.decode()
    assert "Mairie" not in after
    assert "PREF-0042" in after
    assert "7 min" in after
    assert "13 min" in after
    written = {sheet.path: sheet.rows for sheet in sheets(dpo, None, "fr", NOW)}
    assert all(escape(value) in after for _name, value in written["registers/processing"])
    assert [row[0] for row in written["registers/processing-cameras"]] == ["3 · Place de la Halle"]


def test_the_print_is_archivable_and_each_reading_is_a_fact(
    village: tuple[str, str], make_person: MakePerson, client_of: Any
) -> None:
    chief = client_of(make_person(Role.CHIEF))
    assert chief.get("/office/processing/").status_code == 200
    answer = chief.get("/office/processing/pdf/")
    assert b"pdfaid" in answer.content
    told = Fact.objects.filter(name="log:read").values_list("subject", flat=True)
    assert set(told) == {"log:register-processing", "log:register-processing.pdf"}


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.TECHNICIAN])
def test_others_find_nothing(village: tuple[str, str], make_person: MakePerson, client_of: Any, role: Role) -> None:
    browser = client_of(make_person(role))
    assert {browser.get(f"/office/processing/{part}").status_code for part in ("", "pdf/")} == {404}
