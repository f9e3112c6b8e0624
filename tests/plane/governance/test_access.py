"""Access from the first word to the last byte: asked, decided, ticketed, stopped, ended (J1, J3, I1, I12)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from beffroi.audit import queries as audit
from beffroi.governance.actions import access, conventions, orders
from beffroi.governance.actions.cases import close_case, open_case
from beffroi.governance.core.context import ENGINE
from beffroi.governance.jobs import expire_grants
from beffroi.governance.models import AccessGrant, Decision
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import decisions
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.kernel.spans import Span
from beffroi.media.core.leases import open_lease
from beffroi.media.core.tickets import Mode, open_ticket
from beffroi.operations import actions as operations
from beffroi.people import actions as people
from beffroi.people.core.roles import Role
from tests.conftest import NOW
from tests.plane.governance.conftest import CLERK, actor, adopt, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BINDING = "ab" * 32
KEY = VerifyKey(SigningKey(bytes(range(32))).public_bytes)


def ask(world, incident, *, person=None, **changes):
    person = person or world.corg
    given = {
        "mode": Mode.RELAY,
        "cameras": [world.cameras[0]],
        "ground_kind": "incident",
        "ground": incident.id,
        "purpose": "L251-2:5",
        "legal_basis": "ADMIN_POLICE",
        "reason": "Patrouille en route vers la mairie",
        "duration": HOUR,
        "actor": actor(person),
        "now": NOW,
    }
    return access.request_access(**{**given, **changes})


def ticket_of(grant, person, now=NOW, **more):
    sealed = access.issue_ticket(grant=grant.id, binding=BINDING, actor=actor(person), now=now, **more)
    return open_ticket(sealed, [KEY], now_us=to_us(now), binding=BINDING)


def approve(world, grant, *, by=None, answer="approve", now=NOW, **more):
    return access.decide_access(grant=grant.id, answer=answer, actor=actor(by or world.officer), now=now, **more)


def names(subject):
    return [line.fact.name for line in audit.facts(subject=subject)]


def test_on_duty_the_wall_opens_without_anyones_yes_and_lives_without_the_office(clock, world, shift):
    look = access.open_duty_look(actor=actor(world.officer), now=NOW)
    assert (look.state, look.article, set(look.cameras)) == ("active", "CSI R253-3 II 2°", set(world.cameras))
    assert look.until == shift.expires_at
    assert access.open_duty_look(actor=actor(world.officer), now=NOW + MINUTE).id == look.id
    ticket = ticket_of(look, world.officer)
    assert (ticket.mode, ticket.heartbeat, ticket.watermark) == (Mode.LIVE, False, "")
    assert ticket.expires_us - ticket.issued_us == 60_000_000
    assert grants.active_relay_ids(NOW) == frozenset()
    lease = access.issue_shift_lease(binding=BINDING, actor=actor(world.officer), now=NOW)
    opened = open_lease(lease, [KEY], now_us=to_us(NOW), binding=BINDING)
    assert (opened.person, opened.until_us) == (world.officer.id, to_us(shift.expires_at))


def test_without_a_shift_there_is_no_wall_and_the_end_of_duty_ends_it(world, shift):
    with pytest.raises(Conflict):
        access.open_duty_look(actor=actor(world.video), now=NOW)
    look = access.open_duty_look(actor=actor(world.officer), now=NOW)
    operations.end_shift(actor=actor(world.officer), shift=shift.id, now=NOW + MINUTE)
    with pytest.raises(Forbidden) as refused:
        ticket_of(look, world.officer, NOW + MINUTE)
    assert refused.value.code == "duty_not_open"
    assert grants.grant(look.id).state == "ended"


def test_an_agent_without_clearance_is_refused_with_the_article_and_leaves_its_trace(world, shift):
    clearance = world.officer.clearances[0]
    people.withdraw_clearance(clearance=clearance.id, reason="Fin de fonctions", actor=CLERK, now=NOW)
    with pytest.raises(Conflict):
        access.open_duty_look(actor=actor(world.officer), now=NOW + MINUTE)


def test_a_look_back_hangs_on_an_incident(world, incident):
    look = access.open_look_back(
        incident=incident.id,
        cameras=world.cameras,
        span=Span(NOW - 2 * MINUTE, NOW),
        actor=actor(world.officer),
        now=NOW,
    )
    assert (look.state, look.basis_label, look.heartbeat) == ("active", incident.reference, True)
    ticket = ticket_of(look, world.officer, camera=world.cameras[1])
    assert (ticket.cameras, ticket.span) == ((world.cameras[1],), Span(NOW - 2 * MINUTE, NOW))
    far = access.open_look_back(
        incident=incident.id,
        cameras=world.cameras,
        span=Span(NOW - 72 * HOUR, NOW - 71 * HOUR),
        actor=actor(world.officer),
        now=NOW,
    )
    assert (far.state, far.refusal) == ("refused", "span_before_incident")


def test_a_relay_is_asked_approved_watched_stopped_and_every_step_is_a_fact(world, convention, incident):
    asked = ask(world, incident)
    assert asked.state == "requested"
    assert asked.article == "COORD-99123-2026, article 12 (G1-direct)"
    assert asked.approvers() == ("duty_officer", "video_officer", "chief")
    with pytest.raises(Forbidden):
        ticket_of(asked, world.corg)
    assert [one.id for one in grants.pending(world.officer, NOW)] == [asked.id]
    assert grants.pending(world.corg, NOW) == []
    opened = approve(world, asked, now=NOW + MINUTE)
    assert (opened.state, opened.until) == ("active", NOW + MINUTE + HOUR)
    ticket = ticket_of(opened, world.corg, NOW + MINUTE)
    assert ticket.heartbeat
    assert ticket.watermark == "GENDARME OPÉRATRICE · Unit GN · I-2026-0001 · 23/11/2026 11:01"
    assert ticket.basis.article == opened.article
    assert grants.active_relay_ids(NOW + MINUTE) == {opened.id}
    stopped = access.stop_access(grant=opened.id, reason="Fin", actor=actor(world.chief), now=NOW + 2 * MINUTE)
    assert (stopped.state, stopped.stopped_by_name) == ("stopped", world.chief.called)
    assert grants.active_relay_ids(NOW + 2 * MINUTE) == frozenset()
    with pytest.raises(Forbidden):
        ticket_of(opened, world.corg, NOW + 2 * MINUTE)
    assert sorted(names(f"access:{opened.id}")) == [
        "access:approve",
        "access:request",
        "access:stop",
        "notice:plan",
    ]


def test_without_a_convention_nobody_from_outside_gets_anything(world, incident):
    refused = ask(world, incident)
    assert (refused.state, refused.refusal) == ("refused", "no_convention")
    assert names(f"access:{refused.id}") == ["access:deny"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purpose": "L251-2:3"}, "purpose_not_of_camera"),
        ({"reason": "Surveillance"}, "no_reason"),
        ({"duration": 13 * HOUR}, "relay_too_long"),
        ({"cameras": ["nowhere"]}, "camera_unknown"),
        ({"mode": Mode.PTZ}, "ptz_not_agreed"),
        ({"legal_basis": "CPP_60_1"}, "basis_not_agreed"),
        ({"mode": Mode.REPLAY, "span": Span(NOW - HOUR, NOW)}, "quality_not_agreed"),
    ],
)
def test_outside_the_convention_the_answer_is_no_with_its_article(world, convention, incident, changes, reason):
    refused = ask(world, incident, **changes)
    assert (refused.state, refused.refusal) == ("refused", reason)
    assert refused.article


def test_whoever_asks_does_not_approve_and_strangers_see_nothing(world, convention, incident, make_person):
    asked = ask(world, incident)
    with pytest.raises(Forbidden):
        approve(world, asked, by=world.corg)
    with pytest.raises(NotFound):
        approve(world, asked, by=world.opj)
    with pytest.raises(NotFound):
        access.stop_access(grant=asked.id, actor=actor(world.opj), now=NOW)
    opened = approve(world, asked)
    with pytest.raises(NotFound):
        ticket_of(opened, world.opj)
    with pytest.raises(NotFound):
        ticket_of(opened, world.corg, camera=world.cameras[1])
    with pytest.raises(NotFound):
        grants.grant_for(world.opj, opened.id)


def test_an_answer_is_given_once_and_never_after_a_withdrawal(world, convention, incident):
    first = ask(world, incident)
    approve(world, first)
    with pytest.raises(Conflict):
        approve(world, first, by=world.chief, answer="refuse", note="Trop tard")
    second = ask(world, incident)
    assert access.stop_access(grant=second.id, actor=actor(world.corg), now=NOW).state == "withdrawn"
    with pytest.raises(Conflict):
        approve(world, second)


def test_limiting_takes_cameras_and_time_and_refusing_takes_a_reason(world, convention, incident):
    both = ask(world, incident, cameras=world.cameras)
    with pytest.raises(Invalid):
        approve(world, both, answer="limit", cameras=[])
    less = approve(world, both, answer="limit", cameras=[world.cameras[1], "other"], until=NOW + 10 * MINUTE)
    assert (less.cameras, less.until) == ((world.cameras[1],), NOW + 10 * MINUTE)
    other = ask(world, incident)
    with pytest.raises(Invalid):
        approve(world, other, answer="refuse", note=" ")
    no = approve(world, other, answer="refuse", note="Une patrouille est déjà sur place")
    assert (no.state, no.refusal) == ("refused", "refused_by_person")


def test_where_the_convention_wants_two_the_second_is_somebody_else(world, incident):
    text = text_of("petite-commune").replace(
        "by: [duty_officer, video_officer, chief]", "by: [duty_officer]\n      second: [chief, duty_officer]"
    )
    adopt("petite-commune", text)
    asked = ask(world, incident)
    first = approve(world, asked)
    assert (first.state, first.decided_by) == ("requested", world.officer.id)
    assert [one.id for one in grants.pending(world.chief, NOW)] == [asked.id]
    assert grants.pending(world.officer, NOW) == []
    with pytest.raises(Conflict):
        approve(world, asked)
    with pytest.raises(Forbidden):
        ticket_of(asked, world.corg)
    opened = approve(world, asked, by=world.chief, now=NOW + MINUTE)
    assert (opened.state, opened.until) == ("active", NOW + MINUTE + HOUR)
    assert AccessGrant.objects.get(pk=asked.id).second_by == world.chief.id


def test_the_room_relays_to_a_named_user_in_one_act(world, convention, incident):
    given = access.offer_relay(
        person=world.corg.id,
        incident=incident.id,
        cameras=[world.cameras[0]],
        duration=30 * MINUTE,
        reason="Assistance à la patrouille",
        actor=actor(world.officer),
        now=NOW,
    )
    assert (given.state, given.person, given.until) == ("active", world.corg.id, NOW + 30 * MINUTE)
    assert AccessGrant.objects.get(pk=given.id).decided_by == world.officer.id
    with pytest.raises(Conflict):
        access.offer_relay(
            person=world.corg.id,
            incident=incident.id,
            cameras=[world.cameras[0]],
            duration=30 * MINUTE,
            reason="Sans être de service",
            actor=actor(world.chief),
            now=NOW,
        )


def test_break_glass_opens_at_once_and_a_second_person_regularises_it(world, convention, incident):
    urgent = ask(world, incident, emergency=True, reason="Une personne menace de sauter du pont", duration=2 * HOUR)
    assert urgent.state == "active"
    assert urgent.regularise_by == NOW + 24 * HOUR
    assert [one.id for one in grants.to_regularise(NOW)] == [urgent.id]
    with pytest.raises(NotFound):
        access.regularise(grant=urgent.id, note="Vu", actor=actor(world.corg), now=NOW)
    done = access.regularise(grant=urgent.id, note="Vu, justifié", actor=actor(world.chief), now=NOW + HOUR)
    assert done.regularised_by == world.chief.id
    assert grants.to_regularise(NOW) == []
    long = ask(world, incident, emergency=True, reason="Une personne menace de sauter du pont", duration=3 * HOUR)
    assert long.refusal == "emergency_too_long"


def test_every_access_ends_by_its_term_its_ground_or_the_gate(world, convention, incident):
    at_term, with_incident, with_order = (approve(world, ask(world, incident)) for _ in range(3))
    access.stop_access(grant=with_order.id, actor=actor(world.officer), now=NOW)
    assert expire_grants(NOW + MINUTE) == 0
    assert expire_grants(NOW + HOUR) == 2
    assert grants.grant(at_term.id).stop_reason == "term"
    again = approve(world, ask(world, incident, now=NOW + HOUR), now=NOW + HOUR)
    operations.close_incident(
        actor=actor(world.officer), incident=incident.id, closing="Tout est rentré dans l'ordre", now=NOW + HOUR
    )
    assert expire_grants(NOW + HOUR + MINUTE) == 1
    assert grants.grant(again.id).stop_reason == "incident_not_open"
    assert grants.grant(with_incident.id).state == "ended"
    assert grants.active(NOW + HOUR + MINUTE) == []


@pytest.mark.parametrize("what", ["convention", "order", "clearance"])
def test_what_falls_away_ends_the_open_access(world, convention, incident, what):
    opened = approve(world, ask(world, incident))
    if what == "convention":
        conventions.suspend_convention(convention=convention, reason="Dénonciation", actor=CLERK, now=NOW + MINUTE)
    elif what == "order":
        for number in ("AP-2026-99-0117", "AP-2"):
            orders.revoke_order(number=number, reason="Retrait", actor=CLERK, now=NOW + MINUTE)
    else:
        clearance = world.corg.clearances[0]
        people.withdraw_clearance(clearance=clearance.id, reason="Mutation", actor=CLERK, now=NOW + MINUTE)
    assert expire_grants(NOW + MINUTE) == 1
    assert grants.grant(opened.id).state == "ended"
    facts = [one for one in names(f"access:{opened.id}") if one == "access:end"]
    assert len(facts) == 1


def test_replay_hangs_on_the_units_own_case_and_ends_with_it(world, convention):
    case = open_case(
        number="00412/77/2026",
        legal_basis="CPP_60_1",
        unit=world.opj.unit,
        force="GN",
        cameras=[world.cameras[0]],
        span=Span(NOW - 6 * HOUR, NOW - 3 * HOUR),
        actor=actor(world.opj),
        now=NOW,
    )
    asked = ask(
        world,
        case,
        person=world.opj,
        mode=Mode.REPLAY,
        ground_kind="case",
        span=Span(NOW - 5 * HOUR, NOW - 4 * HOUR),
        purpose="",
        legal_basis="CPP_60_1",
        reason="Vol à main armée, véhicule en fuite",
    )
    assert (asked.state, asked.article[-14:]) == ("requested", "(G3-relecture)")
    with pytest.raises(NotFound):
        approve(world, asked, by=world.officer)
    opened = approve(world, asked, by=world.video)
    assert ticket_of(opened, world.opj).span == Span(NOW - 5 * HOUR, NOW - 4 * HOUR)
    outside = ask(
        world,
        case,
        person=world.opj,
        mode=Mode.REPLAY,
        ground_kind="case",
        cameras=[world.cameras[1]],
        span=Span(NOW - 5 * HOUR, NOW - 4 * HOUR),
        purpose="",
        legal_basis="CPP_60_1",
        reason="Vol à main armée, véhicule en fuite",
    )
    assert outside.refusal == "camera_outside_case"
    close_case(case=case.id, actor=actor(world.opj), now=NOW + MINUTE)
    assert grants.grant(opened.id).state == "ended"


def test_the_prefectures_named_agent_gets_a_page_first_and_another_agent_nothing(world, convention, incident):
    asked = ask(world, incident, person=world.prefecture, purpose="L251-2:7")
    assert (asked.state, asked.page_first) == ("requested", True)
    assert asked.article.endswith("(G5-crise)")
    orders.revoke_order(number="AP-2", reason="Remplacement", actor=CLERK, now=NOW + MINUTE)
    refused = ask(world, incident, person=world.prefecture, purpose="L251-2:7", now=NOW + 2 * MINUTE)
    assert refused.refusal in {"recipient_not_in_order", "order_not_in_force"}


def test_another_convention_changes_the_answer_with_no_code_change(world, incident):
    first = adopt("petite-commune")
    asked = ask(world, incident)
    assert (asked.state, asked.article) == ("requested", "COORD-99123-2026, article 12 (G1-direct)")
    conventions.end_convention(convention=first, reason="Remplacée", actor=CLERK, now=NOW)
    adopt("ville-tenue")
    opened = ask(world, incident, now=NOW + MINUTE)
    assert (opened.state, opened.article) == ("active", "COORD-VILLE-2026, article 9 (G1-direct)")
    assert opened.regularise_by == NOW + MINUTE + 24 * HOUR


def test_each_decision_is_stored_and_taken_again_from_its_inputs(world, convention, incident):
    asked = ask(world, incident)
    approve(world, asked)
    ask(world, incident, reason="motif")
    stored = [decisions.decision(row.id) for row in Decision.objects.all()]
    assert len(stored) == 3
    for one in stored:
        replayed = decisions.taken_again(one)
        assert replayed.agrees
        assert one.engine == ENGINE
    other = Decision.objects.first()
    assert other is not None
    other.inputs["viewer"]["clearances"] = []
    other.save()
    assert not decisions.taken_again(decisions.decision(other.id)).agrees


def test_the_table_itself_refuses_an_approver_who_is_the_requester(world, convention, incident):
    asked = ask(world, incident)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.filter(pk=asked.id).update(decided_by=world.corg.id)


def test_a_foreign_or_absent_incident_is_the_same_not_found(world, convention, incident, make_person):
    stranger = make_person(Role.OPERATIONS_CENTRE, cleared=False)
    with pytest.raises(NotFound) as foreign:
        ask(world, incident, person=stranger)
    with pytest.raises(NotFound) as absent:
        ask(world, incident, ground="00000000-0000-7000-8000-000000000000")
    assert foreign.value.code == absent.value.code
