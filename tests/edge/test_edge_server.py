"""The edge as its users meet it: over HTTP, from cards and buttons, with the centre there, gone and back."""

import http.client
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest
import uvicorn

from beffroi.edge.daemon import assemble
from beffroi.edge.engine import Press
from beffroi.edge.journal import Journal
from beffroi.edge.settings import EdgeSettings, code_digest, save, signing_key
from beffroi.edge.sync import PATH
from beffroi.edge.texts import HAZARDS, NATURES, POSTURES, TEXTS
from beffroi.kernel.canonical import b64, canonical_bytes, unb64
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.safety.core.events import Kind, fold
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.wire import from_wire
from beffroi.safety.core.words import Hazard, Nature, Posture
from tests.unit.edge.test_engine import PLAN
from tests.waiting import until

SECRET = b"s" * 32
CENTRE_KEY = SigningKey(b"c" * 32)


class Server:
    """A running edge and a plain way to talk to it."""

    def __init__(self, data, centre_url="", settings=None):
        settings = settings or EdgeSettings(
            "edge-ecole",
            "ecole",
            data,
            centre_url=centre_url,
            centre_key=CENTRE_KEY.public_bytes,
            key_code=code_digest("4711"),
            duress_code=code_digest("1174"),
            devices={"button-1": SECRET},
        )
        save(settings, data / "edge.toml")
        (data / "plan.json").write_text(json.dumps(plan_to_json(PLAN)))
        self.box = assemble(data)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = uvicorn.Config(self.box.app.asgi, host="127.0.0.1", port=self.port, log_level="error", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started, timeout=30)

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def form(self, path, cookie="", **fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Cookie": cookie}
        return self.ask("POST", path, urlencode(fields), **headers)

    def press(self, sequence=1):
        press = Press("button-1", "d1", sequence, Hazard.INTRUSION, "hall", self.box.edge.clock.now_us())
        body = {**json.loads(press.signed_bytes()), "signature": press.signature(SECRET)}
        return self.ask("POST", "/trigger", json.dumps(body))

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)
        self.box.edge.journal.close()


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    yield made
    made.stop()


def test_a_button_is_acknowledged_when_durable_and_every_room_shows_it(server):
    answer, body = server.press()
    assert answer.status == 201
    alert = json.loads(body)["alert"]
    assert alert.startswith("REEL-")
    again, repeated = server.press()
    assert (again.status, json.loads(repeated)["alert"]) == (201, alert)
    token = server.box.app.access.room_token("r1")
    _, state = server.ask("GET", f"/state.json?room=r1&token={token}")
    shown = json.loads(state)
    assert shown["nature"] == "reel"
    assert "enfermez-vous" in shown["html"]
    sound, _ = server.ask("GET", shown["sound"])
    assert sound.headers["Content-Type"] == "audio/wav"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("[]", 422),
        ("{}", 422),
        ("x" * 20_000, 422),
        ('{"device":"button-1","boot":"b","sequence":1,"hazard":"flood","at_us":0,"signature":"AA"}', 403),
        ('{"device":"button-1","boot":"b","sequence":1e99,"hazard":"flood","at_us":0,"signature":"AA"}', 422),
    ],
)
def test_a_forged_or_broken_press_changes_nothing(server, body, status):
    answer, _ = server.ask("POST", "/trigger", body)
    assert answer.status == status
    assert server.box.edge.files() == {}


def test_a_card_opens_its_own_room_only(server):
    access = server.box.app.access
    page, body = server.ask("GET", f"/room/r1/{access.room_token('r1')}")
    assert page.status == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in body
    for path in ("/room/r1/wrong", f"/room/r2/{access.room_token('r1')}", "/room/r1/%C3%A9", "/state.json?room=r1"):
        assert server.ask("GET", path)[0].status == 404
    old = access.room_token("r1")
    access.renew_cards()
    assert server.ask("GET", f"/room/r1/{old}")[0].status == 404


def test_a_teacher_raises_the_alert_and_calls_the_roll_without_account(server):
    token = server.box.app.access.room_token("r1")
    raised, _ = server.ask(
        "POST", f"/room/r1/{token}/raise", json.dumps({"hazard": "toxic_cloud", "boot": "1x2x3", "sequence": 1})
    )
    assert raised.status == 201
    page, _ = server.form(f"/appel/r1/{token}", group="cp", present="22", missing="2", injured="0")
    assert page.status == 200
    answers = server.box.edge.active()[0].answers
    assert (answers[0].present, answers[0].missing) == (22, 2)
    for wrong in ({"present": "-1"}, {"present": "beaucoup"}, {"group": "cm2"}, {"present": "9999"}):
        fields = {"group": "cp", "present": "22", "missing": "0", "injured": "0"} | wrong
        page, text = server.form(f"/appel/r1/{token}", **fields)
        assert page.status == 422
        assert 'role="alert"' in text
    assert len(server.box.edge.active()[0].answers) == 1


