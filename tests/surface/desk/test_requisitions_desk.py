"""The desk's pages of requisitions by clicking only: refusals and bad input first, then a paper to its answer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.web.shared.place_map import HEIGHT, WIDTH, frame_of
from tests.conftest import MakePerson
from tests.plane.requisitions.test_receive import ASKED
from tests.requisition_world import PDF, SEEN, RecorderMemory, make_keys, make_village
from tests.surface.requisition_pages import RECORDER, remember, typed

ENTER = "/desk/requisitions/enter/"


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any) -> tuple[str, str]:
    make_keys(tmp_path, settings)
    return make_village()


@pytest.fixture
def recorder(village: tuple[str, str], settings: Any) -> RecorderMemory:
    made = RecorderMemory(has={camera: [ASKED.widened(timedelta(hours=1))] for camera in village})
    remember(made)
    settings.BEFFROI_RECORDER = RECORDER
    return made


@pytest.fixture
def desk(recorder: RecorderMemory, make_person: MakePerson, client_of: Any) -> Any:
    """The video officer's browser."""
    return client_of(make_person(Role.VIDEO_OFFICER, name="Dominique Aubry", rank="Chef de service"))


def page_of(browser: Any, answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return str(browser.get(answer["Location"]).content.decode())


class TestRefused:
    @pytest.mark.parametrize("role", [Role.MAYOR, Role.INVESTIGATOR, Role.TECHNICIAN, Role.DPO, Role.SCHOOL_HEAD])
    def test_others_find_nothing(
        self, recorder: RecorderMemory, make_person: MakePerson, client_of: Any, role: Role
    ) -> None:
        browser = client_of(make_person(role))
        for path in ("/desk/requisitions/", ENTER, "/desk/requisitions/map.svg"):
            assert browser.get(path).status_code == 404

    def test_a_duty_officer_enters_but_does_not_decide(
        self, recorder: RecorderMemory, make_person: MakePerson, client_of: Any
    ) -> None:
        browser = client_of(make_person(Role.DUTY_OFFICER))
        made = browser.post(ENTER, typed())
        row = models.Requisition.objects.get()
        page = page_of(browser, made)
        assert "/decide/" not in page
        assert browser.post(f"/desk/requisitions/{row.id}/decide/", {"act": "accept"}).status_code == 404

    def test_a_confidential_one_of_others_is_not_there(
        self, recorder: RecorderMemory, make_person: MakePerson, client_of: Any
    ) -> None:
        first, second = client_of(make_person(Role.DUTY_OFFICER)), client_of(make_person(Role.DUTY_OFFICER))
        first.post(ENTER, typed())
        row = models.Requisition.objects.get()
        paper = row.documents.first()
        assert paper is not None
        for path in ("", "edit/", f"papers/{paper.id}/"):
            assert first.get(f"/desk/requisitions/{row.id}/{path}").status_code == 200
            assert second.get(f"/desk/requisitions/{row.id}/{path}").status_code == 404
            assert second.get(f"/desk/requisitions/nothing/{path}").status_code == 404
        assert row.number not in second.get("/desk/requisitions/").content.decode()


class TestBadInput:
    def test_empty_says_each_field(self, desk: Any) -> None:
        answer = desk.post(ENTER, {"channel": "mail", "send": "1"})
        page = answer.content.decode()
        assert answer.status_code == 422
        for name in ("unit_name", "officer_name", "since_time", "place", "document"):
            assert f'id="id_{name}_error"' in page, name
        assert not models.Requisition.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"place": "Place\x1b[31m"}, "place"),
            ({"unit_name": "x" * 10_000_000}, "unit_name"),
            ({"since_day": "2030-01-01"}, "since_time"),
            ({"since_day": "0001-01-01"}, "since_day"),
            ({"since_day": "31/02/2026"}, "since_day"),
            ({"until_day": "2026-11-21"}, "until_time"),
            ({"numbers": "3, 99"}, "numbers"),
            ({"cameras": ["no-such-camera"]}, "cameras"),
            ({"legal_basis": "CPP_12"}, "legal_basis"),
            ({"quality": "ROI"}, "quality"),
            ({"procedure_number": "sans numéro"}, "procedure_number"),
            ({"tolerance": "-5"}, "tolerance"),
            ({"channel": "counter"}, "channel"),
            ({"document": SimpleUploadedFile("x.pdf", b"<html>", content_type="application/pdf")}, "document"),
            ({"document": SimpleUploadedFile("x.pdf", b"%PDF-1.7 cut", content_type="application/pdf")}, "document"),
            ({"document": SimpleUploadedFile("x.pdf", b"", content_type="application/pdf")}, "document"),
        ],
    )
    def test_absurd_and_hostile_values_are_named_and_the_rest_is_kept(
        self, desk: Any, changes: dict[str, Any], field: str
    ) -> None:
        answer = desk.post(ENTER, typed(**changes))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in page
        assert "12345/00678/2026" in page or field == "procedure_number"  # nothing typed is lost
        assert len(page) < 1_000_000
        assert not models.Requisition.objects.exists()

    def test_a_script_is_text(self, desk: Any) -> None:
        script = "<script>alert(1)</script>"
        page = page_of(desk, desk.post(ENTER, typed(place=script, offence='" onload="x')))
        assert script not in page
        assert "&lt;script&gt;" in page
        assert '" onload="x' not in page

    def test_a_paper_kept_once_need_not_be_chosen_again(self, desk: Any) -> None:
        first = desk.post(ENTER, typed(officer_name=""))
        page = first.content.decode()
        token = page.split('name="upload" value="', 1)[1].split('"', 1)[0]
        assert "requisition.pdf" in page
        page_of(desk, desk.post(ENTER, typed(document=None, upload=token)))
        assert models.StoredDocument.objects.filter(kind="request").count() == 1

    def test_somebody_elses_upload_is_not_taken(self, desk: Any, make_person: MakePerson, client_of: Any) -> None:
        page = desk.post(ENTER, typed(officer_name="")).content.decode()
        token = page.split('name="upload" value="', 1)[1].split('"', 1)[0]
        other = client_of(make_person(Role.DUTY_OFFICER))
        answer = other.post(ENTER, typed(document=None, upload=token))
        assert answer.status_code == 422
        assert 'id="id_document_error"' in answer.content.decode()

    def test_half_past_two_twice(self, desk: Any) -> None:
        night = {"since_day": "2026-10-25", "since_time": "02:30", "until_time": "03:30"}
        answer = desk.post(ENTER, typed(**night))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'name="since_twice"' in page
        page = page_of(desk, desk.post(ENTER, typed(**night, since_twice="second")))
        row = models.Requisition.objects.get()
        assert row.span_from is not None
        assert row.span_from.isoformat() == "2026-10-25T01:30:00+00:00"
        assert "UTC+01:00" in page


