"""Each rule of gate B by itself: one thing changed in a question that is allowed, and the reason it is refused for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.alert_access import lifted_until
from beffroi.governance.core.context import AccessContext
from beffroi.governance.core.gate_b import approvers_of, decide, until_of
from beffroi.kernel.outcome import Allowed, Refused
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.roles import Quality
from beffroi.sites.core.cameras import INTERIOR_TAGS
from tests.unit.governance.samples import (
    HOUR,
    NOW,
    ORDER,
    PACK,
    camera,
    case,
    convention,
    duty,
    gendarme,
    incident,
    licence,
    officer,
    prefect_agent,
    relay,
    replay,
    request,
    shift,
)


def refusal(context: AccessContext) -> tuple[str, str]:
    outcome = decide(context, PACK, NOW)
    assert isinstance(outcome, Refused)
    return outcome.reason, outcome.article


def test_the_three_questions_everything_is_compared_with_are_allowed() -> None:
    first, second, third = (decide(context, PACK, NOW) for context in (relay(), replay(), duty()))
    assert isinstance(first, Allowed)
    assert first.article == "COORD-99123-2026, article 12 (G1-direct)"
    assert approvers_of(first) == ("duty_officer", "video_officer", "chief")
    assert isinstance(second, Allowed)
    assert second.article.endswith("(G3-relecture)")
    assert isinstance(third, Allowed)
    assert third.article == "CSI R253-3 II 2°"
    assert approvers_of(third) == ()
    assert until_of(third) == NOW + 7 * HOUR


AREA = Span(NOW - 2400 * HOUR, NOW)
LONG = "Une personne est en danger immédiat, elle court vers la rivière"

RELAYS = {
    "camera_unknown": relay(cameras=()),
    "camera_not_authorised": relay(cameras=(camera(authorised=None),)),
    "authorisation_not_in_force": relay(cameras=(camera(authorised=AREA),)),
    "purpose_unknown": relay(request=request(purpose="L251-2:99")),
    "no_purpose": relay(request=request(purpose="")),
    "purpose_not_of_camera": relay(cameras=(camera(purposes=frozenset({"L251-2:3"})),)),
    "person_not_named": relay(viewer=gendarme(name=" ")),
    "no_clearance": relay(viewer=gendarme(clearances=())),
    "clearance_not_in_force": relay(viewer=gendarme(clearances=(licence(valid_to=NOW),))),
    "outside_territory": relay(viewer=gendarme(territory=frozenset({"99999"}))),
    "basis_not_in_force": relay(request=request(legal_basis="CPP_1")),
    "no_reason": relay(request=request(reason="Surveillance")),
    "no_order": relay(orders=()),
    "recipient_not_in_order": relay(viewer=gendarme(unit="Brigade d'ailleurs")),
    "order_not_in_force": relay(orders=(replace(ORDER, valid=AREA),)),
    "use_not_in_order": replay(
        viewer=gendarme(unit="Centre d'opérations de la gendarmerie"), ground=case(units=frozenset())
    ),
    "purpose_not_in_order": relay(
        request=request(purpose="L251-2:3"), cameras=(camera(purposes=frozenset({"L251-2:3"})),)
    ),
    "camera_not_in_order": relay(orders=(replace(ORDER, cameras=frozenset({7})),)),
    "no_time_left": relay(request=request(until=NOW)),
    "relay_only": relay(request=request(mode=Mode.LIVE)),
    "relay_too_long": relay(request=request(until=NOW + 13 * HOUR)),
    "no_ground": relay(ground=None),
    "incident_not_open": relay(ground=incident(closed_at=NOW)),
    "ground_of_another_unit": replay(ground=case(units=frozenset({"Brigade d'ailleurs"}))),
    "no_span": replay(request=request(mode=Mode.REPLAY, purpose="", legal_basis="CPP_60_1")),
    "live_has_no_span": relay(request=request(span=Span(NOW - HOUR, NOW))),
    "span_in_future": relay(request=request(mode=Mode.REPLAY, span=Span(NOW, NOW + HOUR))),
    "emergency_without_reason": relay(request=request(emergency=True, reason="Vite, vite !")),
    "emergency_too_long": relay(request=request(emergency=True, reason=LONG, until=NOW + 3 * HOUR)),
    "interior_camera": relay(cameras=(camera(tags=frozenset({"erp_interieur"})),)),
    "no_convention": relay(conventions=()),
    "convention_not_in_force": relay(conventions=(replace(convention(), suspended=True),)),
    "event_required": relay(ground=case(legal_basis="")),
    "basis_not_agreed": relay(request=request(legal_basis="CPP_60_1")),
    "quality_not_agreed": replay(viewer=gendarme(quality=Quality.ASSISTANT)),
    "camera_outside_case": replay(request=replace(replay().request, cameras=("c9",)), cameras=(camera("c9"),)),
    "span_outside_case": replay(request=replace(replay().request, span=Span(NOW - 40 * HOUR, NOW - 28 * HOUR))),
    "ground_too_old": replay(ground=case(opened_at=NOW - 9 * 24 * HOUR)),
    "ptz_not_agreed": relay(request=request(mode=Mode.PTZ)),
    "basis_is_not_the_case's": replay(ground=case(legal_basis="CPP_99_3")),
}


@pytest.mark.parametrize("reason", RELAYS)
def test_one_thing_wrong_is_refused_for_that_reason_and_names_its_article(reason: str) -> None:
    found, article = refusal(RELAYS[reason])
    assert found == reason
    assert article or reason == "no_convention"


OWN = {
    "commune_has_not_agreed": duty(home=frozenset()),
    "no_approval": duty(viewer=officer(rank="Agent de vidéoprotection")),
    "approval_not_in_force": duty(viewer=officer(rank="", approval=licence(valid_to=NOW))),
    "approval_review_overdue": duty(viewer=officer(rank="", approval=licence(valid_from=NOW - 6 * 8766 * HOUR))),
    "approval_elsewhere": duty(viewer=officer(rank="", approval=licence(territory=frozenset({"31"})))),
    "not_on_duty": duty(viewer=officer(on_duty=False)),
    "duty_not_open": duty(ground=shift(until=NOW)),
    "look_back_needs_incident": duty(request=replace(duty().request, mode=Mode.REPLAY, span=Span(NOW - HOUR, NOW))),
    "span_before_incident": duty(
        request=replace(duty().request, mode=Mode.REPLAY, span=Span(NOW - 48 * HOUR, NOW)), ground=incident()
    ),
    "no_accepted_requisition": duty(
        request=replace(duty().request, mode=Mode.EXTRACT, span=Span(NOW - HOUR, NOW)),
        ground=incident(kind="requisition"),
    ),
}


@pytest.mark.parametrize("reason", OWN)
def test_own_agents_are_refused_for_that_reason(reason: str) -> None:
    assert refusal(OWN[reason])[0] == reason


def test_an_operator_with_an_approval_in_force_may_watch_but_not_extract() -> None:
    operator = officer(rank="Opérateur", approval=licence(kind="agrement", territory=frozenset({"99"})))
    assert decide(duty(viewer=operator), PACK, NOW).ok
    asked = replace(duty().request, mode=Mode.EXTRACT, span=Span(NOW - HOUR, NOW), legal_basis="CPP_60_1", purpose="")
    ground = incident(kind="requisition", approved_by_law=True, legal_basis="CPP_60_1")
    assert refusal(duty(viewer=operator, request=asked, ground=ground))[0] == "judicial_act_by_operator"
    assert decide(duty(request=asked, ground=ground), PACK, NOW).ok


def test_extraction_takes_the_requisitions_cameras_and_span_and_no_more() -> None:
    asked = replace(duty().request, mode=Mode.EXTRACT, span=Span(NOW - HOUR, NOW), legal_basis="CPP_60_1", purpose="")
    ground = incident(kind="requisition", approved_by_law=True, legal_basis="CPP_60_1")
    wider = replace(asked, span=Span(NOW - HOUR - timedelta(minutes=11), NOW))
    other = replace(asked, cameras=("c9",))
    assert refusal(duty(request=wider, ground=ground))[0] == "span_outside_requisition"
    assert refusal(duty(request=other, cameras=(camera("c9"),), ground=ground))[0] == "camera_outside_requisition"


def test_an_incident_opened_in_haste_lets_its_own_agents_look_back_until_the_reason_is_due() -> None:
    asked = replace(duty().request, mode=Mode.REPLAY, span=Span(NOW - HOUR, NOW), reason="Cam 3")
    waiting = incident(reason="", reason_due_at=NOW + HOUR)
    assert decide(duty(request=asked, ground=waiting), PACK, NOW).ok
    assert refusal(duty(request=asked, ground=replace(waiting, reason_due_at=NOW)))[0] == "no_reason"
    assert refusal(relay(request=replace(relay().request, reason="Cam 3"), ground=waiting))[0] == "no_reason"


def test_missing_training_warns_and_does_not_block() -> None:
    outcome = decide(duty(viewer=officer(training=None)), PACK, NOW)
    assert isinstance(outcome, Allowed)
    assert "warn:R-13" in outcome.obligations
    assert "training_not_in_force" in {one.reason for one in outcome.trace}


def test_a_relay_without_local_verification_warns_unless_the_order_waives_it() -> None:
    ground = incident(opened_by="")
    outcome = decide(relay(ground=ground), PACK, NOW)
    waived = decide(relay(ground=ground, orders=(replace(ORDER, doubt_waived=True),)), PACK, NOW)
    assert isinstance(outcome, Allowed)
    assert isinstance(waived, Allowed)
    assert "warn:R-18" in outcome.obligations
    assert "no_local_verification" in {one.reason for one in outcome.trace}
    assert "warn:R-18" not in waived.obligations


def test_break_glass_lifts_the_approval_and_tells_the_dpo() -> None:
    outcome = decide(relay(request=request(emergency=True, reason=LONG)), PACK, NOW)
    assert isinstance(outcome, Allowed)
    assert approvers_of(outcome) == ()
    assert {"notify:dpo", "notify:room", "regularise_seconds:86400"} <= set(outcome.obligations)


def test_a_prefecture_agent_is_refused_unless_the_order_names_him_and_gets_a_page_first() -> None:
    crisis = request(purpose="L251-2:7")
    named = decide(relay(viewer=prefect_agent(), request=crisis), PACK, NOW)
    assert isinstance(named, Allowed)
    assert "page_first" in named.obligations
    assert named.article.endswith("(G5-crise)")
    other = relay(viewer=prefect_agent(matricule="PREF-0001"), request=crisis)
    assert refusal(other) == ("recipient_not_in_order", "R-16 · CSI L252-3")


def test_a_recipient_fetches_a_package_of_his_requisition_without_a_convention() -> None:
    asked = request(mode=Mode.PACKAGE, cameras=(), purpose="", legal_basis="CPP_60_1", copy=True)
    ground = incident(kind="requisition", legal_basis="CPP_60_1", units=frozenset({gendarme().unit}))
    context = relay(request=asked, cameras=(), ground=ground, conventions=(), orders=())
    assert decide(context, PACK, NOW).ok
    assert refusal(replace(context, ground=case(legal_basis="CPP_60_1")))[0] == "no_package"
    foreign = replace(context, viewer=gendarme(unit="Brigade d'ailleurs"))
    assert refusal(foreign)[0] == "ground_of_another_unit"


def test_a_camera_is_inside_a_building_by_the_same_tags_for_the_law_and_for_the_recorder() -> None:
    (rule,) = (one for one in PACK.rules if one.id == "R-45")
    assert frozenset(rule.words("tags")) == INTERIOR_TAGS


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_an_alert_without_an_end_lifts_hours_for_one_to_two_hours_and_never_takes_back(first: int, later: int) -> None:
    opened, now, then = NOW, NOW + timedelta(seconds=first), NOW + timedelta(seconds=first + later)
    until = lifted_until(opened, None, now)
    assert HOUR < until - now <= 2 * HOUR
    assert lifted_until(opened, None, then) >= until
    assert lifted_until(opened, now, then) == now, "its hard stop, once there is one"
