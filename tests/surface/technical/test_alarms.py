"""Alarms on the page: one a cause, taken up by name; a recorder that does not answer is said not to."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils.translation import override

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.errors import Conflict
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import CameraStatus, DeviceAnswer, RecorderStatus, Sight, status_to_json
from beffroi.media.core.device_events import Heard, Hearing, Standing
from beffroi.media.core.masking import Burnt, MaskState
from beffroi.media.core.sight import Trouble
from beffroi.media.core.words import Gap, GapCause, StreamName
from beffroi.people.core.roles import Role
from beffroi.sites.actions.devices import note_device
from beffroi.sites.actions.topology import hang_equipment
from beffroi.sites.core.topology import Alarm
from beffroi.sites.jobs import note_masks
from beffroi.sites.models import Camera
from beffroi.sites.queries import camera as camera_facts
from beffroi.sites.queries import equipment
from beffroi.web.shared.camera_states import states_of
from beffroi.web.technical.views.fault_sheet import told
from tests.conftest import NOW
from tests.surface.desk.conftest import cameras as cameras  # fixtures
from tests.surface.desk.conftest import keys as keys
from tests.surface.desk.conftest import silent_recorder as silent_recorder

_port: dict[str, int] = {}
_sights: dict[Any, Sight] = {}
_hearings: dict[Any, Hearing] = {}
_masks: dict[Any, MaskState] = {}
_causes: dict[Any, GapCause] = {}
_details: dict[Any, str] = {}
_clocks: dict[Any, int] = {}
SINCE = NOW - timedelta(minutes=3)


def recorder() -> RecorderClient:
    """What ``BEFFROI_RECORDER`` names here: a real wire to a server that says what the test wants."""
    return RecorderClient(f"http://127.0.0.1:{_port['now']}", SigningKey(bytes(range(32))), ManualClock(NOW))


@pytest.fixture
def silent(settings: Any, cameras: list[Any]) -> Iterator[set[Any]]:
    """The cameras that are silent since three minutes; whatever else there is records."""
    names: set[Any] = set()
    _sights.clear()
    _hearings.clear()
    _masks.clear()
    _causes.clear()
    _details.clear()
    _clocks.clear()

    def status(camera: Any) -> CameraStatus:
        cause = _causes.get(camera, GapCause.NETWORK)
        detail = "unreachable" if cause is GapCause.NETWORK else _details.get(camera, "")
        gap = Gap(camera, StreamName.MAIN, to_us(SINCE), None, cause, detail)
        off = camera in names
        until = to_us(SINCE if off else NOW)
        clock = _clocks.get(camera, 0)
        return CameraStatus(
            camera, StreamName.MAIN, not off, until, until, gap if off else None, 1, clock, "avc1", _sights.get(camera),
            _hearings.get(camera), _masks.get(camera), to_us(SINCE) if abs(clock) > 1_000_000 else None,
        )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = RecorderStatus(at_us=to_us(NOW), cameras=tuple(map(status, cameras)), volumes=())
            body = json.dumps(status_to_json(said)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    _port["now"] = server.server_port
    settings.BEFFROI_RECORDER = "tests.surface.technical.test_alarms.recorder"
    yield names
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_hangs_on_one_bridge_is_one_alarm_that_somebody_takes_up(silent, cameras, make_person, client_of):
    technician = make_person(Role.TECHNICIAN, name="Éric Sorel")
    hand, room = client_of(technician), client_of(make_person(Role.DUTY_OFFICER, name="Camille Aubry"))
    assert hand.post("/technical/equipment/", {"name": "", "kind": "bridge", "parent": ""}).status_code == 422
    for name in ("Pont du clocher", "Coffret sud"):
        assert hand.post("/technical/equipment/", {"name": name, "kind": "bridge", "parent": ""}).status_code == 302
    assert hand.post("/technical/equipment/", {"name": "Coffret sud", "kind": "bridge"}).status_code == 422
    box, bridge = equipment()
    for camera in cameras[:2]:
        assert hand.post(f"/technical/cameras/{camera}/hang/", {"equipment": bridge.id}).status_code == 302
    assert "Pont du clocher" in hand.get("/technical/equipment/").content.decode()
    hang_equipment(actor=SYSTEM, equipment=bridge.id, parent=box.id, now=NOW)
    with pytest.raises(Conflict):
        hang_equipment(actor=SYSTEM, equipment=box.id, parent=bridge.id, now=NOW)
    hang_equipment(actor=SYSTEM, equipment=bridge.id, parent="", now=NOW)

    assert "Aucune alarme" in room.get("/technical/alarms/").content.decode()
    silent |= set(cameras[:2])
    page = room.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1
    assert "Pont du clocher" in page
    assert "Gare de Couvry" not in page, "another commune's"
    key = f"equipment:{bridge.id}"
    assert room.post("/technical/alarms/acknowledge/", {"key": "camera:x"}).status_code == 404
    assert hand.post("/technical/alarms/acknowledge/", {"key": key, "note": "J’y vais"}).status_code == 302
    page = room.get("/technical/alarms/").content.decode()
    assert "Éric Sorel" in page
    assert "J’y vais" in page
    assert 'class="card alarm"' not in page
    assert Fact.objects.filter(name="alarm:acknowledge", subject=key).count() == 1
    silent.discard(cameras[0])
    alone = room.get("/technical/alarms/").content.decode()
    assert "8 · Déchetterie" in alone
    assert "Pont du clocher" not in alone


def test_a_disk_that_takes_nothing_is_one_alarm_and_no_camera_s(silent, cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN, name="Éric Sorel"))
    silent |= set(cameras[:2])
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 2
    assert page.count("L’enregistreur a constaté : son adresse ne répond pas.") == 2
    _causes.update(dict.fromkeys(cameras[:2], GapCause.STORAGE))
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1
    assert "la panne est à l’enregistreur, pas aux caméras" in page
    assert "L’enregistreur a constaté : le disque ne l’accepte pas." in page
    _details.update(dict.fromkeys(cameras[:2], "volume-hanging"))
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1
    assert "le disque de l’archive ne répond pas, et il n’y en a pas d’autre" in page
    assert "regardez-le, son câble" in page
    key = "recorder:storage"
    assert hand.post("/technical/alarms/sheet/", {"key": key}).content.startswith(b"%PDF-")
    assert hand.post("/technical/alarms/acknowledge/", {"key": key, "note": ""}).status_code == 302
    assert "Éric Sorel" in hand.get("/technical/alarms/").content.decode()


def test_a_picture_that_does_not_show_its_scene_is_an_alarm_of_its_kind(silent, cameras, make_person, client_of):
    technician = make_person(Role.TECHNICIAN, name="Éric Sorel")
    hand = client_of(technician)
    hand.post("/technical/equipment/", {"name": "Coffret sud", "kind": "cabinet", "parent": ""})
    (box,) = equipment()
    for camera in cameras[:2]:
        hand.post(f"/technical/cameras/{camera}/hang/", {"equipment": box.id})
        _sights[camera] = Sight(to_us(NOW), "black", to_us(SINCE))
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1, "one cabinet without light is one alarm"
    assert "L’image est noire" in page
    health = hand.get("/desk/health/").content.decode()
    assert health.count("L’image est noire") == 2
    key = f"black:equipment:{box.id}"
    assert hand.post("/technical/alarms/acknowledge/", {"key": key, "note": ""}).status_code == 302
    assert 'class="card alarm"' not in hand.get("/technical/alarms/").content.decode()
    _sights[cameras[0]] = Sight(to_us(NOW), "frozen", to_us(SINCE))
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 2, "two kinds are two causes, and neither was taken up"
    silent |= set(cameras[:2])
    assert "L’image est" not in hand.get("/technical/alarms/").content.decode(), "silence is told, not its last picture"
    silent.clear()
    _sights[cameras[0]] = Sight(to_us(NOW), "of a later recorder", to_us(SINCE))
    del _sights[cameras[1]]
    assert "Aucune alarme" in hand.get("/technical/alarms/").content.decode()


def test_tampering_that_a_camera_tells_of_is_an_alarm_and_contacts_are_shown(silent, cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN))
    held = (Standing(Heard.TAMPER, "1", to_us(SINCE)), Standing(Heard.INPUT, "porte", to_us(SINCE)))
    _hearings[cameras[0]] = Hearing("", to_us(SINCE), held)
    _hearings[cameras[1]] = Hearing("password_refused", to_us(SINCE), ())
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1
    assert "masquée, déplacée ou rendue floue" in page
    health = hand.get("/desk/health/").content.decode()
    for words in ("Sabotage signalé par la caméra", "porte", "password_refused"):
        assert words in health


def test_a_mask_that_the_camera_does_not_burn_in_is_an_alarm_and_stands_in_rule_table_and_register(
    silent, cameras, make_person, client_of
):
    hand, dpo = client_of(make_person(Role.TECHNICIAN)), client_of(make_person(Role.DPO))
    mask = camera_facts(cameras[0]).mask
    _masks[cameras[0]] = MaskState(mask.version, Burnt.DIFFERS, "", to_us(SINCE), to_us(NOW))
    note_masks(recorder(), NOW)
    page = hand.get("/technical/alarms/").content.decode()
    assert page.count('class="card alarm"') == 1
    assert "ne masque pas les habitations" in page
    assert "Elle n’est pas enregistrée tant qu’elle ne le fait pas" in page
    camera = hand.get(f"/technical/cameras/{cameras[0]}/").content.decode()
    assert "absent de l’image" in camera
    assert "Son enregistrement et ses images en direct sont arrêtés. Dessinez les zones plus grandes" in camera
    assert "n’incruste pas son masque" in camera, "R-05, among the rules"
    assert "n’incruste pas son masque" in dpo.get("/office/rules/").content.decode()
    register = dpo.get("/office/processing/").content.decode()
    assert "0 cachent les habitations, 1 non" in register
    _masks[cameras[0]] = MaskState(mask.version, Burnt.SAME, "", to_us(NOW), to_us(NOW))
    note_masks(recorder(), NOW)
    assert "Aucune alarme" in hand.get("/technical/alarms/").content.decode()
    assert "incrusté par la caméra elle-même" in hand.get(f"/technical/cameras/{cameras[0]}/").content.decode()


def test_equipment_is_hung_elsewhere_and_removed_once_nothing_hangs_on_it(cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN))
    for name in ("Coffret nord", "Pont du clocher"):
        hand.post("/technical/equipment/", {"name": name, "kind": "bridge", "parent": ""})
    box, bridge = equipment()
    change = "/technical/equipment/"
    assert hand.post(f"{change}hang/", {"equipment": bridge.id, "parent": box.id}).status_code == 302
    assert equipment()[1].parent == box.id
    page = hand.post(f"{change}hang/", {"equipment": box.id, "parent": bridge.id}, follow=True).content.decode()
    assert "Il dépendrait de lui-même" in page or "de lui-même" in page
    page = hand.post(f"{change}remove/", {"equipment": box.id}, follow=True).content.decode()
    assert "raccordez-les d’abord ailleurs" in page
    hand.post(f"{change}hang/", {"equipment": bridge.id, "parent": ""})
    hand.post(f"/technical/cameras/{cameras[0]}/hang/", {"equipment": bridge.id})
    hand.post(f"{change}remove/", {"equipment": bridge.id})
    assert len(equipment()) == 2, "a camera hangs on it"
    hand.post(f"/technical/cameras/{cameras[0]}/hang/", {"equipment": ""})
    for one in (bridge, box):
        assert hand.post(f"{change}remove/", {"equipment": one.id}).status_code == 302
    assert equipment() == []
    assert hand.post(f"{change}remove/", {"equipment": box.id}).status_code == 404
    assert Fact.objects.filter(name="equipment:remove").count() == 2


def test_a_clock_that_is_off_by_more_than_a_second_is_an_alarm_with_its_figure(silent, cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN))
    _clocks[cameras[0]] = 900_000
    assert 'class="card alarm"' not in hand.get("/technical/alarms/").content.decode()
    _clocks[cameras[0]] = 86_400_000_000
    pages = [hand.get(page).content.decode() for page in ("/technical/alarms/", "/desk/health/")]
    assert pages[0].count('class="card alarm"') == 1
    assert all("+86400.0 s" in page for page in pages)
    assert "L’horloge de la caméra est fausse" in pages[0]
    assert "Horloges de caméras décalées" in pages[1]
    states = states_of([camera_facts(cameras[0])], recorder().status(), NOW)
    alarm = Alarm(f"clock:camera:{cameras[0]}", (cameras[0],), None, SINCE)
    with override("fr"):
        assert "+86400.0 s" in repr(
            told({"alarm": alarm, "trouble": "x", "kind": "", "cameras": [], "own": False}, states)
        )
    assert hand.post("/technical/alarms/sheet/", {"key": alarm.key}).status_code == 200
    _clocks[cameras[0]] = 20_000
    for page in ("/technical/alarms/", "/desk/health/"):
        text = hand.get(page).content.decode()
        assert 'class="card alarm"' not in text
        assert "décalé" not in text


def test_where_the_cameras_agree_the_recorders_own_clock_is_the_alarm(silent, cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN))
    _clocks.update(dict.fromkeys(cameras, 7_200_000_000))
    pages = [hand.get(page).content.decode() for page in ("/technical/alarms/", "/desk/health/")]
    assert pages[0].count('class="card alarm"') == 1
    assert "s’accordent sur une autre heure" in pages[0]
    assert "L’horloge de l’enregistreur est décalée de -7200.0 s" in pages[1]


def test_the_fault_sheet_says_what_is_known_and_no_secret(silent, cameras, make_person, client_of):
    technician = make_person(Role.TECHNICIAN, name="Éric Sorel")
    hand = client_of(technician)
    said = DeviceAnswer("Essai", "Dome 4", "2.1", "SN-0042", -3_000)
    note_device(actor=SYSTEM, camera=cameras[0], said=said, now=NOW)
    note_device(actor=SYSTEM, camera=cameras[0], said=said, now=NOW)
    note_device(actor=SYSTEM, camera=cameras[0], said=None, now=NOW)
    assert Fact.objects.filter(name="camera:device").count() == 1, "the same words again are no news"
    assert "SN-0042" in hand.get(f"/technical/cameras/{cameras[0]}/").content.decode()
    key = f"camera:{cameras[0]}"
    assert hand.post("/technical/alarms/sheet/", {"key": key}).status_code == 404, "nothing is wrong"
    silent.add(cameras[0])
    hand.post("/technical/alarms/acknowledge/", {"key": key, "note": "Prise réarmée"})
    answer = hand.post("/technical/alarms/sheet/", {"key": key})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    status = recorder().status()
    states = states_of([camera_facts(cameras[0])], status, NOW)
    alarm = Alarm(key, (cameras[0],), None, SINCE)
    with override("fr"):
        text = repr(
            told(
                {
                    "alarm": alarm,
                    "trouble": "",
                    "own": False,
                    "found": "",
                    "kind": "",
                    "cameras": [camera_facts(cameras[0])],
                },
                states,
            )
        )
    for known in ("SN-0042", "2.1", "Dome 4", "Prise réarmée", "Éric Sorel", "son adresse ne répond pas", "-3.0 s"):
        assert known in text, known
    for never in ("rtsp", "192.", "127.0"):
        assert never not in text
    (fact,) = Fact.objects.filter(name="alarm:sheet")
    assert fact.subject == key


def test_looking_after_a_picture_is_switched_off_and_on_by_camera(silent, cameras, make_person, client_of):
    hand = client_of(make_person(Role.TECHNICIAN))
    assert hand.post(f"/technical/cameras/{cameras[0]}/watch/").status_code == 404, "it is on"
    assert hand.post(f"/technical/cameras/{cameras[0]}/unwatch/").status_code == 302
    assert not camera_facts(cameras[0]).watch_picture
    assert "non surveillée" in hand.get("/desk/health/").content.decode()
    assert hand.post(f"/technical/cameras/{cameras[0]}/watch/").status_code == 302
    assert camera_facts(cameras[0]).watch_picture
    assert [fact.subject for fact in Fact.objects.filter(name="camera:watch")] == [f"camera:{cameras[0]}"] * 2


def test_another_view_is_a_question_and_one_gesture_answers_it(silent, cameras, make_person, client_of):
    _sights[cameras[0]] = Sight(to_us(NOW), Trouble.TURNED.value, to_us(SINCE))
    hand = client_of(make_person(Role.TECHNICIAN))
    for page in ("/technical/alarms/", "/desk/health/"):
        text = hand.get(page).content.decode()
        assert "la caméra regarde-t-elle toujours où il faut" in text
        assert f"/technical/cameras/{cameras[0]}/accept-view/" in text
    assert 'class="card alarm"' not in hand.get("/technical/alarms/").content.decode(), "a question, and no alarm"
    assert Camera.objects.get(pk=cameras[0]).view_accepted_at is None
    assert hand.post(f"/technical/cameras/{cameras[0]}/accept-view/").status_code == 302
    assert Camera.objects.get(pk=cameras[0]).view_accepted_at == NOW
    assert camera_facts(cameras[0]).view_since == NOW, "the recorder is told with the settings"
    assert Fact.objects.filter(name="camera:accept-view", subject=f"camera:{cameras[0]}").count() == 1


def test_a_recorder_that_does_not_answer_is_said_not_to(cameras, make_person, client_of):
    page = client_of(make_person(Role.TECHNICIAN)).get("/technical/alarms/").content.decode()
    assert "L’enregistreur ne répond pas" in page
    assert "Aucune alarme" not in page