class TestByClicking:
    def test_from_the_paper_to_the_first_answer(self, desk: Any, village: tuple[str, str]) -> None:
        page = page_of(desk, desk.post(ENTER, typed()))
        row = models.Requisition.objects.get()
        assert row.number in page
        assert "22/12/2026" in page  # kept until
        assert 'class="recorded"' in page
        assert "R-19" in page
        paper = row.documents.get(kind="acknowledgement")
        answer = desk.get(f"/desk/requisitions/{row.id}/papers/{paper.id}/")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer.content.startswith(b"%PDF-1.7")
        assert Fact.objects.filter(name="requisition:document-read").count() == 1

    def test_a_click_on_the_map_finds_the_cameras_and_loses_nothing(self, desk: Any, village: tuple[str, str]) -> None:
        frame = frame_of(sites.cameras(), (48.5, 2.5))
        x, y = (round(one) for one in frame.xy(SEEN))
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
        sent = typed(numbers="", **{"pin.x": str(x), "pin.y": str(y)})
        answer = desk.post(ENTER, sent)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f'value="{village[0]}"' in page
        ticked = page.split(f'value="{village[0]}"', 1)[1][:120]
        assert "checked" in ticked
        assert "Camille Ferrand" in page
        pin = page.split('name="pin" value="', 1)[1].split('"', 1)[0]
        latitude, longitude = (float(part) for part in pin.split(","))
        assert abs(latitude - SEEN[0]) < 0.0005
        assert abs(longitude - SEEN[1]) < 0.0005
        assert not models.Requisition.objects.exists()
        assert desk.get("/desk/requisitions/map.svg?pin=48.5,2.5&c=" + village[0])["Content-Type"] == "image/svg+xml"

    def test_the_words_of_the_place_find_the_camera_of_the_same_name(self, desk: Any, village: tuple[str, str]) -> None:
        page = desk.post(ENTER, typed(numbers="", place="devant la HALLE", find="1")).content.decode()
        assert "checked" in page.split(f'value="{village[0]}"', 1)[1][:120]
        assert "checked" not in page.split(f'value="{village[1]}"', 1)[1][:60]

    def test_wrong_quality_is_shown_proposed_and_refused_by_a_person_on_paper(self, desk: Any) -> None:
        page = page_of(desk, desk.post(ENTER, typed(quality="assistant_enquete")))
        row = models.Requisition.objects.get()
        assert row.state == "checked"  # nothing refused by itself
        assert 'value="wrong-quality" selected' in page
        done = desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "refuse", "ground": "wrong-quality"})
        page = page_of(desk, done)
        assert f"{row.number}-refusal.pdf" in page

    def test_missing_authorisation_asks_for_completion(self, desk: Any) -> None:
        page_of(desk, desk.post(ENTER, typed(legal_basis="CPP_77_1_1")))
        row = models.Requisition.objects.get()
        assert row.frame == "preliminaire"  # as the basis says
        assert desk.post(f"/desk/requisitions/{row.id}/ask/", {"asked": " "}).status_code == 422
        page = page_of(desk, desk.post(f"/desk/requisitions/{row.id}/ask/", {"asked": "L’autorisation du parquet."}))
        assert "L’autorisation du parquet." in page
        edit = desk.get(f"/desk/requisitions/{row.id}/edit/").content.decode()
        assert "12345/00678/2026" in edit
        assert 'value="21:00"' in edit
        done = desk.post(
            f"/desk/requisitions/{row.id}/edit/",
            typed(
                legal_basis="CPP_77_1_1", authorisation_kind="specifique", magistrate="Procureure de Villeneuve",
                authorisation_reference="P-2026-99", authorisation_date="2026-11-22", document=None,
            ),
        )  # fmt: skip
        page_of(desk, done)
        page = page_of(desk, desk.post(f"/desk/requisitions/{row.id}/check/"))
        assert 'value="accept"' in page

    def test_a_place_not_covered_gets_its_signed_no(self, desk: Any) -> None:
        page = page_of(desk, desk.post(ENTER, typed(numbers="", place="lieu-dit les Friches", place_class="uncovered")))
        row = models.Requisition.objects.get()
        assert 'value="not-covered" selected' in page
        page = page_of(
            desk, desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "answer-negative", "ground": "not-covered"})
        )
        assert f"{row.number}-negative.pdf" in page
        assert models.RecordedFact.objects.get().place_class == "uncovered"

    def test_past_retention_is_overwritten(self, desk: Any, recorder: RecorderMemory) -> None:
        from beffroi.media.core.words import GapCause

        recorder.cause = GapCause.RETENTION
        page = page_of(desk, desk.post(ENTER, typed(since_day="2026-09-01")))
        assert 'value="overwritten" selected' in page

    def test_a_silent_recorder_is_said_and_proposes_nothing(self, desk: Any, recorder: RecorderMemory) -> None:
        recorder.silent = True
        page_of(desk, desk.post(ENTER, typed()))
        row = models.Requisition.objects.get()
        assert row.first_answers.get().verdict == "unknown"

    def test_acceptance_leads_to_a_package(self, desk: Any) -> None:
        page_of(desk, desk.post(ENTER, typed()))
        row = models.Requisition.objects.get()
        refused = desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "accept-partly", "ground": "part-only"})
        assert refused.status_code == 422
        assert 'id="id_granted_error"' in refused.content.decode()
        page = page_of(desk, desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "accept"}))
        assert models.Extraction.objects.get().package in page
        again = desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "accept"})
        assert again.status_code == 409  # it has moved on
        inbox = desk.get("/desk/requisitions/").content.decode()
        assert row.number in inbox

    def test_the_page_offers_only_what_fits(self, desk: Any) -> None:
        page_of(desk, desk.post(ENTER, typed()))
        row = models.Requisition.objects.get()
        page = page_of(
            desk, desk.post(f"/desk/requisitions/{row.id}/decide/", {"act": "refuse", "ground": "incomplete"})
        )
        assert "/decide/" not in page
        assert "/outcome/" not in page
        assert "/close/" in page
        assert page_of(desk, desk.post(f"/desk/requisitions/{row.id}/close/"))
        assert row.number in desk.get("/desk/requisitions/?closed=1").content.decode()

    def test_what_was_answered_is_turned_page_by_page(self, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("beffroi.web.desk.views.requisitions.PAGE", 1)
        for _ in range(2):
            page_of(desk, desk.post(ENTER, typed()))
        models.Requisition.objects.update(state="closed")
        numbers = set(models.Requisition.objects.values_list("number", flat=True))
        seen = []
        for page in ("1", "2", "99999999999", "x"):
            shown = desk.get(f"/desk/requisitions/?closed=1&page={page}").content.decode()
            seen.append({number for number in numbers if number in shown})
        assert seen[0] | seen[1] == numbers
        assert [len(one) for one in seen] == [1, 1, 1, 1], "what is no page is the first"

    def test_facts_are_corrected_and_added(self, desk: Any) -> None:
        page_of(desk, desk.post(ENTER, typed()))
        row = models.Requisition.objects.get()
        new = {"fact": "", "nature": "dégradations", "committed_on": "2026-11-21", "sector": "outside"}
        page_of(desk, desk.post(f"/desk/requisitions/{row.id}/fact/", new))
        assert sorted(row.facts.values_list("place_class", flat=True)) == ["covered", "outside"]


def test_pdf_is_what_was_sent(desk: Any) -> None:
    desk.post(ENTER, typed())
    row = models.Requisition.objects.get()
    paper = row.documents.get(kind="request")
    answer = desk.get(f"/desk/requisitions/{row.id}/papers/{paper.id}/")
    assert answer.content == PDF
    assert "sandbox" in answer["Content-Security-Policy"]
