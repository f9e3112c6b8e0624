"""A real alert opens its cameras to named persons and to the room, and shuts them; a drill opens nothing (G6, I8)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.actions import access, alert_access
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.jobs import expire_grants
from beffroi.governance.models import AccessGrant, AlertGround
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import holds
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, NotFound
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.tickets import Mode, open_ticket
from beffroi.people import actions as people_acts
from beffroi.people.core.roles import Role
from beffroi.safety import actions, jobs
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Nature
from beffroi.sites import models as site_rows
from tests.conftest import INSEE, NOW
from tests.plane.governance.conftest import (  # noqa: F401  fixtures
    CLERK,
    actor,
    adopt,
    begin,
    cameras,
    shift,
    text_of,
    world,
)
from tests.plane.safety.test_bell import do, relay

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
INTERIOR = 1
BINDING = "ab" * 32


def named(world, model="petite-commune"):  # noqa: F811
    """A model convention that names this world's gendarmes."""
    text = text_of(model).replace("GN-204417", world.opj.matricule).replace("GN-198820", world.corg.matricule)
    return adopt(model, text)


@pytest.fixture
def school(world):  # noqa: F811
    """A school with a street camera and one in its hall."""
    hall = world.cameras[INTERIOR]
    site_rows.Camera.objects.filter(id=hall).update(tags=["ppms"])
    return actions.enter_building(
        actor=SYSTEM,
        insee=INSEE,
        name="École des Tilleuls",
        kind="school",
        cameras=[world.cameras[0], hall],
        now=NOW,
    )


def lifted(world, head, alert, now):  # noqa: F811
    do(world.chief, alert, Kind.ACKNOWLEDGE, now=now)
    do(head, alert, Kind.REQUEST_LIFT, now=now)
    do(head, alert, Kind.KEY, act="lift", now=now)
    do(world.chief, alert, Kind.KEY, act="lift", authority="CORG", now=now)
    do(world.chief, alert, Kind.RELEASE, zone="*", now=now)


def of_forces():
    rows = AccessGrant.objects.filter(basis_kind="alert", force="GN").order_by("person_name", "mode")
    return [(row.person_name, row.mode, row.state, len(row.cameras)) for row in rows]


def test_the_named_get_the_events_cameras_interior_ones_too_and_nobody_else_does(world, school):  # noqa: F811
    named(world)
    alert = relay(world.chief, school)
    assert jobs.follow_pictures(NOW) == 1
    both = len(world.cameras)
    assert of_forces() == [
        ("Adjudant Enquêteur", "relay", "active", both),
        ("Adjudant Enquêteur", "replay", "active", both),
        ("Gendarme Opératrice", "relay", "active", both),
        ("Gendarme Opératrice", "replay", "active", both),
    ]
    assert jobs.follow_pictures(NOW + SECOND) == 0, "following again opens nothing more"
    live = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    assert "G6-alerte-direct" in live.article
    facts = grants.grant(live.id)
    assert facts.page_first
    assert facts.heartbeat
    assert "watermark" in facts.obligations
    sealed = access.issue_ticket(
        grant=live.id, binding=BINDING, camera=world.cameras[INTERIOR], actor=actor(world.corg), now=NOW
    )
    key = VerifyKey(SigningKey(bytes(range(32))).public_bytes)
    ticket = open_ticket(sealed, [key], now_us=to_us(NOW), binding=BINDING)
    assert (ticket.mode, ticket.heartbeat) == (Mode.RELAY, True)
    back = grants.grant(AccessGrant.objects.get(person=world.corg.id, mode="replay").id)
    assert back.span is not None
    assert back.span.start == NOW - 5 * MINUTE
    held = holds.holds_of(HoldReference.ALERT, alert)
    assert {one.camera for one in held} == set(world.cameras)
    assert Fact.objects.filter(name="alert:pictures-open", subject=f"alert:{alert}").count() == 1


