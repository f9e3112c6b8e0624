"""A person asks for pictures of herself and is answered (J7): from the public form to the signed paper."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import rights as acts
from beffroi.governance.core.holds import HoldReference, HoldState
from beffroi.governance.core.rights import KEPT_AFTER_ANSWER, PER_SOURCE_HOUR, RightsState
from beffroi.governance.jobs import forget_rights
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson
from tests.requisition_world import make_keys, make_village

ASKED = {
    "wish": "see", "place": "Place de la Halle", "where": "devant la boulangerie", "day": "2026-11-22",
    "since": "21:00", "until": "21:30", "description": "manteau rouge, un chien", "name": "Camille Test",
    "contact": "12 rue du Puits",
}  # fmt: skip


@pytest.fixture
def cameras(db: None, tmp_path: Path, settings: Any, clock: ManualClock) -> tuple[str, str]:
    make_keys(tmp_path, settings)
    return make_village()


@pytest.fixture
def dpo(cameras: tuple[str, str], make_person: MakePerson, client_of: Any) -> Any:
    return client_of(make_person(Role.DPO, name="Inès Castel"))


def _ask(**changes: str) -> models.RightsRequest:
    answer = Client().post("/rights/", ASKED | changes)
    assert answer.status_code == 201, answer.content.decode()
    number = answer.content.decode().partition('<span class="stat-value">')[2][:14]
    return models.RightsRequest.objects.get(number=number)


def test_a_request_starts_its_clock_and_holds_at_once(cameras: tuple[str, str]) -> None:
    row = _ask()
    hold = models.Hold.objects.get(kind=HoldReference.RIGHTS)
    assert (hold.camera, hold.reference, hold.judicial_reference) == (cameras[0], row.id, "")
    assert (hold.start, hold.end) == (row.span_from, row.span_until)
    assert row.due_at == row.span_from + timedelta(days=28)  # thirty days kept, two before the purge
    fact = Fact.objects.get(name="rights:receive")
    assert "Camille" not in str(fact.body)
    assert "manteau" not in str(fact.body)


def test_somewhere_else_has_the_month_and_no_hold_until_an_officer_names_cameras(dpo: Any) -> None:
    row = _ask(place="elsewhere", where="chemin des Prés")
    assert not models.Hold.objects.exists()
    assert row.due_at.strftime("%Y-%m-%d") == "2026-12-23"
    page = dpo.get(f"/office/rights/{row.id}/").content.decode()
    assert "chemin des Prés" in page
    ids = [one.split('"')[0] for one in page.split('name="cameras" value="')[1:]]
    assert dpo.post(f"/office/rights/{row.id}/locate/", {"cameras": [ids[1]]}).status_code == 302
    assert models.Hold.objects.get().camera == ids[1]
    assert dpo.post(f"/office/rights/{row.id}/locate/", {"cameras": [ids[0]]}).status_code == 302
    states = dict(models.Hold.objects.values_list("camera", "state"))
    assert states == {ids[1]: HoldState.RELEASING, ids[0]: HoldState.PENDING}


def test_from_identity_to_an_appointment_on_signed_paper(dpo: Any) -> None:
    row = _ask()
    base = f"/office/rights/{row.id}"
    queue = dpo.get("/office/rights/").content.decode()
    assert row.number in queue
    early = dpo.post(f"{base}/appoint/", {"at": "2026-11-25T10:00", "place": "poste"})
    assert early.status_code == 409  # nobody has seen who she is
    assert dpo.post(f"{base}/ask-identity/").status_code == 302
    assert dpo.post(f"{base}/identify/", {"shown": ""}).status_code == 422
    assert dpo.post(f"{base}/identify/", {"shown": "carte d’identité"}).status_code == 302
    late = dpo.post(f"{base}/appoint/", {"at": "2026-12-30T10:00", "place": "poste"})
    assert late.status_code == 422  # destroyed by then
    given = {"at": "2026-11-25T10:00", "place": "poste de police municipale", "words": "Sonnez à droite."}
    assert dpo.post(f"{base}/appoint/", given).status_code == 302
    pdf = dpo.get(f"{base}/paper/").content
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    assert "25/11/2026 10:00:00" in text
    assert "Camille Test" in text
    assert row.number in text
    assert b"/ByteRange" in pdf
    row.refresh_from_db()
    assert row.state == RightsState.APPOINTED
    assert models.Hold.objects.get().state == HoldState.PENDING  # kept until she has seen them
    assert dpo.post(f"{base}/close/").status_code == 302
    assert models.Hold.objects.get().state == HoldState.RELEASING
    names = set(Fact.objects.filter(name__startswith="rights:").values_list("name", flat=True))
    assert {"rights:identify", "rights:appoint", "rights:paper", "rights:paper-read", "rights:close"} <= names


def test_a_refusal_has_a_ground_of_the_list_and_lets_go(dpo: Any) -> None:
    row = _ask()
    base = f"/office/rights/{row.id}"
    assert dpo.post(f"{base}/refuse/", {"ground": "mood", "words": "non"}).status_code == 422
    assert dpo.post(f"{base}/refuse/", {"ground": "others", "words": " "}).status_code == 422
    assert dpo.post(f"{base}/refuse/", {"ground": "others", "words": "Foule dense."}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.ground) == ("refused", "others")
    assert models.Hold.objects.get().state == HoldState.RELEASING
    assert dpo.post(f"{base}/withdraw/").status_code == 409
    assert dpo.post(f"{base}/sing/").status_code == 404


def test_the_number_tells_a_state_and_a_day_and_nothing_else(cameras: tuple[str, str]) -> None:
    row = _ask()
    page = Client().post("/rights/follow/", {"number": row.number.lower().replace("-", " ")}).content.decode()
    assert "demande reçue" in page
    for secret in ("Camille", "manteau", "Halle", "Puits", row.id):
        assert secret not in page
    assert Client().get(f"/rights/follow/?number={row.number}").content.decode().count("demande reçue") == 0


@pytest.mark.parametrize("number", ["DP-00000-00000", "DP-", "' OR 1=1", "\x00", "é" * 40, "DP-ZZZZZ-ZZZZZ"])
def test_other_numbers_tell_nothing(cameras: tuple[str, str], number: str) -> None:
    assert Client().post("/rights/follow/", {"number": number}).status_code in {200, 404}


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "2026-09-01"},
        {"day": "2027-01-01"},
        {"until": "03:00"},
        {"until": "21:00"},
        {"place": "elsewhere", "where": ""},
        {"place": "3 · nowhere"},
        {"wish": "fly"},
        {"name": ""},
        {"name": "a\x00b"},
        {"description": "x" * 2_000},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": "9999-12-31", "until": "20:00"},
        {"day": "2199-12-31"},
        {"since": "25:99"},
    ],
)
def test_hostile_or_wrong_input_is_refused_and_leaves_nothing(
    cameras: tuple[str, str], changes: dict[str, str]
) -> None:
    answer = Client().post("/rights/", ASKED | changes)
    assert answer.status_code == 422
    assert not models.RightsRequest.objects.exists()
    assert not models.Hold.objects.exists()


def test_markup_is_shown_as_it_was_typed(dpo: Any) -> None:
    row = _ask(description="<script>alert(1)</script>", name="{% now %} <b>")
    page = dpo.get(f"/office/rights/{row.id}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert dpo.post(f"/office/rights/{row.id}/answer-negative/", {"words": '#image("/etc/passwd")'}).status_code == 302
    assert dpo.get(f"/office/rights/{row.id}/paper/").content.startswith(b"%PDF-1.7")


def test_one_address_is_counted_and_another_still_gets_in(cameras: tuple[str, str], clock: ManualClock) -> None:
    for _ in range(PER_SOURCE_HOUR):
        _ask()
    assert Client().post("/rights/", ASKED).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").post("/rights/", ASKED).status_code == 201
    clock.advance(timedelta(hours=1, seconds=1))
    assert Client().post("/rights/", ASKED).status_code == 201


def test_a_form_of_another_site_is_refused(cameras: tuple[str, str]) -> None:
    assert Client(enforce_csrf_checks=True).post("/rights/", ASKED).status_code == 403


@pytest.mark.parametrize(
    "role", [Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.MAYOR, Role.INVESTIGATOR, Role.TECHNICIAN]
)
def test_nobody_else_reads_a_request(
    cameras: tuple[str, str], make_person: MakePerson, client_of: Any, role: Role
) -> None:
    row = _ask()
    browser = client_of(make_person(role))
    for path in ("", f"{row.id}/", f"{row.id}/paper/", f"{row.id}/withdraw/"):
        assert browser.get(f"/office/rights/{path}").status_code == 404
        assert browser.post(f"/office/rights/{path}").status_code == 404


def test_the_person_is_forgotten_a_year_after_the_answer_and_the_address_after_a_day(dpo: Any) -> None:
    row = _ask()
    assert row.source
    dpo.post(f"/office/rights/{row.id}/answer-negative/", {"words": ""})
    assert forget_rights(NOW + timedelta(days=2)) == 0
    row.refresh_from_db()
    assert row.source == ""
    assert row.name
    assert forget_rights(NOW + KEPT_AFTER_ANSWER) == 1
    row.refresh_from_db()
    assert (row.name, row.contact, row.description, row.place) == ("", "", "", "")
    assert (row.number, row.state) != ("", "")
    assert row.number in dpo.get("/office/rights/").content.decode()


def test_a_request_without_an_answer_is_never_forgotten(cameras: tuple[str, str]) -> None:
    _ask()
    assert forget_rights(NOW + 3 * KEPT_AFTER_ANSWER) == 0


def test_an_overdue_request_is_told_as_such(dpo: Any, clock: ManualClock) -> None:
    row = _ask()
    acts.ask_identity(actor=_actor(), request=row.id, now=NOW)
    models.RightsRequest.objects.update(due_at=NOW - timedelta(days=1))
    assert "en retard" in dpo.get("/office/rights/").content.decode()


def _actor() -> Any:
    from tests.requisition_world import CHIEF

    return CHIEF
