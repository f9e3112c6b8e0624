"""The bell on screen: who is refused first, then the whole alert by clicking; the box through its one route."""

import json
import re
import subprocess
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.people.core.roles import Role
from beffroi.safety import actions, models, queries
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import AlertState
from tests.conftest import INSEE, NOW
from tests.plane.safety.test_bell import Box, school, stranger  # noqa: F401  fixtures
from tests.plane.safety.test_follow_up import ended as over
from tests.unit.safety.test_plans import PLAN

pytestmark = pytest.mark.django_db
OFFICE_KEY = SigningKey(bytes(range(32)))


def raised(client, building):
    answer = client.post(
        f"/building/{building}/raise/", {"hazard": "intrusion", "authority": "Mme Exemple, directrice"}
    )
    assert answer.status_code == 302, answer.content.decode()
    return answer.url.rstrip("/").rsplit("/", 1)[1]


def printed(pdf):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def act(client, alert, kind, **fields):
    return client.post(f"/building/alerts/{alert}/{kind}/", fields, follow=True)


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.TECHNICIAN, Role.DPO, Role.PREFECTURE_DUTY])
def test_whoever_has_no_business_here_finds_nothing(school, make_person, client_of, role):  # noqa: F811
    client = client_of(make_person(role))
    assert client.get("/building/").status_code == 404
    assert client.post(f"/building/{school}/raise/", {"hazard": "flood", "authority": "x"}).status_code == 404
    assert models.Alert.objects.count() == 0


def test_a_foreign_building_or_alert_is_404(school, stranger, make_person, client_of):  # noqa: F811
    alert = raised(client_of(make_person(Role.CHIEF)), school)
    foreign = client_of(stranger)
    for path in (f"/building/{school}/", f"/building/{school}/plan/", f"/building/alerts/{alert}/"):
        assert foreign.get(path).status_code == 404
    assert foreign.post(f"/building/alerts/{alert}/acknowledge/").status_code == 404
    assert foreign.get("/building/").status_code == 200


def test_an_alert_from_order_to_closed_file_by_clicking(school, make_person, client_of):  # noqa: F811
    chief, head = client_of(make_person(Role.CHIEF)), client_of(make_person(Role.SCHOOL_HEAD))
    assert chief.post(f"/building/{school}/raise/", {"hazard": "intrusion", "authority": ""}).status_code == 422
    alert = raised(chief, school)
    page = chief.get(f"/building/alerts/{alert}/").content.decode()
    assert "ALERTE RÉELLE" in page
    assert "S’échapper" in page
    assert "Appeler le 17" in page
    act(chief, alert, "acknowledge")
    act(chief, alert, "call_made", number="17", note="CORG prévenu")
    act(chief, alert, "qualify", verdict="confirmed")
    act(chief, alert, "posture", posture="shelter", zone="z1")
    refused = act(chief, alert, "key", act="lift")
    assert "L’alerte n’en est pas là." in refused.content.decode()
    act(head, alert, "request_lift")
    act(head, alert, "key", act="lift")
    act(chief, alert, "key", act="lift", authority="CORG, lieutenant de permanence")
    act(chief, alert, "release")
    done = act(chief, alert, "close")
    assert "Clore" not in done.content.decode()
    file = queries.files([alert])[alert]
    assert file.alert.state is AlertState.CLOSED
    for language in ("fr", "en"):
        chief.cookies["beffroi_language"] = language
        paper = chief.get(f"/building/alerts/{alert}/review.pdf")
        assert paper.content.startswith(b"%PDF-1.7")
        assert alert in paper.headers["Content-Disposition"]
    assert file.calls[0].body["number"] == "17"
    assert len([line for line in file.log if line.without_effect]) == 1


