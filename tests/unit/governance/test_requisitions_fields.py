"""What was typed: empty, absurd and hostile first."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.requisition_facts import RequestedThing
from beffroi.governance.core.requisition_fields import (
    TEXT_LIMITS,
    RequisitionEntry,
    Twice,
    TypedTime,
    place_time,
    read,
)
from beffroi.governance.core.requisitions import Channel
from beffroi.kernel.errors import Invalid
from beffroi.people.core.roles import Quality

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = RequisitionEntry(
    channel=Channel.COUNTER,
    texts={
        "unit_name": "BTA Saint-Aubin",
        "officer_name": "Camille Ferrand",
        "procedure_number": "12345/00678/2026",
        "offence": "vol",
        "place": "place de la Halle",
    },
    quality=Quality.OPJ,
    legal_basis="CPP_60_1",
    since=TypedTime(date(2026, 11, 19), time(21, 0)),
    until=TypedTime(date(2026, 11, 19), time(21, 30)),
)


NEXT_YEAR = TypedTime(date(2027, 1, 1), time(1))
LONG_AGO = TypedTime(date(1995, 1, 1), time(1))
MAY = date(2026, 5, 2)


def wrong(entry: RequisitionEntry) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(entry, NOW)
    assert caught.value.hint
    return caught.value.fields


@pytest.mark.parametrize("channel", list(Channel))
def test_empty_names_each_missing_field(channel: Channel) -> None:
    fields = wrong(RequisitionEntry(channel=channel, texts={}, things=frozenset()))
    assert set(fields.values()) == {"missing"}
    assert {"since", "place"} <= set(fields)
    assert ("document" in fields) == (channel is Channel.MAIL)
    assert ("legal_basis" in fields) == (channel is Channel.COUNTER)


@pytest.mark.parametrize("name", list(TEXT_LIMITS))
@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31m", "\u202egpj.exe", "\ud800", "a\x7f"])
def test_control_characters_are_named(name: str, text: str) -> None:
    texts = {**GOOD.texts, name: text}
    code = wrong(replace(GOOD, texts=texts))[name]
    assert code == ("too-long" if len(text) > TEXT_LIMITS[name] else "control-characters")


def test_ten_megabytes_are_named_and_a_script_is_only_text() -> None:
    assert wrong(replace(GOOD, texts={**GOOD.texts, "place": "x" * 10_000_000})) == {"place": "too-long"}
    script = "<script>alert(1)</script>"
    assert read(replace(GOOD, texts={**GOOD.texts, "place": script}), NOW).texts["place"] == script


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"until": TypedTime(date(2026, 11, 19), time(20, 59))}, "until", "before-start"),
        ({"until": TypedTime(date(2026, 11, 19), time(21, 0))}, "until", "before-start"),
        ({"since": NEXT_YEAR, "until": replace(NEXT_YEAR, at=time(2))}, "since", "in-the-future"),
        ({"since": TypedTime(date(2026, 11, 1), time(1))}, "until", "too-long-span"),
        ({"since": LONG_AGO, "until": replace(LONG_AGO, at=time(2))}, "since", "cannot-be"),
        ({"since": TypedTime(None, time(1))}, "since", "missing"),
        ({"since": TypedTime(date(1, 1, 1), time(0))}, "since", "missing"),
        ({"zone": "../../etc/passwd"}, "zone", "no-zone"),
        ({"latitude": 48.5}, "place", "half-a-position"),
        ({"latitude": 480.5, "longitude": 2.5}, "place", "not-on-earth"),
        ({"latitude": float("nan"), "longitude": 2.5}, "place", "not-on-earth"),
        ({"cameras": tuple(map(str, range(65)))}, "cameras", "too-many"),
        ({"tolerance": timedelta(days=1)}, "tolerance", "out-of-range"),
        ({"received_at": NOW + timedelta(minutes=1)}, "received_at", "in-the-future"),
        ({"received_at": NOW - timedelta(days=400)}, "received_at", "too-old"),
        ({"authorisation_date": date(2027, 1, 1)}, "authorisation_date", "in-the-future"),
        ({"authorisation_date": MAY, "authorisation_until": date(2026, 4, 30)}, "authorisation_until", "before-start"),
        ({"committed_on": date(2027, 1, 1)}, "committed_on", "in-the-future"),
        ({"things": frozenset()}, "things", "missing"),
    ],
)  # fmt: skip
def test_absurd_values_are_named(change: dict[str, object], field: str, code: str) -> None:
    assert wrong(replace(GOOD, **change))[field] == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "text"),
    [("department", "abc"), ("natinf", "12a"), ("procedure_number", "12345"), ("procedure_number", "//")],
)
def test_shapes(field: str, text: str) -> None:
    assert field in wrong(replace(GOOD, texts={**GOOD.texts, field: text}))


def test_a_good_entry_is_read_in_the_zone_it_was_written_in() -> None:
    value = read(GOOD, NOW)
    assert value.span is not None
    assert value.span.start == datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
    assert value.received_at == NOW
    assert read(replace(GOOD, things=frozenset({RequestedThing.HOLD})), NOW).span == value.span


def test_half_past_two_twice_is_told_apart() -> None:
    typed = TypedTime(date(2026, 10, 25), time(2, 30))
    with pytest.raises(Invalid) as caught:
        place_time(typed, "Europe/Paris")
    assert caught.value.code == "twice"
    first = place_time(replace(typed, twice=Twice.FIRST), "Europe/Paris")
    second = place_time(replace(typed, twice=Twice.SECOND), "Europe/Paris")
    assert (first, second) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_half_past_two_that_never_was() -> None:
    with pytest.raises(Invalid) as caught:
        place_time(TypedTime(date(2026, 3, 29), time(2, 30)), "Europe/Paris")
    assert caught.value.code == "not-that-night"


WALLS = st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2037-01-01"))


@given(WALLS, st.sampled_from([Twice.FIRST, Twice.SECOND]))
def test_what_is_placed_reads_back_as_it_was_typed(wall: datetime, twice: Twice) -> None:
    try:
        moment = place_time(TypedTime(wall.date(), wall.time(), twice), "Europe/Paris")
    except Invalid as error:
        skipped = error.code == "not-that-night"
        assert skipped
        return
    assert moment.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None) == wall


@given(st.text(max_size=400), st.sampled_from(sorted(TEXT_LIMITS)))
def test_any_text_is_read_or_named(text: str, name: str) -> None:
    try:
        value = read(replace(GOOD, texts={**GOOD.texts, name: text}), NOW)
    except Invalid as error:
        named = set(error.fields)
        assert named <= {name}
    else:
        assert len(value.texts[name]) <= TEXT_LIMITS[name]
