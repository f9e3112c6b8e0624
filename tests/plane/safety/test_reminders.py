"""What a plan owes by a day is reminded by mail, twice, and the page says how far each mail has come."""

from datetime import UTC, date, datetime

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.governance import jobs as governance
from beffroi.governance.queries import notices
from beffroi.people.core.roles import Role
from beffroi.people.models import Person
from beffroi.safety import actions, jobs, models
from beffroi.safety.core.reminding import owed_by_mail
from beffroi.safety.queries import plans
from tests.plane.safety.test_bell import school  # noqa: F401  a fixture
from tests.plane.safety.test_notices import spies  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
AUTUMN = datetime(2026, 10, 6, 8, tzinfo=UTC)
CALM, NEAR, LAST = (datetime(*day, 8, tzinfo=UTC) for day in ((2026, 12, 1), (2027, 1, 12), (2027, 1, 26)))


def held(school, name, at):  # noqa: F811
    """A drill that was held."""
    models.Alert.objects.create(
        id=name, building_id=school, nature="exercice", hazard="flood", state="closed", opened_at=at
    )


def work(spies, now):  # noqa: F811
    jobs.watch_plans(now)
    written = jobs.mail_reminders(now)
    governance.send_notices(spies, now)
    return written


def test_a_drill_that_comes_near_is_mailed_twice_and_ends_when_it_is_held(school, spies, make_person, client_of):  # noqa: F811
    head, chief = make_person(Role.SCHOOL_HEAD), make_person(Role.CHIEF)
    actions.appoint(actor=SYSTEM, building=school, person=head.id, now=CALM)
    Person.objects.filter(id=chief.id).update(email="chef@saint-aubin.example")
    Person.objects.filter(id=head.id).update(email="")
    held(school, "EXERCICE-1", AUTUMN)
    assert work(spies, CALM) == 0, "two months before nobody is bothered"
    assert work(spies, NEAR) == 2
    assert work(spies, NEAR) == 0, "each once"
    (mail,) = spies["email"].sent
    assert mail["address"] == "chef@saint-aubin.example"
    assert "31/01/2027" in mail["subject"]
    assert "second exercice" in mail["text"]
    assert f"/building/{school}/" in mail["text"]
    (due,) = [one for one in plans.reminders(frozenset([school])) if one.what == "drill_before_winter_holidays"]
    states = {one.person_name: (one.state.value, one.trouble) for one in notices.about([due.subject])}
    assert states == {chief.called: ("unknown", ""), head.called: ("retrying", "no_address")}
    page = client_of(chief).get("/building/").content.decode()
    assert "Qui a reçu un rappel par courriel" in page
    assert "aucune adresse de courriel saisie" in page
    assert work(spies, LAST) == 2, "once more when a week is left"
    held(school, "EXERCICE-2", LAST)
    work(spies, LAST)
    assert "drill_before_winter_holidays" not in {one.what for one in plans.reminders(frozenset([school]))}


def test_the_end_of_a_plan_is_mailed_a_quarter_before_and_another_day_begins_anew(school, spies, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    Person.objects.filter(id=chief.id).update(email="chef@saint-aubin.example")
    held(school, "EXERCICE-1", AUTUMN)

    def ends(day):
        row = models.PlanVersion.objects.get(building=school, state="in_force")
        row.document = {**row.document, "valid_until": day}
        row.save()

    ends("2027-03-10")
    assert work(spies, CALM) == 0, "more than a quarter is left"
    ends("2027-02-20")
    assert work(spies, CALM) == 1
    assert "validité" in spies["email"].sent[-1]["text"]
    ends("2027-02-10")
    assert work(spies, CALM) == 1, "another day is another reminder"
    assert [one.due for one in plans.reminders(frozenset([school])) if one.what == "plan_validity"] == [
        date(2027, 2, 10)
    ]
    assert work(spies, datetime(2027, 2, 11, 8, tzinfo=UTC)) == 2, "the drill that was missed, and the plan that ended"
    assert {one["subject"].split(" : ")[1] for one in spies["email"].sent[-2:]} == {
        "était à faire avant le 10/02/2027",
        "était à faire avant le 31/01/2027",
    }


@pytest.mark.parametrize(
    ("what", "due", "owed"),
    [
        ("nobody:head", None, ""),
        ("plan_transmission", date(2026, 11, 20), "reminder"),
        ("plan_transmission", date(2026, 11, 12), "last_reminder"),
        ("plan_transmission", date(2026, 11, 9), "last_reminder"),
        ("plan_transmission", date(2026, 11, 8), "overdue"),
        ("plan_validity", date(2027, 1, 31), "reminder"),
    ],
)
def test_which_mail_is_owed(what, due, owed):
    assert owed_by_mail(what, due, date(2026, 11, 9)) == owed
