"""Two roads for text messages: what one gateway does not take goes through the next one, once (ppms.md F3)."""

import http.server
import threading

import pytest

from beffroi.channels.sms import Sms
from beffroi.kernel.errors import Unavailable
from tests import kannel
from tests.ports import free_port
from tests.waiting import until

NUMBER = "0600000001"
ASK = "http://127.0.0.1:{}/cgi-bin/sendsms?username=u&password=p"


class Overloaded(http.server.BaseHTTPRequestHandler):
    """A gateway that answers and takes nothing."""

    def do_GET(self):
        self.server.asked += 1
        self.send_error(503)

    def log_message(self, *args):
        pass


@pytest.fixture
def overloaded():
    server = http.server.HTTPServer(("127.0.0.1", 0), Overloaded)
    server.asked = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_what_one_gateway_does_not_take_goes_once_through_the_next(overloaded, tmp_path):
    dead, alive = free_port(), free_port()
    two = Sms(f"{ASK.format(dead)} {ASK.format(overloaded.server_port)}")
    given = {"address": NUMBER, "keys": {}, "subject": "", "message_id": "x"}
    with pytest.raises(Unavailable) as refused:
        two.hand_over(text="perdu", **given)
    assert "did not answer" in refused.value.message
    assert "503" in refused.value.message
    assert overloaded.asked == 1
    with kannel.running(tmp_path, alive) as phone:
        three = Sms(f"{ASK.format(dead)} {ASK.format(overloaded.server_port)} {ASK.format(alive)}")
        three.hand_over(text="alerte à l’école", **given)
        first = Sms(f"{ASK.format(alive)} {ASK.format(overloaded.server_port)}")
        first.hand_over(text="fin", **given)
        until(lambda: len(phone.messages()) >= 2, 20)
        sent = phone.messages()
    assert sent == [(NUMBER, "alerte à l’école"), (NUMBER, "fin")]
    assert overloaded.asked == 2, "the second is asked only where the first took nothing"
