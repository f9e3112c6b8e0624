"""Holds: pending until the recorder has them, waiting while it is silent, released when nobody regularises them."""

from datetime import timedelta
from typing import Any

import pytest

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions.holds import place_hold, release_hold
from beffroi.governance.core.holds import HoldReference, HoldState
from beffroi.governance.jobs import reconcile_holds
from beffroi.governance.queries import holds as queries
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.spans import Span
from tests.conftest import NOW
from tests.requisition_world import CHIEF, RecorderMemory

SPAN = Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1))


def place(camera: str, **more: Any) -> models.Hold:
    values: dict[str, Any] = {
        "kind": HoldReference.INCIDENT, "reference": "i1", "label": "2026-0012", "reason": "rixe sur la place",
        "span": SPAN, "now": NOW, **more,
    }  # fmt: skip
    return place_hold(actor=CHIEF, camera=camera, **values)


def state(hold: models.Hold) -> HoldState:
    hold.refresh_from_db()
    return HoldState(hold.state)


def test_pending_until_the_recorder_has_it(village: tuple[str, str], recorder: RecorderMemory) -> None:
    recorder.has[village[0]] = [SPAN]
    hold = place(village[0])
    assert state(hold) is HoldState.PENDING
    turn = reconcile_holds(recorder, NOW + timedelta(seconds=1))
    assert (turn.confirmed, turn.waiting) == (1, 0)
    assert state(hold) is HoldState.CONFIRMED
    assert recorder.holds[hold.id] == (village[0], SPAN, False)
    facts = queries.holds_of(HoldReference.INCIDENT, "i1")[0]
    assert facts.covered == (SPAN,)
    assert not facts.empty
    assert reconcile_holds(recorder, NOW + timedelta(seconds=2)).confirmed == 0  # nothing left to do


def test_a_hold_over_nothing_says_so(village: tuple[str, str], recorder: RecorderMemory) -> None:
    place(village[0])
    reconcile_holds(recorder, NOW)
    assert queries.live()[0].empty


def test_a_silent_recorder_leaves_it_pending_and_is_asked_again_later(
    village: tuple[str, str], recorder: RecorderMemory
) -> None:
    recorder.silent = True
    holds = [place(village[0]), place(village[1])]
    assert reconcile_holds(recorder, NOW).waiting == 2
    assert {state(hold) for hold in holds} == {HoldState.PENDING}
    recorder.silent = False
    assert reconcile_holds(recorder, NOW).confirmed == 0  # not before its time
    assert reconcile_holds(recorder, NOW + timedelta(seconds=3)).confirmed == 2


def test_a_refusal_is_an_alarm_and_is_tried_again(village: tuple[str, str], recorder: RecorderMemory) -> None:
    recorder.refuses = True
    hold = place(village[0])
    assert reconcile_holds(recorder, NOW).failed == 1
    assert state(hold) is HoldState.FAILED
    assert [one.id for one in queries.troubled()] == [hold.id]
    recorder.refuses = False
    reconcile_holds(recorder, NOW + timedelta(minutes=2))
    assert state(hold) is HoldState.CONFIRMED
    names = list(Fact.objects.filter(subject=f"hold:{hold.id}").values_list("name", flat=True))
    assert sorted(names) == ["hold:confirm", "hold:fail", "hold:place"]


def test_eight_days_without_regularisation_release_it(village: tuple[str, str], recorder: RecorderMemory) -> None:
    judicial = place(village[0], kind=HoldReference.NOTICE, judicial_reference="12345/1/2026")
    incident = place(village[1])
    reconcile_holds(recorder, NOW)
    reconcile_holds(recorder, NOW + timedelta(days=8) - timedelta(seconds=1))
    assert state(judicial) is HoldState.CONFIRMED
    turn = reconcile_holds(recorder, NOW + timedelta(days=8))
    assert (turn.expired, turn.released) == (1, 1)
    assert state(judicial) is HoldState.RELEASED
    assert state(incident) is HoldState.CONFIRMED  # the recorder keeps the legal maximum
    assert set(recorder.holds) == {incident.id}


def test_a_clock_that_nobody_vouches_for_ends_no_hold(village: tuple[str, str], recorder: RecorderMemory) -> None:
    hold = place(village[0], kind=HoldReference.NOTICE, judicial_reference="12345/1/2026")
    reconcile_holds(recorder, NOW)
    late = NOW + timedelta(days=400)  # as a machine does whose battery is empty
    recorder.clock_trusted = False
    assert reconcile_holds(recorder, late).expired == 0
    recorder.clock_trusted, recorder.silent = True, True
    assert reconcile_holds(recorder, late).expired == 0
    assert state(hold) is HoldState.CONFIRMED
    recorder.silent = False
    assert reconcile_holds(recorder, NOW + timedelta(days=7)).expired == 0, "the clock is right again"
    assert reconcile_holds(recorder, NOW + timedelta(days=8)).expired == 1


def test_a_hold_released_before_the_recorder_had_it_goes_all_the_same(
    village: tuple[str, str], recorder: RecorderMemory
) -> None:
    hold = place(village[0])
    release_hold(actor=CHIEF, hold=hold.id, reason="fausse alerte", now=NOW)
    reconcile_holds(recorder, NOW)
    assert state(hold) is HoldState.RELEASED
    with pytest.raises(Conflict):
        release_hold(actor=CHIEF, hold=hold.id, reason="encore", now=NOW)


def test_over_the_cap_it_is_placed_with_an_alarm(village: tuple[str, str]) -> None:
    long = Span(NOW - timedelta(days=4), NOW - timedelta(days=1, hours=1))
    first = place(village[0], span=long, requester_key="BTA", judicial_reference="1/2/2026")
    second = place(village[1], span=long, requester_key="BTA", judicial_reference="1/2/2026")
    other = place(village[1], span=long, requester_key="BR", judicial_reference="1/2/2026")
    assert [first.over_cap, second.over_cap, other.over_cap] == [False, True, False]
    assert Fact.objects.filter(name="hold:over-cap").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "   "}, "reason"),
        ({"span": Span(NOW + timedelta(hours=1), NOW + timedelta(hours=2))}, "since"),
        ({"span": Span(NOW - timedelta(days=9), NOW)}, "until"),
    ],
)
def test_what_cannot_be_held(village: tuple[str, str], change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        place(village[0], **change)
    assert field in caught.value.fields


def test_an_unknown_camera_is_not_there(village: tuple[str, str]) -> None:
    with pytest.raises(NotFound):
        place("no-such-camera")
