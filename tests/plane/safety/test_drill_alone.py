"""A whole drill with a spy on every way out: no forbidden recipient, no picture, no hold, no real sound (I8, F6)."""
# ruff: noqa: F811  fixtures are named as what they make

import socket
from datetime import timedelta

import pytest

from beffroi.governance.models import AccessGrant, AlertGround, Hold
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import jobs, models, queries
from beffroi.safety.actions.notices import add_own_contact
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Nature
from beffroi.web.building.alarm import draw
from tests.conftest import NOW
from tests.plane.governance.conftest import cameras, world  # noqa: F401  fixtures
from tests.plane.safety.test_bell import box, do  # noqa: F401  box is a fixture
from tests.plane.safety.test_closing import armed, armed_on_the_button, pressed
from tests.plane.safety.test_drills import DAY
from tests.plane.safety.test_notices import contact, spies  # noqa: F401  spies is a fixture
from tests.plane.safety.test_pictures import named, school  # noqa: F401  school is a fixture

pytestmark = pytest.mark.django_db
PUSH = "https://push.example.org/head"
ALLOWED = {"0600000002", "0600000004", PUSH}


class LoudSounder:
    """Remembers everything that was ever sounded."""

    def __init__(self):
        self.heard = []

    def play(self, posture, nature):
        self.heard.append(nature)

    def end(self, nature):
        self.heard.append(nature)

    def stop(self):
        pass

    def fault(self):
        return ""


def everybody(school, head):
    """Contacts that may hear of drills and such as may not, on every rung and channel."""
    for number, (channel, ok) in enumerate((("sms", False), ("sms", True), ("email", False), ("push", True)), start=1):
        address = f"060000000{number}"
        contact(school, channel, address=address, drill_ok=ok, tier=number)
    add_own_contact(
        actor=people.actor(head.id), person=head, channel="sms", address="0610000001", drill_ok=False, now=NOW
    )
    add_own_contact(
        actor=people.actor(head.id),
        person=head,
        channel="push",
        address=PUSH,
        keys={"p256dh": "k", "auth": "a"},
        drill_ok=True,
        now=NOW,
    )


def beat(spies, now):
    """One turn of the worker's table, as far as an alert moves it."""
    jobs.escalate(now)
    jobs.follow_pictures(now)
    jobs.settle_drills(now)
    jobs.plan_notices(now)
    jobs.send_notices(spies, now)


def test_a_drill_from_its_button_to_its_end_leaves_by_its_own_road_only(
    world,
    school,
    box,
    spies,
    make_person,
    monkeypatch,
):
    named(world)
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    everybody(school, head)
    sounder = LoudSounder()
    box.edge.sounder = sounder
    dialled = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: dialled.append(address))
    armed_on_the_button(chief, head, school)
    armed(box, DAY)
    alert = pressed(box, "button-1")
    now = DAY
    armed(box, now)
    for _ in range(70):
        beat(spies, now)
        now += timedelta(seconds=1)
    do(chief, alert, Kind.ACKNOWLEDGE, now=now)
    do(chief, alert, Kind.POSTURE, posture="evacuate", zone="*", now=now)
    do(head, alert, Kind.REQUEST_LIFT, now=now)
    do(head, alert, Kind.KEY, act="lift", now=now)
    do(chief, alert, Kind.KEY, act="lift", now=now)
    do(chief, alert, Kind.RELEASE, zone="*", now=now)
    armed(box, now)
    for _ in range(5):
        beat(spies, now)
        now += timedelta(seconds=5)
    sent = [message for spy in spies.values() for message in spy.sent]
    assert {message["address"] for message in sent} == ALLOWED
    assert all("EXERCICE EXERCICE EXERCICE" in message["text"] for message in sent)
    assert all(message["message_id"].startswith("EXERCICE-") for message in sent)
    assert set(sounder.heard) == {Nature.DRILL}
    assert not dialled, "nothing else was called, by whatever way"
    assert not AccessGrant.objects.filter(basis_kind="alert").exists()
    assert not AlertGround.objects.exists()
    assert not Hold.objects.exists()
    assert models.Alert.objects.get().nature == Nature.DRILL.value
    assert all(row.state != "retrying" for row in queries.notices_of(alert))
    assert "reel" not in draw(frozenset([school]), "fr")
