"""Telling people: a real mail server, peers dead for two hours, drills on their own road, vectors of RFC 8291."""

import http.server
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.channels.mail import Mail
from beffroi.channels.push import CURVE, Push, encrypt
from beffroi.channels.sms import Sms
from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.people.core.roles import Role
from beffroi.safety import actions, jobs, models, queries
from beffroi.safety.core.events import Kind
from beffroi.safety.core.notices import banned_phrase
from beffroi.safety.core.telling import HAZARD_WORDS, NATURE_WORDS, POSTURE_WORDS, SENTENCES
from beffroi.safety.core.words import Hazard, Nature, Posture
from tests.conftest import NOW
from tests.plane.safety.test_bell import do, relay, school  # noqa: F401  school is a fixture
from tests.ports import free_port

pytestmark = pytest.mark.django_db


class Spy:
    """A channel that remembers, and can be dead."""

    def __init__(self):
        self.sent, self.dead = [], False

    def hand_over(self, **message):
        if self.dead:
            raise Unavailable("The peer is dead.", code="dead")
        self.sent.append(message)
        return False


@pytest.fixture
def spies():
    return {"email": Spy(), "sms": Spy(), "push": Spy()}


def contact(school, channel="sms", **more):  # noqa: F811
    given = {"name": "Directrice", "address": f"06000000{len(more)}1", "channel": channel} | more
    return actions.add_contact(actor=SYSTEM, building=school, now=NOW, **given)


def work(spies, now):
    jobs.plan_notices(now)
    return jobs.send_notices(spies, now)


def test_everyone_is_told_once_and_the_board_says_unknown(school, spies, make_person):  # noqa: F811
    contact(school)
    contact(school, "email", address="mairie@saint-aubin.example", tier=1, language="en")
    alert = relay(make_person(Role.CHIEF), school)
    assert work(spies, NOW) == 2
    assert work(spies, NOW + timedelta(seconds=1)) == 0
    assert spies["sms"].sent[0]["text"].startswith("ALERTE RÉELLE. École des Tilleuls : nuage toxique.")
    assert spies["email"].sent[0]["subject"] == "REAL ALERT - École des Tilleuls"
    assert [row.state for row in queries.notices_of(alert)] == ["unknown", "unknown"]
    assert Fact.objects.filter(name="notice:move").count() == 2


def test_a_peer_dead_for_two_hours_gets_each_message_once_and_in_order(school, spies, make_person):  # noqa: F811
    contact(school)
    chief = make_person(Role.CHIEF)
    alert = relay(chief, school)
    do(chief, alert, Kind.ACKNOWLEDGE)
    spies["sms"].dead = True
    now = NOW
    while now < NOW + timedelta(hours=2):
        work(spies, now)
        board = queries.notices_of(alert)
        assert {row.state for row in board} <= {"planned", "retrying"}, "the board tells the truth meanwhile"
        now += timedelta(seconds=30)
        if now == NOW + timedelta(hours=1):
            do(chief, alert, Kind.POSTURE, posture="evacuate", zone="*", now=now)
    assert board[0].attempts > 200
    assert "dead" in board[0].trouble
    spies["sms"].dead = False
    for second in range(0, 90, 10):
        work(spies, now + timedelta(seconds=second))
    texts = [message["text"] for message in spies["sms"].sent]
    assert len(texts) == 2
    assert "nuage toxique" in texts[0]
    assert "évacuation" in texts[1]
    assert len({message["message_id"] for message in spies["sms"].sent}) == 2
    assert Fact.objects.filter(name="notice:move").count() == 3, "the first failure and each hand-over"


def test_a_drill_reaches_only_who_said_yes_and_never_an_emergency_number(school, spies, make_person):  # noqa: F811
    contact(school, address="0600000001")
    contact(school, address="0600000002", drill_ok=True)
    for number in ("17", "1 1 2", "114"):
        with pytest.raises(Invalid):
            contact(school, address=number)
    with pytest.raises(Invalid):
        contact(school, "pigeon")
    alert = relay(make_person(Role.CHIEF), school, nature=Nature.DRILL)
    work(spies, NOW)
    assert [message["address"] for message in spies["sms"].sent] == ["0600000002"]
    text = spies["sms"].sent[0]["text"]
    assert text.startswith("EXERCICE EXERCICE EXERCICE.")
    assert text.endswith("EXERCICE EXERCICE EXERCICE.")
    assert all(row.id.startswith("EXERCICE-") for row in queries.notices_of(alert))


