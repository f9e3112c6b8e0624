"""A camera is tested, entered, made lawful and put in service from the pages: real front, real camera."""

import http.client
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.kernel.signing import VerifyKey
from beffroi.media.core.settings import open_settings, sign_settings
from beffroi.operations import actions as operations
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts, Device
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import office_key
from beffroi.sites.jobs import ASK_EVERY, _settings, ask_devices
from beffroi.sites.models import Camera, CameraTrial
from tests.conftest import NOW
from tests.media.door.front import CLOCK, Front
from tests.media.onvif.cameras import dome, serving
from tests.surface.technical.conftest import PLANTED, USER, recorder
from tests.waiting import until

PLACE = {
    "number": "12", "name": "Parvis", "site": "new:99123", "site_name": "Église", "site_kind": "public_road",
    "latitude": "48.5", "longitude": "2.5", "bearing": "90", "angle": "80", "range_m": "60", "public_road": "on",
    "purposes": ["L251-2:5"], "retention_days": "30", "tags": "centre", "send": "1",
}  # fmt: skip


def begin(client: Client, url: str, password: str = PLANTED) -> str:
    """Type an address and a password; the trial's page."""
    answer = client.post("/technical/cameras/new/", {"main_url": url, "username": USER, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def result(client: Client, page: str) -> str:
    """The page when the test is over; the fragment that asks says when."""
    until(lambda: "HX-Refresh" in client.get(f"{page}status/", headers={"HX-Request": "true"}), 30, "the trial to end")
    return client.get(page).content.decode()


def order_of(cameras: list[str], now: datetime = NOW) -> str:
    return actions.enter_authorisation(
        actor=SYSTEM, reference="AP-99-2026-1", department="99", purposes={Purpose.SAFETY_OF_PERSONS},
        retention_max_days=30, valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=900),
        cameras=cameras, now=now,
    )  # fmt: skip


@pytest.mark.media
def test_from_an_address_to_a_camera_that_records(centre, camera_url, technician, chief, client_of):
    hand, boss = client_of(technician), client_of(chief)
    page = begin(hand, camera_url)
    told = result(hand, page)
    assert "avc1" in told
    assert "320×180" in told
    assert "data-island" not in told.split("<main", 1)[1], "no picture for the technician"
    clicked = hand.post(page, {**PLACE, "pin.x": "280", "pin.y": "200"}).content.decode()
    assert 'value="48.5"' in clicked
    assert hand.post(page, {**PLACE, "purposes": []}).status_code == 422
    entered = hand.post(page, PLACE)
    assert entered.status_code == 302
    camera = sites.by_number(12)
    assert (camera.name, camera.site, camera.public_road, camera.has_source) == ("Parvis", "Église", True, True)
    acts = entered["Location"]
    assert hand.post(f"{acts}commission/").status_code == 404, "the chief's act"
    assert hand.post(f"{acts}dwellings/", {"areas": "0 0 30 45", "confirmed": "1"}).status_code == 302
    assert hand.post(f"{acts}review/").status_code == 404, "its author does not review"
    assert boss.post(f"{acts}review/").status_code == 302
    assert boss.post(f"{acts}cover/", {"authorisation": order_of([])}).status_code == 302
    assert boss.post(f"{acts}commission/").status_code == 302
    assert sites.by_number(12).commissioned_at == NOW
    (sent,) = _settings(NOW).cameras
    assert sent.enabled
    assert not CameraTrial.objects.exists(), "what was typed is gone"
    for page in ("/technical/cameras/", acts, f"{acts}source/"):
        assert PLANTED not in hand.get(page).content.decode()
    assert not Fact.objects.filter(body__contains=PLANTED).exists()


@pytest.mark.media
def test_what_is_wrong_is_said_in_words(centre, camera_url, technician, client_of):
    hand = client_of(technician)
    refused = result(hand, begin(hand, camera_url, "wrong"))
    assert "refuse le nom d’utilisateur ou le mot de passe" in refused
    absent = result(hand, begin(hand, camera_url.replace("hall", "attic")))
    assert "flux" in absent
    outside = result(hand, begin(hand, "rtsp://10.11.12.13/one"))
    assert "aucun réseau déclaré" in outside
    nothing = result(hand, begin(hand, "rtsp://127.0.0.1:9/one"))
    assert "rien n’écoute" in nothing.lower()
    whole = hand.post("/technical/cameras/new/", {"main_url": "ftp://127.0.0.1/x"})
    assert whole.status_code == 422
    assert "rtsp://" in whole.content.decode()


def test_days_of_the_small_stream_and_a_quota_are_changed_on_the_page(centre, technician, client_of):
    hand = client_of(technician)
    camera = actions.add_camera(
        actor=SYSTEM, site=sites.sites()[0].id, number=7, name="Halle", view=View(48.5, 2.5, 0, 90, 50),
        public_road=False, purposes={Purpose.SAFETY_OF_PERSONS}, retention_days=30, now=NOW,
    )  # fmt: skip
    actions.set_source(
        actor=SYSTEM, camera=camera, main_url="rtsp://127.0.0.1/a", sub_url="rtsp://127.0.0.1/b", now=NOW
    )
    page = f"/technical/cameras/{camera}/"
    said = {"name": "Halle", "purposes": ["L251-2:5"], "retention_days": "14", "tags": ""}
    refused = hand.post(f"{page}amend/", {**said, "sub_retention_days": "15", "quota_gb": ""})
    assert refused.status_code == 422
    assert "au plus aussi longtemps que le flux principal" in refused.content.decode()
    assert hand.post(f"{page}amend/", {**said, "sub_retention_days": "5", "quota_gb": "40"}).status_code == 302
    told = re.sub(r"\s+", " ", hand.get(page).content.decode())
    assert "<dt>Jours conservés, petit flux</dt><dd>5</dd>" in told
    assert "<dt>Volume maximal d’images, en gigaoctets</dt><dd>40</dd>" in told
    (sent,) = [one for one in _settings(NOW).cameras if one.id == camera]
    assert [one.retention_days for one in sent.streams] == [14, 5]
    assert sent.quota_bytes == 40_000_000_000


@pytest.mark.media
def test_another_device_keeps_number_place_and_history(centre, camera_url, technician, client_of):
    hand = client_of(technician)
    page = begin(hand, camera_url)
    camera = hand.post(page, PLACE)["Location"].split("/")[-2]
    before = Camera.objects.get(pk=camera)
    actions.draw_mask(actor=actor_of(technician), camera=camera, polygons=[[(0, 0), (9, 0), (9, 9)]], now=NOW)
    sent = hand.post(f"/technical/cameras/{camera}/source/", {"main_url": camera_url, "username": USER})
    assert "avc1" in result(hand, sent["Location"]), "the known password was used"
    elsewhere = hand.post(f"/technical/cameras/{camera}/source/", {"main_url": "rtsp://127.0.0.9/x", "username": USER})
    assert CameraTrial.objects.get(pk=elsewhere["Location"].split("/")[-2]).password_sealed == "", "never to another"
    assert hand.post(sent["Location"], {"reason": ""}).status_code == 422
    assert hand.post(sent["Location"], {"reason": "Foudre"}).status_code == 302
    after = Camera.objects.get(pk=camera)
    assert (after.number, after.name, after.latitude) == (before.number, before.name, before.latitude)
    assert after.password_sealed != before.password_sealed
    assert len(sites.placements(camera)) == 2, "another device sees otherwise: its mask is looked at again"
    assert Fact.objects.filter(name="camera:replace", subject=f"camera:{camera}").count() == 1


@pytest.mark.media
def test_a_camera_is_asked_for_its_streams_by_onvif(centre, camera_url, technician, client_of):
    hand = client_of(technician)
    with dome(camera_url) as camera:
        page = begin(hand, f"127.0.0.1:{camera.port}")
        told = result(hand, page)
        assert "Essai Dome 4" in told
        assert "peut être orientée" in told
        assert "avc1" in told
        assert hand.post(page, PLACE).status_code == 302
    (sent,) = _settings(NOW).cameras
    assert [stream.url for stream in sent.streams] == [camera_url], "on the camera's own host"
    assert sent.device is not None
    assert (sent.device.profile, sent.device.moves) == ("main", True)
    assert open_settings(sign_settings(_settings(NOW), office_key()), [VerifyKey(office_key().public_bytes)]).cameras
    with serving(lambda *_: (500, b"<html>Internal Error</html>", {})) as port:
        assert "page web" in result(hand, begin(hand, f"127.0.0.1:{port}"))


def test_the_search_says_which_cameras_answer_or_that_none_did(centre, technician, client_of):
    answer = client_of(technician).post("/technical/cameras/find/").content.decode()
    assert "127.0.0.0/8" in answer


@pytest.mark.media
def test_the_first_picture_is_a_look_of_whoever_is_on_duty(
    centre: Path, camera_url: str, technician, make_person, client_of, front: Front, clock
) -> None:
    clock.at = CLOCK.now()  # the door reads its own clock
    past = clock.at - timedelta(days=30)
    chief = make_person(Role.CHIEF, name="Lucie Brandt", rank="Chef de service", now=past)
    boss, hand = client_of(chief), client_of(technician)
    page = begin(boss, camera_url)
    assert 'data-island="trial' not in result(boss, page), "not on duty"
    cookie, binding = browser_of(front)

    def asks(client: Client) -> Any:
        return client.post(f"{page}ticket/", {"binding": binding}, content_type="application/json")

    assert asks(boss).json()["code"] == "not_on_duty"
    assert asks(hand).status_code == 404, "another's trial"
    operations.begin_shift(
        actor=actor_of(chief), person=chief, purpose=Purpose.SAFETY_OF_PERSONS, reason="Pose de la caméra 12",
        now=clock.at,
    )  # fmt: skip
    assert asks(boss).json()["code"] == "camera_unknown", "no order covers the system"
    order_of([], past)
    assert 'data-island="trial-picture' in boss.get(page).content.decode()
    ticket = asks(boss).json()["ticket"]
    trial = page.split("/")[-2]
    assert at_door(front, f"/door/trials/{trial}", cookie)[0] == 403
    status, picture = at_door(front, f"/door/trials/{trial}", cookie, ticket)
    assert (status, picture[:3]) == (200, b"\xff\xd8\xff")
    assert at_door(front, f"/door/trials/{trial[:-1]}{'1' if trial[-1] == '0' else '0'}", cookie, ticket)[0] == 404
    lines = [line for line in front.client().journal() if line.name == "look:begin"]
    assert [(line.body["person_name"], line.body["camera"]) for line in lines] == [(chief.called, trial)]


def browser_of(front: Front) -> tuple[str, str]:
    """The door's cookie, as a browser has it, and its binding."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port)
    connection.request("GET", "/door/session")
    answer = connection.getresponse()
    cookie, binding = answer.headers["Set-Cookie"].split(";")[0], json.loads(answer.read())["binding"]
    connection.close()
    return cookie, binding


def at_door(front: Front, path: str, cookie: str, ticket: str = "") -> tuple[int, bytes]:
    """Ask the door for bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port)
    connection.request("GET", path, headers={"Cookie": cookie, "Beffroi-Ticket": ticket})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def add_camera_at(host: str, device: Device | None = None) -> CameraFacts:
    """A camera in the one place there is."""
    (place,) = sites.sites()
    camera = actions.add_camera(
        actor=SYSTEM, site=place.id, number=31, name="Halle nord", view=View(48.5, 2.5, 0, 90, 40), public_road=True,
        purposes={Purpose.SAFETY_OF_PERSONS}, retention_days=15, now=NOW,
    )  # fmt: skip
    actions.set_source(actor=SYSTEM, camera=camera, main_url=f"rtsp://{host}/1", device=device, now=NOW)
    return sites.camera(camera)


