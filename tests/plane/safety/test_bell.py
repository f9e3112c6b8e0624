"""The bell at the centre: orders relayed, acts by their powers, exchange with a real edge, plans in force."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.edge.engine import Edge, Press
from beffroi.edge.journal import Journal
from beffroi.edge.settings import EdgeSettings, signing_key
from beffroi.edge.sounder import ScreenSounder
from beffroi.edge.sync import seal
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.people import actions as acts
from beffroi.people import queries as people
from beffroi.people.core.roles import Force, Role
from beffroi.safety import actions, models, queries
from beffroi.safety.core.events import Kind
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.wire import CENTRE, from_wire
from beffroi.safety.core.words import AlertState, Hazard, Nature, Posture
from tests.conftest import INSEE, NOW
from tests.unit.edge.test_engine import PLAN as EDGE_PLAN
from tests.unit.safety.test_plans import PLAN

KEY = SigningKey(bytes(range(32)))
pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    building = actions.enter_building(
        actor=SYSTEM, insee=INSEE, name="École des Tilleuls", kind="school", cameras=["cam-2"], now=NOW
    )
    version, findings = actions.import_plan(actor=SYSTEM, building=building, document=plan_to_json(PLAN), now=NOW)
    assert not [one for one in findings if one.blocking]
    actions.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=NOW)
    return building


@pytest.fixture
def stranger(db):
    """The chief of another commune's police."""
    organisation = acts.create_organisation(name="Valmont", force=Force.PM, insee="99200", actor=SYSTEM, now=NOW)
    unit = acts.create_unit(organisation=organisation, name="PM de Valmont", actor=SYSTEM, now=NOW)
    person = acts.create_person(name="Chef de Valmont", unit=unit, matricule="V1", actor=SYSTEM, now=NOW)
    acts.grant_role(person=person, role=Role.CHIEF, actor=SYSTEM, now=NOW)
    return people.person_facts(person, NOW)


def relay(person, school, **changed):
    given = {
        "actor": people.actor(person.id),
        "person": person,
        "building": school,
        "hazard": Hazard.TOXIC_CLOUD,
        "authority": "Préfecture, cadre de permanence",
        "key": KEY,
        "now": NOW,
    }
    return actions.relay_order(**given | changed)


def do(person, alert, kind, now=NOW, **body):
    actions.act(actor=people.actor(person.id), person=person, alert=alert, kind=kind, body=body, key=KEY, now=now)


def test_an_order_is_relayed_with_the_name_of_who_gave_it(school, stranger, make_person):
    chief = make_person(Role.CHIEF)
    alert = relay(chief, school)
    assert alert.startswith("REEL-")
    view = queries.active_visible_to(chief)[0]
    assert view.file.alert.posture_of("z1") is Posture.SEAL_IN
    assert view.building.name == "École des Tilleuls"
    with pytest.raises(Invalid):
        relay(chief, school, authority="  ")
    with pytest.raises(NotFound):
        relay(stranger, school)
    with pytest.raises(Forbidden):
        relay(make_person(Role.TECHNICIAN), school)
    assert Fact.objects.filter(name="alert:event", subject=f"alert:{alert}").count() == 1


def test_two_keys_of_two_persons_end_it_and_refusals_are_facts(school, make_person):
    chief, head, gendarme = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD), make_person(Role.OPERATIONS_CENTRE)
    alert = relay(chief, school)
    with pytest.raises(Conflict) as refusal:
        do(chief, alert, Kind.KEY, act="lift")
    assert refusal.value.code == "not_in_this_state"
    do(chief, alert, Kind.ACKNOWLEDGE)
    do(head, alert, Kind.REQUEST_LIFT)
    do(head, alert, Kind.KEY, act="lift")
    for person, reason in ((head, "same_person"), (gendarme, "no_power")):
        with pytest.raises(Conflict) as refusal:
            do(person, alert, Kind.KEY, act="lift")
        assert refusal.value.code == reason
    with pytest.raises(Conflict) as refusal:
        do(chief, alert, Kind.KEY, act="lift")
    assert refusal.value.code == "authority_missing"
    do(chief, alert, Kind.KEY, act="lift", authority="CORG, lieutenant de permanence")
    do(chief, alert, Kind.RELEASE, zone="*")
    view = queries.alert_visible_to(chief, alert)
    assert view.file.alert.state is AlertState.LIFTED
    assert models.Alert.objects.get(id=alert).state == "lifted"
    assert queries.active_visible_to(chief) == []
    assert len([line for line in view.file.log if line.without_effect]) == 4, "refusals stay in the log"


def test_a_foreign_commune_sees_and_does_nothing(school, stranger, make_person):
    alert = relay(make_person(Role.CHIEF), school)
    assert queries.active_visible_to(stranger) == []
    with pytest.raises(NotFound):
        do(stranger, alert, Kind.ACKNOWLEDGE)
    with pytest.raises(NotFound):
        queries.alert_visible_to(stranger, "REEL-none")


def test_the_head_answers_for_her_school_without_being_cleared_for_pictures(school, stranger, make_person):
    alert = relay(make_person(Role.CHIEF), school)
    assert queries.active_visible_to(stranger) == []
    actions.appoint(actor=SYSTEM, building=school, person=stranger.id, now=NOW)
    actions.appoint(actor=SYSTEM, building=school, person=stranger.id, now=NOW)
    assert [view.file.alert.id for view in queries.active_visible_to(stranger)] == [alert]
    assert stranger.territory == frozenset()


