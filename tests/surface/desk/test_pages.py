"""The room's pages: each opens, says what is true, and does its one act."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from beffroi.audit.models import Fact
from beffroi.operations import queries as room
from beffroi.people.core.roles import Role
from beffroi.web.desk.views import health
from beffroi.web.desk.words import VOLUME_NOTES
from beffroi.web.shared.office_disk import OfficeDisk, office_disk
from tests.conftest import NOW

LATER = timedelta(minutes=10)
GB = 1_000_000_000
PAGES = ("desk:wall", "desk:map", "desk:shift", "desk:incidents", "desk:logbook", "desk:health", "lookers-page")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_both_languages(browser, page, language):
    browser.cookies["beffroi_language"] = language
    answer = browser.get(reverse(page))
    assert answer.status_code == 200
    assert "Camille Aubry" in answer.content.decode()


def test_without_a_shift_the_wall_leads_to_where_it_begins(officer, cameras, client_of):
    client = client_of(officer)
    assert client.get(reverse("desk:wall")).headers["Location"] == reverse("desk:shift")
    answer = client.post(reverse("desk:shift"), {"purpose": "L251-2:5", "reason": "surveillance", "hours": "8"})
    assert answer.status_code == 200
    assert room.shift_of(officer.id, NOW) is None
    answer = client.post(reverse("desk:shift"), {"purpose": "L251-2:5", "reason": "Marché du lundi", "hours": "6"})
    assert answer.headers["Location"] == reverse("desk:wall")
    assert room.shift_of(officer.id, NOW).expires_at == NOW + timedelta(hours=6)


def wall_data(browser):
    page = browser.get(reverse("desk:wall")).content.decode()
    return json.loads(re.search(r'<script id="wall-data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])


def test_the_wall_has_the_cameras_of_ones_own_communes_and_no_other(browser):
    data = wall_data(browser)
    assert [camera["number"] for camera in data["cameras"]] == [1, 8]
    assert all(camera["state"]["kind"] == "unknown" for camera in data["cameras"])
    assert "rtsp" not in json.dumps(data)


def post_json(browser, page, body):
    return browser.post(
        reverse(page), json.dumps(body), content_type="application/json", headers={"accept": "application/json"}
    )


def test_the_shifts_look_opens_what_serves_its_purpose(browser, cameras):
    first = post_json(browser, "desk:wall-look", {}).json()
    assert first["cameras"] == [cameras[0]]
    assert post_json(browser, "desk:wall-look", {}).json()["grant"] == first["grant"]


def test_an_incident_and_a_look_back_from_the_tile(browser, cameras, on_duty, clock):
    clock.advance(LATER)
    incident = post_json(browser, "desk:wall-incident", {"camera": cameras[0]}).json()
    assert incident["reference"] == "I-2026-0001"
    back = post_json(browser, "desk:wall-look-back", {"camera": cameras[0], "incident": incident["id"], "seconds": 120})
    assert back.status_code == 200, back.content.decode()
    assert back.json()["to_us"] - back.json()["from_us"] == 120_000_000
    assert room.reasons_due(on_duty.id, clock.now())[0].id == incident["id"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"x" * 5_000, b'{"camera": 3}', b'{"camera": "../../etc"}'])
def test_hostile_bodies_get_a_clear_no(browser, body):
    answer = browser.post(
        reverse("desk:wall-incident"), body, content_type="application/json", headers={"accept": "application/json"}
    )
    assert answer.status_code in {404, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_another_communes_camera_is_as_if_absent(browser, cameras):
    foreign, nothing = cameras[2], "00000000-0000-7000-8000-000000000000"
    pages = {}
    for camera in (foreign, nothing):
        answer = browser.get(reverse("desk:camera", args=[camera]))
        assert answer.status_code == 404
        pages[camera] = answer.content.decode().replace(camera, "CAMERA")
        for act in ("desk:camera-incident", "desk:camera-look-back"):
            assert browser.post(reverse(act, args=[camera])).status_code == 404
        assert post_json(browser, "desk:wall-incident", {"camera": camera}).status_code == 404
    without_csrf = [re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]*', "", page) for page in pages.values()]
    assert without_csrf[0] == without_csrf[1]


def test_another_communes_incident_is_as_if_absent(browser, cameras, make_person, client_of):
    opened = post_json(browser, "desk:wall-incident", {"camera": cameras[0]}).json()["id"]
    stranger = client_of(make_person(Role.DUTY_OFFICER, cleared=False))
    assert stranger.get(reverse("desk:incident", args=[opened])).status_code == 404
    for act in ("reason", "note", "link", "earlier", "hold", "relay", "close"):
        assert stranger.post(reverse(f"desk:incident-{act}", args=[opened])).status_code == 404


@pytest.mark.parametrize(
    "role", [Role.MAYOR, Role.INVESTIGATOR, Role.OPERATIONS_CENTRE, Role.PREFECTURE_DUTY, Role.DPO, Role.SCHOOL_HEAD]
)
def test_the_room_is_the_rooms(role, make_person, client_of, cameras):
    client = client_of(make_person(role))
    for page in PAGES:
        assert client.get(reverse(page)).status_code == 404


def test_a_technician_sees_health_and_no_picture(make_person, client_of, cameras):
    client = client_of(make_person(Role.TECHNICIAN))
    answer = client.get(reverse("desk:health"))
    assert answer.status_code == 200
    assert client.get(reverse("desk:wall")).status_code == 404
    assert client.get(reverse("desk:camera", args=[cameras[0]])).status_code == 404


def test_a_silent_recorder_is_unknown_and_never_nothing(browser, cameras):
    browser.cookies["beffroi_language"] = "en"
    health = browser.get(reverse("desk:health")).content.decode()
    assert "does not answer" in health
    assert '<span class="stat-value">?</span>' in health
    camera = browser.get(reverse("desk:camera", args=[cameras[0]])).content.decode()
    assert "what is missing is not known" in camera


@pytest.mark.parametrize(
    ("free", "total", "low"),
    [
        (4 * GB, 100 * GB, True),
        (6 * GB, 1_000 * GB, False),
        (2 * GB, 30 * GB, False),
        (1 * GB, 30 * GB, True),
        (0, 1, True),
    ],
)
def test_the_offices_own_disk_is_shown_and_warned_of_before_it_is_full(
    browser, cameras, monkeypatch, settings, free, total, low
):
    monkeypatch.setattr(health, "office_disk", lambda: OfficeDisk(free, total))
    browser.cookies["beffroi_language"] = "fr"
    page = browser.get(reverse("desk:health")).content.decode()
    assert "du disque du bureau utilisés" in page
    assert ("Le disque du bureau est presque plein" in page) is low
    monkeypatch.undo()
    assert office_disk(Path("/nowhere")) is None
    settings.BEFFROI_DATA_DIR = Path("/nowhere")
    assert "disque du bureau est presque plein" not in browser.get(reverse("desk:health")).content.decode()


@pytest.mark.parametrize(
    ("language", "said"), [("en", "all that is left is held"), ("fr", "tout ce qui reste est gelé")]
)
def test_what_a_disk_needs_a_person_for_is_said_in_words(browser, cameras, settings, language, said):
    settings.BEFFROI_RECORDER = "tests.surface.desk.recorder.Troubled"
    settings.BEFFROI_DATA_DIR = Path("/nowhere")  # this machine's own disk is no matter here
    browser.cookies["beffroi_language"] = language
    page = browser.get(reverse("desk:health")).content.decode()
    assert said in page
    assert page.count('class="banner bad"') == len(VOLUME_NOTES), "of two volumes, each note once"
    assert ("of the emergency disk used" if language == "en" else "du disque de secours occupé") in page


def test_the_map_lists_what_it_draws(browser, cameras):
    page = browser.get(reverse("desk:map")).content.decode()
    for number, camera in ((1, cameras[0]), (8, cameras[1])):
        assert page.count(reverse("desk:camera", args=[camera])) >= 2, number
    assert reverse("desk:camera", args=[cameras[2]]) not in page
    assert "La Voulzette" not in page or "map-river" in page
    assert "map-river" in page


def test_the_life_of_an_incident(browser, cameras, clock):
    browser.post(reverse("desk:camera-incident", args=[cameras[0]]))
    clock.advance(LATER)
    (incident,) = room.incidents_visible_to(_officer(), limit=5)
    page = reverse("desk:incident", args=[incident.id])

    def act(name, **fields):
        return browser.post(f"{page}{name}/", fields)

    assert act("reason", reason="rien", title="").status_code == 422
    assert act("reason", reason="Chute d’une personne", title="Chute").status_code == 302
    assert act("note", text="Pompiers appelés").status_code == 302
    assert act("link", camera=cameras[2]).status_code == 422
    assert act("link", camera=cameras[1]).status_code == 302
    assert (
        act(
            "hold", camera=cameras[0], since="2026-11-23T10:58:00", until="2026-11-23T11:05:00", reason="Chute"
        ).status_code
        == 302
    )
    assert (
        act("hold", camera=cameras[0], since="2026-11-23T11:05:00", until="2026-11-23T10:58:00", reason="x").status_code
        == 422
    )
    text = browser.get(page).content.decode()
    assert "Pompiers appelés" in text
    assert "Déchetterie" in text
    assert act("close", closing="Prise en charge par les pompiers").status_code == 302
    assert room.incident(incident.id).closing == "Prise en charge par les pompiers"
    assert act("close", closing="encore").status_code in {409, 422}
    assert {"incident:open", "incident:reason", "incident:link", "incident:close", "hold:place"} <= set(
        Fact.objects.values_list("name", flat=True)
    )


def _officer():
    from beffroi.people.queries import persons

    return next(one for one in persons(now=NOW) if one.name == "Camille Aubry")


def test_what_is_typed_into_the_logbook_is_shown_as_text(browser):
    hostile = "<script>alert(1)</script> & « fin »"
    assert browser.post(reverse("desk:logbook"), {"text": hostile}).status_code == 302
    page = browser.get(reverse("desk:logbook")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert browser.post(reverse("desk:logbook"), {"text": " "}).status_code == 200


def test_the_shift_ends_only_when_reasons_are_given(browser, cameras, on_duty, clock):
    post_json(browser, "desk:wall-incident", {"camera": cameras[0]})
    browser.post(reverse("desk:shift-end"))
    assert room.shift_of(on_duty.id, NOW) is not None
    (incident,) = room.reasons_due(on_duty.id, NOW)
    browser.post(reverse("desk:incident-reason", args=[incident.id]), {"reason": "Attroupement signalé"})
    browser.post(reverse("desk:shift-end"))
    assert room.shift_of(on_duty.id, NOW) is None


@pytest.mark.parametrize("name", ["desk:shift-end", "desk:wall-look", "desk:wall-incident", "desk:wall-look-back"])
def test_acts_are_posts(browser, name):
    assert browser.get(reverse(name)).status_code == 405
