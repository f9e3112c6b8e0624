"""A prefect's order as typed: what is refused, what it changes, which cameras it would stop."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.entered_orders import (
    OrderEntry,
    RecipientEntry,
    alarms,
    changes,
    entry_from_json,
    faults,
    following,
    recipients_text,
    stopped_by,
)
from beffroi.governance.core.order_text import RECIPIENTS, USES, parse_order
from beffroi.kernel.ids import CameraId
from beffroi.sites.core.authorisations import AuthorisationFacts
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.purposes import Purpose

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
BRIGADE = RecipientEntry("GN", "Brigade de Saint-Aubin", (), ("live_view",))
GOOD = OrderEntry(
    "AP-1", "99", date(2026, 11, 20), date(2026, 12, 1), date(2031, 11, 30), (3, 7), ("99123",), ("L251-2:5",), 8, 30,
    True, (BRIGADE,),
)  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf")), min_size=1, max_size=20).map(
    lambda text: " ".join(text.split())
)
NAMED = TEXTS.filter(lambda text: bool(text))


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"reference": ""}, "reference", "order_reference"),
        ({"reference": "A\u202eB"}, "reference", "order_reference"),
        ({"prefecture": "Loir-et-Cher"}, "prefecture", "order_prefecture"),
        ({"signed_on": date(2026, 11, 24)}, "signed_on", "order_signed_later"),
        ({"first_day": date(2026, 11, 19)}, "first_day", "order_begins_before_signature"),
        ({"last_day": date(2026, 11, 30)}, "last_day", "order_backwards"),
        ({"last_day": date(2031, 12, 1)}, "last_day", "order_too_long"),
        ({"cameras": ()}, "cameras", "order_cameras"),
        ({"purposes": ()}, "purposes", "order_purposes"),
        ({"purposes": ("L251-2:12",)}, "purposes", "order_purposes"),
        ({"retention_max_days": 32}, "retention_max_days", "order_retention"),
        ({"retention_min_days": 31, "retention_max_days": 30}, "retention_max_days", "order_retention"),
        ({"recipient_days": 0}, "recipient_days", "order_recipient_days"),
        ({"authorises": False, "recipients": ()}, "authorises", "order_does_nothing"),
        ({"recipients": (RecipientEntry("PREF", "Cabinet"),)}, "recipients", "order_prefecture_unnamed"),
        ({"recipients": (RecipientEntry("DPO"),)}, "recipients", "order_recipient_force"),
        ({"recipients": (replace(BRIGADE, uses=()),)}, "recipients", "order_recipient_uses"),
        ({"recipients": (replace(BRIGADE, unit="x" * 121),)}, "recipients", "order_recipient_text"),
        ({"recipients": (BRIGADE, BRIGADE)}, "recipients", "order_recipient_twice"),
    ],
)
def test_what_does_not_fit_is_named_at_its_field(wrong: dict[str, object], field: str, code: str) -> None:
    assert faults(GOOD, NOW) == {}
    assert faults(replace(GOOD, **wrong), NOW)[field] == code  # type: ignore[arg-type]  # one field at a time


def test_an_order_that_is_over_is_not_entered() -> None:
    past = replace(GOOD, signed_on=date(2020, 1, 1), first_day=date(2021, 1, 1), last_day=date(2025, 12, 31))
    assert faults(past, NOW) == {"last_day": "order_over"}


@given(
    st.lists(
        st.builds(
            RecipientEntry, st.sampled_from(RECIPIENTS), TEXTS,
            st.lists(NAMED, min_size=1, max_size=3, unique=True).map(tuple),
            st.sampled_from([USES, USES[:1], USES[1:]]),
        ),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_the_text_of_an_order_says_what_was_typed(lines: list[RecipientEntry]) -> None:
    entry = replace(GOOD, recipients=tuple(lines))
    order = parse_order(recipients_text(entry))
    assert order.number == "AP-1"
    assert order.valid == entry.valid
    assert [(one.force, one.unit, one.persons, one.uses) for one in order.recipients] == [
        (one.force, one.unit, frozenset(one.persons), frozenset(one.uses)) for one in lines
    ]
    assert (order.cameras, order.communes) == (frozenset({3, 7}), frozenset({"99123"}))
    assert entry_from_json(entry.to_json()) == entry


def test_a_service_with_all_its_units_and_agents_is_text_too() -> None:
    order = parse_order(recipients_text(replace(GOOD, recipients=(RecipientEntry("GN"),))))
    assert order.recipient("GN", "Any", "GN-1") is not None
    assert order.recipient("PN", "Any", "GN-1") is None


def test_changes_say_who_gains_and_who_loses() -> None:
    new = replace(GOOD, cameras=(7, 9), recipients=(replace(BRIGADE, uses=("replay",)),), retention_max_days=20)
    found = {(one.what, one.direction): (one.before, one.after) for one in changes(GOOD, new)}
    assert found["cameras", "gain"] == ((), ("9",))
    assert found["cameras", "lose"] == (("3",), ())
    assert found["recipients", "gain"][1] == ("GN · Brigade de Saint-Aubin · replay",)
    assert found["recipients", "lose"][0] == ("GN · Brigade de Saint-Aubin · live_view",)
    assert found["retention", "change"] == (("8", "30"), ("8", "20"))
    assert changes(GOOD, replace(GOOD, reference="AP-2")) == ()
    assert {one.direction for one in changes(None, GOOD)} == {"gain"}


def _camera(number: int, *orders: AuthorisationFacts) -> CameraFacts:
    return CameraFacts(
        CameraId(str(number)), number, f"Camera {number}", "99123", "Centre", frozenset(), 48.5, 2.5, 0, 90, 100,
        public_road=False, purposes=frozenset({Purpose.SAFETY_OF_PERSONS}), retention_days=30, placed_at=NOW,
        commissioned_at=NOW - timedelta(days=30), retired_at=None, authorisations=orders, mask=None,
    )  # fmt: skip


OLD = AuthorisationFacts(
    "old", "AP-0", "99", frozenset({Purpose.SAFETY_OF_PERSONS}), 0, 30, NOW - timedelta(days=900),
    datetime(2026, 11, 30, 23, tzinfo=UTC),
)  # fmt: skip


def test_a_renewal_without_a_gap_stops_nothing_and_one_with_a_gap_stops_what_it_leaves_dark() -> None:
    cameras = [_camera(3, OLD), _camera(7, OLD)]
    assert stopped_by(GOOD, cameras, ends="old", replaces=False, now=NOW) == ()
    late = replace(GOOD, first_day=date(2026, 12, 2))
    found = stopped_by(late, cameras, ends="old", replaces=False, now=NOW)
    assert [(one.camera.number, one.at, one.reason) for one in found] == [
        (3, OLD.valid_to, "authorisation_future"),
        (7, OLD.valid_to, "authorisation_future"),
    ]


def test_a_replacement_stops_cameras_it_leaves_out_or_whose_days_it_does_not_allow() -> None:
    cameras = [_camera(3, OLD), _camera(7, OLD), _camera(9)]  # 9 records under nothing: it cannot be stopped
    narrow = replace(GOOD, first_day=TODAY, cameras=(7,), retention_max_days=20)
    found = {one.camera.number: one.reason for one in stopped_by(narrow, cameras, ends="old", replaces=True, now=NOW)}
    assert found == {3: "authorisation_withdrawn", 7: "retention_outside_order"}
    assert stopped_by(replace(GOOD, first_day=TODAY), cameras, ends="old", replaces=True, now=NOW) == ()


def test_a_renewal_follows_on_the_day_after_for_five_years() -> None:
    begun = following(replace(GOOD, last_day=date(2027, 2, 28)), renews=True, today=TODAY)
    assert (begun.first_day, begun.last_day) == (date(2027, 3, 1), date(2032, 2, 29))
    assert begun.reference == ""
    assert "last_day" not in faults(begun, NOW)
    assert following(GOOD, renews=False, today=TODAY).last_day == GOOD.last_day


def test_the_three_reminders_stand_in_order() -> None:
    months, days, come = zip(*alarms(datetime(2027, 5, 31, tzinfo=UTC), NOW), strict=True)
    assert months == (12, 8, 4)
    assert [day.date() for day in days] == [date(2026, 5, 31), date(2026, 9, 30), date(2027, 1, 31)]
    assert come == (True, True, False)