def test_the_database_refuses_a_nature_that_contradicts_the_identifier(school, make_person):
    alert = relay(make_person(Role.CHIEF), school)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Alert.objects.filter(id=alert).update(nature=Nature.DRILL.value)


def test_a_plan_with_a_blocking_fault_takes_no_effect(school):
    document = plan_to_json(PLAN) | {"validated_by": []}
    version, findings = actions.import_plan(actor=SYSTEM, building=school, document=document, now=NOW)
    assert any(one.blocking for one in findings)
    with pytest.raises(Invalid):
        actions.put_plan_in_force(actor=SYSTEM, building=school, version=version, now=NOW)
    assert queries.plan_in_force(school).version == 1
    with pytest.raises(Invalid, match="zones"):
        actions.import_plan(actor=SYSTEM, building=school, document=document | {"zones": 3}, now=NOW)


class Box:
    """A real edge, spoken to without a wire."""

    def __init__(self, folder, building):
        self.clock = ManualClock(NOW)
        self.key = signing_key(folder)
        self.journal = Journal(folder / "edge.sqlite3", origin="edge-1", key=self.key, boot="b1")
        settings = EdgeSettings("edge-1", building, folder, centre_key=KEY.public_bytes)
        self.edge = Edge(settings, self.journal, self.clock, ScreenSounder(), EDGE_PLAN)
        actions.pair_edge(
            actor=SYSTEM, building=building, edge="edge-1", public_key=b64(self.key.public_bytes), now=NOW
        )

    def request(self, have=None, **more):
        theirs = have if have is not None else {}
        body = {"edge": "edge-1", "have": self.journal.vector(), "plan_version": 0}
        body["events"] = [one.to_wire() for one in self.journal.lacking(theirs)]
        return seal(body | more, self.key)

    def exchange(self, message=None, **changed):
        message = message or self.request()
        given = {"edge": "edge-1", "signature": message.signature, "body": message.body, "key": KEY, "now": NOW}
        answer = json.loads(actions.exchange(**given | changed))
        self.edge.take_in([from_wire(one, {CENTRE: VerifyKey(KEY.public_bytes)}) for one in answer["events"]])
        return answer

    def press(self, sequence=1):
        return self.edge.trigger(Press("button-1", "d1", sequence, Hazard.INTRUSION, "hall", self.clock.now_us()))


@pytest.fixture
def box(school, tmp_path):
    made = Box(tmp_path, school)
    yield made
    made.journal.close()


def test_a_press_in_the_building_is_an_alert_in_the_room(box, make_person):
    chief = make_person(Role.CHIEF)
    alert = box.press()
    answer = box.exchange()
    view = queries.active_visible_to(chief)[0]
    assert view.file.alert.id == alert
    assert view.file.alert.posture_of("z1") is Posture.ESCAPE_OR_HIDE
    assert answer["plan"]["version"] == 1
    box.exchange()
    box.exchange(box.request(have={}))
    assert len(queries.files([alert])[alert].alert.triggers) == 1, "a repeated exchange doubles nothing"
    do(chief, alert, Kind.ACKNOWLEDGE, now=NOW - timedelta(hours=1))
    box.exchange()
    assert box.edge.active()[0].alert.acknowledged_by == chief.id
    assert queries.files([alert])[alert].alert == box.edge.files()[alert].alert


def test_an_alert_of_the_centre_sounds_in_the_building(box, school, make_person):
    alert = relay(make_person(Role.CHIEF), school)
    box.exchange()
    assert box.edge.active()[0].alert.id == alert
    assert box.edge.sounder.playing == (Posture.SEAL_IN, Nature.REAL)


def test_only_the_paired_box_is_heard_and_only_for_its_building(box, school, make_person):
    other_key = SigningKey(b"z" * 32)
    box.press()
    message = box.request()
    forged = seal(json.loads(message.body), other_key)
    for change in (
        {"signature": forged.signature},
        {"signature": "!"},
        {"edge": "edge-9"},
        {"body": message.body + b" "},
    ):
        with pytest.raises(Forbidden):
            box.exchange(message, **change)
    assert models.Event.objects.count() == 0
    other = actions.enter_building(actor=SYSTEM, insee=INSEE, name="Mairie", kind="town_hall", now=NOW)
    foreign = relay(make_person(Role.CHIEF), other)
    event = box.journal.append(Kind.CLOSE, alert=foreign, body={}, now_us=box.clock.now_us())
    assert event.alert == foreign
    with pytest.raises(Forbidden):
        box.exchange()
    with pytest.raises(Conflict):
        actions.pair_edge(actor=SYSTEM, building=school, edge="edge-2", public_key=b64(b"k" * 32), now=NOW)
    with pytest.raises(Invalid):
        actions.pair_edge(actor=SYSTEM, building=other, edge="edge-3", public_key="AAAA", now=NOW)


@pytest.mark.parametrize(
    "body",
    [{"events": 3}, {"events": [{}]}, {"events": [3]}, {"have": {"a/b": "x"}, "events": []}, {"contacts": ["hall"]}],
)
def test_a_broken_exchange_is_refused_and_keeps_nothing(box, body):
    with pytest.raises(Invalid):
        box.exchange(seal({"edge": "edge-1", **body}, box.key))
    assert models.Event.objects.count() == 0