def test_the_hard_stop_is_five_minutes_after_the_all_clear_whether_a_worker_lives_or_not(world, school, make_person):  # noqa: F811
    named(world)
    head = make_person(Role.SCHOOL_HEAD)
    alert = relay(world.chief, school)
    jobs.follow_pictures(NOW)
    end = NOW + HOUR
    lifted(world, head, alert, end)
    stop = end + 5 * MINUTE
    assert AlertGround.objects.get().closes_at == stop
    before, after = stop - SECOND, stop + SECOND
    assert len(grants.active_relay_ids(before)) == 4, "the look goes on until the hard stop"
    assert expire_grants(before) == 0
    assert grants.active_relay_ids(stop) == frozenset(), "no heartbeat names it at the stroke: pictures end within 2 s"
    assert expire_grants(after) == 4
    live = AccessGrant.objects.get(mode="relay", person=world.corg.id)
    with pytest.raises(Forbidden):
        access.issue_ticket(grant=live.id, binding=BINDING, actor=actor(world.corg), now=after)
    assert jobs.follow_pictures(after) == 0
    with pytest.raises(NotFound):
        alert_access.renew(grant=live.id, actor=actor(world.corg), now=after)


def test_a_false_alarm_shuts_at_once(world, school, make_person):  # noqa: F811
    named(world)
    head = make_person(Role.SCHOOL_HEAD)
    alert = relay(world.chief, school)
    jobs.follow_pictures(NOW)
    later = NOW + 3 * MINUTE
    do(head, alert, Kind.KEY, act="cancel", now=later)
    assert len(grants.active_relay_ids(later)) == 4
    do(world.chief, alert, Kind.KEY, act="cancel", call_back="Mme Exemple", now=later)
    assert grants.active_relay_ids(later) == frozenset()


def test_what_the_room_stopped_stays_stopped(world, school, shift):  # noqa: F811
    named(world)
    relay(world.chief, school)
    jobs.follow_pictures(NOW)
    live = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    assert live.id in {one.id for one in grants.active_visible_to(world.officer, NOW)}, "the room sees it"
    access.stop_access(grant=live.id, reason="Erreur de destinataire", actor=actor(world.officer), now=NOW + SECOND)
    jobs.follow_pictures(NOW + 2 * SECOND)
    assert grants.grant(live.id).state == "stopped"
    assert live.id not in grants.active_relay_ids(NOW + 2 * SECOND)


def test_an_access_ends_after_two_hours_and_its_person_renews_it_while_the_alert_lasts(world, school):  # noqa: F811
    named(world)
    relay(world.chief, school)
    jobs.follow_pictures(NOW)
    live = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    end = NOW + 2 * HOUR
    assert live.until == end
    expire_grants(end)
    jobs.follow_pictures(end + SECOND)
    assert AccessGrant.objects.filter(person=world.corg.id, mode="relay").count() == 1, "nothing renews itself"
    again = alert_access.renew(grant=live.id, actor=actor(world.corg), now=end + MINUTE)
    assert (again.state, again.until) == ("active", end + MINUTE + 2 * HOUR)
    assert alert_access.renew(grant=live.id, actor=actor(world.corg), now=end + 2 * MINUTE).id == again.id
    with pytest.raises(NotFound):
        alert_access.renew(grant=live.id, actor=actor(world.opj), now=end + MINUTE)
    assert len(holds.holds_of(HoldReference.ALERT, live.basis_reference)) == 4, "the hold goes on with the event"


