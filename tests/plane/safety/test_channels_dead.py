"""Each way out with its real peer dead for two hours, then alive: exactly one message arrives, and the board told the
truth meanwhile (ppms.md F14). The SMS gateway is kannel; the mail server and the push service speak their protocols."""

import http.server
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from beffroi.channels.mail import Mail
from beffroi.channels.push import CURVE, Push
from beffroi.channels.sms import Sms
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from beffroi.safety import jobs, models, queries
from tests import kannel
from tests.conftest import NOW
from tests.plane.safety.test_bell import relay, school  # noqa: F401  school is a fixture
from tests.plane.safety.test_notices import Mailbox, contact
from tests.ports import free_port
from tests.push_service import decrypted
from tests.waiting import until

pytestmark = pytest.mark.django_db
NUMBER = "0600000001"


class PushService:
    """Takes push messages over HTTP and keeps their bodies."""

    def __init__(self, port):
        taken = self.taken = []

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                taken.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(201)
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = http.server.HTTPServer(("127.0.0.1", port), Answer)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def test_two_hours_dead_then_one_message_each(school, make_person, tmp_path):  # noqa: F811
    sms_port, mail_port, push_port = free_port(), free_port(), free_port()
    browser, auth = ec.generate_private_key(CURVE), bytes(16)
    public = browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    contact(school, "sms", address=NUMBER)
    contact(school, "email", address="mairie@saint-aubin.example")
    contact(school, "push", address=f"http://127.0.0.1:{push_port}/s", keys={"p256dh": b64(public), "auth": b64(auth)})
    channels = {
        "sms": Sms(f"http://127.0.0.1:{sms_port}/cgi-bin/sendsms?username=u&password=p"),
        "email": Mail(f"smtp://127.0.0.1:{mail_port}", "centre@saint-aubin.example"),
        "push": Push(ec.generate_private_key(CURVE), "mailto:centre@saint-aubin.example", ManualClock(NOW)),
    }
    alert = relay(make_person(Role.CHIEF), school)
    now = NOW
    while now < NOW + timedelta(hours=2):
        jobs.plan_notices(now)
        assert jobs.send_notices(channels, now) == 0
        now += timedelta(seconds=60)
    board = queries.notices_of(alert)
    assert {row.state for row in board} == {"retrying"}, "what did not go is said not to have gone"
    assert all(row.attempts >= 120 and row.trouble for row in board), "nobody gave up"
    box, service = Mailbox(), PushService(push_port)
    controller = Controller(box, hostname="127.0.0.1", port=mail_port)
    controller.start()
    try:
        with kannel.running(tmp_path, sms_port) as phone:
            for _ in range(4):
                now += timedelta(seconds=40)
                jobs.plan_notices(now)
                jobs.send_notices(channels, now)
            assert {row.state for row in queries.notices_of(alert)} == {"unknown"}, "taken; read by nobody we know of"
            channels["sms"].hand_over(address="0699999999", keys={}, subject="", text="fin", message_id="x")
            until(lambda: any(number == "0699999999" for number, _ in phone.messages()), 20)
            sent = phone.messages()
    finally:
        controller.stop()
        service.stop()
    assert [number for number, _ in sent] == [NUMBER, "0699999999"]
    text = models.Notice.objects.get(alert=alert, contact__channel="sms").text.partition("\n")[2]
    assert sent[0][1] == text, "every letter of it, accents too"
    assert len(box.taken) == 1
    assert len(service.taken) == 1
    assert text in decrypted(service.taken[0], private=browser, auth=auth)