def test_what_was_noticed_and_decided_stands_on_the_page_on_the_building_and_on_the_paper(
    school,  # noqa: F811
    clock,
    make_person,
    client_of,
):
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    alert = over(chief, head, school)
    client = client_of(chief)
    path = f"/building/alerts/{alert}"
    assert client.post(f"{path}/observations/", {"text": "Sonnerie inaudible au gymnase"}).status_code == 302
    wrong = client.post(f"{path}/actions/", {"what": "Une sonnerie au gymnase", "due": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Ce jour est passé" in wrong.content.decode()
    assert "Une sonnerie au gymnase" in wrong.content.decode(), "nothing typed is lost"
    due = (clock.now() + timedelta(days=9)).date()
    given = {"what": "Une sonnerie au gymnase", "owner": head.id, "due": due.isoformat()}
    assert client.post(f"{path}/actions/", given).status_code == 302
    paper = printed(client.get(f"{path}/review.pdf").content)
    for said in ("Sonnerie inaudible au gymnase", "Une sonnerie au gymnase", head.called, f"{due:%d/%m/%Y}", "à faire"):
        assert said in paper
    assert "Une sonnerie au gymnase" in client.get(f"/building/{school}/").content.decode()
    clock.advance(timedelta(days=11))
    assert "1 action en retard" in client_of(chief).get("/building/").content.decode()
    (measure,) = models.Measure.objects.all()
    client_of(head).post(f"/building/actions/{measure.id}/done/", {"outcome": "Posée"})
    page = client_of(chief).get(f"{path}/").content.decode()
    assert re.search(rf"{head.called} · .* · Posée", page)
    assert "action en retard" not in client_of(chief).get("/building/").content.decode()


def test_english_says_the_same(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    client.cookies["beffroi_language"] = "en"
    alert = raised(client, school)
    page = client.get(f"/building/alerts/{alert}/", headers={"accept-language": "en"}).content.decode()
    assert "REAL ALERT" in page
    assert "ALERTE RÉELLE" not in page


def test_unknown_acts_and_nonsense_are_refused(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    alert = raised(client, school)
    assert client.post(f"/building/alerts/{alert}/trigger/").status_code == 404
    assert client.post(f"/building/alerts/{alert}/roll_call/").status_code == 404
    assert client.post(f"/building/alerts/{alert}/posture/", {"posture": "fly", "zone": "z1"}).status_code == 422
    assert client.get(f"/building/alerts/{alert}/acknowledge/").status_code == 405


def test_a_plan_is_imported_compared_and_put_in_force(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.SCHOOL_HEAD))
    assert "version 1" in client.get(f"/building/{school}/plan/").content.decode()
    document = plan_to_json(PLAN)
    document["groups"][0]["size"] = 30

    def send(data):
        return client.post(f"/building/{school}/plan/import/", {"document": SimpleUploadedFile("plan.json", data)})

    for wrong in (b"", b"{", b"[]", b'{"format": "x"}', b"x" * (1024 * 1024 + 1)):
        assert send(wrong).status_code == 422
    answer = send(json.dumps(document).encode())
    assert answer.status_code == 302
    assert "groups/cp" in client.get(answer.url).content.decode()
    client.post(answer.url + "in-force/")
    assert queries.plan_in_force(school).version == 2
    assert queries.plan_in_force(school).groups[0].size == 30


def test_the_box_speaks_through_one_route_and_nobody_else_does(school, tmp_path):  # noqa: F811
    box = Box(tmp_path, school)
    alert = box.press()
    message = box.request()
    client = Client()

    def post(body, header):
        return client.post(
            "/api/v1/edge/exchange", body, content_type="application/json", headers={"Beffroi-Edge": header}
        )

    for header in ("", "edge-1", f"edge-1.{b64(b'x' * 64)}", f"edge-9.{message.signature}"):
        assert post(message.body, header).status_code == 403
    answer = post(message.body, f"edge-1.{message.signature}")
    assert answer.status_code == 200
    assert VerifyKey(OFFICE_KEY.public_bytes).verifies(unb64(answer.headers["Beffroi-Centre"]), answer.content)
    assert models.Alert.objects.get().id == alert
    assert models.Alert.objects.get().building.insee == INSEE
    box.journal.close()


def test_a_building_without_plan_still_alerts(make_person, client_of):
    hall = actions.enter_building(actor=SYSTEM, insee=INSEE, name="Mairie", kind="town_hall", now=NOW)
    client = client_of(make_person(Role.CHIEF))
    alert = raised(client, hall)
    assert client.get(f"/building/alerts/{alert}/now/").status_code == 200
    assert "Aucun plan en vigueur" in client.get(f"/building/{hall}/plan/").content.decode()
    assert re.match(r"REEL-", alert)


def test_a_drill_by_clicking_says_what_it_is(school, make_person, client_of):  # noqa: F811
    head, chief = client_of(make_person(Role.SCHOOL_HEAD)), client_of(make_person(Role.CHIEF))
    page = f"/building/{school}/drills/"
    soon = {"hazard": "earthquake", "start": "2026-11-23T12:00", "end": "2026-11-23T13:00"}
    assert head.post(page + "plan/", soon).status_code == 422
    assert (
        head.post(page + "plan/", {**soon, "start": "2026-11-26T12:00", "end": "2026-11-26T11:00"}).status_code == 422
    )
    planned = {**soon, "start": "2026-11-26T10:00", "end": "2026-11-26T12:00", "objectives": "Appel en cinq minutes"}
    assert head.post(page + "plan/", planned).status_code == 302
    drill = queries.drills_of(school)[0].id
    head.post(f"/building/drills/{drill}/announce/", {"informed": "Mairie, brigade, parents"})
    refused = head.post(f"/building/drills/{drill}/arm/", follow=True).content.decode()
    assert "pendant le créneau" in refused
    assert queries.drills_of(school)[0].keys == 0, "outside its window no key turns"
    assert chief.get(page).status_code == 200
