"""A browser signs up, an alert is raised, and the browser shows it: page, service worker, subscription, encryption.

No push service can be reached from a test, so two things are lent: the subscription's address, which leads to a server
of the test, and the last step from there to the browser, which Chromium's own protocol makes. All between is the
product and the browser: the worker that is registered, the keys that are used, what is encrypted and what is shown.
"""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from beffroi.channels import push as channel
from beffroi.channels.push import CURVE, Push, own_key, public_text
from beffroi.kernel.canonical import b64
from beffroi.people.core.roles import Role
from beffroi.safety import jobs, models, queries
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.plane.safety.test_bell import relay, school  # noqa: F401  school is a fixture
from tests.plane.safety.test_channels_dead import PushService
from tests.ports import free_port
from tests.push_service import decrypted
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "https://push.example.org/browser-1"
AUTH = bytes(range(16))
LENT = """(half, auth, address) => {
  PushManager.prototype.subscribe = async function (options) {
    window.asked = options;
    return { toJSON: () => ({ endpoint: address, keys: { p256dh: half, auth } }) };
  };
}"""


def test_a_browser_that_signed_up_shows_the_alert(school, office_server, clock, data_dir, make_person, monkeypatch):  # noqa: F811
    chief = make_person(Role.CHIEF, account="chef")
    mine = ec.generate_private_key(CURVE)
    public = b64(mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    with axe.browser() as running:
        context = axe.new_context(running, base=office_server, permissions=["notifications"])
        page = context.new_page()
        page.add_init_script(f"({LENT})('{public}', '{b64(AUTH)}', '{ADDRESS}')")
        axe.sign_in(page, "chef", PASSWORD)
        page.goto("/building/reach/")
        axe.check(page)
        page.locator("[data-island=push] button").click()
        page.locator("[data-island=push][data-state=subscribed]").wait_for()
        key = own_key(data_dir / "keys" / "push.pem")
        assert page.evaluate("window.asked.applicationServerKey") == public_text(key)
        ours = models.Contact.objects.get()
        assert (ours.person, ours.channel, ours.address) == (chief.id, "push", ADDRESS)
        alert = relay(chief, school)
        text = _pushed(alert, key, mine, clock, monkeypatch)
        assert text.startswith("ALERTE RÉELLE - École des Tilleuls")
        _deliver(context, page, office_server, text)
        shown = until(lambda: _shown(page), 30, "the notification")
        assert shown["title"] == "ALERTE RÉELLE - École des Tilleuls"
        assert "nuage toxique" in shown["body"]
        page.goto(f"/building/alerts/{alert}/")
        assert queries.notices_of(alert)[0].state == "seen", "the board says that she has opened it"


def _pushed(alert, key, mine, clock, monkeypatch):
    """What the push service was given by the worker, decrypted with the browser's key."""
    port = free_port()
    service = PushService(port)
    plain = channel.http.client.HTTPConnection
    monkeypatch.setattr(
        channel.http.client, "HTTPSConnection", lambda _host, _port, timeout: plain("127.0.0.1", port, timeout=timeout)
    )
    try:
        now = NOW + timedelta(seconds=30)
        jobs.escalate(now)
        jobs.plan_notices(now)
        jobs.send_notices({"push": Push(key, "mailto:centre@saint-aubin.example", clock)}, now)
        assert queries.notices_of(alert)[0].state == "unknown", "taken is not shown"
        return decrypted(service.taken[0], private=mine, auth=AUTH)
    finally:
        service.stop()


def _deliver(context, page, origin, text):
    protocol = context.new_cdp_session(page)
    found = []
    protocol.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    protocol.send("ServiceWorker.enable")
    page.wait_for_function(
        "navigator.serviceWorker.getRegistrations().then((all) => all[0]?.active?.state === 'activated')"
    )  # one that is not active yet is given no message
    until(lambda: page.evaluate("1") and found, 30, "the registration")
    protocol.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[0]["registrationId"], "data": text},
    )


def _shown(page):
    return page.evaluate(
        """async () => {
          const [registration] = await navigator.serviceWorker.getRegistrations();
          const [one] = await registration.getNotifications();
          return one ? { title: one.title, body: one.body } : null;
        }"""
    )