def test_a_device_is_asked_who_it_is_and_one_that_does_not_answer_only_as_often(centre, front):
    with dome() as camera:
        known = add_camera_at("127.0.0.1", Device(f"http://127.0.0.1:{camera.port}", "main", moves=False))
        settings = replace(_settings(NOW), version=1, issued_us=1)
        path = front.data / "recorder" / "cameras.json"
        path.write_bytes(sign_settings(settings, office_key()))
        try:
            assert ask_devices(recorder(), NOW) == 1
            said = sites.camera(known.id).device
            assert said is not None
            assert (said.maker, said.model, said.firmware, said.serial) == ("Essai", "Dome 4", "1.0", "7")
            assert ask_devices(recorder(), NOW + timedelta(hours=1)) == 0, "it is not due"
        finally:
            asked = len(camera.told)
    try:
        later = NOW + ASK_EVERY + timedelta(seconds=1)
        assert ask_devices(recorder(), later) == 0, "it is gone"
        assert ask_devices(recorder(), later + timedelta(minutes=1)) == 0
        assert len(camera.told) == asked
        assert sites.devices_to_ask(later) == [], "it waits for its turn like the others"
        assert sites.camera(known.id).device == said, "what it said once is kept"
    finally:
        path.unlink()


def test_a_network_is_declared_by_a_person_and_only_then_called(centre, chief, client_of):
    boss = client_of(chief)
    for wrong in ("0.0.0.0/0", "8.8.0.0/16", "192.168.1.5/24", "x", "224.0.0.0/4"):
        assert boss.post("/technical/networks/", {"network": wrong, "reason": "r"}).status_code == 422, wrong
    assert _settings(NOW).networks == ("127.0.0.0/8", "::1/128")
    camera = add_camera_at("127.0.0.1")
    declared = {"network": "192.168.10.0/24", "reason": "Pont radio"}
    warned = boss.post("/technical/networks/", declared)
    assert (warned.status_code, _settings(NOW).networks) == (422, ("127.0.0.0/8", "::1/128"))
    assert f"{camera.number} · {camera.name}" in warned.content.decode(), "it names whom it would cut off"
    assert boss.post("/technical/networks/", {"network": "127.0.0.0/8", "reason": "Ici"}).status_code == 302
    assert boss.post("/technical/networks/", declared).status_code == 302, "nobody is cut off"
    gone = {"network": "127.0.0.0/8"}
    warned = boss.post("/technical/networks/withdraw/", gone)
    assert (warned.status_code, camera.name in warned.content.decode()) == (422, True)
    assert boss.post("/technical/networks/withdraw/", gone | {"knowing": "1"}).status_code == 302
    assert _settings(NOW).networks == ("192.168.10.0/24",)
    assert re.search("192.168.10.0/24.*Pont radio", boss.get("/technical/networks/").content.decode(), re.DOTALL)
    assert boss.post("/technical/networks/withdraw/", {"network": "192.168.10.0/24"}).status_code == 302
    assert _settings(NOW).networks == ("127.0.0.0/8", "::1/128")
    told = {fact.name for fact in Fact.objects.filter(subject="network:192.168.10.0/24")}
    assert told == {"network:declare", "network:withdraw"}
