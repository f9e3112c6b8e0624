"""Nobody takes an alert: the next persons at 15, 30 and 60 seconds; its holder leaves: it rings anew."""

from datetime import timedelta

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.operations import actions as operations
from beffroi.operations.core.words import RotaLine
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import actions, jobs, queries
from beffroi.safety.actions.notices import add_own_contact
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Hazard, Nature
from beffroi.sites.core.purposes import Purpose
from tests.conftest import NOW
from tests.plane.safety.test_bell import do, relay, school  # noqa: F401  school is a fixture
from tests.plane.safety.test_notices import contact, spies, work  # noqa: F401  spies is a fixture

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def on_duty(person, now=NOW, until=None):
    actor = people.actor(person.id)
    return operations.begin_shift(
        actor=actor,
        person=person,
        purpose=Purpose.SAFETY_OF_PERSONS,
        reason="Journée ordinaire",
        until=until,
        now=now,
    )


def run(spies, alert, seconds, start=NOW):  # noqa: F811
    """The worker's seconds, and at which of them each address was reached."""
    reached = {}
    for second in range(seconds + 1):
        now = start + second * SECOND
        jobs.escalate(now)
        work(spies, now)
        for message in spies["sms"].sent:
            reached.setdefault(message["address"], second)
    return reached


def test_rung_after_rung_until_somebody_takes_it(school, spies, make_person):  # noqa: F811
    for tier in (1, 2, 3, 4):
        contact(school, address=f"060000000{tier}", tier=tier, name=f"Rang {tier}")
    chief = make_person(Role.CHIEF)
    alert = relay(chief, school, hazard=Hazard.INTRUSION)
    reached = run(spies, alert, 70)
    assert reached == {"0600000001": 0, "0600000002": 15, "0600000003": 30, "0600000004": 60}
    file = queries.files([alert])[alert]
    passed = [line.event.body for line in file.log if line.event.kind is Kind.ESCALATED]
    assert [(one["rung"], one["text"]) for one in passed] == [(2, "Rang 2"), (3, "Rang 3"), (4, "Rang 4")]
    assert passed[-1]["number"] == "17", "the number is shown to be dialled by a person"
    assert [row.tier for row in queries.notices_of(alert)] == [1, 2, 3, 4]


def test_who_takes_it_in_time_stops_the_ladder_and_the_end_goes_to_who_was_told(school, spies, make_person):  # noqa: F811
    for tier in (1, 2, 3):
        contact(school, address=f"060000000{tier}", tier=tier)
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    alert = relay(chief, school)
    run(spies, alert, 20)
    do(chief, alert, Kind.ACKNOWLEDGE, now=NOW + 20 * SECOND)
    assert set(run(spies, alert, 70, NOW + 21 * SECOND)) == {"0600000001", "0600000002"}
    later = NOW + timedelta(minutes=10)
    do(head, alert, Kind.KEY, act="cancel", now=later)
    do(chief, alert, Kind.KEY, act="cancel", call_back="Mme Exemple", now=later)
    work(spies, later + SECOND)
    ends = [message["address"] for message in spies["sms"].sent if "Fausse alerte" in message["text"]]
    assert sorted(ends) == ["0600000001", "0600000002"]


def test_own_telephones_ring_by_where_their_person_stands(school, spies, make_person):  # noqa: F811
    guard, spare, chief, foreign = (
        make_person(Role.DUTY_OFFICER),
        make_person(Role.VIDEO_OFFICER),
        make_person(Role.CHIEF),
        make_person(Role.TECHNICIAN, cleared=False),
    )
    for number, person in enumerate((guard, spare, chief), start=1):
        add_own_contact(
            actor=people.actor(person.id), person=person, channel="sms", address=f"061000000{number}", now=NOW
        )
    actor = people.actor(chief.id)
    operations.set_rota(actor=actor, lines=[RotaLine(1, spare.id, "Réserve", "0610000002")], now=NOW)
    on_duty(guard)
    alert = relay(chief, school)
    assert run(spies, alert, 61) == {"0610000001": 0, "0610000002": 15, "0610000003": 30}
    passed = next(line.event.body for line in queries.files([alert])[alert].log if line.event.kind is Kind.ESCALATED)
    assert "Réserve 0610000002" in passed["text"], "the number of the next in line is in sight too"
    assert foreign.id not in {one.person for one in queries.reaches(school, NOW)}


def test_a_drill_climbs_too_but_no_number_is_dialled(school, spies, make_person):  # noqa: F811
    contact(school, address="0600000002", tier=2, drill_ok=True)
    contact(school, address="0600000003", tier=3)
    alert = relay(make_person(Role.CHIEF), school, nature=Nature.DRILL)
    assert run(spies, alert, 61) == {"0600000002": 15}
    bodies = [line.event.body for line in queries.files([alert])[alert].log if line.event.kind is Kind.ESCALATED]
    assert not any("number" in body for body in bodies)


def test_the_holder_who_leaves_duty_is_noticed_and_another_takes_over(school, spies, make_person):  # noqa: F811
    contact(school, address="0600000001")
    contact(school, address="0600000002", tier=2)
    first, second = make_person(Role.DUTY_OFFICER), make_person(Role.VIDEO_OFFICER)
    end = NOW + timedelta(minutes=5)
    on_duty(first, until=end)
    alert = relay(make_person(Role.CHIEF), school)
    do(first, alert, Kind.ACKNOWLEDGE)
    do(first, alert, Kind.QUALIFY, verdict="confirmed")
    assert jobs.escalate(end - SECOND) == 0
    assert jobs.escalate(end + SECOND) == 1, "whoever held it has gone"
    left = queries.files([alert])[alert].alert
    assert left.untaken
    assert left.verdict is not None, "what was found stays found"
    reached = run(spies, alert, 20, end + SECOND)
    assert reached["0600000002"] == 15
    assert any("Plus personne ne tient" in message["text"] for message in spies["sms"].sent)
    on_duty(second, now=end)
    do(second, alert, Kind.ACKNOWLEDGE, now=end + 30 * SECOND)
    third = make_person(Role.DUTY_OFFICER)
    on_duty(third, now=end)
    do(third, alert, Kind.TAKE_OVER, now=end + 40 * SECOND)
    assert queries.files([alert])[alert].alert.acknowledged_by == third.id
    assert jobs.escalate(end + 90 * SECOND) == 0


def test_two_alerts_climb_each_for_itself(school, spies, make_person):  # noqa: F811
    contact(school, address="0600000002", tier=2)
    chief = make_person(Role.CHIEF)
    hall = actions.enter_building(actor=SYSTEM, insee="99123", name="Mairie", kind="town_hall", now=NOW)
    contact(hall, address="0600000009", tier=2)
    first = relay(chief, school)
    relay(chief, hall, hazard=Hazard.INTRUSION, now=NOW + 10 * SECOND)
    do(chief, first, Kind.ACKNOWLEDGE, now=NOW + 5 * SECOND)
    assert run(spies, first, 40) == {"0600000009": 25}
    order = [view.building.name for view in queries.active_visible_to(chief)]
    assert order == ["Mairie", "École des Tilleuls"], "the threat stands first, the older one stays in sight"