def test_the_crisis_cell_needs_its_code_and_its_own_form(server):
    server.press()
    assert 'type="password"' in server.ask("GET", "/cell")[1]
    for _ in range(5):
        assert server.form("/cell/enter", code="0000")[0].status == 403
    paused, words = server.form("/cell/enter", code="4711")
    assert paused.status == 403
    assert "minute" in words
    server.box.app.access._tries.clear()
    entered, _ = server.form("/cell/enter", code="4711")
    assert entered.status == 303
    cookie = entered.headers["Set-Cookie"].split(";")[0]
    assert "HttpOnly" in entered.headers["Set-Cookie"]
    _, page = server.ask("GET", "/cell", Cookie=cookie)
    token = re.search(r'name="token" value="([^"]+)"', page).group(1)
    alert = server.box.edge.active()[0].alert.id
    refused, _ = server.form("/cell/silence", cookie=cookie, token="x", alert=alert, code="4711")
    assert refused.status == 403
    silenced, _ = server.form("/cell/silence", cookie=cookie, token=token, alert=alert, code="4711")
    assert silenced.status == 303
    assert server.box.edge.active()[0].silenced_at is not None
    server.form("/cell/posture", cookie=cookie, token=token, alert=alert, posture="evacuate", zone="*", person="Mme D.")
    assert server.box.edge.active()[0].alert.posture_of("z1") is Posture.EVACUATE
    _, cards = server.ask("GET", "/cell/cards", Cookie=cookie)
    assert "<svg" in cards


def test_a_key_turned_too_early_and_an_act_without_name_say_so_and_lead_back(server):
    server.press()
    entered, _ = server.form("/cell/enter", code="4711")
    cookie = entered.headers["Set-Cookie"].split(";")[0]
    _, page = server.ask("GET", "/cell", Cookie=cookie)
    token = re.search(r'name="token" value="([^"]+)"', page).group(1)
    alert = server.box.edge.active()[0].alert.id
    given = {"cookie": cookie, "token": token, "alert": alert}
    early, words = server.form("/cell/lift", **given, act="key", person="M. A.")
    assert (early.status, 'href="/cell"' in words) == (409, True)
    assert TEXTS["fr"]["not_in_this_state"] in words
    nobody, words = server.form("/cell/posture", **given, posture="evacuate", zone="*")
    assert nobody.status == 422
    assert TEXTS["fr"]["person_missing"] in words
    server.box.edge.act(Kind.ACKNOWLEDGE, alert, {"person": "p1", "party": "chief"})
    server.box.edge.speak("en")
    assert server.form("/cell/lift", **given, act="ask", person="M. A.")[0].status == 303
    assert TEXTS["en"]["lift_asked"].split(":")[0] in server.ask("GET", "/cell", Cookie=cookie)[1]


def test_a_button_of_its_own_calls_an_adult_and_raises_nothing(tmp_path):
    devices = {"button-1": SECRET, "accueil": SECRET}
    made = Server(tmp_path, settings=EdgeSettings("e", "ecole", tmp_path, devices=devices, assistance=("accueil",)))
    try:
        press = Press("accueil", "d1", 1, Hazard.OTHER, "accueil", made.box.edge.clock.now_us())
        body = json.loads(press.signed_bytes())
        assert made.ask("POST", "/trigger", json.dumps({**body, "signature": "AA"}))[0].status == 403
        for _ in range(2):
            answer, said = made.ask("POST", "/trigger", json.dumps({**body, "signature": press.signature(SECRET)}))
            assert answer.status == 201
            assert json.loads(said).keys() == {"help"}
        assert made.box.edge.files() == {}
        assert [one.place for one in made.box.app.calls.assistance.open_calls()] == ["accueil"]
        assert made.box.edge.settings.assistance == ("accueil",), "the settings keep it"
    finally:
        made.stop()


class Centre(BaseHTTPRequestHandler):
    """A centre on the other end of the wire, made of the same journal."""

    journal: Journal
    refuse = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name, _, signature = self.headers["Beffroi-Edge"].partition(".")
        keys = self.server.edge_keys
        if self.path != PATH or self.server.refuse or not keys[name].verifies(unb64(signature), body):
            self.send_error(403)
            return
        request = json.loads(body)
        self.server.journal.take_in([from_wire(one, keys) for one in request["events"]])
        given = self.server.journal.lacking(request["have"])
        answer = canonical_bytes({"have": self.server.journal.vector(), "events": [one.to_wire() for one in given]})
        signed = answer if not self.server.forge else answer + b" "
        self.send_response(200)
        self.send_header("Beffroi-Centre", b64(CENTRE_KEY.sign(answer)))
        self.send_header("Content-Length", str(len(signed)))
        self.end_headers()
        self.wfile.write(signed)

    def log_message(self, *args):
        pass


@pytest.fixture
def centre(tmp_path):
    server = HTTPServer(("127.0.0.1", 0), Centre)
    server.journal = Journal(tmp_path / "centre.sqlite3", origin="centre", key=CENTRE_KEY, boot="c1")
    server.refuse = server.forge = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    server.journal.close()