def test_a_channel_that_is_not_set_up_is_said_not_hidden(school, make_person):  # noqa: F811
    contact(school)
    alert = relay(make_person(Role.CHIEF), school)
    work({}, NOW)
    row = queries.notices_of(alert)[0]
    assert (row.state, row.trouble) == ("retrying", "This channel is not set up.")


def test_no_text_says_what_is_banned_and_every_word_stands_in_both_languages():
    for table, kind in ((HAZARD_WORDS, Hazard), (POSTURE_WORDS, Posture), (NATURE_WORDS, Nature)):
        assert set(table["fr"]) == set(table["en"]) == set(kind)
    assert SENTENCES["fr"].keys() == SENTENCES["en"].keys()
    for table in (HAZARD_WORDS, POSTURE_WORDS, NATURE_WORDS, SENTENCES):
        assert not any(banned_phrase(text) for language in table.values() for text in language.values())


class Mailbox:
    """What a real SMTP server took."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        self.taken.append(envelope.content.decode())
        return "250 OK"


def test_mail_goes_to_a_real_server_and_a_dead_one_is_unavailable():
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mail = Mail(f"smtp://127.0.0.1:{port}", "centre@saint-aubin.example")
        given = {"address": "a@example.org", "keys": {}, "subject": "ALERTE", "text": "é", "message_id": "REEL-1"}
        assert mail.hand_over(**given) is False
        assert "Message-ID: <REEL-1@saint-aubin.example>" in box.taken[0]
    finally:
        controller.stop()
    with pytest.raises(Unavailable):
        mail.hand_over(**given)


@pytest.fixture
def gateway():
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, b"", dict(self.headers)))
            self.send_response(self.server.status)
            self.end_headers()

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, body, dict(self.headers)))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    server.status, server.asked = 202, asked
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_gateway_gets_number_and_text(gateway):
    sms = Sms(f"http://127.0.0.1:{gateway.server_address[1]}/cgi-bin/sendsms?username=u&password=p")
    given = {"address": "0600000001", "keys": {}, "subject": "s", "text": "Évacuez & sortez", "message_id": "REEL-1"}
    sms.hand_over(**given)
    path = gateway.asked[0][0]
    assert "to=0600000001" in path
    assert "text=%C3%89vacuez+%26+sortez" in path
    gateway.status = 503
    with pytest.raises(Unavailable):
        sms.hand_over(**given)


VECTOR = {  # RFC 8291, section 5
    "as_private": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "ua_public": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "salt": "DGv6ra1nlYgDCS1FRnbzlw",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "body": "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK"
    "6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
}


def test_push_messages_agree_with_the_standard_s_own_example():
    private = ec.derive_private_key(int.from_bytes(unb64(VECTOR["as_private"]), "big"), CURVE)
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        p256dh=unb64(VECTOR["ua_public"]),
        auth=unb64(VECTOR["auth"]),
        private=private,
        salt=unb64(VECTOR["salt"]),
    )
    assert b64(body) == VECTOR["body"]


def test_a_push_service_gets_a_sealed_body_and_our_name(gateway):
    push = Push(ec.generate_private_key(CURVE), "mailto:centre@saint-aubin.example", ManualClock(NOW))
    keys = {"p256dh": VECTOR["ua_public"], "auth": VECTOR["auth"]}
    address = f"http://127.0.0.1:{gateway.server_address[1]}/push/1"
    push.hand_over(address=address, keys=keys, subject="ALERTE", text="Évacuez", message_id="REEL-1")
    path, body, headers = gateway.asked[0]
    assert path == "/push/1"
    assert headers["Content-Encoding"] == "aes128gcm"
    assert headers["Authorization"].startswith("vapid t=")
    assert b"vacuez" not in body
    with pytest.raises(Unavailable):
        push.hand_over(address=address, keys={"p256dh": "AA", "auth": "AA"}, subject="", text="", message_id="x")


def test_the_table_keeps_one_notice_an_event_and_contact(school, make_person):  # noqa: F811
    contact(school)
    alert = relay(make_person(Role.CHIEF), school)
    for _ in range(3):
        jobs.plan_notices(NOW)
    assert models.Notice.objects.filter(alert=alert).count() == 1