@pytest.mark.parametrize("nature", [Nature.DRILL, Nature.TEST])
def test_a_drill_opens_nothing_to_anybody(world, school, shift, nature):  # noqa: F811
    named(world)
    alert = relay(world.chief, school, nature=nature)
    assert jobs.follow_pictures(NOW) == 0
    assert not AccessGrant.objects.filter(basis_kind="alert").exists()
    assert not holds.holds_of(HoldReference.ALERT, alert)
    with pytest.raises(NotFound):
        alert_access.open_in_room(alert=alert, mode=Mode.LIVE, actor=actor(world.officer), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertGround.objects.create(alert=alert, label="x", cameras=[], opened_at=NOW)


def test_interior_cameras_open_to_the_room_only_while_a_real_alert_lasts(world, school, shift, make_person):  # noqa: F811
    named(world)
    hall = world.cameras[INTERIOR]
    duty = access.open_duty_look(actor=actor(world.officer), now=NOW)
    assert hall not in duty.cameras
    alert = relay(world.chief, school)
    jobs.follow_pictures(NOW)
    look = alert_access.open_in_room(alert=alert, mode=Mode.LIVE, actor=actor(world.officer), now=NOW)
    assert look.state == "active"
    assert hall in look.cameras
    assert alert_access.open_in_room(alert=alert, mode=Mode.LIVE, actor=actor(world.officer), now=NOW).id == look.id
    back = alert_access.open_in_room(alert=alert, mode=Mode.REPLAY, actor=actor(world.officer), now=NOW)
    assert back.span is not None
    with pytest.raises(Conflict):
        alert_access.open_in_room(alert=alert, mode=Mode.LIVE, actor=actor(world.video), now=NOW)
    head = make_person(Role.SCHOOL_HEAD)
    lifted(world, head, alert, NOW + MINUTE)
    after = NOW + 6 * MINUTE + SECOND
    expire_grants(after)
    assert grants.grant(look.id).state == "ended"
    with pytest.raises(NotFound):
        alert_access.open_in_room(alert=alert, mode=Mode.LIVE, actor=actor(world.officer), now=after)


def test_a_real_alert_lifts_the_hours_of_its_cameras_to_its_hard_stop_and_a_drill_lifts_nothing(
    world,  # noqa: F811
    school,
    make_person,
):
    hall = world.cameras[INTERIOR]
    relay(world.chief, school, nature=Nature.DRILL)
    jobs.follow_pictures(NOW)
    assert grants.lifted_by_alerts(NOW) == {}, "a drill"
    alert = relay(world.chief, school)
    jobs.follow_pictures(NOW)
    assert grants.lifted_by_alerts(NOW)[hall] == NOW + 2 * HOUR
    assert grants.lifted_by_alerts(NOW + 3 * HOUR)[hall] == NOW + 5 * HOUR, "renewed while it goes on"
    lifted(world, make_person(Role.SCHOOL_HEAD), alert, NOW + 3 * HOUR)
    jobs.follow_pictures(NOW + 3 * HOUR)
    assert grants.lifted_by_alerts(NOW + 3 * HOUR + SECOND)[hall] == NOW + 3 * HOUR + 5 * MINUTE
    assert grants.lifted_by_alerts(NOW + 3 * HOUR + 5 * MINUTE) == {}, "the recorder fell back at that moment already"


def test_where_the_convention_wants_a_yes_the_room_gives_it(world, school):  # noqa: F811
    named(world, "ville-tenue")
    relay(world.chief, school)
    jobs.follow_pictures(NOW)
    asked = AccessGrant.objects.get(basis_kind="alert")
    assert (asked.person, asked.state) == (world.corg.id, "requested")
    assert [one.id for one in grants.pending(world.officer, NOW)] == [asked.id]
    given = access.decide_access(grant=asked.id, answer="approve", actor=actor(world.officer), now=NOW + SECOND)
    assert given.state == "active"


def test_a_convention_may_keep_the_hall_shut(world, school):  # noqa: F811
    text = text_of("petite-commune").replace("GN-198820", world.corg.matricule)
    text = text.replace("where: {cameras: from_case}", "where: {cameras: from_case, exclude_tags: [ppms]}")
    adopt("petite-commune", text)
    relay(world.chief, school)
    jobs.follow_pictures(NOW)
    live = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    assert live.cameras == [world.cameras[0]]


def test_without_clearance_the_named_person_is_refused_with_the_article(world, school):  # noqa: F811
    named(world)
    people_acts.withdraw_clearance(
        clearance=world.corg.clearances[0].id, reason="Fin de fonctions", actor=CLERK, now=NOW - MINUTE
    )
    relay(world.chief, school)
    jobs.follow_pictures(NOW)
    row = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    assert (row.state, row.refusal) == ("refused", "clearance_not_in_force")
    assert "R-11" in row.article
