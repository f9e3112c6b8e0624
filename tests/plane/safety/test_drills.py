"""A drill is planned ahead, announced, armed by two, says so everywhere, and yields to the real at once (I8)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.spans import Span
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import jobs, models, queries
from beffroi.safety.actions import drills
from beffroi.safety.core.drills import DrillState
from beffroi.safety.core.words import Hazard, Nature
from tests.conftest import NOW
from tests.plane.safety.test_bell import KEY, relay, school, stranger  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
DAY = NOW + timedelta(days=2)
WINDOW = Span(DAY, DAY + timedelta(hours=2))


def planned(person, school, window=WINDOW):  # noqa: F811
    return drills.plan_drill(
        actor=people.actor(person.id), person=person, building=school, hazard=Hazard.EARTHQUAKE, window=window, now=NOW
    )


def ready(chief, head, school):  # noqa: F811
    drill = planned(head, school)
    drills.announce_drill(actor=people.actor(head.id), person=head, drill=drill, informed="Mairie, parents", now=NOW)
    assert not drills.arm_drill(actor=people.actor(head.id), person=head, drill=drill, now=DAY)
    assert drills.arm_drill(actor=people.actor(chief.id), person=chief, drill=drill, now=DAY)
    return drill


def test_from_plan_to_end(school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    drill = ready(chief, head, school)
    assert drill.startswith("EXERCICE-")
    alert = drills.start_drill(actor=people.actor(chief.id), person=chief, drill=drill, key=KEY, now=DAY)
    assert alert.startswith("EXERCICE-")
    assert queries.active_visible_to(chief)[0].file.alert.nature is Nature.DRILL
    assert jobs.settle_drills(DAY) == 0
    models.Alert.objects.filter(id=alert).update(state="lifted")
    assert jobs.settle_drills(DAY) == 1
    assert queries.drill_visible_to(head, drill).state is DrillState.ENDED


def test_a_real_alert_interrupts_and_forbids(school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    drill = ready(chief, head, school)
    relay(chief, school, now=DAY)
    with pytest.raises(Conflict) as refusal:
        drills.start_drill(actor=people.actor(chief.id), person=chief, drill=drill, key=KEY, now=DAY)
    assert refusal.value.code == "real_alert_running"
    jobs.settle_drills(DAY)
    assert queries.drill_visible_to(head, drill).state is DrillState.INTERRUPTED


def test_what_is_not_armed_does_not_start_and_the_window_disarms(school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    drill = planned(head, school)
    with pytest.raises(Conflict):
        drills.arm_drill(actor=people.actor(head.id), person=head, drill=drill, now=DAY)
    with pytest.raises(Invalid):
        drills.announce_drill(actor=people.actor(head.id), person=head, drill=drill, informed=" ", now=NOW)
    drills.announce_drill(actor=people.actor(head.id), person=head, drill=drill, informed="Mairie", now=NOW)
    for moment in (NOW, WINDOW.end):
        with pytest.raises(Conflict):
            drills.arm_drill(actor=people.actor(head.id), person=head, drill=drill, now=moment)
    with pytest.raises(Conflict):
        drills.start_drill(actor=people.actor(chief.id), person=chief, drill=drill, key=KEY, now=DAY)
    assert models.Alert.objects.count() == 0, "a drill that does not start leaves no alert"
    jobs.settle_drills(WINDOW.end)
    assert queries.drill_visible_to(head, drill).state is DrillState.PLANNED


@pytest.mark.parametrize(
    "window",
    [
        Span(NOW + timedelta(hours=1), NOW + timedelta(hours=2)),
        Span(DAY, DAY + timedelta(hours=9)),
        Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
    ],
)
def test_a_window_is_a_day_ahead_and_not_too_long(school, make_person, window):  # noqa: F811
    with pytest.raises(Invalid):
        planned(make_person(Role.SCHOOL_HEAD), school, window)


def test_a_foreign_drill_is_not_there_and_the_table_keeps_the_nature(school, stranger, make_person):  # noqa: F811
    drill = planned(make_person(Role.SCHOOL_HEAD), school)
    with pytest.raises(NotFound):
        queries.drill_visible_to(stranger, drill)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Drill.objects.filter(id=drill).update(id="REEL-1")
