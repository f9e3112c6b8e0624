"""The end of an alert: second key by telephone without any link, duress, false alarm, re-opening, drills on buttons."""

from datetime import timedelta

import pytest

from beffroi.edge.access import Access
from beffroi.edge.closing import AGREEMENT, Closing
from beffroi.edge.engine import Press
from beffroi.edge.settings import code_digest
from beffroi.kernel.canonical import b64
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import jobs, models, queries
from beffroi.safety.actions.codes import issue_code
from beffroi.safety.actions.notices import add_own_contact
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.authority import Act
from beffroi.safety.core.drills import DrillState
from beffroi.safety.core.events import Kind
from beffroi.safety.core.phone_code import AHEAD, reference_of
from beffroi.safety.core.words import AlertState, Hazard, Nature, Party
from beffroi.web.building.alarm import draw
from tests.conftest import NOW
from tests.plane.safety.test_bell import KEY, box, do, relay, school  # noqa: F401  fixtures
from tests.plane.safety.test_drills import DAY, WINDOW, drills
from tests.plane.safety.test_notices import contact, spies, work  # noqa: F401  spies is a fixture

pytestmark = pytest.mark.django_db
DURESS = "2222"


@pytest.fixture
def cell(box):  # noqa: F811
    """The crisis cell of a box that has met its centre once and then lost the link."""
    answer = box.exchange(box.request(agreement=b64(box.key.agreement_bytes), devices=["button-1", "button-2"]))
    box.journal.remember(AGREEMENT, answer["agreement"])
    object.__setattr__(box.edge.settings, "key_code", code_digest("4711"))
    object.__setattr__(box.edge.settings, "duress_code", code_digest(DURESS))
    access = Access(box.journal, box.clock)
    box.cell, box.access, box.session = Closing(box.edge, access), access, access.open_session()
    return box


def asked_and_first_key(box, alert, act=Act.LIFT):  # noqa: F811
    if act is Act.LIFT:
        box.edge.act(Kind.ACKNOWLEDGE, alert, {"person": "Mme T", "party": Party.HEAD.value})
        box.cell.lift(alert, kind=Kind.REQUEST_LIFT, act=act, person="Mme T", session=box.session)
    box.cell.lift(alert, kind=Kind.KEY, act=act, person="Mme T", session=box.session)


def read_out(chief, school, alert, act=Act.LIFT, zone=ALL_ZONES, **more):  # noqa: F811
    given = {"authority": "CORG, lieutenant", "reference": reference_of(alert)} | more
    return issue_code(
        actor=people.actor(chief.id), person=chief, building=school, act=act, zone=zone, key=KEY, now=NOW, **given
    )


def turn(box, alert, code, act=Act.LIFT, zone=ALL_ZONES, authority="CORG, lieutenant"):  # noqa: F811
    box.cell.by_telephone(alert, act=act, zone=zone, code=code, authority=authority, session=box.session, peer="tablet")


