"""What follows from an alert or a drill: observations, actions with an owner and a day, the mails of their days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance import jobs as governance
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.people.models import Person
from beffroi.safety import actions, jobs
from beffroi.safety.actions import follow_up as acts
from beffroi.safety.core.events import Kind
from beffroi.safety.queries import follow_up as queries
from tests.conftest import NOW
from tests.plane.safety.test_bell import KEY, relay, school, stranger  # noqa: F401  fixtures
from tests.plane.safety.test_notices import spies  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
TODAY = timezone.localtime(NOW).date()
DAY = timedelta(days=1)


def act(person, alert, kind, **body):
    actions.act(actor=people.actor(person.id), person=person, alert=alert, kind=Kind(kind), body=body, key=KEY, now=NOW)


def ended(chief, head, school):  # noqa: F811
    """An alert that two keys ended."""
    alert = relay(chief, school)
    act(chief, alert, "acknowledge")
    act(head, alert, "request_lift")
    act(head, alert, "key", act="lift")
    act(chief, alert, "key", act="lift", authority="Lieutenant de permanence")
    act(chief, alert, "release", zone="*")
    return alert


def decided(person, alert, **changed):
    given = {
        "what": "Faire réparer la serrure",
        "owner": "",
        "owner_name": "Services techniques",
        "due": TODAY + 20 * DAY,
    }
    return acts.decide(actor=people.actor(person.id), person=person, alert=alert, now=NOW, **(given | changed))


def work(spies, now):  # noqa: F811
    written = jobs.mail_reminders(now)
    governance.send_notices(spies, now)
    return written


def test_an_action_is_reminded_before_its_day_and_after_it_until_a_person_closes_it(school, spies, make_person):  # noqa: F811
    head, chief = make_person(Role.SCHOOL_HEAD), make_person(Role.CHIEF)
    actions.appoint(actor=SYSTEM, building=school, person=head.id, now=NOW)
    for person in (head, chief):
        Person.objects.filter(id=person.id).update(email=f"{person.id}@saint-aubin.example")
    alert = ended(chief, head, school)
    mine = decided(head, alert, owner=head.id, owner_name="")
    decided(head, alert, due=TODAY + 90 * DAY)
    assert work(spies, NOW) == 0, "three weeks before nobody is bothered"
    assert work(spies, NOW + 14 * DAY) == 1
    assert work(spies, NOW + 15 * DAY) == 0, "once"
    (mail,) = spies["email"].sent
    assert mail["address"].startswith(head.id)
    assert f"/building/alerts/{alert}/" in mail["text"]
    assert "serrure" not in mail["text"], "what is broken is not for the mail"
    assert work(spies, NOW + 20 * DAY) == 0, "its last day is not late"
    assert work(spies, NOW + 21 * DAY) == 2, "the owner and the chief"
    assert "était due" in spies["email"].sent[-1]["subject"]
    acts.close(actor=people.actor(chief.id), person=chief, measure=mine, outcome="Changée", now=NOW + 22 * DAY)
    one = next(one for one in queries.follow_up(alert).measures if one.id == mine)
    assert (one.done_by, one.outcome) == (chief.called, "Changée")
    with pytest.raises(Conflict):
        acts.close(actor=people.actor(head.id), person=head, measure=mine, outcome="", now=NOW + 23 * DAY)
    assert work(spies, NOW + 85 * DAY) == 2, "one without an account: whoever answers for the building, and the chief"


def test_nothing_is_decided_in_an_alert_that_goes_on_nor_for_who_does_not_see_it(school, stranger, make_person):  # noqa: F811
    head, chief, investigator = (make_person(one) for one in (Role.SCHOOL_HEAD, Role.CHIEF, Role.INVESTIGATOR))
    going_on = relay(chief, school)
    with pytest.raises(Conflict):
        decided(chief, going_on)
    with pytest.raises(Conflict):
        acts.observe(actor=people.actor(chief.id), person=chief, alert=going_on, text="x", now=NOW)
    alert = ended(chief, head, school)
    with pytest.raises(Invalid):
        decided(chief, alert, owner=investigator.id)
    with pytest.raises(Invalid):
        decided(chief, alert, owner_name=" ")
    mine = decided(chief, alert)
    with pytest.raises(NotFound):
        acts.close(actor=people.actor(stranger.id), person=stranger, measure=mine, outcome="", now=NOW)
    assert queries.open_measures_visible_to(stranger, [school]) == []
    assert [one.measure.id for one in queries.open_measures_visible_to(chief, [school])] == [mine]