def test_after_a_cut_edge_and_centre_hold_the_same_events(tmp_path, centre):
    data = tmp_path / "edge"
    data.mkdir()
    server = Server(data, centre_url=f"http://127.0.0.1:{centre.server_address[1]}")
    centre.edge_keys = {"edge-ecole": VerifyKey(signing_key(data).public_bytes)}
    sync, edge = server.box.sync, server.box.edge
    try:
        server.press(1)
        sync.exchange()
        alert = edge.active()[0].alert.id
        centre.refuse = True
        with pytest.raises(Unavailable):
            sync.exchange()
        server.press(2)
        now = SystemClock().now_us()
        taken = {"person": "op", "party": "operator"}
        centre.journal.append(Kind.ACKNOWLEDGE, alert=alert, body=taken, now_us=now - 3_600_000_000)
        centre.refuse = False
        sync.exchange()
        sync.exchange()
        assert edge.journal.vector() == centre.journal.vector()
        ours, theirs = fold(edge.journal.events()), fold(centre.journal.events())
        assert ours[alert].alert == theirs[alert].alert
        assert ours[alert].alert.acknowledged_by == "op"
        assert len(ours[alert].alert.triggers) == 2
        centre.forge = True
        with pytest.raises(Invalid):
            sync.exchange()
    finally:
        server.stop()


@pytest.mark.parametrize("alone", [False, True])
def test_what_a_class_answered_is_gone_after_the_end(tmp_path, centre, alone):
    data = tmp_path / "edge"
    data.mkdir()
    server = Server(data, centre_url="" if alone else f"http://127.0.0.1:{centre.server_address[1]}")
    centre.edge_keys = {"edge-ecole": VerifyKey(signing_key(data).public_bytes)}
    edge, keys = server.box.edge, data / "alert-keys"
    try:
        alert = json.loads(server.press()[1])["alert"]
        card = f"/appel/r1/{server.box.app.access.room_token('r1')}"
        assert server.form(card, group="cp", present="21", missing="2", injured="1")[0].status == 200
        assert b'"missing"' not in b"".join(one.read_bytes() for one in data.rglob("*") if one.is_file())
        for person in ("head", "chief"):
            assert len(list(keys.iterdir())) == 1
            edge.act(Kind.KEY, alert, {"person": person, "party": person, "act": "cancel", "call_back": "x"})
        if not alone:
            assert len(list(keys.iterdir())) == 1, "the centre lacks it"
            server.box.sync.exchange()
            kept = fold(centre.journal.events())[alert]
            assert [(one.present, one.missing, one.injured) for one in kept.answers] == [(21, 2, 1)]
        assert list(keys.iterdir()) == []
        assert edge.files()[alert].answers == []
        edge.journal.check()
    finally:
        server.stop()


def test_a_lost_link_is_said(tmp_path):
    data = tmp_path / "edge"
    data.mkdir()
    server = Server(data, centre_url="http://127.0.0.1:9")
    try:
        assert server.box.sync.link() is False
        with pytest.raises(Unavailable):
            server.box.sync.exchange()
    finally:
        server.stop()


def test_every_text_stands_in_both_languages():
    assert TEXTS["fr"].keys() == TEXTS["en"].keys()
    for table, kind in ((NATURES, Nature), (POSTURES, Posture), (HAZARDS, Hazard)):
        assert set(table["fr"]) == set(table["en"]) == set(kind)


def _entered(server, code):
    """A session of the crisis cell: its cookie and the hidden value of its forms."""
    answer, _ = server.form("/cell/enter", code=code)
    assert answer.status == 303
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    _, page = server.ask("GET", "/cell", Cookie=cookie)
    found = re.search(r'name="token" value="([^"]+)"', page)
    return cookie, found[1] if found else "", page


def test_a_forced_head_types_another_code_and_the_tablet_shows_an_end(server):
    _, body = server.press()
    alert = json.loads(body)["alert"]
    cookie, token, page = _entered(server, "1174")
    _, _, honest = _entered(server, "4711")
    assert re.sub(r'value="[^"]+"', "", page) == re.sub(r'value="[^"]+"', "", honest), "the two pages are the same"
    for fields in (
        {"path": "/cell/lift", "act": "ask", "person": "Mme T"},
        {"path": "/cell/lift", "act": "key", "person": "Mme T"},
        {"path": "/cell/posture", "posture": "evacuate", "zone": "*", "person": "Mme T"},
        {"path": "/cell/code", "key": "lift", "zone": "*", "code": "00000000", "authority": "x"},
    ):
        answer, _ = server.form(fields.pop("path"), cookie, token=token, alert=alert, **fields)
        assert answer.status == 303, "everything is taken"
    _, after = server.ask("GET", "/cell", Cookie=cookie)
    assert TEXTS["fr"]["calm"] in after
    running = server.box.edge.active()[0].alert
    assert (running.id, running.duress, running.postures[-1].posture) == (alert, True, Posture.ESCAPE_OR_HIDE)
    token = server.box.app.access.room_token("r1")
    _, state = server.ask("GET", f"/state.json?room=r1&token={token}")
    shown = json.loads(state)
    assert "enfermez-vous" in shown["html"], "the rooms keep their posture"
    assert shown["sound"] is None
