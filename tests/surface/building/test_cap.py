"""An alert is taken out as a CAP message that any other centre reads."""

import pytest
from lxml import etree

from beffroi.audit.models import Fact
from beffroi.people.core.roles import Role
from beffroi.safety.core import cap
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Nature
from tests.plane.safety.test_bell import do, relay, school, stranger  # noqa: F401  fixtures
from tests.unit.safety.test_cap import schema  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


def taken(client, alert, schema):  # noqa: F811
    answer = client.get(f"/building/alerts/{alert}/cap.xml")
    assert f"alert-{alert}.cap.xml" in answer.headers["Content-Disposition"]
    schema.assertValid(etree.fromstring(answer.content))
    return cap.read(answer.content)


def test_an_alert_leaves_as_alert_then_update_then_cancel_and_it_is_written_down(
    school, schema, stranger, make_person, client_of  # noqa: F811
):  # fmt: skip
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    client, alert = client_of(chief), relay(chief, school)
    assert f"/building/alerts/{alert}/cap.xml" in client.get(f"/building/alerts/{alert}/").content.decode()
    first = taken(client, alert, schema)
    assert (first.identifier, first.status, first.message_type) == (alert, cap.Status.ACTUAL, cap.MessageType.ALERT)
    assert {info.language: info.event for info in first.infos} == {"fr-FR": "nuage toxique", "en-GB": "toxic cloud"}
    assert first == taken(client, alert, schema), "the same state is the same message"
    do(chief, alert, Kind.ACKNOWLEDGE)
    assert taken(client, alert, schema) == first, "who took it is not told"
    do(chief, alert, Kind.QUALIFY, verdict="confirmed")
    found = taken(client, alert, schema)
    assert found.message_type is cap.MessageType.UPDATE
    assert {info.certainty for info in found.infos} == {"Observed"}
    do(chief, alert, Kind.POSTURE, posture="evacuate", zone="z1")
    second = taken(client, alert, schema)
    assert second.message_type is cap.MessageType.UPDATE
    assert second.references == f"{first.sender},{alert},{cap.stamp(first.sent)}"
    assert {info.response for info in second.infos} == {"Evacuate", "Shelter"}
    do(head, alert, Kind.REQUEST_LIFT)
    do(head, alert, Kind.KEY, act="lift")
    do(chief, alert, Kind.KEY, act="lift", authority="Lieutenant de permanence")
    do(chief, alert, Kind.RELEASE, zone="*")
    last = taken(client, alert, schema)
    assert last.message_type is cap.MessageType.CANCEL
    assert {info.response for info in last.infos} == {"AllClear"}
    assert len({one.identifier for one in (first, found, second, last)}) == 4
    assert Fact.objects.filter(name="alert:cap", subject=f"alert:{alert}").count() == 6
    assert client_of(stranger).get(f"/building/alerts/{alert}/cap.xml").status_code == 404


def test_a_drill_leaves_as_an_exercise_that_says_so_everywhere(school, schema, make_person, client_of):  # noqa: F811
    chief = make_person(Role.CHIEF)
    drill = taken(client_of(chief), relay(chief, school, nature=Nature.DRILL), schema)
    assert (drill.status, drill.nature) == (cap.Status.EXERCISE, Nature.DRILL)
    assert drill.identifier.startswith("EXERCICE-")
    for info in drill.infos:
        word = "EXERCICE" if info.language == "fr-FR" else "DRILL"
        assert all(word in text for text in (info.event, info.headline, info.instruction))
