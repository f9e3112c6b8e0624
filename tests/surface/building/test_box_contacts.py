"""Contacts wired to a box, as the centre shows them: by name on its pages and in the doctor's report."""

from datetime import timedelta

import pytest

from beffroi.config import health
from beffroi.edge.contact_watch import Standing
from beffroi.people.core.roles import Role
from beffroi.safety import queries
from tests.conftest import NOW
from tests.plane.safety.test_bell import Box, box, school  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
HALL = Standing("hall", "alert", "Hall <nord>", simulated=True)
PORTE = Standing("porte", "help", "", simulated=False, fault="chatter", reason="not for the centre")


def say(box, *standings):  # noqa: F811
    box.exchange(box.request(contacts=[one.to_json() for one in standings]))


def test_what_is_wrong_with_a_contact_is_named_to_the_room(box, school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    say(box, HALL, PORTE)
    home, page = (client.get(path).content.decode() for path in ("/building/", f"/building/{school}/"))
    assert "Contact porte · rebondit sans cesse" in home
    assert "Contact hall" not in home, "what is well is in nobody's way"
    for said in ("Hall &lt;nord&gt;", "en état", "simulé", "aide sans bruit", "rebondit sans cesse"):
        assert said in page
    box.exchange()
    assert len(queries.edges()[0].contacts) == 2, "a box that says nothing of them changes nothing"
    say(box, HALL)
    assert "rebondit" not in client.get("/building/").content.decode()


def test_a_fault_of_a_later_box_is_shown_as_it_says_it(box, make_person, client_of):  # noqa: F811
    say(box, Standing("x" * 200, "alert", "", simulated=False, fault="melted"))
    page = client_of(make_person(Role.CHIEF)).get("/building/").content.decode()
    assert f"Contact {'x' * 80} · melted" in page


def test_the_doctor_names_boxes_that_are_silent_or_at_fault(box, school):  # noqa: F811
    (never,) = health.boxes(NOW)
    assert (never.name, never.state, never.found) == ("box edge-1", health.State.BAD, "never heard")
    say(box, HALL)
    assert [one.state for one in health.boxes(NOW)] == [health.State.GOOD]
    assert health.boxes(NOW + timedelta(minutes=6))[0].found == "last heard 6 min ago"
    say(box, HALL, PORTE)
    assert health.boxes(NOW)[0].found == "contacts at fault: porte chatter"


def test_without_a_box_the_doctor_finds_nothing_wrong():
    assert [one.state for one in health.boxes(NOW)] == [health.State.GOOD]
