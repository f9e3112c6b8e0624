"""Requisitions through the counter: an investigator asks, follows, completes; another unit finds nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.governance import models
from beffroi.people.core.roles import Force, Quality, Role
from tests.conftest import MakePerson
from tests.plane.requisitions.test_receive import ASKED
from tests.requisition_world import RecorderMemory, make_keys, make_village
from tests.surface.requisition_pages import RECORDER, asked, remember, typed

NEW = "/counter/requisitions/new/"


@pytest.fixture
def recorder(db: None, tmp_path: Path, settings: Any) -> RecorderMemory:
    make_keys(tmp_path, settings)
    made = RecorderMemory(has={camera: [ASKED.widened(timedelta(hours=1))] for camera in make_village()})
    remember(made)
    settings.BEFFROI_RECORDER = RECORDER
    return made


@pytest.fixture
def opj(recorder: RecorderMemory, make_person: MakePerson, client_of: Any) -> Any:
    """The browser of an OPJ of the gendarmerie."""
    return client_of(make_person(Role.INVESTIGATOR, name="Camille Ferrand"))


def page_of(browser: Any, answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return str(browser.get(answer["Location"]).content.decode())


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.MAYOR, Role.PREFECTURE_DUTY, Role.TECHNICIAN])
def test_others_find_nothing(recorder: RecorderMemory, make_person: MakePerson, client_of: Any, role: Role) -> None:
    browser = client_of(make_person(role))
    for path in ("/counter/requisitions/", NEW, "/counter/requisitions/map.svg"):
        assert browser.get(path).status_code == 404


def test_another_unit_finds_nothing(opj: Any, make_person: MakePerson, client_of: Any) -> None:
    opj.post(NEW, asked(confidential=None))
    row = models.Requisition.objects.get()
    paper = row.documents.get()
    foreign = client_of(make_person(Role.INVESTIGATOR, force=Force.PN))
    for path in ("", "edit/", f"papers/{paper.id}/"):
        assert opj.get(f"/counter/requisitions/{row.id}/{path}").status_code == 200
        assert foreign.get(f"/counter/requisitions/{row.id}/{path}").status_code == 404
    for path in ("withdraw/", "outcome/"):
        assert foreign.post(f"/counter/requisitions/{row.id}/{path}", {"why": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.state == "received"


def test_a_colleague_reads_but_does_not_act(opj: Any, make_person: MakePerson, client_of: Any) -> None:
    opj.post(NEW, asked(confidential=None))
    row = models.Requisition.objects.get()
    colleague = client_of(make_person(Role.INVESTIGATOR, name="Collègue"))
    page = colleague.get(f"/counter/requisitions/{row.id}/").content.decode()
    assert "/withdraw/" not in page
    assert colleague.post(f"/counter/requisitions/{row.id}/withdraw/", {"why": "x"}).status_code == 404
    assert colleague.post(f"/counter/requisitions/{row.id}/edit/", asked()).status_code == 404


def test_empty_says_each_field(opj: Any) -> None:
    answer = opj.post(NEW, {"send": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("procedure_number", "legal_basis", "offence", "since_time", "place", "things"):
        assert f'id="id_{name}_error"' in page, name


def test_an_account_without_quality_is_told_so(
    recorder: RecorderMemory, make_person: MakePerson, client_of: Any
) -> None:
    browser = client_of(make_person(Role.INVESTIGATOR, quality=Quality.NONE))
    answer = browser.post(NEW, asked())
    assert answer.status_code == 422
    assert "qualité judiciaire" in answer.content.decode()


def test_who_asks_cannot_be_typed(opj: Any) -> None:
    opj.post(NEW, typed(officer_name="Le Procureur", quality="procureur", channel="mail"))
    row = models.Requisition.objects.get()
    assert (row.officer_name, row.quality, row.channel) == ("Camille Ferrand", "OPJ", "counter")


def test_asked_answered_followed_and_papers_taken(opj: Any) -> None:
    page = page_of(opj, opj.post(NEW, asked()))
    row = models.Requisition.objects.get()
    assert row.number in page
    assert "22/12/2026" in page
    assert "R-19" not in page  # the centre's own rules are the centre's
    paper = row.documents.get(kind="acknowledgement")
    assert opj.get(f"/counter/requisitions/{row.id}/papers/{paper.id}/").content.startswith(b"%PDF-")
    assert row.number in opj.get("/counter/requisitions/").content.decode()


def test_completion_goes_both_ways(opj: Any, make_person: MakePerson, client_of: Any) -> None:
    opj.post(NEW, asked(legal_basis="CPP_77_1_1"))
    row = models.Requisition.objects.get()
    desk = client_of(make_person(Role.VIDEO_OFFICER))
    page_of(desk, desk.post(f"/desk/requisitions/{row.id}/check/"))
    page_of(desk, desk.post(f"/desk/requisitions/{row.id}/ask/", {"asked": "Joindre l’autorisation."}))
    assert "Joindre l’autorisation." in opj.get(f"/counter/requisitions/{row.id}/").content.decode()
    given = asked(
        legal_basis="CPP_77_1_1", authorisation_kind="specifique", magistrate="Procureure",
        authorisation_reference="P-1", authorisation_date="2026-11-22",
    )  # fmt: skip
    page_of(opj, opj.post(f"/counter/requisitions/{row.id}/edit/", given))
    page = page_of(desk, desk.post(f"/desk/requisitions/{row.id}/check/"))
    assert 'value="accept"' in page
    row.refresh_from_db()
    assert (row.state, row.officer_name) == ("checked", "Camille Ferrand")


def test_withdrawal(opj: Any) -> None:
    opj.post(NEW, asked())
    row = models.Requisition.objects.get()
    assert opj.post(f"/counter/requisitions/{row.id}/withdraw/", {"why": ""}).status_code == 422
    page_of(opj, opj.post(f"/counter/requisitions/{row.id}/withdraw/", {"why": "auteur interpellé"}))
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_outcome_is_said_by_the_unit(opj: Any, make_person: MakePerson, client_of: Any) -> None:
    opj.post(NEW, asked())
    row = models.Requisition.objects.get()
    assert opj.post(f"/counter/requisitions/{row.id}/outcome/", {"helped": "yes"}).status_code == 409
    desk = client_of(make_person(Role.VIDEO_OFFICER))
    desk.post(f"/desk/requisitions/{row.id}/check/")
    desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "answer-negative", "ground": "not-recorded"})
    page_of(opj, opj.post(f"/counter/requisitions/{row.id}/outcome/", {"helped": "no"}))
    assert models.RecordedFact.objects.get().helped == "no"