def test_the_chief_reads_eight_digits_and_the_box_lifts_without_any_link(cell, school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    alert = cell.press()  # the centre has not heard of it
    asked_and_first_key(cell, alert)
    code = read_out(chief, school, alert)
    assert len(code) == 8
    turn(cell, alert, f"{code[:4]} {code[4:]}")
    assert cell.edge.files()[alert].alert.state is AlertState.LIFTED
    assert cell.edge.sounder.playing is None
    cell.exchange()
    file = queries.files([alert])[alert]
    assert file.alert.state is AlertState.LIFTED, "when the link is back the centre is in the same state"
    assert file.alert.keys[1].authority == "CORG, lieutenant"
    told = queries.phone_codes(school, reference_of(alert))
    assert told[1][0] == chief.called, "who read it out stands beside the number"


def test_a_code_is_good_once_for_its_alert_its_zone_and_its_act(cell, school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    alert = cell.press()
    code = read_out(chief, school, alert, zone="z1")
    with pytest.raises(Conflict) as refusal:
        turn(cell, alert, code, zone="z1")
    assert refusal.value.code == "first_key_first"
    asked_and_first_key(cell, alert)
    for wrong in ({"zone": "z2"}, {"zone": ALL_ZONES}, {"act": Act.CANCEL, "zone": "z1"}):
        with pytest.raises(Forbidden):
            turn(cell, alert, code, **wrong)
    with pytest.raises(Forbidden):
        turn(cell, alert, read_out(chief, school, alert, zone="z1", reference="ABCDEF"), zone="z1")
    cell.clock.advance(timedelta(minutes=2))
    turn(cell, alert, code, zone="z1")
    open_still = cell.edge.files()[alert].alert
    assert open_still.state is AlertState.LIFTING
    assert open_still.released == {"z1"}
    with pytest.raises(Forbidden):
        turn(cell, alert, code, zone="z1")
    turn(cell, alert, read_out(chief, school, alert, zone="z2"), zone="z2")
    assert cell.edge.files()[alert].alert.state is AlertState.LIFTED


def test_wrong_codes_cost_time_and_codes_far_ahead_are_not_taken(cell, school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    alert = cell.press()
    asked_and_first_key(cell, alert)
    codes = [read_out(chief, school, alert) for _ in range(AHEAD + 1)]
    assert len(set(codes)) > AHEAD - 1
    with pytest.raises(Forbidden):
        turn(cell, alert, codes[-1])
    for _ in range(4):
        with pytest.raises(Forbidden):
            turn(cell, alert, "00000000")
    with pytest.raises(Forbidden) as paused:
        turn(cell, alert, codes[0])
    assert paused.value.code == "code_paused"
    cell.clock.advance(timedelta(minutes=2))
    turn(cell, alert, codes[3])
    assert cell.edge.files()[alert].alert.state is AlertState.LIFTED


def test_only_the_second_key_reads_codes_out_and_the_authority_is_named(cell, school, make_person):  # noqa: F811
    alert = cell.press()
    for role in (Role.SCHOOL_HEAD, Role.VIDEO_OFFICER, Role.MAYOR):
        with pytest.raises(Forbidden):
            read_out(make_person(role), school, alert)
    chief = make_person(Role.CHIEF)
    with pytest.raises(Invalid):
        read_out(chief, school, alert, authority=" ")
    with pytest.raises(Invalid):
        read_out(chief, school, alert, reference="12")
    models.Edge.objects.update(agreement_key=None)
    with pytest.raises(Conflict):
        read_out(chief, school, alert)


def test_a_false_alarm_takes_a_call_back_and_the_telephone_is_one(cell, school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    alert = relay(chief, school)
    do(head, alert, Kind.KEY, act="cancel")
    with pytest.raises(Conflict) as refusal:
        do(chief, alert, Kind.KEY, act="cancel")
    assert refusal.value.code == "call_back_missing"
    do(chief, alert, Kind.KEY, act="cancel", call_back="Mme T, bureau: mauvaise manipulation")
    assert queries.files([alert])[alert].alert.state is AlertState.CANCELLED
    other = cell.press(sequence=5)
    asked_and_first_key(cell, other, Act.CANCEL)
    turn(cell, other, read_out(chief, school, other, Act.CANCEL, authority=""), Act.CANCEL, authority="")
    assert cell.edge.files()[other].alert.state is AlertState.CANCELLED


def test_under_duress_it_looks_ended_on_site_and_the_room_knows(cell, school, spies, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    contact(school, address="0600000001", name="Bureau de l'école")
    alert = cell.press()
    cell.exchange()
    do(chief, alert, Kind.ACKNOWLEDGE)
    cell.exchange()
    cell.cell.silence(alert, DURESS, session=cell.session, peer="tablet")
    assert cell.edge.sounder.playing is None
    assert cell.access.seems_over(cell.session, alert), "this session sees an ended alert"
    assert not cell.access.seems_over(cell.access.open_session(), alert), "another tablet does not"
    assert cell.edge.files()[alert].alert.active
    cell.cell.lift(alert, kind=Kind.KEY, act=Act.CANCEL, person="Mme T", session=cell.session)
    turn(cell, alert, "12345678")
    assert cell.edge.files()[alert].alert.active, "whatever is asked for there is done in appearance only"
    cell.exchange()
    known = queries.files([alert])[alert].alert
    assert known.duress
    assert known.untaken, "every console of the room rings again"
    assert "contrainte" in draw(frozenset([school]), "fr")
    for_school = draw(frozenset([school]), "fr", room=False)
    assert "contrainte" not in for_school
    assert 'data-state="triggered"' not in for_school, "no screen of the school gives it away"
    work(spies, NOW)
    assert not any("contrainte" in message["text"] for message in spies["sms"].sent)
    with pytest.raises(Conflict):
        do(head, alert, Kind.KEY, act="cancel")
    do(chief, alert, Kind.DURESS_OVER, authority="Patrouille sur place, adjudant")
    do(head, alert, Kind.KEY, act="cancel")


def test_a_code_of_duress_in_calm_tells_the_room_and_nobody_on_site(cell, school, spies, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    contact(school, address="0600000001", name="Bureau de l'école")
    own = {"actor": people.actor(chief.id), "person": chief, "channel": "sms", "now": NOW}
    add_own_contact(address="0600000002", **own)
    cell.cell.forced_to_enter()
    cell.cell.forced_to_enter()
    assert cell.edge.sounder.playing is None
    assert cell.edge.active() == [], "no room, no screen, no health line of the building shows it"
    cell.exchange()
    (view,) = queries.active_visible_to(chief)
    alert = view.file.alert.id
    assert view.file.alert.secret
    assert "contrainte" in draw(frozenset([school]), "fr")
    assert draw(frozenset([school]), "fr", room=False) == ""
    assert queries.active_visible_to(head) == []
    assert queries.alerts_of(head, school) == []
    with pytest.raises(NotFound):
        queries.alert_visible_to(head, alert)
    for wait in (0, 15, 30, 60):
        jobs.escalate(NOW + timedelta(seconds=wait))
        work(spies, NOW + timedelta(seconds=wait))
    assert {one["address"] for one in spies["sms"].sent} == {"0600000002"}, "nobody near whoever is forced"
    assert "contrainte" in spies["sms"].sent[0]["text"]
    loud = cell.press()
    assert loud != alert, "a press is an alert of its own, and sounds"
    assert cell.edge.sounder.playing is not None
    do(chief, alert, Kind.DURESS_OVER, authority="Patrouille sur place, adjudant")
    assert queries.alert_visible_to(head, alert)
    do(head, alert, Kind.KEY, act="cancel")
    do(chief, alert, Kind.KEY, act="cancel", call_back="Mme T")
    assert not queries.files([alert])[alert].alert.active
    work(spies, NOW + timedelta(minutes=5))
    assert not any(one["address"] == "0600000001" and alert in one["message_id"] for one in spies["sms"].sent)


def test_what_begins_again_within_the_hour_names_what_it_follows(cell, school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    first = relay(chief, school)
    do(head, first, Kind.KEY, act="cancel")
    do(chief, first, Kind.KEY, act="cancel", call_back="Mme T")
    again = relay(chief, school, now=NOW + timedelta(minutes=10))
    assert again != first
    assert queries.files([again])[again].alert.follows == first
    late = cell.press()
    assert cell.edge.files()[late].alert.follows == "", "this box had not heard of the first"


def armed_on_the_button(chief, head, school):  # noqa: F811
    drill = drills.plan_drill(
        actor=people.actor(head.id),
        person=head,
        building=school,
        hazard=Hazard.EARTHQUAKE,
        window=WINDOW,
        devices=["button-1"],
        now=NOW,
    )
    drills.announce_drill(actor=people.actor(head.id), person=head, drill=drill, informed="Mairie, parents", now=NOW)
    drills.arm_drill(actor=people.actor(head.id), person=head, drill=drill, now=DAY)
    drills.arm_drill(actor=people.actor(chief.id), person=chief, drill=drill, now=DAY)
    return drill


def pressed(box, device, sequence=1):  # noqa: F811
    return box.edge.trigger(Press(device, "d1", sequence, Hazard.EARTHQUAKE, "hall", box.clock.now_us()))


def armed(box, now):  # noqa: F811
    """One exchange, and what the box takes from the answer, as its sync does."""
    box.clock.advance(now - box.clock.now())
    order = box.exchange(now=now).get("drill")
    if order:
        box.edge.arm_drill(order["alert"], order["devices"], order["until_us"])
    else:
        box.edge.disarm_drill()
    return order


def test_a_drill_armed_at_the_centre_begins_at_its_own_button_and_at_no_other(cell, school, spies, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    contact(school, address="0600000001")
    contact(school, address="0600000002", drill_ok=True)
    assert "drill" not in cell.exchange(), "nothing is armed by planning"
    drill = armed_on_the_button(chief, head, school)
    order = armed(cell, DAY)
    assert order["devices"] == ["button-1"]
    alert = pressed(cell, "button-1")
    assert alert.startswith("EXERCICE-")
    assert cell.edge.sounder.playing[1] is Nature.DRILL
    armed(cell, DAY)
    jobs.settle_drills(DAY)
    assert queries.drill_visible_to(head, drill).state is DrillState.RUNNING
    assert queries.drill_visible_to(head, drill).alert == alert
    real = pressed(cell, "button-2")
    assert real.startswith("REEL-")
    armed(cell, DAY)
    jobs.settle_drills(DAY)
    for _ in range(3):  # in order on each road: the drill, then its interruption
        work(spies, DAY)
    assert queries.files([alert])[alert].alert.interrupted_by == real
    assert queries.drill_visible_to(head, drill).state is DrillState.INTERRUPTED
    told = {message["address"]: message["text"] for message in spies["sms"].sent if "INTERRUPTION" in message["text"]}
    assert set(told) == {"0600000002"}, "whoever heard of the drill hears that it is over, and that this is real"
    assert "EXERCICE EXERCICE" not in told["0600000002"]
    assert armed(cell, DAY) is None
    assert pressed(cell, "button-1", 2) == real


def test_after_the_drill_its_button_is_real_even_without_a_link(cell, school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    armed_on_the_button(chief, head, school)
    armed(cell, DAY)
    alert = pressed(cell, "button-1")
    cell.edge.act(Kind.KEY, alert, {"person": "h", "party": "head", "act": "cancel"})
    cell.edge.act(Kind.KEY, alert, {"person": "c", "party": "chief", "act": "cancel"})
    assert pressed(cell, "button-1", 2).startswith("REEL-")


def test_an_armed_drill_forgets_its_button_with_its_window(cell, school, make_person):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    armed_on_the_button(chief, head, school)
    assert armed(cell, DAY)
    assert armed(cell, WINDOW.end) is None
    assert pressed(cell, "button-1").startswith("REEL-")
    jobs.settle_drills(WINDOW.end)
    assert models.Drill.objects.get().alert == ""


def test_which_trigger_is_often_wrong_stands_on_the_page_of_its_building(cell, school, make_person, client_of):  # noqa: F811
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    for number in range(1, 4):
        alert = cell.press(number)
        cell.exchange()
        if number < 3:
            do(head, alert, Kind.KEY, act="cancel")
            do(chief, alert, Kind.KEY, act="cancel", call_back="Mme T")
            cell.exchange()
    relay(chief, school)
    (found,) = queries.false_alarms(school, NOW)
    assert (found.device, found.raised, found.false) == ("button-1", 2, 2), "of what goes on nobody knows yet"
    page = client_of(chief).get(f"/building/{school}/").content.decode()
    assert "Déclencheurs sur l’année écoulée" in page
    assert "button-1" in page
