"""The prefect's authorisation as rules R-01, R-02, R-03, R-05, R-08."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.ids import CameraId
from beffroi.kernel.outcome import Allowed, Refused, Severity
from beffroi.media.core.masking import Burnt
from beffroi.sites.core.authorisations import (
    AuthorisationFacts,
    AuthorisationState,
    MaskFacts,
    covered_by_order,
    months_before,
    renewal_in_time,
    state_of,
)
from beffroi.sites.core.cameras import CameraFacts, may_record, source_problem
from beffroi.sites.core.purposes import Purpose

START = datetime(2024, 3, 1, tzinfo=UTC)
END = datetime(2029, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = AuthorisationFacts(
    id="order",
    reference="AP-99-2024-031",
    department="99",
    purposes=frozenset({Purpose.SAFETY_OF_PERSONS, Purpose.RISKS}),
    retention_min_days=7,
    retention_max_days=30,
    valid_from=START,
    valid_to=END,
)
CAMERA = CameraFacts(
    id=CameraId("camera"),
    number=1,
    name="Place de la Mairie",
    insee="99123",
    site="Mairie",
    tags=frozenset(),
    latitude=48.5,
    longitude=2.5,
    bearing_degrees=0,
    view_angle_degrees=90,
    view_range_m=80,
    public_road=True,
    purposes=frozenset({Purpose.SAFETY_OF_PERSONS}),
    retention_days=30,
    placed_at=START,
    commissioned_at=START,
    retired_at=None,
    authorisations=(ORDER,),
    mask=MaskFacts(1, "author", "reviewer", NOW - timedelta(days=30)),
)


def refusal(camera: CameraFacts, at: datetime = NOW) -> str:
    outcome = may_record(camera, at)
    assert isinstance(outcome, Refused)
    return outcome.reason


def test_a_lawful_camera_records_and_says_by_which_order():
    outcome = may_record(CAMERA, NOW)
    assert isinstance(outcome, Allowed)
    assert outcome.article == "AP-99-2024-031"
    assert {rule.rule for rule in outcome.trace} == {"R-01", "R-03", "R-05", "R-08"}


@pytest.mark.parametrize(
    ("camera", "reason"),
    [
        (replace(CAMERA, authorisations=()), "no_authorisation"),
        (replace(CAMERA, authorisations=(replace(ORDER, valid_to=NOW),)), "authorisation_expired"),
        (replace(CAMERA, authorisations=(replace(ORDER, valid_from=NOW + timedelta(1)),)), "authorisation_future"),
        (replace(CAMERA, authorisations=(replace(ORDER, withdrawn_at=NOW),)), "authorisation_withdrawn"),
        (replace(CAMERA, purposes=frozenset({Purpose.FLY_TIPPING})), "purpose_not_authorised"),
        (replace(CAMERA, purposes=frozenset()), "no_purpose"),
        (replace(CAMERA, mask=None), "mask_not_reviewed"),
        (replace(CAMERA, mask=MaskFacts(1, "author", "", None)), "mask_not_reviewed"),
        (replace(CAMERA, mask=MaskFacts(1, "author", "author", NOW)), "mask_reviewed_by_author"),
        (replace(CAMERA, placed_at=NOW - timedelta(days=1)), "mask_review_before_move"),
        (replace(CAMERA, retention_days=31), "retention_outside_order"),
        (replace(CAMERA, retention_days=6), "retention_outside_order"),
    ],
)
def test_each_broken_rule_blocks_with_its_own_reason(camera, reason):
    assert refusal(camera) == reason


def test_off_the_public_road_no_dwelling_mask_is_asked_for():
    assert may_record(replace(CAMERA, public_road=False, mask=None), NOW).ok


def test_an_old_mask_review_is_an_alarm_and_does_not_stop_the_camera():
    old = replace(CAMERA, mask=MaskFacts(1, "author", "reviewer", NOW - timedelta(days=366)))
    outcome = may_record(old, NOW)
    assert outcome.ok
    alarms = [rule for rule in outcome.trace if not rule.held]
    assert [(rule.rule, rule.severity, rule.reason) for rule in alarms] == [("R-05", Severity.ALARM, "mask_review_old")]


def test_a_mask_that_the_camera_does_not_burn_in_is_an_alarm_and_one_it_cannot_or_does_not_tell_of_is_none():
    for burnt in Burnt:
        mask = MaskFacts(1, "author", "reviewer", NOW - timedelta(days=30), burnt)
        outcome = may_record(replace(CAMERA, mask=mask), NOW)
        assert outcome.ok
        alarms = [(rule.severity, rule.reason) for rule in outcome.trace if not rule.held]
        assert alarms == ([(Severity.ALARM, "mask_lost")] if burnt is Burnt.DIFFERS else [])


def test_a_renewed_order_that_begins_later_does_not_hide_the_one_in_force():
    coming = replace(ORDER, id="next", valid_from=END, valid_to=END + timedelta(days=1800))
    camera = replace(CAMERA, authorisations=(coming, ORDER))
    assert camera.authorisation_at(NOW) is ORDER
    assert camera.authorisation_at(END) is coming
    assert may_record(camera, NOW).ok


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_order_holds_from_its_first_instant_to_just_before_its_last(at: datetime):
    assert covered_by_order(ORDER, at).held == (START <= at < END)
    assert (state_of(ORDER, at) in {AuthorisationState.IN_FORCE, AuthorisationState.RENEWAL_DUE}) == (START <= at < END)


@pytest.mark.parametrize(
    ("months", "reason"),
    [(13, ""), (12, "renewal_T-12"), (9, "renewal_T-12"), (8, "renewal_T-8"), (4, "renewal_T-4"), (1, "renewal_T-4")],
)
def test_three_reminders_before_the_end(months, reason):
    result = renewal_in_time(ORDER, months_before(END, months))
    assert result.reason == reason
    assert result.held == (not reason)


def test_months_are_calendar_months():
    assert months_before(datetime(2027, 3, 31, tzinfo=UTC), 1) == datetime(2027, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2027, 1, 15, tzinfo=UTC), 12) == datetime(2026, 1, 15, tzinfo=UTC)
    assert months_before(datetime(2027, 1, 15, tzinfo=UTC), 1) == datetime(2026, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("rtsp://192.0.2.10:554/stream1", ""),
        ("rtsps://camera-1.example/stream?x=1", ""),
        ("file:///footage/street.mp4", ""),
        ("http://192.0.2.10/", "address_scheme"),
        ("rtsp://user:secret@192.0.2.10/", "address_with_password"),
        ("rtsp://", "address_unreadable"),
        ("rtsp://host:99999/", "address_unreadable"),
        ("rtsp://ho st/", "address_unreadable"),
        ("rtsp://host/\r\nDESCRIBE", "address_unreadable"),
        ("", "address_scheme"),
    ],
)
def test_what_can_be_a_camera_address(url, problem):
    assert source_problem(url) == problem


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(url):
    assert isinstance(source_problem(url), str)
